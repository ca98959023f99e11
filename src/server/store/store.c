#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/store/database.h"

enum orator_status store_open(struct store **out, const char *place, struct orator_error *err)
{
    return text_starts(place, "postgresql://") || text_starts(place, "postgres://")
               ? postgres_open(out, place, err)
               : sqlite_open(out, place, err);
}

void store_close(struct store **store)
{
    if (*store)
        (*store)->database->close(*store);
    *store = NULL;
}

int64_t store_now_ms(const struct store *store)
{
    if (store->now_ms)
        return store->now_ms();
    return store->database->now_ms ? store->database->now_ms(store) : clock_wall_ms();
}
void store_set_clock(struct store *store, int64_t (*now_ms)(void)) { store->now_ms = now_ms; }

int64_t connection_now_ms(const struct connection *c) { return store_now_ms(c->store); }

void store_announce(struct store *store)
{
    if (store->database->announce)
        store->database->announce(store);
}

void store_listen(struct store *store, void (*heard)(void *ctx), void *ctx)
{
    if (store->database->listen)
        store->database->listen(store, heard, ctx);
}

enum orator_status store_write(struct store *store, struct connection **out,
                               struct orator_error *err)
{
    return store->database->begin(store, true, out, err);
}

enum orator_status store_read(struct store *store, struct connection **out,
                              struct orator_error *err)
{
    return store->database->begin(store, false, out, err);
}

enum orator_status store_end(struct connection **conn, enum orator_status s,
                             struct orator_error *err)
{
    struct connection *c = *conn;
    *conn = NULL;
    return c ? c->store->database->end(c, s, err) : s;
}

enum orator_status statement(struct connection *c, const char *sql, struct statement **out,
                             struct orator_error *err)
{
    const struct database *d = c->store->database;
    for (int i = 0; i < c->statement_count; i++) {
        if (c->statements[i]->sql != sql)
            continue;
        *out = c->statements[i];
        d->reset(*out);
        return ORATOR_OK;
    }
    assert(c->statement_count < STATEMENTS_MAX);
    enum orator_status s = d->prepare(c, sql, out, err);
    if (s != ORATOR_OK)
        return s;
    (*out)->database = d;
    (*out)->sql = sql;
    c->statements[c->statement_count++] = *out;
    return ORATOR_OK;
}

static enum orator_status statement_that(struct connection *c, enum lock lock, const char *sql,
                                         struct statement **out, struct orator_error *err)
{
    enum orator_status s = statement(c, sql, out, err);
    if (s == ORATOR_OK)
        (*out)->lock = c->writes ? lock : LOCK_NONE;
    return s;
}

enum orator_status statement_to_change(struct connection *c, const char *sql,
                                       struct statement **out, struct orator_error *err)
{
    return statement_that(c, LOCK_CHANGE, sql, out, err);
}

enum orator_status statement_to_take(struct connection *c, const char *sql, struct statement **out,
                                     struct orator_error *err)
{
    return statement_that(c, LOCK_TAKE, sql, out, err);
}

const char *sql_for(const struct connection *c, const char *sqlite, const char *postgres)
{
    return c->store->database->is_postgres ? postgres : sqlite;
}

enum orator_status step(struct connection *c, struct statement *st, bool *row,
                        struct orator_error *err)
{
    if (row)
        *row = false;
    return st->database->step(c, st, row, err);
}

void bind_text(struct statement *st, int index, const char *text)
{
    st->database->bind_text(st, index, text);
}

void bind_hash(struct statement *st, int index, const unsigned char hash[32])
{
    st->database->bind_hash(st, index, hash);
}

void bind_int(struct statement *st, int index, int64_t value)
{
    st->database->bind_int(st, index, value);
}

void bind_double(struct statement *st, int index, double value)
{
    st->database->bind_double(st, index, value);
}

bool column_is_null(struct statement *st, int index)
{
    return st->database->column_is_null(st, index);
}

int64_t column_int(struct statement *st, int index) { return st->database->column_int(st, index); }

double column_double(struct statement *st, int index)
{
    return st->database->column_double(st, index);
}

void column_copy(struct statement *st, int index, char *out, size_t size)
{
    const char *text = st->database->column_text(st, index);
    size_t length = text ? strnlen(text, size - 1) : 0;
    if (length)
        memcpy(out, text, length);
    out[length] = '\0';
}

enum orator_status column_new(struct statement *st, int index, char **out, struct orator_error *err)
{
    const char *text = st->database->column_text(st, index);
    *out = text ? strdup(text) : NULL;
    if (!*out && !st->database->column_is_null(st, index))
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a row of the database");
    return ORATOR_OK;
}

bool column_hash(struct statement *st, int index, unsigned char out[32])
{
    size_t size;
    const void *bytes = st->database->column_bytes(st, index, &size);
    if (size != 32)
        return false;
    memcpy(out, bytes, 32);
    return true;
}
