#include <stdio.h>
#include <string.h>

#include "server/api/deliver.h"
#include "server/api/link.h"
#include "server/api/preview.h"

/* Portraits and voices lie in the same store; they are not served. */
static bool is_served(const char *name)
{
    static const char *const tails[] = {".mp4", "." BLOB_THUMBNAIL, "." BLOB_CAPTIONS};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
        if (n > strlen(tails[i]) && strcmp(name + n - strlen(tails[i]), tails[i]) == 0)
            return blob_name_ok(name);
    return false;
}

/* What was made, for whoever has a signed address: a link in a web page or a player cannot send a key. */
enum orator_status media_get(struct call *call, struct orator_error *err)
{
    char path[4096], text[96];
    int64_t left_s;
    const char *download = http_query(call->request, "download");
    if (!is_served(call->name))
        return orator_fail(err, ORATOR_NOT_FOUND, "no video has this name");
    enum orator_status s = link_check(call->api, call->name, http_query(call->request, "exp"),
                                      http_query(call->request, "sig"), &left_s, err);
    if (s != ORATOR_OK)
        return s;
    struct http_answer *a = call->answer;
    http_answer_header(a, "Access-Control-Allow-Origin", "*");
    http_answer_header(a, "Access-Control-Expose-Headers",
                       "Accept-Ranges, Content-Length, Content-Range, ETag, x-request-id");
    http_answer_header(a, "Cross-Origin-Resource-Policy", "cross-origin");
    if (preview_is(call->name)) {
        s = blob_path(call->api->blobs, call->name, path, sizeof(path), err);
        return s == ORATOR_OK ? preview_answer(call, path, err) : s;
    }
    snprintf(text, sizeof(text), "%s; filename=\"%s\"",
             download && strcmp(download, "0") != 0 ? "attachment" : "inline", call->name);
    s = deliver(call, call->name, text, err);
    if (s != ORATOR_OK)
        return s;
    /* the bytes behind a name never change; the address of a redirect does */
    snprintf(text, sizeof(text), "private, max-age=%lld, immutable", (long long)left_s);
    http_answer_header(a, "Cache-Control", a->status == 302 ? "no-store" : text);
    return ORATOR_OK;
}
