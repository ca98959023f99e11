#include "server/worker/crew.h"

#include <stdlib.h>

struct crew {
    int count;
    struct worker *workers[CREW_MAX];
};

enum orator_status crew_start(struct crew **out, int count, const struct worker_setup *setup,
                              struct orator_error *err)
{
    struct crew *c = *out = calloc(1, sizeof(*c));
    enum orator_status s = ORATOR_OK;
    if (!c)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for workers");
    for (int i = 0; i < count && i < CREW_MAX && s == ORATOR_OK; i++) {
        s = worker_start(&c->workers[i], setup, err);
        c->count += s == ORATOR_OK;
    }
    if (s != ORATOR_OK)
        crew_stop(out);
    return s;
}

void crew_wake(struct crew *c)
{
    for (int i = 0; i < c->count; i++)
        worker_wake(c->workers[i]);
}

void crew_drain(struct crew *c)
{
    for (int i = 0; i < c->count; i++)
        worker_drain(c->workers[i]);
}

struct crew_facts crew_facts(const struct crew *c)
{
    struct crew_facts all = {.workers = c ? c->count : 0};
    for (int i = 0; c && i < c->count; i++) {
        struct worker_facts one = worker_facts(c->workers[i]);
        all.busy += one.busy;
        all.done += one.done;
        all.failed += one.failed;
        all.lost += one.lost;
    }
    return all;
}

void crew_stop(struct crew **crew)
{
    if (!*crew)
        return;
    for (int i = 0; i < (*crew)->count; i++)
        worker_halt((*crew)->workers[i]); /* all first, so that they stop side by side */
    for (int i = 0; i < (*crew)->count; i++)
        worker_stop(&(*crew)->workers[i]);
    free(*crew);
    *crew = NULL;
}
