/* store.h - what must survive: tasks, keys and the ledger, in SQLite or PostgreSQL. The only user of SQL.
 *
 * What:    SQLite: one database file in WAL mode, synchronous=FULL; all writes go through one connection under
 *          one lock, reads through a few others. A second process (the command line beside a server) waits
 *          its turn. PostgreSQL: any number of processes on any machines; writes of one process run beside
 *          each other on a few connections, and rows are locked as they are read to be changed.
 *          store/schema/ and schema_postgres/ hold the tables as numbered steps; opening a database runs those it
 *          has not seen, so that one of any earlier version opens. tasks_table.h and ledger.h are what tasks/ uses.
 * Errors:  IO with the database's own words for an operator, and trying again can help; a full disk, a damaged
 *          file or a database that goes away never aborts.
 * Threads: any.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct store;

/* Opens and brings its schema up to date. `place` is a folder, for SQLite's file orator.db in it, which may have to
 * be made, or the URL of a database that is there: postgresql://... */
ORATOR_MUST_CHECK enum orator_status store_open(struct store **out, const char *place,
                                                struct orator_error *err);
void store_close(struct store **);

/* The clock of everything the store keeps: SQLite's is clock_wall_ms(), PostgreSQL's its server's, so that machines
 * whose clocks differ agree; or what a test sets. */
int64_t store_now_ms(const struct store *);
void store_set_clock(struct store *, int64_t (*now_ms)(void));

/* Tells the other processes on this database that work waits. Does not wait; may be lost with its process, so
 * who waits for work looks by themselves now and then. SQLite: there are none to tell. */
void store_announce(struct store *);
/* From now on `heard` is called soon after another process announced, on a thread that must not be kept. NULL ends
 * it: no call runs any more when that returns. */
void store_listen(struct store *, void (*heard)(void *ctx), void *ctx);
