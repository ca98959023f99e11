#include "server/store/webhooks_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/store/connection.h"
#include "server/store/name.h"

#define ENDPOINT                                                                            \
    "id, account_id, url, events, description, base_url, secret, old_secret, old_until_ms," \
    " disabled_ms, created_ms"
#define DELIVERY                                                                      \
    "id, account_id, endpoint_id, task_id, event, url, base_url, shape, body, state," \
    " attempt, attempts, next_ms, created_ms, ended_ms"

static const char endpoint_add_sql[] = "INSERT INTO webhook_endpoints (" ENDPOINT ")"
                                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
static const char endpoint_update_sql[] =
    "UPDATE webhook_endpoints SET events = ?2, description = ?3, base_url = ?4, secret = ?5,"
    " old_secret = ?6, old_until_ms = ?7, disabled_ms = ?8 WHERE id = ?1";
static const char endpoint_get_sql[] = "SELECT " ENDPOINT " FROM webhook_endpoints WHERE id = ?1"
                                       " AND (?2 IS NULL OR account_id = ?2)";
static const char endpoint_own_sql[] =
    "SELECT " ENDPOINT " FROM webhook_endpoints WHERE account_id = ?1 AND url = ''";
static const char endpoint_next_sql[] =
    "SELECT " ENDPOINT ", seq FROM webhook_endpoints WHERE account_id = ?1 AND seq > ?2"
    " AND url <> '' ORDER BY seq LIMIT 1";
static const char endpoint_count_sql[] =
    "SELECT count(*) FROM webhook_endpoints WHERE account_id = ?1 AND url <> ''";
static const char endpoint_delete_sql[] = "DELETE FROM webhook_endpoints WHERE id = ?1";

static const char callback_add_sql[] =
    "INSERT INTO callbacks (task_id, url, events, base_url, shape) VALUES (?1, ?2, ?3, ?4, ?5)";
static const char account_sql[] = "SELECT account_id FROM tasks WHERE id = ?1";
static const char callback_get_sql[] =
    "SELECT url, base_url, shape FROM callbacks WHERE task_id = ?1"
    " AND events LIKE '% ' || ?2 || ' %'";
static const char asked_sql[] =
    "SELECT id, url, base_url, seq FROM webhook_endpoints WHERE account_id = ?1 AND seq > ?3"
    " AND url <> '' AND disabled_ms = 0 AND events LIKE '% ' || ?2 || ' %'"
    " ORDER BY seq LIMIT 1";

static const char delivery_add_sql[] =
    "INSERT INTO webhook_deliveries (" DELIVERY ")"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
static const char delivery_update_sql[] = "UPDATE webhook_deliveries SET body = ?2, state = ?3, "
                                          "attempt = ?4, attempts = ?5, next_ms = ?6,"
                                          " ended_ms = ?7 WHERE id = ?1";
static const char delivery_get_sql[] = "SELECT " DELIVERY " FROM webhook_deliveries WHERE id = ?1"
                                       " AND (?2 IS NULL OR account_id = ?2)";
static const char delivery_next_sql[] =
    "SELECT " DELIVERY ", seq FROM webhook_deliveries WHERE account_id = ?1"
    " AND (?2 = 0 OR seq < ?2) AND (?3 IS NULL OR task_id = ?3)"
    " AND (?4 IS NULL OR endpoint_id = ?4) AND (?5 < 0 OR state = ?5) ORDER BY seq DESC LIMIT 1";
static const char delivery_row_sql[] = "SELECT seq FROM webhook_deliveries WHERE id = ?1";
static const char delivery_due_sql[] =
    "SELECT " DELIVERY " FROM webhook_deliveries WHERE state = 0 AND next_ms <= ?1"
    " ORDER BY next_ms LIMIT 1";
static const char delivery_hasten_sql[] =
    "UPDATE webhook_deliveries SET next_ms = ?1"
    " WHERE state = 0 AND next_ms > ?2 AND (attempt = 0 OR next_ms > ?3)";
static const char delivery_forget_sql[] =
    "DELETE FROM webhook_deliveries WHERE state > 0 AND ended_ms < ?1";
static const char attempt_add_sql[] =
    "INSERT INTO webhook_attempts (delivery_id, number, at_ms, status, why, took_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
