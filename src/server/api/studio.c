/* GET / and GET /studio/{name}: the web page. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/call.h"
#include "studio/studio.h"

/* Nothing but our own files, and nothing written into the page runs. blob: is what its user drops or records;
 * with Trusted Types no text can become markup. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "media-src 'self' blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

static bool lists(const char *header, const char *word) { return header && strstr(header, word); }

static enum orator_status answer_file(struct call *call, const char *name, struct orator_error *err)
{
    const struct http_request *request = call->request;
    struct http_answer *a = call->answer;
    const struct studio_file *f = studio_find(name);
    if (!f)
        return orator_fail(err, ORATOR_NOT_FOUND, "the studio has no file %.60s", name);
    bool packed = lists(http_header(request, "Accept-Encoding"), "gzip");
    char etag[48];
    size_t n = strlen(f->etag) - 1; /* without the closing quote */
    snprintf(etag, sizeof(etag), "%.*s%s\"", (int)n, f->etag, packed ? "-gz" : "");
    http_answer_header(a, "ETag", etag);
    http_answer_header(a, "Vary", "Accept-Encoding");
    http_answer_header(a, "Cache-Control", "no-cache"); /* kept, and asked for again: 304 */
    http_answer_header(a, "Content-Security-Policy", policy);
    http_answer_header(a, "Cross-Origin-Opener-Policy", "same-origin");
    http_answer_header(a, "Cross-Origin-Resource-Policy", "same-origin");
    http_answer_header(a, "Permissions-Policy", "microphone=(self), camera=(), geolocation=()");
    if (lists(http_header(request, "If-None-Match"), etag)) {
        a->status = 304;
        return ORATOR_OK;
    }
    a->body_size = packed ? f->gzip_size : f->size;
    a->body = malloc(a->body_size);
    if (!a->body)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the page");
    memcpy(a->body, packed ? f->gzip : f->bytes, a->body_size);
    a->content_type = f->type;
    if (packed)
        http_answer_header(a, "Content-Encoding", "gzip");
    return ORATOR_OK;
}

enum orator_status studio_page(struct call *call, struct orator_error *err)
{
    return answer_file(call, "index.html", err);
}

enum orator_status studio_part(struct call *call, struct orator_error *err)
{
    return answer_file(call, call->name, err);
}
