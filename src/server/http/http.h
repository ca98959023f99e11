/* http.h - requests in, answers out: HTTP/1.1 by libmicrohttpd, which is seen in this folder alone.
 *
 * What:    a listener with a fixed number of threads. When the head of a request is in, admit() says
 *          whether its body is worth reading; then the request is handed to handle() complete, its body
 *          in memory under a limit. The answer is bytes, or a file served with ranges.
 * Errors:  what is wrong below the handler (smuggling, heads and bodies over the limit, a bad Host) is
 *          answered here in the API's own error form. What does not look like HTTP at all is answered
 *          by the library in its own words, or cut.
 * Later:   a handler that has nothing to say yet asks to be called again after a time (http_answer.again_ms) or
 *          when somebody says so (http_hold), and a body may be made piece by piece while it is sent
 *          (http_stream). All cost no thread while they wait.
 * Threads: admit() and handle() are called from any of the listener's threads. Each thread serves many
 *          connections, which wait while it is in handle(): have more threads than cores.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"

struct http_request {
    const char *method, *path; /* path decoded once, without query; never holds NUL */
    const void *body;          /* NULL in admit() */
    size_t body_size;
    char id[32];          /* "req_..."; answered as x-request-id */
    char caller[32];      /* admit() may say here whose request it is, for handle() and the log */
    const char *log_path; /* static; admit() may set it where the path itself is a secret */
    void *admitted;       /* malloc'ed by admit() for handle(); freed with the request */
    struct http_exchange *exchange;
};
const char *http_header(const struct http_request *, const char *name); /* NULL: not sent */
const char *http_query(const struct http_request *, const char *name); /* decoded; NULL: not sent */
/* Since the head of the request was in. */
int64_t http_elapsed_ms(const struct http_request *);
/* The server is about to stop: answer now, whatever there is. */
bool http_is_stopping(const struct http_request *);

/* From handle(), which then returns OK: it is called again, without the body, once http_go_on() was called, from
 * any thread and perhaps before it has returned. http_stop() waits for that. */
void http_hold(const struct http_request *);
void http_go_on(const struct http_request *);

enum http_next {
    HTTP_STREAM_MORE,  /* a piece was given; ask for the next one at once */
    HTTP_STREAM_LATER, /* ask again after wait_ms; a piece may have been given too */
    HTTP_STREAM_END,   /* nothing was given and nothing will come */
};

/* A body of unknown length. Beyond a number of them at once the answer is QUEUE_FULL, so that listeners do
 * not shut out those who ask. */
struct http_stream {
    /* *piece is malloc'ed, taken over; NULL: nothing yet. Called by one thread at a time; the request is
     * the one that was handled, without its body. When the server stops, the stream is ended. */
    enum http_next (*next)(void *ctx, const struct http_request *, char **piece, size_t *size);
    void (*free)(void *ctx); /* once, when the connection is over */
    void *ctx;
    int64_t wait_ms;
    int64_t
        size_bytes; /* of the whole body, 0: not known; an END before it breaks the connection off */
};

/* The bytes that a GET asks for of a body of `size` bytes, by Range, If-Range and If-None-Match (RFC 9110 13 and 14):
 * 200 and all of them, 206 and some, 304 or 416 and none. */
struct http_part {
    int status;
    int64_t first, last;
};
struct http_part http_part_of(const struct http_request *, const char *etag, int64_t size);
const char *
http_media_type(const char *name); /* by extension, and only what cannot run in a browser */

enum { HTTP_ANSWER_HEADERS = 16 };

struct http_answer {
    int status; /* 0: 200 */
    const char
        *content_type; /* static text; NULL: JSON, or what the file's name says; a stream has one */
    char *body;        /* malloc'ed, taken over; NULL: empty */
    size_t body_size;
    char *file_path; /* malloc'ed, taken over: the body is this file, with Range and ETag */
    struct http_stream stream; /* next is not NULL: the body is this */
    /* > 0: no answer yet, call handle() again after this, without the body; `note` and headers stay. Not
     * when the server is stopping. */
    int64_t again_ms;
    /* Writes the body of an error, malloc'ed, in place of the usual envelope; NULL: the usual. */
    char *(*error_form)(const struct http_request *, enum orator_status,
                        const struct orator_error *);
    char note[64]; /* what handle() wants to remember until then; or this, */
    void *memory;  /* whose free is called when the request is over */
    void (*free_memory)(void *);
    const char *header_names[HTTP_ANSWER_HEADERS]; /* static text; NULL ends */
    char *header_values[HTTP_ANSWER_HEADERS];      /* malloc'ed, taken over */
};
/* `value` is copied; more than 16 are dropped with an assert. */
void http_answer_header(struct http_answer *, const char *name, const char *value);

/* "invalid_request_error" and its kind: the class that OpenAI's clients look at. */
const char *http_error_type(enum orator_status);
/* A code behind it is the address of what helps: doc_url. */
extern const char http_doc_path[];

struct http_setup {
    const char *address; /* "127.0.0.1" or "::1" */
    int port;            /* 0: any free one; http_port() tells */
    int threads;
    size_t body_limit_bytes;
    int timeout_s; /* 0: 30; for a whole head, for a body that stops, for a reader that stops */
    /* The head is in, the body is not. Anything but OK is the answer: a small body is read and
     * dropped, a large one is not waited for. May be NULL. Headers put into *answer are sent, here
     * and below, with an error too. */
    enum orator_status (*admit)(void *ctx, struct http_request *, struct http_answer *answer,
                                struct orator_error *err);
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
