#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum { LOOK_MS = 50, GRACE_MS = 2000, PIECE_BYTES = 65536 };
enum { IN, OUT, COMPLAINTS, PIPES };

struct child {
    pid_t pid;
    int fd[PIPES]; /* our ends; -1: closed */
    size_t written;
    bool ended;
    int status; /* of waitpid() */
};

static enum orator_status fail_start(struct orator_error *err, const char *program, int why)
{
    return orator_fail(err, ORATOR_NOT_FOUND, "%s cannot be started: %s", program,
                       strerrordesc_np(why));
}

/* Our environment without ORATOR_..., with `more`; free() releases the list. */
static char **environment(const char *const *more)
{
    size_t n = 0, m = 0;
    while (environ[n])
        n++;
    while (more && more[m])
        m++;
    char **list = calloc(n + m + 1, sizeof(*list)), **to = list;
    for (size_t i = 0; list && i < n; i++)
        if (!text_starts(environ[i], "ORATOR_"))
            *to++ = environ[i];
    for (size_t i = 0; list && i < m; i++)
        *to++ = (char *)(uintptr_t)more[i]; /* posix_spawn() has no const */
    return list;
}

static int spawn(struct child *c, const struct child_order *order, const int theirs[PIPES])
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGINT);
    sigaddset(&usual, SIGTERM);
    char **env = environment(order->env);
    if (!env)
        return ENOMEM;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    for (int i = 0; i < PIPES; i++)
        posix_spawn_file_actions_adddup2(&files, theirs[i], i);
    posix_spawn_file_actions_addclosefrom_np(&files, PIPES);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &usual);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                       POSIX_SPAWN_SETSIGDEF);
    int why = posix_spawnp(&c->pid, order->argv[0], &files, &how,
                           (char *const *)(uintptr_t)order->argv, env);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    free(env);
    return why;
}

static enum orator_status start(struct child *c, const struct child_order *order,
                                struct orator_error *err)
{
    int pair[PIPES][2], theirs[PIPES];
    for (int i = 0; i < PIPES; i++) {
        if (pipe2(pair[i], O_CLOEXEC) != 0) {
            int why = errno;
            while (i-- > 0) {
                close(theirs[i]);
                close(c->fd[i]);
                c->fd[i] = -1;
            }
            return fail_start(err, order->argv[0], why);
        }
        theirs[i] = pair[i][i != IN];
        c->fd[i] = pair[i][i == IN];
        fcntl(c->fd[i], F_SETFL, O_NONBLOCK);
    }
    int why = spawn(c, order, theirs);
    for (int i = 0; i < PIPES; i++)
        close(theirs[i]);
    return why ? fail_start(err, order->argv[0], why) : ORATOR_OK;
}

static void shut(struct child *c, int which)
{
    if (c->fd[which] >= 0)
        close(c->fd[which]);
    c->fd[which] = -1;
}

/* A program that does not read is no failure, and SIGPIPE is not for our process. */
static void give(struct child *c, const struct child_order *order)
{
    sigset_t pipe_gone, before;
    sigemptyset(&pipe_gone);
    sigaddset(&pipe_gone, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_gone, &before);
    ssize_t n =
        write(c->fd[IN], (const char *)order->input + c->written, order->input_size - c->written);
    if (n < 0 && errno == EPIPE)
        sigtimedwait(&pipe_gone, NULL, &(struct timespec){0});
    else if (n < 0)
        n = 0; /* not now */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    c->written = n < 0 ? order->input_size : c->written + (size_t)n;
}

static void keep_complaint(struct child_end *end, const char *data, size_t size)
{
    size_t held = strlen(end->complaint), room = sizeof(end->complaint) - 1;
    if (size > room) {
        data += size - room;
        size = room;
    }
    size_t dropped = held + size > room ? held + size - room : 0;
    memmove(end->complaint, end->complaint + dropped, held - dropped);
    memcpy(end->complaint + held - dropped, data, size);
    end->complaint[held - dropped + size] = '\0';
}

