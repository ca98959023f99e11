#include "server/http/park.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

struct park {
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below, and the content of each `parked` */
    pthread_cond_t changed;
    struct parked *first;
    bool clearing, stopping;
};

/* Resumes what is due; the time until the next one is. Called with the lock held. */
static int64_t resume_due(struct park *p)
{
    int64_t now_ms = clock_steady_ms(), wait_ms = 60000;
    for (struct parked *c = p->first, *next; c; c = next) {
        next = c->next;
        if (!p->clearing && c->due_ms > now_ms) {
            wait_ms = c->due_ms - now_ms < wait_ms ? c->due_ms - now_ms : wait_ms;
            continue;
        }
        *c->link = next;
        if (next)
            next->link = c->link;
        MHD_resume_connection(c->connection); /* c belongs to its own thread from here on */
    }
    return wait_ms;
}

static void *park_run(void *arg)
{
    struct park *p = arg;
    pthread_mutex_lock(&p->lock);
    while (!p->stopping) {
        int64_t wait_ms = resume_due(p);
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += wait_ms / 1000;
        until.tv_nsec += wait_ms % 1000 * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&p->changed, &p->lock, &until);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

enum orator_status park_start(struct park **out, struct orator_error *err)
{
    pthread_condattr_t steady;
    *out = NULL;
    struct park *p = calloc(1, sizeof(*p));
    if (!p)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the listener");
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&p->changed, &steady);
    pthread_condattr_destroy(&steady);
    if (pthread_create(&p->thread, NULL, park_run, p) != 0) {
        pthread_cond_destroy(&p->changed);
        pthread_mutex_destroy(&p->lock);
        free(p);
        return orator_fail(err, ORATOR_IO, "no thread left for the listener");
    }
    *out = p;
    return ORATOR_OK;
}

void park_add(struct park *p, struct parked *c, struct MHD_Connection *connection, int64_t wait_ms)
{
    MHD_suspend_connection(connection); /* before anybody can resume it */
    pthread_mutex_lock(&p->lock);
    c->connection = connection;
    c->due_ms = clock_steady_ms() + wait_ms;
    c->next = p->first;
    c->link = &p->first;
    if (c->next)
        c->next->link = &c->next;
    p->first = c;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

void park_clear(struct park *p)
{
    pthread_mutex_lock(&p->lock);
    p->clearing = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

void park_stop(struct park **park)
{
    struct park *p = *park;
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p);
    *park = NULL;
}
