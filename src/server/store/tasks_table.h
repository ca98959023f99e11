/* tasks_table.h - rows of tasks. Keeps what it is told; the rules are in tasks/queue.c.
 *
 * Owns:    nothing; a task that was read is the caller's to task_fini(), even half read after an error.
 * Errors:  those of the store; TASK_NOT_FOUND where it says so.
 * Threads: calls stand between store_write() or store_read() and store_end().
 */
#pragma once

#include "server/store/transaction.h"
#include "server/tasks/task.h"

ORATOR_MUST_CHECK enum orator_status tasks_insert(struct connection *, const struct task *,
                                                  struct orator_error *err);
/* Writes what changes in a task's life: everything but the request and its price. */
ORATOR_MUST_CHECK enum orator_status tasks_update(struct connection *, const struct task *,
                                                  struct orator_error *err);
/* `key_id` must own it; NULL: any. TASK_NOT_FOUND. */
ORATOR_MUST_CHECK enum orator_status tasks_get(struct connection *, const char *id,
                                               const char *key_id, struct task *out,
                                               struct orator_error *err);
/* The turn of a key's new task. Waiting tasks are claimed by turn: the first of a key has that of the task
 * that is next, each further one the turn after its key's last. So keys take turns, whatever each has waiting,
 * and in its turn a key goes in the order of its submits. A priority over 0 has turns before all of the
 * lower ones. *next: the key has none waiting. */
ORATOR_MUST_CHECK enum orator_status tasks_turn(struct connection *, const char *key_id,
                                                int priority, int64_t *out, bool *next,
                                                struct orator_error *err);
/* The first submitted of those PROCESSING, else the next of those QUEUED, whose lease_until_ms is not in
 * now_ms + 1 .. horizon_ms. */
ORATOR_MUST_CHECK enum orator_status tasks_next(struct connection *, int64_t now_ms,
                                                int64_t horizon_ms, struct task *out, bool *found,
                                                struct orator_error *err);
/* The first of those over whose image_url or audio_url still names a file ("blob:NAME"). */
ORATOR_MUST_CHECK enum orator_status tasks_next_spent(struct connection *, struct task *out,
                                                      bool *found, struct orator_error *err);
/* Whether some task's video or upload is the file `name`. */
ORATOR_MUST_CHECK enum orator_status tasks_name_file(struct connection *, const char *name,
                                                     bool *named, struct orator_error *err);
/* The task that a key calls `external_id`; "": none. */
ORATOR_MUST_CHECK enum orator_status tasks_find_external(struct connection *, const char *key_id,
                                                         const char *external_id,
                                                         char id[TASK_ID_SIZE],
                                                         struct orator_error *err);
/* Everything a person gave or was given; the row stays for the ledger's sake, and nothing else here finds
 * it again. */
ORATOR_MUST_CHECK enum orator_status tasks_erase(struct connection *, const char *id,
                                                 int64_t now_ms, struct orator_error *err);
/* The first of those whose expires_ms has come. */
ORATOR_MUST_CHECK enum orator_status tasks_next_expired(struct connection *, int64_t now_ms,
                                                        struct task *out, bool *found,
                                                        struct orator_error *err);

struct tasks_filter {
    const char *key_id;
    int state;               /* -1: any */
    const char *model;       /* NULL: any */
    int64_t created_from_ms; /* 0: any */
    int64_t after_seq;       /* 0: from the start */
    bool oldest_first;
    int limit;
};
/* Fills at most `limit` tasks, which are the caller's to task_fini() even after an error. */
ORATOR_MUST_CHECK enum orator_status tasks_list(struct connection *, const struct tasks_filter *,
                                                struct task *out, int *count,
                                                struct orator_error *err);
