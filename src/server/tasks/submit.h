/* submit.h - what clients ask for becomes tasks: those that came together in one transaction.
 *
 * What:    accounts, keys and the forecast are read once for a batch, reckoned with in memory, and written
 *          once. Each submit is accepted or refused on its own, in the order of the list. One whose rows cannot
 *          be written is left out, and the others are taken again; a transaction that cannot be had, or kept,
 *          fails them all.
 * Owns:    nothing; `task` is the caller's to task_fini().
 * Errors:  as queue_submit() has them, each in its own `status`.
 * Threads: any.
 */
#pragma once

#include "server/tasks/queue.h"

struct submit {
    struct submit *next;
    struct task_request request;
    /* What came of it. */
    struct task task;
    struct outlook outlook;
    enum orator_status status;
    struct orator_error err;
    void (*done)(struct submit *); /* for intake.h */
};

void submit_all(struct store *, struct submit *first);
