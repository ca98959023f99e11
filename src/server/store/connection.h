/* connection.h - inside store/: one SQLite connection and its prepared statements.
 *
 * Errors: what SQLite says becomes IO with SQLite's sentence, or NO_MEMORY.
 * Threads: a connection belongs to who holds its lock.
 */
#pragma once

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "server/store/transaction.h"

enum { STATEMENTS_MAX = 128 /* more than store/ has; an assert watches */ };

struct connection {
    struct store *store;
    sqlite3 *db;
    pthread_mutex_t lock; /* held from store_write or store_read to store_end */
    bool writes;
    int statement_count;
    struct {
        const char *sql; /* the literal's address is its name */
        sqlite3_stmt *ready;
    } statements[STATEMENTS_MAX];
};

/* `sql` prepared, with nothing bound. A literal of static life; store_end() resets it. */
ORATOR_MUST_CHECK enum orator_status statement(struct connection *, const char *sql,
                                               sqlite3_stmt **out, struct orator_error *err);
/* One step; *row says whether it gave a row. `row` may be NULL where none can come. */
ORATOR_MUST_CHECK enum orator_status step(struct connection *, sqlite3_stmt *, bool *row,
                                          struct orator_error *err);
/* The text is borrowed until store_end(); NULL binds NULL. */
void bind_text(sqlite3_stmt *, int index, const char *);
void bind_hash(sqlite3_stmt *, int index, const unsigned char hash[32]);
/* A column into memory of `size` bytes, cut if it does not fit; NULL reads as "". */
void column_copy(sqlite3_stmt *, int index, char *out, size_t size);
/* A column on the heap; NULL stays NULL. NO_MEMORY. */
ORATOR_MUST_CHECK enum orator_status column_new(sqlite3_stmt *, int index, char **out,
                                                struct orator_error *err);