static const char attempt_next_sql[] =
    "SELECT number, at_ms, status, why, took_ms FROM webhook_attempts"
    " WHERE delivery_id = ?1 AND number > ?2 ORDER BY number LIMIT 1";

void webhook_endpoint_fini(struct webhook_endpoint *e)
{
    free(e->url);
    *e = (struct webhook_endpoint){0};
}

void webhook_delivery_fini(struct webhook_delivery *d)
{
    free(d->url);
    free(d->body);
    *d = (struct webhook_delivery){0};
}

static enum orator_status read_endpoint(struct statement *st, struct webhook_endpoint *e,
                                        struct orator_error *err)
{
    *e = (struct webhook_endpoint){0};
    column_copy(st, 0, e->id, sizeof(e->id));
    column_copy(st, 1, e->account_id, sizeof(e->account_id));
    column_copy(st, 3, e->events, sizeof(e->events));
    column_copy(st, 4, e->description, sizeof(e->description));
    column_copy(st, 5, e->base_url, sizeof(e->base_url));
    column_copy(st, 6, e->secret, sizeof(e->secret));
    column_copy(st, 7, e->old_secret, sizeof(e->old_secret));
    e->old_until_ms = column_int(st, 8);
    e->disabled_ms = column_int(st, 9);
    e->created_ms = column_int(st, 10);
    return column_new(st, 2, &e->url, err);
}

static enum orator_status read_delivery(struct statement *st, struct webhook_delivery *d,
                                        struct orator_error *err)
{
    *d = (struct webhook_delivery){0};
    column_copy(st, 0, d->id, sizeof(d->id));
    column_copy(st, 1, d->account_id, sizeof(d->account_id));
    column_copy(st, 2, d->endpoint_id, sizeof(d->endpoint_id));
    column_copy(st, 3, d->task_id, sizeof(d->task_id));
    column_copy(st, 4, d->event, sizeof(d->event));
    column_copy(st, 6, d->base_url, sizeof(d->base_url));
    column_copy(st, 7, d->shape, sizeof(d->shape));
    d->state = (enum delivery_state)column_int(st, 9);
    d->attempt = (int)column_int(st, 10);
    d->attempts = (int)column_int(st, 11);
    d->next_ms = column_int(st, 12);
    d->created_ms = column_int(st, 13);
    d->ended_ms = column_int(st, 14);
    enum orator_status s = column_new(st, 5, &d->url, err);
    return s == ORATOR_OK ? column_new(st, 8, &d->body, err) : s;
}

enum orator_status endpoints_insert(struct connection *c, const struct webhook_endpoint *e,
                                    struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, endpoint_add_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, e->id);
    bind_text(st, 2, e->account_id);
    bind_text(st, 3, e->url);
    bind_text(st, 4, e->events);
    bind_text(st, 5, e->description);
    bind_text(st, 6, e->base_url);
    bind_text(st, 7, e->secret);
    bind_text(st, 8, e->old_secret);
    bind_int(st, 9, e->old_until_ms);
    bind_int(st, 10, e->disabled_ms);
    bind_int(st, 11, e->created_ms);
    return step(c, st, NULL, err);
}

enum orator_status endpoints_update(struct connection *c, const struct webhook_endpoint *e,
                                    struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, endpoint_update_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, e->id);
    bind_text(st, 2, e->events);
    bind_text(st, 3, e->description);
    bind_text(st, 4, e->base_url);
    bind_text(st, 5, e->secret);
    bind_text(st, 6, e->old_secret);
    bind_int(st, 7, e->old_until_ms);
    bind_int(st, 8, e->disabled_ms);
    return step(c, st, NULL, err);
}

enum orator_status endpoints_get(struct connection *c, const char *id, const char *account_id,
                                 struct webhook_endpoint *out, struct orator_error *err)
{
    struct statement *st;
    bool row, own = strcmp(id, "default") == 0;
    enum orator_status s =
        statement_to_change(c, own ? endpoint_own_sql : endpoint_get_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, own ? account_id : id);
    if (!own)
        bind_text(st, 2, account_id);
    s = step(c, st, &row, err);
    if (s != ORATOR_OK)
        return s;
    return row ? read_endpoint(st, out, err)
               : orator_fail(err, ORATOR_NOT_FOUND, "no webhook endpoint of yours has this id");
}

