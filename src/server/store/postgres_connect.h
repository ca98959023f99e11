/* postgres_connect.h - inside store/: a connection to PostgreSQL as all of ours are, and the schema in it.
 *
 * What:    `url` is libpq's: postgresql://user:password@host:port/name?sslmode=verify-full, or with
 *          host=/folder for a socket.
 * Errors:  IO with the database's sentence. A password is never part of it.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct pg_conn; /* libpq calls it PGconn */

/* The caller's to PQfinish(); NULL if it failed. */
ORATOR_MUST_CHECK enum orator_status postgres_connect(struct pg_conn **out, const char *url,
                                                      struct orator_error *err);
/* One text of SQL, or several as one transaction. *number is the first column of the first row, if wanted. */
ORATOR_MUST_CHECK enum orator_status postgres_run(struct pg_conn *, const char *sql,
                                                  const char *what, int64_t *number,
                                                  struct orator_error *err);
/* Brings the schema up to date: in one transaction, under a lock, so that servers may start at once. */
ORATOR_MUST_CHECK enum orator_status postgres_migrate(const char *url, struct orator_error *err);
