#include "server/tasks/keeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "server/store/files_table.h"
#include "server/store/idempotency.h"
#include "server/tasks/queue.h"
#include "server/tasks/sweep.h"

enum {
    LOOK_MS = 1000,
    TIDY_MS = 600000,   /* what costs a commit even if there is nothing to do */
    SWEEP_MS = 86400000 /* what looks at every file */
};

struct keeper {
    struct store *store;
    struct blobs *blobs;
    const struct log *log;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping; /* guarded by the lock */
};

enum orator_status keeper_pass(struct store *store, struct blobs *blobs, int64_t *expired,
                               struct orator_error *err)
{
    enum orator_status s;
    *expired = 0;
    for (bool found = true; found;) {
        struct task t;
        s = queue_expire(store, &t, &found, err);
        if (s == ORATOR_OK && found)
            sweep_task(&t, blobs);
        task_fini(&t);
        if (s != ORATOR_OK)
            return s;
        *expired += found;
    }
    return ORATOR_OK;
}

static enum orator_status tidy(struct store *store, struct blobs *blobs, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    TRY(idempotency_forget_old(store, err));
    for (bool found = true; found;) {
        char blob_name[BLOB_NAME_SIZE];
        TRY(store_write(store, &c, err));
        s = files_remove_expired(c, store_now_ms(store), blob_name, &found, err);
        TRY(store_end(&c, s, err));
        if (found)
            blob_remove(blobs, blob_name);
    }
done:
    return s;
}

/* Files of workers that were killed. A media store that is away is swept another day. */
static void sweep(struct keeper *k)
{
    struct orator_error err = {0};
    int64_t removed;
    enum orator_status s = sweep_media(k->store, k->blobs, &removed, &err);
    if (s != ORATOR_OK)
        log_warn(k->log, "keeper.sweep", "error=%s text=%s", orator_status_word(s), err.text);
    if (removed > 0)
        log_info(k->log, "media.swept", "files=%lld", (long long)removed);
}

static void *keep(void *ctx)
{
    struct keeper *k = ctx;
    int64_t tidy_ms = clock_steady_ms(), sweep_ms = tidy_ms;
    pthread_mutex_lock(&k->lock);
    while (!k->stopping) {
        pthread_mutex_unlock(&k->lock);
        struct orator_error err = {0};
        int64_t expired;
        enum orator_status s = keeper_pass(k->store, k->blobs, &expired, &err);
        if (s == ORATOR_OK && clock_steady_ms() >= tidy_ms) {
            tidy_ms = clock_steady_ms() + TIDY_MS;
            s = tidy(k->store, k->blobs, &err);
        }
        if (clock_steady_ms() >= sweep_ms) {
            sweep_ms = clock_steady_ms() + SWEEP_MS;
            sweep(k);
        }
        if (expired > 0)
            log_info(k->log, "tasks.expired", "tasks=%lld", (long long)expired);
        if (s != ORATOR_OK)
            log_error(k->log, "keeper.store", "error=%s text=%s", orator_status_word(s), err.text);
        pthread_mutex_lock(&k->lock);
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += LOOK_MS / 1000;
        if (!k->stopping)
            pthread_cond_timedwait(&k->wake, &k->lock, &until);
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

static void release(struct keeper **keeper)
{
    pthread_cond_destroy(&(*keeper)->wake);
    pthread_mutex_destroy(&(*keeper)->lock);
    free(*keeper);
    *keeper = NULL;
}

enum orator_status keeper_start(struct keeper **out, struct store *store, struct blobs *blobs,
                                const struct log *log, struct orator_error *err)
{
    pthread_condattr_t steady;
    *out = NULL;
    struct keeper *k = calloc(1, sizeof(*k));
    if (!k)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the keeper");
    k->store = store;
    k->blobs = blobs;
    k->log = log;
    pthread_mutex_init(&k->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&k->wake, &steady);
    pthread_condattr_destroy(&steady);
    if (pthread_create(&k->thread, NULL, keep, k) != 0) {
        release(&k);
        return orator_fail(err, ORATOR_NO_MEMORY, "no thread for the keeper");
    }
    *out = k;
    return ORATOR_OK;
}

void keeper_stop(struct keeper **keeper)
{
    struct keeper *k = *keeper;
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    k->stopping = true;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    release(keeper);
}
