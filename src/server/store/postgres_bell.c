#include "server/store/postgres_bell.h"

#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "server/store/postgres_connect.h"

enum {
    TICK_MS = 10000,
    RETRY_MS = 1000,
    APART_MS = 5, /* between two NOTIFYs of ours */
};

struct bell {
    char *url;
    PGconn *pg;
    pthread_t thread;
    bool started;
    int rung_fd;
    atomic_bool stop;
    atomic_llong offset_ms; /* of the database's clock from the steady one */
    pthread_mutex_t lock;   /* guards the next two; held while heard() runs */
    void (*heard)(void *ctx);
    void *ctx;
};

/* The clock's answer was made somewhere between question and answer: in the middle, for all we know. */
static enum orator_status look_at_clock(struct bell *b, struct orator_error *err)
{
    int64_t wall_ms, before_ms = clock_steady_ms();
    enum orator_status s = postgres_run(
        b->pg, "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)",
        "read the clock", &wall_ms, err);
    if (s == ORATOR_OK)
        b->offset_ms = wall_ms - (before_ms + (clock_steady_ms() - before_ms) / 2);
    return s;
}

static enum orator_status call_up(struct bell *b, struct orator_error *err)
{
    enum orator_status s;
    TRY(postgres_connect(&b->pg, b->url, err));
    TRY(postgres_run(b->pg, "SET synchronous_commit = off; LISTEN orator_work", "listen", NULL,
                     err));
    TRY(look_at_clock(b, err));
done:
    return s;
}

static void hear(struct bell *b)
{
    bool others = false;
    (void)PQconsumeInput(b->pg);
    for (PGnotify *n; (n = PQnotifies(b->pg)); PQfreemem(n))
        others |= n->be_pid != PQbackendPID(b->pg);
    pthread_mutex_lock(&b->lock);
    if (others && b->heard)
        b->heard(b->ctx);
    pthread_mutex_unlock(&b->lock);
}

static void *run(void *arg)
{
    struct bell *b = arg;
    int64_t looked_ms = clock_steady_ms();
    while (!b->stop) {
        if (!b->pg && call_up(b, NULL) != ORATOR_OK) {
            PQfinish(b->pg);
            b->pg = NULL;
        }
        struct pollfd ready[2] = {{.fd = b->rung_fd, .events = POLLIN},
                                  {.fd = b->pg ? PQsocket(b->pg) : -1, .events = POLLIN}};
        int n = poll(ready, 2, b->pg ? TICK_MS : RETRY_MS);
        if (n > 0 && ready[0].revents) {
            uint64_t rings;
            if (read(b->rung_fd, &rings, sizeof(rings)) > 0 && b->pg && !b->stop &&
                postgres_run(b->pg, "NOTIFY orator_work", "notify", NULL, NULL) == ORATOR_OK)
                poll(NULL, 0, APART_MS);
        }
        if (b->pg)
            hear(b);
        if (b->pg && clock_steady_ms() - looked_ms >= TICK_MS) {
            looked_ms = clock_steady_ms();
            (void)look_at_clock(b, NULL);
        }
        if (b->pg && PQstatus(b->pg) != CONNECTION_OK) {
            PQfinish(b->pg);
            b->pg = NULL;
        }
    }
    return NULL;
}

enum orator_status bell_open(struct bell **out, const char *url, struct orator_error *err)
{
    enum orator_status s;
    *out = NULL;
    struct bell *b = calloc(1, sizeof(*b));
    if (!b)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the database");
    pthread_mutex_init(&b->lock, NULL);
    b->rung_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    b->url = strdup(url);
    if (b->rung_fd < 0 || !b->url) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the database");
        goto done;
    }
    TRY(call_up(b, err));
    if (pthread_create(&b->thread, NULL, run, b) != 0) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no thread for the database");
        goto done;
    }
    b->started = true;
    *out = b;
    b = NULL;
done:
    bell_close(&b);
    return s;
}

void bell_close(struct bell **bell)
{
    struct bell *b = *bell;
    if (!b)
        return;
    b->stop = true;
    if (b->started) {
        bell_ring(b);
        pthread_join(b->thread, NULL);
    }
    PQfinish(b->pg);
    if (b->rung_fd >= 0)
        close(b->rung_fd);
    pthread_mutex_destroy(&b->lock);
    free(b->url);
    free(b);
    *bell = NULL;
}

void bell_ring(struct bell *b)
{
    /* the counter can only be full if the thread has a ring before it anyway */
    if (write(b->rung_fd, &(uint64_t){1}, sizeof(uint64_t)) < 0)
        return;
}

void bell_listen(struct bell *b, void (*heard)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&b->lock);
    b->heard = heard;
    b->ctx = ctx;
    pthread_mutex_unlock(&b->lock);
}

int64_t bell_now_ms(const struct bell *b) { return clock_steady_ms() + b->offset_ms; }
