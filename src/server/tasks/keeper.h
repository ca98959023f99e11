/* keeper.h - time passes: tasks expire, answers and uploads are forgotten.
 *
 * What:    a thread that looks every second. A task that is not over when its time is becomes EXPIRED and
 *          gives its reserve back; a completed one loses its video and stays charged; a failed one goes.
 *          Their files go with them, as do uploads whose time is over; what was answered to an
 *          Idempotency-Key is forgotten after a day. Once a day, files that are nobody's go too (sweep.h).
 * Owns:    its thread. Borrows the rest for its life.
 * Threads: start and stop from one; keeper_pass() from any.
 */
#pragma once

#include "base/log.h"
#include "server/store/blobs.h"
#include "server/store/store.h"

struct keeper;
ORATOR_MUST_CHECK enum orator_status keeper_start(struct keeper **out, struct store *,
                                                  struct blobs *, const struct log *,
                                                  struct orator_error *err);
void keeper_stop(struct keeper **);

/* Everything that is due by now; *expired counts the tasks. */
ORATOR_MUST_CHECK enum orator_status keeper_pass(struct store *, struct blobs *, int64_t *expired,
                                                 struct orator_error *err);
