#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "server/http/exchange.h"

enum {
    DEFAULT_TIMEOUT_S = 30,
    STOP_PATIENCE_MS = 30000,
    BACKLOG = 512,
    CONNECTION_BYTES = 48 << 10, /* the library wipes all of it before each request */
};

static void make_id(char out[32])
{
    /* 20 characters of 32 are 100 bits: no two requests ever share an id */
    static const char letters[] = "0123456789abcdefghijkmnpqrstuvwx";
    unsigned char random[20];
    random_secret(random, sizeof(random));
    struct text t = text_over(out, 32);
    text_add(&t, "req_");
    for (size_t i = 0; i < sizeof(random); i++)
        text_add_n(&t, &letters[random[i] & 31], 1);
}

/* What a stranger wrote, made fit for one field of a log line. */
static const char *loggable(char *out, size_t size, const char *text)
{
    size_t n = 0;
    for (; text[n] && n < size - 1; n++)
        out[n] = text[n] > ' ' && text[n] < 0x7F && text[n] != '=' ? text[n] : '?';
    out[n] = '\0';
    return out;
}

static struct http_exchange *exchange_begin(struct http_server *server,
                                            struct MHD_Connection *connection)
{
    struct http_exchange *x = calloc(1, sizeof(*x));
    if (!x)
        return NULL;
    x->server = server;
    x->connection = connection;
    x->started_ms = clock_steady_ms();
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    x->watched = info ? info->socket_context : NULL;
    x->request.exchange = x;
    make_id(x->request.id);
    watch_set_phase(x->watched, WATCH_BODY);
    atomic_fetch_add(&server->in_hand, 1);
    return x;
}

/* The head is in. A refused request with little or no body is read to its end, so that the connection
 * can be kept; with more, or with a client that waits for "100 Continue", the answer goes at once. */
static enum MHD_Result on_head(struct http_exchange *x, const char *url, const char *method,
                               const char *version)
{
    const struct http_setup *setup = &x->server->setup;
    enum orator_status s = exchange_read_head(x, url, method, version);
    bool broken = s != ORATOR_OK;
    if (!broken && setup->admit)
        s = setup->admit(setup->ctx, &x->request, &x->answer, &x->error);
    if (s == ORATOR_OK) {
        x->state = EXCHANGE_READING;
        return MHD_YES;
    }
    x->error.status = s;
    x->state = EXCHANGE_REFUSED;
    if (broken || x->chunked || x->expects_continue || x->content_length > HTTP_SMALL_BODY) {
        watch_linger(x->watched);
        return exchange_answer(x, s, true);
    }
    return MHD_YES;
}

static enum MHD_Result on_end(struct http_exchange *x)
{
    const struct http_setup *setup = &x->server->setup;
    if (x->state == EXCHANGE_REFUSED)
        return exchange_answer(x, x->error.status, false);
    watch_set_phase(x->watched, WATCH_ANSWER);
    x->request.body = x->body;
    x->request.body_size = x->body_size;
    x->answer.again_ms = 0;
    x->held = false;
    enum orator_status s = setup->handle(setup->ctx, &x->request, &x->answer, &x->error);
    if (x->held) { /* perhaps let go by now; this thread is told after it has returned */
        exchange_drop_body(x);
        return MHD_YES;
    }
    if (s == ORATOR_OK && x->answer.again_ms > 0 && !x->server->stopping) {
        exchange_drop_body(x);
        park_add(x->server->park, &x->parked, x->connection, x->answer.again_ms);
        return MHD_YES;
    }
    return exchange_answer(x, s, false);
}

void http_hold(const struct http_request *request)
{
    request->exchange->held = true;
    MHD_suspend_connection(request->exchange->connection);
}

void http_go_on(const struct http_request *request)
{
    MHD_resume_connection(request->exchange->connection);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **slot)
{
    struct http_exchange *x = *slot;
    if (!x) {
        x = exchange_begin(ctx, connection);
        if (!x)
            return MHD_NO;
        *slot = x;
        return on_head(x, url, method, version);
    }
    if (*data_size > 0) {
        bool go_on = exchange_read_body(x, data, *data_size);
        *data_size = 0;
        return go_on ? MHD_YES : MHD_NO;
    }
    return x->state == EXCHANGE_ANSWERED ? MHD_YES : on_end(x);
}

