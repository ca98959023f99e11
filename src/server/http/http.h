/* http.h - requests in, answers out: HTTP/1.1 by libmicrohttpd, which is seen in this folder alone.
 *
 * What:    a listener with a fixed number of threads. A request is handed to the handler complete, its
 *          body in memory under a limit; the answer is bytes, or a file served with ranges.
 * Errors:  what is wrong below the handler (smuggling, bodies over the limit, bad framing) is answered
 *          here in the API's own error form.
 * Threads: the handler is called from any of the listener's threads.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"

struct http_request {
    const char *method, *path; /* path decoded once, without query; never holds NUL */
    const void *body;
    size_t body_size;
    char id[32]; /* "req_..."; answered as x-request-id */
    struct http_exchange *exchange;
};
const char *http_header(const struct http_request *, const char *name); /* NULL: not sent */
const char *http_query(const struct http_request *, const char *name); /* decoded; NULL: not sent */

struct http_answer {
    int status;
    const char *content_type; /* static text */
    char *body;               /* malloc'ed, taken over; NULL: empty */
    size_t body_size;
    char *file_path; /* malloc'ed, taken over: the body is this file, with Range and ETag */
    const char *header_names[8]; /* static text; NULL ends */
    char *header_values[8];      /* malloc'ed, taken over */
};
/* `value` is copied; more than 8 are dropped with an assert. */
void http_answer_header(struct http_answer *, const char *name, const char *value);

struct http_setup {
    const char *address; /* "127.0.0.1" */
    int port;            /* 0: any free one; http_port() tells */
    int threads;
    size_t body_limit_bytes;
    /* Fills *answer; what it returns other than OK is answered as the API's error envelope. */
    enum orator_status (*handle)(void *ctx, const struct http_request *, struct http_answer *answer,
                                 struct orator_error *err);
    void *ctx;
    const struct log *log;
};

struct http_server;
ORATOR_MUST_CHECK enum orator_status http_start(struct http_server **out, const struct http_setup *,
                                                struct orator_error *err);
int http_port(const struct http_server *);
void http_stop(struct http_server **); /* no new connections; answers in hand are sent first */