/* What has come on one of the two; closes it at its end. */
static enum orator_status take(struct child *c, int which, const struct child_order *order,
                               struct child_end *end, char *piece, struct orator_error *err)
{
    ssize_t n = read(c->fd[which], piece, PIECE_BYTES);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return ORATOR_OK;
    if (n <= 0) {
        shut(c, which);
        return ORATOR_OK;
    }
    if (which == COMPLAINTS) {
        for (ssize_t i = 0; i < n; i++)
            if (piece[i] == '\0')
                piece[i] = ' ';
        keep_complaint(end, piece, (size_t)n);
        return ORATOR_OK;
    }
    return order->out ? order->out(order->ctx, piece, (size_t)n, err) : ORATOR_OK;
}

static enum orator_status should_go_on(const struct child_order *order, int64_t end_ms,
                                       struct orator_error *err)
{
    if (order->stop && *order->stop != 0)
        return orator_fail(err, ORATOR_CANCELED, "it was stopped");
    if (clock_steady_ms() >= end_ms)
        return orator_fail(err, ORATOR_STAGE_TIMEOUT, "it took longer than %g seconds",
                           (double)order->limit_ms / 1000);
    return ORATOR_OK;
}

static void look_whether_it_ended(struct child *c)
{
    if (!c->ended && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
        c->ended = true;
}

/* Feeds and reads it until it has ended and said all. */
static enum orator_status watch(struct child *c, const struct child_order *order,
                                struct child_end *end, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    int64_t end_ms = clock_steady_ms() + order->limit_ms;
    char *piece = malloc(PIECE_BYTES);
    if (!piece)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory to hear a program");
    while (s == ORATOR_OK) {
        if (c->fd[IN] >= 0 && c->written == order->input_size)
            shut(c, IN);
        bool quiet = c->fd[OUT] < 0 && c->fd[COMPLAINTS] < 0;
        look_whether_it_ended(c);
        if (c->ended && quiet)
            break;
        struct pollfd p[PIPES];
        for (int i = 0; i < PIPES; i++)
            p[i] = (struct pollfd){c->fd[i], i == IN ? POLLOUT : POLLIN, 0};
        /* what others in its group hold open is not waited for once it has ended */
        int came = poll(p, PIPES, c->ended ? 0 : quiet ? 2 : LOOK_MS);
        if (c->ended && came <= 0)
            break;
        if (p[IN].revents)
            give(c, order);
        for (int i = OUT; i <= COMPLAINTS && s == ORATOR_OK; i++)
            if (p[i].revents)
                s = take(c, i, order, end, piece, err);
        if (s == ORATOR_OK)
            s = should_go_on(order, end_ms, err);
    }
    free(piece);
    return s;
}

static void end_it(struct child *c)
{
    int64_t end_ms = clock_steady_ms() + GRACE_MS;
    if (!c->ended)
        kill(-c->pid, SIGTERM);
    while (!c->ended && clock_steady_ms() < end_ms) {
        nanosleep(&(struct timespec){0, 5000000}, NULL);
        look_whether_it_ended(c);
    }
    kill(-c->pid, SIGKILL); /* it, or what it has left behind */
    if (!c->ended)
        waitpid(c->pid, &c->status, 0);
}

enum orator_status child_run(const struct child_order *order, struct child_end *end,
                             struct orator_error *err)
{
    struct child c = {.fd = {-1, -1, -1}};
    *end = (struct child_end){.exit_code = -1};
    enum orator_status s = start(&c, order, err);
    if (s == ORATOR_OK) {
        s = watch(&c, order, end, err);
        end_it(&c);
        if (WIFEXITED(c.status))
            end->exit_code = WEXITSTATUS(c.status);
        else
            end->signal = WTERMSIG(c.status);
    }
    for (int i = 0; i < PIPES; i++)
        shut(&c, i);
    return s;
}
