#include "server/store/idempotency.h"

#include <string.h>

#include "server/store/connection.h"

static const char find_sql[] =
    "SELECT body_hash, task_id, answer FROM idempotency WHERE key_id = ?1 AND name = ?2"
    " AND created_ms > ?3";
static const char clear_sql[] =
    "DELETE FROM idempotency WHERE key_id = ?1 AND name = ?2 AND created_ms <= ?3";
static const char add_sql[] =
    "INSERT INTO idempotency (key_id, name, body_hash, task_id, answer, created_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING RETURNING 1";
static const char forget_sql[] = "DELETE FROM idempotency WHERE created_ms <= ?1";

enum orator_status idempotency_find(struct store *store, const char *key_id,
                                    const struct idempotency *i, char **answer,
                                    char task_id[TASK_ID_SIZE], bool *same,
                                    struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    bool row;
    unsigned char hash[32];
    *answer = NULL;
    *same = false;
    task_id[0] = '\0';
    TRY(store_read(store, &c, err));
    TRY(statement(c, find_sql, &st, err));
    bind_text(st, 1, key_id);
    bind_text(st, 2, i->name);
    bind_int(st, 3, store_now_ms(store) - IDEMPOTENCY_MS);
    TRY(step(c, st, &row, err));
    if (!row)
        goto done;
    *same = column_hash(st, 0, hash) && memcmp(hash, i->body_hash, sizeof(hash)) == 0;
    column_copy(st, 1, task_id, TASK_ID_SIZE);
    TRY(column_new(st, 2, answer, err));
done:
    return store_end(&c, s, err);
}

enum orator_status idempotency_add(struct connection *c, const char *key_id,
                                   const struct idempotency *i, const char *task_id,
                                   const char *answer, struct orator_error *err)
{
    enum orator_status s;
    struct statement *clear, *add;
    bool added;
    int64_t now_ms = connection_now_ms(c);
    TRY(statement(c, clear_sql, &clear, err));
    bind_text(clear, 1, key_id);
    bind_text(clear, 2, i->name);
    bind_int(clear, 3, now_ms - IDEMPOTENCY_MS);
    TRY(step(c, clear, NULL, err));
    TRY(statement(c, add_sql, &add, err));
    bind_text(add, 1, key_id);
    bind_text(add, 2, i->name);
    bind_hash(add, 3, i->body_hash);
    bind_text(add, 4, task_id);
    bind_text(add, 5, answer);
    bind_int(add, 6, now_ms);
    TRY(step(c, add, &added, err));
    if (!added)
        s = orator_fail(
            err, ORATOR_IDEMPOTENCY_IN_PROGRESS,
            "a request with this Idempotency-Key has just been accepted; send it again");
done:
    return s;
}

enum orator_status idempotency_forget_old(struct store *store, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    TRY(store_write(store, &c, err));
    TRY(statement(c, forget_sql, &st, err));
    bind_int(st, 1, store_now_ms(store) - IDEMPOTENCY_MS);
    TRY(step(c, st, NULL, err));
done:
    return store_end(&c, s, err);
}
