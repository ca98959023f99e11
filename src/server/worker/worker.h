/* worker.h - takes tasks from the queue and makes their videos: fetch, inspect, render, store.
 *
 * What:    one thread, one task at a time. A second thread beats for the lease while the engine works;
 *          a lost lease stops the render at once.
 * Owns:    its threads. Borrows everything in struct worker_setup for its life.
 * Threads: start and stop from one thread.
 */
#pragma once

#include "base/log.h"
#include "engine/engine.h"
#include "server/fetch/fetch.h"
#include "server/store/blobs.h"
#include "server/tasks/queue.h"

struct worker_setup {
    struct store *store;
    struct blobs *blobs;
    const struct engine *engine;
    struct fetch_policy fetch;
    int64_t max_voice_ms;
    const struct log *log;
};

struct worker;
ORATOR_MUST_CHECK enum orator_status worker_start(struct worker **out, const struct worker_setup *,
                                                  struct orator_error *err);
/* Called after a submit so that a sleeping worker looks at once. Any thread. */
void worker_wake(struct worker *);
/* Stops at the next frame, hands the task back to the queue, joins. */
void worker_stop(struct worker **);
