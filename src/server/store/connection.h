/* connection.h - inside store/: one transaction's connection and its prepared statements, whatever
 * database is behind it. What a database must be able to do is in database.h.
 *
 * What:    SQL is written once. Parameters are ?1, ?2 ...; what is not bound is NULL.
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
/* One step; *row says whether it gave a row. `row` may be NULL where none can come. */
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
