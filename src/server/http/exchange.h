/* exchange.h - one request and its answer while they pass through this folder.
 *
 *   listener.c  the library's callbacks: head, body, end, gone
 *   request.c   what came: framing, Host, path, query, body
 *   answer.c    what goes: error envelope, standing headers, bytes
 *   file.c      what goes, from a file: ranges and validators
 *   stream.c    what goes, piece by piece
 *   park.c      who waits
 *   watch.c     who is late
 *
 * Threads: an exchange belongs to the listener's thread that serves its connection.
 */
#pragma once

#include <microhttpd.h>
#include <stdatomic.h>

#include "server/http/http.h"
#include "server/http/park.h"
#include "server/http/watch.h"

enum {
    HTTP_HEAD_LIMIT = 16 << 10, /* request line and headers: what nginx and Node allow, about */
    HTTP_QUERY_MAX = 16,        /* fields of a query that are kept */
    HTTP_SMALL_BODY =
        64 << 10, /* read and dropped if refused, so that the connection can be kept */
    HTTP_CONNECTIONS_MAX = 450, /* a socket and a file each: under the usual 1024 descriptors */
    HTTP_STREAMS_MAX = 350,     /* listeners leave room for those who ask */
    HTTP_BODIES_AT_ONCE = 4,    /* so many bodies of full size may be in memory together */
};

struct http_server {
    struct http_setup setup;
    int port;
    struct MHD_Daemon *daemon;
    struct watch *watch;
    struct park *park;
    atomic_int in_hand;       /* exchanges begun and not yet gone */
    atomic_int streams;       /* of those, answers that come piece by piece */
    atomic_size_t body_bytes; /* of all bodies now in memory */
    atomic_bool stopping;     /* each answer closes its connection */
};

enum exchange_state {
    EXCHANGE_READING,  /* admitted; the body is coming */
    EXCHANGE_REFUSED,  /* `error` will be the answer; what is left of the body is dropped */
    EXCHANGE_ANSWERED, /* the library has the answer */
};

struct http_exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct watched *watched;
    struct http_request request;
    struct http_answer answer;
    struct orator_error error;
    enum exchange_state state;
    int status;         /* of the answer, for the log */
    int error_status;   /* 0: as the error's word says */
    int64_t started_ms; /* steady clock */

    char *path; /* owned; request.path */
    size_t path_size;
    char *query_names[HTTP_QUERY_MAX], *query_values[HTTP_QUERY_MAX]; /* owned, decoded */
    int query_count;

    unsigned char *body; /* owned; request.body */
    size_t body_size, body_room, dropped_bytes;
    struct parked parked;
    char *piece; /* owned; of the stream, partly sent */
    size_t piece_size, piece_sent;
    bool held;              /* by http_hold() */
    bool waits;             /* the stream has said LATER */
    bool streams;           /* counted in server->streams */
    int64_t content_length; /* -1: not said */
    bool chunked, expects_continue;
};

/* --- request.c --- */
/* Checks the head and fills `request`; the status is what to refuse it with. */
enum orator_status exchange_read_head(struct http_exchange *, const char *url, const char *method,
                                      const char *version);
/* False: cut the connection, this body will not end. */
bool exchange_read_body(struct http_exchange *, const char *data, size_t size);
void exchange_drop_body(struct http_exchange *);
void exchange_free(struct http_exchange **);

/* --- answer.c --- */
/* Hands request.answer, or the error if `s` is not OK, to the library. `closing`: with
 * "Connection: close", for what is left of the request will not be read. */
enum MHD_Result exchange_answer(struct http_exchange *, enum orator_status s, bool closing);
void answer_fini(struct http_answer *);
bool answer_has_header(const struct http_answer *, const char *name);

/* --- file.c --- */
/* The response for answer.file_path, with the status to send it with; on failure NULL, and *s says
 * why. */
struct MHD_Response *file_response(struct http_exchange *, int *http_status, enum orator_status *s);

/* --- stream.c --- */
bool stream_admit(
    struct http_exchange *); /* counts it; false: there are HTTP_STREAMS_MAX already */
struct MHD_Response *
stream_response(struct http_exchange *); /* for answer.stream; NULL: no memory */
