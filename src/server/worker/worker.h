/* worker.h - takes tasks from the queue and has their videos made: fetch, inspect, render, store.
 *
 * What:    one thread, one task at a time (crew.h has several). A second thread beats for the lease, reports how far the
 *          task is and watches the time of each stage; a lost lease, a stop or a stage that takes too
 *          long ends the render at its next frame. A video is built under a name that nobody knows
 *          and published by queue_finish() alone.
 * Privacy: downloads stay in memory. Uploads ("blob:NAME" inputs) are removed when their task is over,
 *          also those of tasks that ended while no worker was there to see it.
 * Owns:    its threads. Borrows everything in struct worker_setup for its life.
 * Threads: start and stop from one thread.
 */
#pragma once

#include "base/log.h"
#include "server/fetch/fetch.h"
#include "server/maker/maker.h"
#include "server/store/blobs.h"
#include "server/tasks/queue.h"

enum {
    WORKER_IMAGE_MAX_BYTES = 10 << 20, /* the API's limits */
    WORKER_AUDIO_MAX_BYTES = 50 << 20,
    WORKER_STAGE_MS =
        60000, /* a stage gets this, or some times the length of the voice if longer */
};

struct worker_setup {
    struct store *store;
    struct blobs *blobs;
    struct maker standard, pro; /* who makes the videos of each model */
    struct fetch_policy fetch;
    int64_t max_voice_ms;
    const struct log *log;
    bool hide_previews; /* who serves cannot read what we build, so nobody is told of it */
    int64_t stage_ms;   /* 0: WORKER_STAGE_MS */
};

struct worker;
ORATOR_MUST_CHECK enum orator_status worker_start(struct worker **out, const struct worker_setup *,
                                                  struct orator_error *err);
/* Called after a submit so that a sleeping worker looks at once. Any thread. */
void worker_wake(struct worker *);
struct worker_facts {
    bool busy;
    int64_t done, failed, lost; /* as in crew.h */
};
struct worker_facts worker_facts(struct worker *);
/* Takes no more tasks; the one in hand goes on. */
void worker_drain(struct worker *);
/* Stops at the next frame, and hands the task back to the queue; returns at once. */
void worker_halt(struct worker *);
/* The same, and joins. */
void worker_stop(struct worker **);
