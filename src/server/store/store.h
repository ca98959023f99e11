/* store.h - what must survive: tasks, keys and the ledger, in SQLite. The only user of SQL.
 *
 * What:    one database file in WAL mode, synchronous=FULL, opened by one process; all writes go through
 *          one connection under one lock, reads through others. store/schema/ holds the tables.
 * Errors:  IO with SQLite's own words for an operator; a full disk or a damaged file never aborts.
 * Threads: any.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct store;

/* Opens or creates `folder`/orator.db and brings its schema up to date. */
ORATOR_MUST_CHECK enum orator_status store_open(struct store **out, const char *folder,
                                                struct orator_error *err);
void store_close(struct store **);
