#include "server/store/secrets.h"

#include <string.h>

#include "base/random.h"
#include "server/store/connection.h"

static const char add_sql[] = "INSERT INTO secrets (name, value) VALUES (?1, ?2)"
                              " ON CONFLICT DO NOTHING";
static const char get_sql[] = "SELECT value FROM secrets WHERE name = ?1";

enum orator_status secret_get(struct store *store, const char *name,
                              unsigned char out[SECRET_BYTES], struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    unsigned char fresh[SECRET_BYTES];
    bool row;
    random_secret(fresh, sizeof(fresh));
    TRY(store_write(store, &c, err));
    TRY(statement(c, add_sql, &st, err));
    bind_text(st, 1, name);
    bind_hash(st, 2, fresh);
    TRY(step(c, st, NULL, err));
    TRY(statement(c, get_sql, &st, err));
    bind_text(st, 1, name);
    TRY(step(c, st, &row, err));
    if (!row || !column_hash(st, 0, out))
        s = orator_fail(err, ORATOR_IO, "database: the secret %s is damaged", name);
done:
    return store_end(&c, s, err);
}

static const char forget_sql[] = "DELETE FROM secrets WHERE name = ?1";

enum orator_status secret_renew(struct store *store, const char *name, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    unsigned char fresh[SECRET_BYTES];
    TRY(store_write(store, &c, err));
    TRY(statement(c, forget_sql, &st, err));
    bind_text(st, 1, name);
    TRY(step(c, st, NULL, err));
done:
    s = store_end(&c, s, err);
    return s == ORATOR_OK ? secret_get(store, name, fresh, err) : s;
}
