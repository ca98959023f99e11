/* store.h - what must survive: tasks, keys and the ledger, in SQLite. The only user of SQL.
 *
 * What:    one database file in WAL mode, synchronous=FULL; all writes go through one connection under
 *          one lock, reads through a few others. A second process (the command line beside a server) waits
 *          its turn. store/schema/ holds the tables as numbered steps; opening a database runs those it has not
 *          seen, so that one of any earlier version opens. tasks_table.h and ledger.h are what tasks/ uses.
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

/* The clock of everything the store keeps: clock_wall_ms() unless a test sets another. */
int64_t store_now_ms(const struct store *);
void store_set_clock(struct store *, int64_t (*now_ms)(void));