enum orator_status endpoints_next(struct connection *c, const char *account_id, int64_t *after,
                                  struct webhook_endpoint *out, bool *found,
                                  struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, endpoint_next_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, account_id);
    bind_int(st, 2, *after);
    s = step(c, st, found, err);
    if (s != ORATOR_OK || !*found)
        return s;
    *after = column_int(st, 11);
    return read_endpoint(st, out, err);
}

static enum orator_status read_number(struct connection *c, const char *sql, const char *text,
                                      int64_t *out, struct orator_error *err)
{
    struct statement *st;
    bool row;
    *out = 0;
    enum orator_status s = statement(c, sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, text);
    s = step(c, st, &row, err);
    if (s == ORATOR_OK && row)
        *out = column_int(st, 0);
    return s;
}

enum orator_status endpoints_count(struct connection *c, const char *account_id, int64_t *out,
                                   struct orator_error *err)
{
    return read_number(c, endpoint_count_sql, account_id, out, err);
}

enum orator_status endpoints_delete(struct connection *c, const char *id, struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, endpoint_delete_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, id);
    return step(c, st, NULL, err);
}

enum orator_status callbacks_insert(struct connection *c, const char *task_id,
                                    const struct webhook_callback *cb, struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, callback_add_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, task_id);
    bind_text(st, 2, cb->url);
    bind_text(st, 3, cb->events);
    bind_text(st, 4, cb->base_url);
    bind_text(st, 5, cb->shape);
    return step(c, st, NULL, err);
}

enum orator_status deliveries_insert(struct connection *c, const struct webhook_delivery *d,
                                     struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, delivery_add_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, d->id);
    bind_text(st, 2, d->account_id);
    bind_text(st, 3, d->endpoint_id[0] ? d->endpoint_id : NULL);
    bind_text(st, 4, d->task_id[0] ? d->task_id : NULL);
    bind_text(st, 5, d->event);
    bind_text(st, 6, d->url);
    bind_text(st, 7, d->base_url);
    bind_text(st, 8, d->shape);
    bind_text(st, 9, d->body);
    bind_int(st, 10, (int)d->state);
    bind_int(st, 11, d->attempt);
    bind_int(st, 12, d->attempts);
    bind_int(st, 13, d->next_ms);
    bind_int(st, 14, d->created_ms);
    bind_int(st, 15, d->ended_ms);
    return step(c, st, NULL, err);
}

/* Takes over d->url. */
static enum orator_status enqueue(struct connection *c, struct webhook_delivery *d,
                                  struct orator_error *err)
{
    name_new(d->id, "msg_", 20);
    enum orator_status s = deliveries_insert(c, d, err);
    webhook_delivery_fini(d);
    return s;
}

enum orator_status deliveries_enqueue(struct connection *c, const struct task *t, const char *event,
                                      int64_t now_ms, struct orator_error *err)
{
    enum orator_status s;
    struct statement *st;
    bool row;
    const struct webhook_delivery blank = {.next_ms = now_ms, .created_ms = now_ms};
    struct webhook_delivery d = blank;
    snprintf(d.task_id, sizeof(d.task_id), "%s", t->id);
    snprintf(d.event, sizeof(d.event), "%s", event);

    TRY(statement(c, account_sql, &st, err));
    bind_text(st, 1, t->id);
    TRY(step(c, st, &row, err));
    if (row)
        column_copy(st, 0, d.account_id, sizeof(d.account_id));
    const struct webhook_delivery same = d;

    TRY(statement(c, callback_get_sql, &st, err));
    bind_text(st, 1, t->id);
    bind_text(st, 2, event);
    TRY(step(c, st, &row, err));
    if (row) {
        TRY(column_new(st, 0, &d.url, err));
        column_copy(st, 1, d.base_url, sizeof(d.base_url));
        column_copy(st, 2, d.shape, sizeof(d.shape));
        TRY(enqueue(c, &d, err));
    }
    for (int64_t after = 0;;) {
        d = same;
        TRY(statement(c, asked_sql, &st, err));
        bind_text(st, 1, d.account_id);
        bind_text(st, 2, event);
        bind_int(st, 3, after);
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        column_copy(st, 0, d.endpoint_id, sizeof(d.endpoint_id));
        TRY(column_new(st, 1, &d.url, err));
        column_copy(st, 2, d.base_url, sizeof(d.base_url));
        snprintf(d.shape, sizeof(d.shape), "job");
        after = column_int(st, 3);
        TRY(enqueue(c, &d, err));
    }
done:
    webhook_delivery_fini(&d);
    return s;
}

