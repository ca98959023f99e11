#include "server/api/deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 512 << 10, OPEN_S = 3600 };

/* Who reads an object through us. */
struct reader {
    struct blobs *blobs;
    char name[BLOB_NAME_SIZE];
    int64_t at, last; /* bytes still to come */
};

static enum http_next read_on(void *ctx, const struct http_request *request, char **piece,
                              size_t *size)
{
    struct reader *r = ctx;
    struct bytes bytes;
    int64_t last = r->at + PIECE_BYTES - 1;
    (void)request;
    if (r->at > r->last)
        return HTTP_STREAM_END;
    if (last > r->last)
        last = r->last;
    if (blob_part(r->blobs, r->name, r->at, last, &bytes, NULL) != ORATOR_OK)
        return HTTP_STREAM_END; /* before its end: the reader sees the connection break off */
    *piece = (char *)bytes.data;
    *size = bytes.size;
    r->at = last + 1;
    return HTTP_STREAM_MORE;
}

static enum orator_status pass_through(struct call *call, const char *name,
                                       struct orator_error *err)
{
    char text[96];
    struct s3_facts facts;
    struct http_answer *a = call->answer;
    enum orator_status s = blob_facts(call->api->blobs, name, &facts, err);
    if (s != ORATOR_OK)
        return s;
    struct http_part part = http_part_of(call->request, facts.etag, facts.size_bytes);
    a->status = part.status;
    if (facts.etag[0])
        http_answer_header(a, "ETag", facts.etag);
    if (part.status == 206 || part.status == 416) {
        snprintf(text, sizeof(text), "bytes %lld-%lld/%lld", (long long)part.first,
                 (long long)part.last, (long long)facts.size_bytes);
        if (part.status == 416)
            snprintf(text, sizeof(text), "bytes */%lld", (long long)facts.size_bytes);
        http_answer_header(a, "Content-Range", text);
    }
    if (part.status == 304 || part.status == 416 || facts.size_bytes == 0)
        return ORATOR_OK;
    struct reader *r = calloc(1, sizeof(*r));
    if (!r)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
    *r = (struct reader){.blobs = call->api->blobs, .at = part.first, .last = part.last};
    snprintf(r->name, sizeof(r->name), "%s", name);
    http_answer_header(a, "Accept-Ranges", "bytes");
    a->content_type = http_media_type(name);
    a->stream = (struct http_stream){
        .next = read_on, .free = free, .ctx = r, .size_bytes = part.last - part.first + 1};
    return ORATOR_OK;
}

enum orator_status deliver(struct call *call, const char *name, const char *disposition,
                           struct orator_error *err)
{
    enum orator_status s;
    char path[4096], url[S3_URL_SIZE];
    struct blobs *blobs = call->api->blobs;
    struct http_answer *a = call->answer;
    TRY(blob_path(blobs, name, path, sizeof(path), err));
    if (blob_is_away(blobs, name) && call->api->redirect_media) {
        TRY(blob_address(blobs, name, OPEN_S, disposition, url, err));
        a->status = 302;
        http_answer_header(a, "Location", url);
        return ORATOR_OK;
    }
    if (disposition)
        http_answer_header(a, "Content-Disposition", disposition);
    if (blob_is_away(blobs, name))
        return pass_through(call, name, err);
    a->file_path = strdup(path);
    if (!a->file_path)
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
done:
    return s;
}
