#include "server/http/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

enum { TICK_MS = 250, HUNG_UP_TICKS = 4 /* the library has had its time to notice */ };

struct watched {
    struct watch *watch;
    struct watched *next, **link; /* link: what points to this one */
    int fd;
    enum watch_phase phase;
    int64_t since_ms; /* the phase began */
    size_t received_bytes;
    int hung_up_ticks; /* so often seen half a request, nothing to read, and no more to come */
    bool lingers;
};

struct watch {
    pthread_t thread;
    int64_t patience_ms;
    int wake_fd;
    pthread_mutex_t lock; /* guards all below, and the content of each `watched` */
    struct watched *first;
    struct {
        int fd;
        int64_t until_ms;
    } lingering[WATCH_LINGERING_MAX];
    int lingering_count;
    bool stopping;
};

static bool is_late(const struct watched *c, int64_t now_ms)
{
    int64_t allowed_ms = c->watch->patience_ms;
    if (c->phase == WATCH_BODY)
        allowed_ms += (int64_t)c->received_bytes * 1000 / WATCH_MIN_RATE;
    return c->phase != WATCH_ANSWER && now_ms - c->since_ms > allowed_ms;
}

/* The client has hung up in the middle of a request. The library misses that, now and then, when the hang-up
 * comes together with the last bytes; the connection would be held until it is late. */
static bool is_abandoned(struct watched *c)
{
    struct pollfd end = {.fd = c->fd, .events = POLLRDHUP};
    int unread = 0;
    bool ended = c->phase != WATCH_ANSWER && poll(&end, 1, 0) == 1 &&
                 (end.revents & (POLLRDHUP | POLLHUP | POLLERR)) &&
                 ioctl(c->fd, FIONREAD, &unread) == 0 && unread == 0;
    c->hung_up_ticks = ended ? c->hung_up_ticks + 1 : 0;
    return c->hung_up_ticks >= HUNG_UP_TICKS;
}

/* Throws away what came; true: nothing more will. */
static bool is_spent(int fd)
{
    /* TCP drops bytes without copying them when MSG_TRUNC is given; a bounded number of turns, so
     * that one fast sender does not keep the others waiting */
    for (int turn = 0; turn < 16; turn++) {
        ssize_t n = recv(fd, NULL, 1 << 20, MSG_TRUNC | MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return true;
        if (n < 0)
            return false;
    }
    return false;
}

static void tend_lingering(struct watch *w, int64_t now_ms)
{
    for (int i = w->lingering_count - 1; i >= 0; i--) {
        if (!is_spent(w->lingering[i].fd) && now_ms < w->lingering[i].until_ms && !w->stopping)
            continue;
        close(w->lingering[i].fd);
        w->lingering[i] = w->lingering[--w->lingering_count];
    }
}

static void *watch_run(void *arg)
{
    struct watch *w = arg;
    for (bool go_on = true; go_on;) {
        struct pollfd polled[1 + WATCH_LINGERING_MAX];
        pthread_mutex_lock(&w->lock);
        int count = w->lingering_count;
        for (int i = 0; i < count; i++)
            polled[1 + i] = (struct pollfd){.fd = w->lingering[i].fd, .events = POLLIN};
        pthread_mutex_unlock(&w->lock);

        polled[0] = (struct pollfd){.fd = w->wake_fd, .events = POLLIN};
        poll(polled, (nfds_t)count + 1, TICK_MS);
        uint64_t wakes;
        if (read(w->wake_fd, &wakes, sizeof(wakes)) < 0)
            wakes = 0; /* nobody rang; the tick did */

        int64_t now_ms = clock_steady_ms();
        pthread_mutex_lock(&w->lock);
        for (struct watched *c = w->first; c; c = c->next)
            if (is_late(c, now_ms) || is_abandoned(c))
                shutdown(c->fd, SHUT_RDWR); /* the library sees the end and closes it */
        tend_lingering(w, now_ms);
        go_on = !w->stopping;
        pthread_mutex_unlock(&w->lock);
    }
    return NULL;
}

static void wake(struct watch *w)
{
    /* the counter can only be full if the thread is awake anyway */
    if (write(w->wake_fd, &(uint64_t){1}, sizeof(uint64_t)) < 0)
        return;
}

enum orator_status watch_start(struct watch **out, int64_t patience_ms, struct orator_error *err)
{
    *out = NULL;
    struct watch *w = calloc(1, sizeof(*w));
    if (!w)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the listener");
    w->patience_ms = patience_ms;
    pthread_mutex_init(&w->lock, NULL);
    w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->wake_fd < 0 || pthread_create(&w->thread, NULL, watch_run, w) != 0) {
        if (w->wake_fd >= 0)
            close(w->wake_fd);
        pthread_mutex_destroy(&w->lock);
        free(w);
        return orator_fail(err, ORATOR_IO, "no thread or descriptor left for the listener");
    }
    *out = w;
    return ORATOR_OK;
}

void watch_stop(struct watch **watch)
{
    struct watch *w = *watch;
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_mutex_unlock(&w->lock);
    wake(w);
    pthread_join(w->thread, NULL);
    close(w->wake_fd);
    pthread_mutex_destroy(&w->lock);
    free(w);
    *watch = NULL;
}

struct watched *watch_add(struct watch *w, int fd)
{
    struct watched *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->watch = w;
    c->fd = fd;
    c->since_ms = clock_steady_ms();
    pthread_mutex_lock(&w->lock);
    c->next = w->first;
    c->link = &w->first;
    if (c->next)
        c->next->link = &c->next;
    w->first = c;
    pthread_mutex_unlock(&w->lock);
    return c;
}

void watch_set_phase(struct watched *c, enum watch_phase phase)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->watch->lock);
    c->phase = phase;
    c->since_ms = clock_steady_ms();
    c->received_bytes = 0;
    c->hung_up_ticks = 0;
    pthread_mutex_unlock(&c->watch->lock);
}

void watch_received(struct watched *c, size_t size)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->watch->lock);
    c->received_bytes += size;
    c->hung_up_ticks = 0;
    pthread_mutex_unlock(&c->watch->lock);
}

void watch_linger(struct watched *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->watch->lock);
    c->lingers = true;
    pthread_mutex_unlock(&c->watch->lock);
}

void watch_remove(struct watched *c)
{
    if (!c)
        return;
    struct watch *w = c->watch;
    pthread_mutex_lock(&w->lock);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    bool lingers = c->lingers && w->lingering_count < WATCH_LINGERING_MAX;
    /* a second descriptor keeps the socket open after the library has closed its own */
    int fd = lingers ? fcntl(c->fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (fd >= 0) {
        shutdown(fd, SHUT_WR);
        w->lingering[w->lingering_count].fd = fd;
        w->lingering[w->lingering_count].until_ms = clock_steady_ms() + WATCH_LINGER_MS;
        w->lingering_count++;
    }
    pthread_mutex_unlock(&w->lock);
    if (fd >= 0)
        wake(w);
    free(c);
}