enum orator_status deliveries_update(struct connection *c, const struct webhook_delivery *d,
                                     struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, delivery_update_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, d->id);
    bind_text(st, 2, d->body);
    bind_int(st, 3, (int)d->state);
    bind_int(st, 4, d->attempt);
    bind_int(st, 5, d->attempts);
    bind_int(st, 6, d->next_ms);
    bind_int(st, 7, d->ended_ms);
    return step(c, st, NULL, err);
}

enum orator_status deliveries_get(struct connection *c, const char *id, const char *account_id,
                                  struct webhook_delivery *out, struct orator_error *err)
{
    struct statement *st;
    bool row;
    enum orator_status s = statement_to_change(c, delivery_get_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, id);
    bind_text(st, 2, account_id);
    s = step(c, st, &row, err);
    if (s != ORATOR_OK)
        return s;
    return row ? read_delivery(st, out, err)
               : orator_fail(err, ORATOR_NOT_FOUND, "no webhook delivery of yours has this id");
}

enum orator_status deliveries_next(struct connection *c, const struct delivery_filter *f,
                                   int64_t *before, struct webhook_delivery *out, bool *found,
                                   struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, delivery_next_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, f->account_id);
    bind_int(st, 2, *before);
    bind_text(st, 3, f->task_id);
    bind_text(st, 4, f->endpoint_id);
    bind_int(st, 5, f->state);
    s = step(c, st, found, err);
    if (s != ORATOR_OK || !*found)
        return s;
    *before = column_int(st, 15);
    return read_delivery(st, out, err);
}

enum orator_status deliveries_row(struct connection *c, const char *id, int64_t *out,
                                  struct orator_error *err)
{
    return read_number(c, delivery_row_sql, id, out, err);
}

enum orator_status deliveries_due(struct connection *c, int64_t now_ms,
                                  struct webhook_delivery *out, bool *found,
                                  struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement_to_take(c, delivery_due_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_int(st, 1, now_ms);
    s = step(c, st, found, err);
    return s == ORATOR_OK && *found ? read_delivery(st, out, err) : s;
}

enum orator_status deliveries_hasten(struct connection *c, int64_t now_ms, int64_t first_ms,
                                     int64_t later_ms, struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, delivery_hasten_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_int(st, 1, now_ms);
    bind_int(st, 2, first_ms);
    bind_int(st, 3, later_ms);
    return step(c, st, NULL, err);
}

enum orator_status deliveries_forget(struct connection *c, int64_t until_ms,
                                     struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, delivery_forget_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_int(st, 1, until_ms);
    return step(c, st, NULL, err);
}

enum orator_status attempts_insert(struct connection *c, const char *delivery_id,
                                   const struct webhook_attempt *a, struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, attempt_add_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, delivery_id);
    bind_int(st, 2, a->number);
    bind_int(st, 3, a->at_ms);
    bind_int(st, 4, a->status);
    bind_text(st, 5, a->why);
    bind_int(st, 6, a->took_ms);
    return step(c, st, NULL, err);
}

enum orator_status attempts_next(struct connection *c, const char *delivery_id, int after,
                                 struct webhook_attempt *out, bool *found, struct orator_error *err)
{
    struct statement *st;
    *out = (struct webhook_attempt){0};
    enum orator_status s = statement(c, attempt_next_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, delivery_id);
    bind_int(st, 2, after);
    s = step(c, st, found, err);
    if (s != ORATOR_OK || !*found)
        return s;
    out->number = (int)column_int(st, 0);
    out->at_ms = column_int(st, 1);
    out->status = (int)column_int(st, 2);
    column_copy(st, 3, out->why, sizeof(out->why));
    out->took_ms = column_int(st, 4);
    return ORATOR_OK;
}
