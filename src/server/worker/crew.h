/* crew.h - the workers of one process: so many tasks are made at once.
 *
 * Threads: start and stop from one; the others from any.
 */
#pragma once

#include "server/worker/worker.h"

enum { CREW_MAX = 64 };

struct crew;
/* `count` workers, each with this setup; 0: nobody works here. */
ORATOR_MUST_CHECK enum orator_status
crew_start(struct crew **out, int count, const struct worker_setup *, struct orator_error *err);
void crew_wake(struct crew *);  /* a task was submitted */
void crew_drain(struct crew *); /* no more tasks are taken; those in hand go on */
struct crew_facts {
    int workers, busy;
    int64_t done, failed,
        lost; /* since the start: completed here; failed or to be tried again; leases lost */
};
struct crew_facts crew_facts(const struct crew *); /* NULL is nobody */
void crew_stop(
    struct crew **); /* all at their next frame; what they had in hand goes back to the queue */