static void on_gone(void *ctx, struct MHD_Connection *connection, void **slot,
                    enum MHD_RequestTerminationCode how)
{
    (void)connection;
    struct http_server *server = ctx;
    struct http_exchange *x = *slot;
    if (!x)
        return;
    char method[24], path[256];
    log_info(
        server->setup.log, "http.request", "id=%s method=%s path=%s status=%d ms=%" PRId64 "%s%s%s",
        x->request.id, loggable(method, sizeof(method), x->request.method),
        loggable(path, sizeof(path), x->request.log_path ? x->request.log_path : x->request.path),
        x->status, clock_steady_ms() - x->started_ms, x->request.caller[0] ? " caller=" : "",
        x->request.caller, how == MHD_REQUEST_TERMINATED_COMPLETED_OK ? "" : " cut=yes");
    watch_set_phase(x->watched, WATCH_HEAD);
    exchange_free(&x);
    *slot = NULL;
    atomic_fetch_sub(&server->in_hand, 1);
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **slot,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = ctx;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *slot = info ? watch_add(server->watch, info->connect_fd) : NULL;
    } else {
        watch_remove(*slot);
        *slot = NULL;
    }
}

/* Escapes are decoded by us, after the library: its own decoder ends a path at "%00". */
static size_t leave_escapes(void *ctx, struct MHD_Connection *connection, char *text)
{
    (void)ctx, (void)connection;
    return strlen(text);
}

__attribute__((format(printf, 2, 0))) static void on_library_log(void *ctx, const char *fmt,
                                                                 va_list args)
{
    const struct http_server *server = ctx;
    char line[256];
    vsnprintf(line, sizeof(line), fmt, args);
    line[strcspn(line, "\n")] = '\0';
    log_debug(server->setup.log, "http.library", "text=%s", line);
}

static enum orator_status listen_on(struct http_server *server, int *out_fd,
                                    struct orator_error *err)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } where = {0};
    const char *address = server->setup.address;
    socklen_t size = sizeof(where.v4);
    if (inet_pton(AF_INET, address, &where.v4.sin_addr) == 1) {
        where.v4.sin_family = AF_INET;
        where.v4.sin_port = htons((uint16_t)server->setup.port);
    } else if (inet_pton(AF_INET6, address, &where.v6.sin6_addr) == 1) {
        where.v6.sin6_family = AF_INET6;
        where.v6.sin6_port = htons((uint16_t)server->setup.port);
        size = sizeof(where.v6);
    } else {
        return orator_fail(err, ORATOR_BAD_SETTING,
                           "\"%s\" is no address to listen on, need one such as 127.0.0.1 or ::1",
                           address);
    }
    int fd = socket(where.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        bind(fd, &where.any, size) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, &where.any, &size) < 0) {
        enum orator_status s = orator_fail(err, ORATOR_IO, "cannot listen on %s port %d: %s",
                                           address, server->setup.port, strerror(errno));
        if (fd >= 0)
            close(fd);
        return s;
    }
    server->port = ntohs(where.any.sa_family == AF_INET6 ? where.v6.sin6_port : where.v4.sin_port);
    *out_fd = fd;
    return ORATOR_OK;
}

enum orator_status http_start(struct http_server **out, const struct http_setup *setup,
                              struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    int fd = -1;
    *out = NULL;
    struct http_server *server = calloc(1, sizeof(*server));
    if (!server)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the listener");
    server->setup = *setup;
    if (!server->setup.timeout_s)
        server->setup.timeout_s = DEFAULT_TIMEOUT_S;
    int threads = setup->threads > 0 ? setup->threads : 1;

    TRY(listen_on(server, &fd, err));
    TRY(watch_start(&server->watch, (int64_t)server->setup.timeout_s * 1000, err));
    TRY(park_start(&server->park, err));
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, HTTP_CONNECTIONS_MAX, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, server->setup.timeout_s, NULL},
        /* head and body pass through this; beyond it the library answers 431 in its own words */
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, NULL},
        {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
    server->daemon =
        MHD_start_daemon(flags | (strchr(setup->address, ':') ? MHD_USE_IPv6 : 0), 0, NULL, NULL,
                         on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, server,
                         MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL,
                         MHD_OPTION_NOTIFY_COMPLETED, on_gone, server, MHD_OPTION_NOTIFY_CONNECTION,
                         on_connection, server, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (!server->daemon) {
        s = orator_fail(err, ORATOR_IO, "the listener's threads cannot be started");
        goto done;
    }
    fd = -1; /* the daemon has it */
    *out = server;
    server = NULL;
done:
    if (fd >= 0)
        close(fd);
    if (server) {
        park_stop(&server->park);
        watch_stop(&server->watch);
    }
    free(server);
    return s;
}

int http_port(const struct http_server *server) { return server->port; }

void http_stop(struct http_server **out)
{
    struct http_server *server = *out;
    if (!server)
        return;
    server->stopping = true;
    park_clear(server->park);
    int fd = MHD_quiesce_daemon(server->daemon);
    if (fd >= 0)
        close(fd);
    for (int64_t start_ms = clock_steady_ms();
         server->in_hand > 0 && clock_steady_ms() - start_ms < STOP_PATIENCE_MS;)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    MHD_stop_daemon(server->daemon);
    park_stop(&server->park);
    watch_stop(&server->watch);
    free(server);
    *out = NULL;
}
