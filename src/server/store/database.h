/* database.h - inside store/: what a kind of database is to store.c. There are two: sqlite.c, postgres.c.
 *
 * What:    a kind is a table of functions; its own store, connection and statement begin with these.
 *          The rest of store/ sees connection.h alone.
 * Errors:  as connection.h says.
 * Threads: begin() may be called by any thread and waits for a connection; the others by who holds it.
 */
#pragma once

#include "server/store/connection.h"

enum { STATEMENTS_MAX = 128 /* more than store/ has; an assert watches */ };

enum lock { LOCK_NONE, LOCK_CHANGE, LOCK_TAKE };

struct database {
    bool is_postgres;
    int64_t (*now_ms)(const struct store *); /* NULL: this machine's clock is the store's */
    void (*announce)(struct store *); /* this and the next: NULL if there are no other processes */
    void (*listen)(struct store *, void (*heard)(void *ctx), void *ctx);
    void (*close)(struct store *);
    enum orator_status (*begin)(struct store *, bool writes, struct connection **out,
                                struct orator_error *err);
    enum orator_status (*end)(struct connection *, enum orator_status s, struct orator_error *err);
    enum orator_status (*prepare)(struct connection *, const char *sql, struct statement **out,
                                  struct orator_error *err);
    void (*reset)(struct statement *); /* and nothing is bound */
    /* *row is false; NULL: no row can come */
    enum orator_status (*step)(struct connection *, struct statement *, bool *row,
                               struct orator_error *err);
    void (*bind_text)(struct statement *, int index, const char *);
    void (*bind_hash)(struct statement *, int index, const unsigned char hash[32]);
    void (*bind_int)(struct statement *, int index, int64_t);
    void (*bind_double)(struct statement *, int index, double);
    bool (*column_is_null)(struct statement *, int index);
    int64_t (*column_int)(struct statement *, int index);
    double (*column_double)(struct statement *, int index);
    const char *(*column_text)(struct statement *, int index); /* NULL: NULL */
    const void *(*column_bytes)(struct statement *, int index, size_t *size);
};

struct store {
    const struct database *database;
    int64_t (*now_ms)(void); /* of a test; NULL: the database's or the machine's */
};

struct connection {
    struct store *store;
    bool writes;
    int statement_count;
    struct statement *statements[STATEMENTS_MAX];
};

struct statement {
    const struct database *database;
    const char *sql;
    enum lock lock;
};

/* A store that has everything but its clock; NULL and an error if not. */
ORATOR_MUST_CHECK enum orator_status sqlite_open(struct store **out, const char *folder,
                                                 struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status postgres_open(struct store **out, const char *url,
                                                   struct orator_error *err);
