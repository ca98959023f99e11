/* connection.h - inside store/: one transaction's connection and its prepared statements, whatever
 * database is behind it. What a database must be able to do is in database.h.
 *
 * What:    SQL is written once, in words that SQLite and PostgreSQL both understand: CASE, coalesce(), IS DISTINCT
 *          FROM, ON CONFLICT, RETURNING; sums as CAST(sum(x) AS BIGINT), because PostgreSQL adds integers up to a
 *          decimal. Parameters are ?1, ?2 ...; what is not bound is NULL.
 * Errors:  what the database says becomes IO with its sentence, or NO_MEMORY.
 * Threads: a connection belongs to one thread from store_write() or store_read() to store_end().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "server/store/transaction.h"

struct statement;

int64_t connection_now_ms(const struct connection *); /* store_now_ms() of its store */

/* `sql` prepared, with nothing bound. A literal of static life; its address is its name. */
ORATOR_MUST_CHECK enum orator_status statement(struct connection *, const char *sql,
                                               struct statement **out, struct orator_error *err);
/* The same for rows that are read to be changed: others who would change them wait for the end of this
 * transaction. In one that only reads it is statement(). */
ORATOR_MUST_CHECK enum orator_status statement_to_change(struct connection *, const char *sql,
                                                         struct statement **out,
                                                         struct orator_error *err);
/* The same, without those that others hold so: for taking any row of many. */
ORATOR_MUST_CHECK enum orator_status statement_to_take(struct connection *, const char *sql,
                                                       struct statement **out,
                                                       struct orator_error *err);
/* Where one sentence cannot say it: the first on SQLite, the second on PostgreSQL. */
const char *sql_for(const struct connection *, const char *sqlite, const char *postgres);
/* One step; *row says whether it gave a row. `row` may be NULL where none can come; then what the
 * database has against it may be said by a later call, store_end() at the latest. */
ORATOR_MUST_CHECK enum orator_status step(struct connection *, struct statement *, bool *row,
                                          struct orator_error *err);

/* Text and hashes are borrowed until the last step(); NULL binds NULL. */
void bind_text(struct statement *, int index, const char *);
void bind_hash(struct statement *, int index, const unsigned char hash[32]);
void bind_int(struct statement *, int index, int64_t);
void bind_double(struct statement *, int index, double);

bool column_is_null(struct statement *, int index);
int64_t column_int(struct statement *, int index);   /* NULL reads as 0 */
double column_double(struct statement *, int index); /* the same */
/* A column into memory of `size` bytes, cut if it does not fit; NULL reads as "". */
void column_copy(struct statement *, int index, char *out, size_t size);
/* A column on the heap; NULL stays NULL. NO_MEMORY. */
ORATOR_MUST_CHECK enum orator_status column_new(struct statement *, int index, char **out,
                                                struct orator_error *err);
/* Whether the column has 32 bytes; *out is as it was if not. */
bool column_hash(struct statement *, int index, unsigned char out[32]);
