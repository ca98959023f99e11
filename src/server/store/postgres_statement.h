/* postgres_statement.h - inside store/: a statement on PostgreSQL, what is bound to it and what it gave.
 *
 * Everything travels in binary: whole numbers as INT8, 64 bits with the highest first.
 */
#pragma once

#include "server/store/database.h"

enum { PARAMETERS_MAX = 64 /* a row of tasks */ };
enum {
    INT8 = 20,
    INT4 = 23,
    TEXT = 25,
    BYTEA = 17,
    FLOAT8 = 701
}; /* of pg_type.dat: fixed for ever */

struct pg_connection;
struct pg_result; /* libpq calls it PGresult */

/* A statement as one session of the database knows it, once for each way of locking. */
struct prepared {
    int name;         /* 0: it does not */
    int count;        /* of its parameters */
    unsigned session; /* in which it was prepared */
    unsigned types[PARAMETERS_MAX];
};

struct pg_statement {
    struct statement base;
    struct pg_connection *c;
    struct prepared prepared[LOCK_TAKE + 1];
    int count; /* of parameters */
    unsigned types[PARAMETERS_MAX];
    const char *values[PARAMETERS_MAX];
    int lengths[PARAMETERS_MAX];
    uint64_t numbers[PARAMETERS_MAX]; /* as they go over the wire */
    char *mended[PARAMETERS_MAX];     /* texts that were not UTF-8 */
    struct pg_result *result;
    int row; /* the next one; 0: not asked yet, if result is NULL */
};

static inline struct pg_statement *pg_statement(struct statement *st)
{
    return (struct pg_statement *)st;
}

/* As connection.h has them without the first word. */
void postgres_put_text(struct statement *, int index, const char *);
void postgres_put_hash(struct statement *, int index, const unsigned char hash[32]);
void postgres_put_int(struct statement *, int index, int64_t);
void postgres_put_double(struct statement *, int index, double);
bool postgres_get_is_null(struct statement *, int index);
int64_t postgres_get_int(struct statement *, int index);
double postgres_get_double(struct statement *, int index);
const char *postgres_get_text(struct statement *, int index);
const void *postgres_get_bytes(struct statement *, int index, size_t *size);
