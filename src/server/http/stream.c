#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "server/http/exchange.h"

enum { BLOCK_BYTES = 16 << 10 }; /* what the library asks for at once */

int64_t http_elapsed_ms(const struct http_request *request)
{
    return clock_steady_ms() - request->exchange->started_ms;
}

bool http_is_stopping(const struct http_request *request)
{
    return request->exchange->server->stopping;
}

static size_t send_some(struct http_exchange *x, char *out, size_t room)
{
    size_t n = x->piece_size - x->piece_sent;
    if (n > room)
        n = room;
    memcpy(out, x->piece + x->piece_sent, n);
    x->piece_sent += n;
    if (x->piece_sent == x->piece_size) {
        free(x->piece);
        x->piece = NULL;
        x->piece_size = x->piece_sent = 0;
    }
    return n;
}

/* The library wants more of the body: what is left of the last piece, the next one, or nothing now. */
static ssize_t on_room(void *ctx, uint64_t at, char *out, size_t room)
{
    struct http_exchange *x = ctx;
    struct http_stream *stream = &x->answer.stream;
    (void)at;
    if (x->piece)
        return (ssize_t)send_some(x, out, room);
    if (x->waits && !x->server->stopping) {
        x->waits = false;
        park_add(x->server->park, &x->parked, x->connection, stream->wait_ms);
        return 0;
    }
    for (;;) {
        if (x->server->stopping)
            return MHD_CONTENT_READER_END_OF_STREAM;
        enum http_next next = stream->next(stream->ctx, &x->request, &x->piece, &x->piece_size);
        if (next == HTTP_STREAM_END)
            return MHD_CONTENT_READER_END_OF_STREAM;
        x->waits = next == HTTP_STREAM_LATER;
        if (x->piece && x->piece_size > 0)
            return (ssize_t)send_some(x, out, room);
        free(x->piece);
        x->piece = NULL;
        if (x->waits) {
            x->waits = false;
            park_add(x->server->park, &x->parked, x->connection, stream->wait_ms);
            return 0;
        }
    }
}

bool stream_admit(struct http_exchange *x)
{
    x->streams = atomic_fetch_add(&x->server->streams, 1) < HTTP_STREAMS_MAX;
    if (!x->streams)
        atomic_fetch_sub(&x->server->streams, 1);
    return x->streams;
}

struct MHD_Response *stream_response(struct http_exchange *x)
{
    int64_t size = x->answer.stream.size_bytes;
    return MHD_create_response_from_callback(size > 0 ? (uint64_t)size : MHD_SIZE_UNKNOWN,
                                             BLOCK_BYTES, on_room, x, NULL);
}
