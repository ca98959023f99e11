/* queue_table.h - the queue in sum, and how fast videos were made of late: what a forecast needs.
 *
 * What:    none of these walks the queue; the sums grow with queue_sums_grow() and follow a task's state by a trigger.
 * Units:   durations in ms; speeds in ms of work for a second of video.
 * Errors:  those of the store.
 * Threads: calls stand between store_write() or store_read() and store_end().
 */
#pragma once

#include <stdbool.h>

#include "server/store/transaction.h"
#include "server/tasks/task.h"

enum {
    QUEUE_MODELS_MAX = 8, /* there are two; old databases may know others */
    QUEUE_RUNNING_MAX = 16,
    QUEUE_EXACT_MAX = 256, /* positions up to here are counted, those beyond are reckoned */
};

struct queue_sum {
    char model[48];
    int64_t tasks, declared_ms; /* that wait */
    int64_t speed_permille;     /* 0: none of this model was finished yet */
};
ORATOR_MUST_CHECK enum orator_status queue_sums(struct connection *,
                                                struct queue_sum out[QUEUE_MODELS_MAX], int *count,
                                                struct orator_error *err);
/* So many tasks of a model were inserted, with voices of that length in all. */
ORATOR_MUST_CHECK enum orator_status queue_sums_grow(struct connection *, const char *model,
                                                     int64_t tasks, int64_t declared_ms,
                                                     struct orator_error *err);
/* How many tasks are QUEUED. */
ORATOR_MUST_CHECK enum orator_status queue_depth(struct connection *, int64_t *out,
                                                 struct orator_error *err);
/* How many of them are claimed before the one with `turn` and `seq`: exact up to QUEUE_EXACT_MAX. */
ORATOR_MUST_CHECK enum orator_status queue_ahead(struct connection *, int64_t turn, int64_t seq,
                                                 int64_t *out, struct orator_error *err);

struct queue_running {
    char model[48];
    int64_t declared_ms, started_ms, frames_done, frames_total;
};
/* Those that are PROCESSING, oldest first. */
ORATOR_MUST_CHECK enum orator_status queue_running(struct connection *,
                                                   struct queue_running out[QUEUE_RUNNING_MAX],
                                                   int *count, struct orator_error *err);

/* 0: none of this model was finished yet. */
ORATOR_MUST_CHECK enum orator_status speeds_get(struct connection *, const char *model,
                                                int64_t *permille, struct orator_error *err);
/* A video of a model took `work_ms`; the speed that is kept moves a quarter of the way towards it. */
ORATOR_MUST_CHECK enum orator_status speeds_note(struct connection *, const char *model,
                                                 int64_t work_ms, int64_t video_ms,
                                                 struct orator_error *err);
