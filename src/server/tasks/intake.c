#include "server/tasks/intake.h"

#include <pthread.h>
#include <stdlib.h>

enum { BATCH_MAX = 256 /* more would make the first wait for little gain */ };

struct intake {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t more;
    struct submit *first, **end;
    bool stopping;
};

/* The oldest of those that wait, at most BATCH_MAX; called with the lock held. */
static struct submit *take_batch(struct intake *in)
{
    struct submit *first = in->first, **cut = &in->first;
    for (int n = 0; *cut && n < BATCH_MAX; n++)
        cut = &(*cut)->next;
    in->first = *cut;
    *cut = NULL;
    if (!in->first)
        in->end = &in->first;
    return first;
}

static void *intake_run(void *ctx)
{
    struct intake *in = ctx;
    pthread_mutex_lock(&in->lock);
    for (;;) {
        while (!in->first && !in->stopping)
            pthread_cond_wait(&in->more, &in->lock);
        if (!in->first)
            break;
        struct submit *batch = take_batch(in);
        pthread_mutex_unlock(&in->lock);
        submit_all(in->store, batch);
        for (struct submit *x = batch, *next; x; x = next) {
            next = x->next; /* x is somebody else's as soon as it is done */
            x->done(x);
        }
        pthread_mutex_lock(&in->lock);
    }
    pthread_mutex_unlock(&in->lock);
    return NULL;
}

enum orator_status intake_start(struct intake **out, struct store *store, struct orator_error *err)
{
    *out = NULL;
    struct intake *in = calloc(1, sizeof(*in));
    if (!in)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for submits");
    in->store = store;
    in->end = &in->first;
    pthread_mutex_init(&in->lock, NULL);
    pthread_cond_init(&in->more, NULL);
    if (pthread_create(&in->thread, NULL, intake_run, in) != 0) {
        pthread_cond_destroy(&in->more);
        pthread_mutex_destroy(&in->lock);
        free(in);
        return orator_fail(err, ORATOR_NO_MEMORY, "no thread for submits");
    }
    *out = in;
    return ORATOR_OK;
}

void intake_add(struct intake *in, struct submit *x)
{
    pthread_mutex_lock(&in->lock);
    x->next = NULL;
    *in->end = x;
    in->end = &x->next;
    pthread_cond_signal(&in->more);
    pthread_mutex_unlock(&in->lock);
}

void intake_stop(struct intake **intake)
{
    struct intake *in = *intake;
    if (!in)
        return;
    pthread_mutex_lock(&in->lock);
    in->stopping = true;
    pthread_cond_signal(&in->more);
    pthread_mutex_unlock(&in->lock);
    pthread_join(in->thread, NULL);
    pthread_cond_destroy(&in->more);
    pthread_mutex_destroy(&in->lock);
    free(in);
    *intake = NULL;
}
