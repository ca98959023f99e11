/* transaction.h - several reads and writes of the store as one.
 *
 *     TRY(store_write(store, &c, err));
 *     TRY(tasks_get(c, id, &task, err));
 *     ...
 * done:
 *     return store_end(&c, s, err);
 *
 * Writes of several threads may share one commit; each is kept or undone on its own all the same.
 *
 * Threads: between the begin and store_end() the connection belongs to the caller and other writers
 * (or readers) wait, so nothing slow belongs there.
 */
#pragma once

#include "server/store/store.h"

struct connection;

ORATOR_MUST_CHECK enum orator_status store_write(struct store *, struct connection **out,
                                                 struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status store_read(struct store *, struct connection **out,
                                                struct orator_error *err);
/* Keeps everything if s is OK and nothing otherwise. Returns s, or why it could not be kept; once it
 * returned OK, it is on the disk. NULL is fine. */
ORATOR_MUST_CHECK enum orator_status store_end(struct connection **, enum orator_status s,
                                               struct orator_error *err);
