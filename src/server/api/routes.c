#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "server/api/door.h"
#include "server/api/json_text.h"
#include "server/api/metrics.h"
#include "server/api/repeat.h"
#include "server/http/multipart.h"

enum route_flags {
    ROUTE_SECRET = 1,     /* the path is a permission: the log shows the pattern instead */
    ROUTE_SHARED = 2,     /* pages of other origins may read the answer */
    ROUTE_FORM = 4,       /* takes multipart/form-data too */
    ROUTE_BYTES = 8,      /* takes any type of body */
    ROUTE_KLING = 16,     /* errors are in Kling's words */
    ROUTE_FAL = 32,       /* in fal's */
    ROUTE_REPLICATE = 64, /* in Replicate's */
    ROUTE_ONCE = 128,     /* knows the Idempotency-Key; its handler keeps the answer */
    ROUTE_LOCAL = 256,    /* needs no key where only this machine can ask */
};

struct route {
    const char *method, *pattern;
    call_handler *handle;
    unsigned scope; /* what a key needs for it: enum key_scope; OPEN: no key is asked for */
    unsigned flags;
};

#define OPEN    0
#define READ    SCOPE_READ
#define WRITE   SCOPE_WRITE
#define BILLING SCOPE_BILLING
#define ADMIN   SCOPE_ADMIN

// clang-format off
static const struct route routes[] = {
    {"POST",   "/v1/video/generations",              generations_submit,  WRITE, ROUTE_FORM | ROUTE_ONCE},
    {"POST",   "/v1/video/generations/estimate",     generations_estimate, WRITE, ROUTE_FORM},
    {"GET",    "/v1/video/generations",              generations_list,    READ,  0},
    {"GET",    "/v1/video/generations/{id}",         generations_get,     READ,  0},
    {"DELETE", "/v1/video/generations/{id}",         generations_delete,  WRITE, 0},
    {"POST",   "/v1/video/generations/{id}/cancel",  generations_cancel,  WRITE, 0},
    {"GET",    "/v1/video/generations/{id}/content", generations_content, READ,  0},
    {"GET",    "/v1/video/generations/{id}/events",  generations_events,  READ,  0},
    {"POST",   "/v1/videos",              videos_create,  WRITE, ROUTE_FORM | ROUTE_ONCE},
    {"GET",    "/v1/videos",              videos_list,    READ,  0},
    {"GET",    "/v1/videos/{id}",         videos_get,     READ,  0},
    {"GET",    "/v1/videos/{id}/content", videos_content, READ,  0},
    {"DELETE", "/v1/videos/{id}",         videos_delete,  WRITE, 0},
    {"POST",   "/v1/videos/avatar/image2video",      kling_create,      WRITE, ROUTE_KLING | ROUTE_ONCE},
    {"GET",    "/v1/videos/avatar/image2video",      kling_list,        READ,  ROUTE_KLING},
    {"GET",    "/v1/videos/avatar/image2video/{id}", kling_get,         READ,  ROUTE_KLING},
    {"GET",    "/v1/kling/credentials",              kling_credentials, WRITE, 0},
    {"POST",   "/fal/proxy",                         fal_submit,        WRITE, ROUTE_FAL | ROUTE_ONCE},
    {"GET",    "/fal/proxy",                         fal_get,           READ,  ROUTE_FAL},
    {"PUT",    "/fal/proxy",                         fal_cancel,        WRITE, ROUTE_FAL},
    {"POST",   "/v1/predictions",                    predictions_create, WRITE, ROUTE_REPLICATE | ROUTE_ONCE},
    {"GET",    "/v1/predictions",                    predictions_list,   READ,  ROUTE_REPLICATE},
    {"GET",    "/v1/predictions/{id}",               predictions_get,    READ,  ROUTE_REPLICATE},
    {"POST",   "/v1/predictions/{id}/cancel",        predictions_cancel, WRITE, ROUTE_REPLICATE},
    {"POST",   "/v1/models/{owner}/{name}/predictions", predictions_create, WRITE, ROUTE_REPLICATE | ROUTE_ONCE},
    {"GET",  "/v1/models",                 models_list,        READ,  0},
    {"GET",  "/v1/models/{name}",          models_get,         READ,  0},
    {"POST",   "/v1/audio/speech",       speech_create, WRITE, 0},
    {"POST",   "/v1/files",              files_create,  WRITE, ROUTE_FORM | ROUTE_BYTES | ROUTE_ONCE},
    {"GET",    "/v1/files",              files_list,    READ,  0},
    {"GET",    "/v1/files/{id}",         files_show,    READ,  0},
    {"GET",    "/v1/files/{id}/content", files_content, READ,  0},
    {"DELETE", "/v1/files/{id}",         files_remove,  WRITE, 0},
    {"POST",   "/v1/webhook_endpoints",             endpoints_create,  WRITE, ROUTE_ONCE},
    {"GET",    "/v1/webhook_endpoints",             endpoints_list,    READ,  0},
    {"GET",    "/v1/webhook_endpoints/{id}",        endpoints_get_one, READ,  0},
    {"DELETE", "/v1/webhook_endpoints/{id}",        endpoints_remove,  WRITE, 0},
    {"POST",   "/v1/webhook_endpoints/{id}/rotate", endpoints_rotate,  WRITE, 0},
    {"POST",   "/v1/webhook_endpoints/{id}/test",   endpoints_test,    WRITE, 0},
    {"GET",    "/v1/webhook_deliveries",             deliveries_list,    READ,  0},
    {"GET",    "/v1/webhook_deliveries/{id}",        deliveries_get_one, READ,  0},
    {"POST",   "/v1/webhook_deliveries/{id}/replay", deliveries_replay,  WRITE, 0},
    {"GET",    "/v1/webhooks/default/secret",        webhook_secret_get, WRITE, 0},
    {"GET",    "/v1/balance",          balance_get,     BILLING, 0},
    {"GET",    "/v1/usage",            usage_get,       BILLING, 0},
    {"GET",    "/v1/ledger",           ledger_list,     BILLING, 0},
    {"POST",   "/v1/keys",             keys_create,     ADMIN, 0},
    {"GET",    "/v1/keys",             keys_list,       ADMIN, 0},
    {"GET",    "/v1/keys/{id}",        keys_get_one,    ADMIN, 0},
    {"POST",   "/v1/keys/{id}",        keys_change,     ADMIN, 0},
    {"DELETE", "/v1/keys/{id}",        keys_revoke,     ADMIN, 0},
    {"POST",   "/v1/keys/{id}/rotate", keys_rotate,     ADMIN, 0},
    {"POST",   "/v1/accounts",             accounts_create,  ADMIN, ROUTE_ONCE},
    {"GET",    "/v1/accounts",             accounts_list,    ADMIN, 0},
    {"GET",    "/v1/accounts/{id}",        accounts_get_one, ADMIN, 0},
    {"POST",   "/v1/accounts/{id}",        accounts_change,  ADMIN, 0},
    {"POST",   "/v1/accounts/{id}/credit", accounts_credit,  ADMIN, ROUTE_ONCE},
    {"POST",   "/v1/accounts/{id}/debit",  accounts_debit,   ADMIN, ROUTE_ONCE},
    {"GET",  "/v1/errors",                 errors_list,        OPEN,  0},
    {"GET",  "/v1/limits",                 limits_get,         OPEN,  0},
    {"GET",  "/media/{name}",              media_get,          OPEN,  ROUTE_SECRET | ROUTE_SHARED},
    {"GET",  "/",                          studio_page,        OPEN,  0},
    {"GET",  "/studio/{name}",             studio_part,        OPEN,  0},
    {"GET",  "/docs/errors",               errors_page,        OPEN,  0},
    {"GET",  "/openapi.json",              openapi_get,        OPEN,  ROUTE_SHARED},
    {"GET",  "/llms.txt",                  llms_get,           OPEN,  ROUTE_SHARED},
    {"GET",  "/metrics",                   metrics_get,        ADMIN, ROUTE_LOCAL},
    {"GET",  "/healthz",                   health_get,         OPEN,  0},
    {"GET",  "/readyz",                    ready_get,          OPEN,  0},
};
// clang-format on
enum { ROUTE_COUNT = sizeof(routes) / sizeof(routes[0]) };
_Static_assert((int)ROUTE_COUNT <= (int)METRICS_ROUTES_MAX, "each is counted");

/* What the {...} of a pattern stand for: parts of the path, borrowed. */
struct parts {
    const char *start[2];
    size_t size[2];
};

/* "{...}" stands for one part of the path, between slashes, not empty. */
static bool fits(const char *pattern, const char *path, struct parts *out)
{
    int count = 0;
    while (*pattern) {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        size_t n = strcspn(path, "/");
        if (n == 0 || n >= CALL_NAME_SIZE)
            return false;
        assert(count < 2);
        out->start[count] = path;
        out->size[count++] = n;
        path += n;
        pattern = strchr(pattern, '}') + 1;
    }
    return *path == '\0';
}

static bool takes(const struct route *r, const char *method)
{
    return strcmp(r->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(r->method, "GET") == 0);
}

/* The row for this path and method; NULL: there is none. */
static const struct route *find(const char *method, const char *path, struct parts *parts)
{
    for (int i = 0; i < ROUTE_COUNT; i++) {
        *parts = (struct parts){0};
        if (fits(routes[i].pattern, path, parts) && takes(&routes[i], method))
            return &routes[i];
    }
    return NULL;
}

/* The methods that a path takes, "" if it leads nowhere; *first is its first row. */
static void list_methods(const char *path, const struct route **first, struct text *allow)
{
    struct parts parts;
    *first = NULL;
    for (int i = 0; i < ROUTE_COUNT; i++) {
        if (!fits(routes[i].pattern, path, &parts))
            continue;
        *first = *first ? *first : &routes[i];
        text_addf(allow, "%s, ",
                  strcmp(routes[i].method, "GET") == 0 ? "GET, HEAD" : routes[i].method);
    }
    if (allow->length)
        text_add(allow, "OPTIONS");
}

/* "application/json" and "application/...+json", with or without parameters. Nothing said is fine. */
static enum orator_status check_type(const struct http_request *request, unsigned flags,
                                     struct orator_error *err)
{
    const char *type = http_header(request, "Content-Type");
    if (!type || flags & ROUTE_BYTES || (flags & ROUTE_FORM && multipart_is(type)))
        return ORATOR_OK;
    size_t n = strcspn(type, "; \t");
    if ((n == 16 && strncasecmp(type, "application/json", n) == 0) ||
        (n > 17 && strncasecmp(type, "application/", 12) == 0 &&
         strncasecmp(type + n - 5, "+json", 5) == 0))
        return ORATOR_OK;
    return orator_fail_param(err, ORATOR_UNSUPPORTED_MEDIA_TYPE, "Content-Type",
                             "the body is %.*s, send application/json%s", (int)(n < 60 ? n : 60),
                             type, flags & ROUTE_FORM ? " or multipart/form-data" : "");
}

/* Not through a proxy on this machine, which would speak for anybody. */
static bool is_local(const struct api_setup *api, const struct http_request *request)
{
    return api->local && !http_header(request, "X-Forwarded-For") &&
           !http_header(request, "Forwarded");
}

/* Nothing is there for this method: is there for another? */
static enum orator_status refuse_or_tell(struct http_request *request, struct http_answer *answer,
                                         struct orator_error *err)
{
    char methods[120];
    const struct route *first;
    struct text allow = text_over(methods, sizeof(methods));
    list_methods(request->path, &first, &allow);
    if (!first)
        return orator_fail(err, ORATOR_NOT_FOUND, "nothing lives at %.100s", request->path);
    if (first->flags & ROUTE_SECRET)
        request->log_path = first->pattern;
    if (strcmp(request->method, "OPTIONS") == 0)
        return ORATOR_OK;
    http_answer_header(answer, "Allow", methods);
    return orator_fail(err, ORATOR_METHOD_NOT_ALLOWED, "%.100s takes %s", request->path, methods);
}

static enum orator_status admit(const struct api_setup *api, const struct route *r,
                                struct http_request *request, struct http_answer *answer,
                                struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    if (!r)
        return refuse_or_tell(request, answer, err);
    if (r->flags & ROUTE_SECRET)
        request->log_path = r->pattern;
    answer->error_form = r->flags & ROUTE_KLING       ? kling_error
                         : r->flags & ROUTE_FAL       ? fal_error
                         : r->flags & ROUTE_REPLICATE ? replicate_error
                                                      : NULL;
    if (r->scope != OPEN && !(r->flags & ROUTE_LOCAL && is_local(api, request)))
        TRY(auth_check(api, request, r->scope, answer, err));
    if (strcmp(r->method, "POST") == 0)
        TRY(check_type(request, r->flags, err));
done:
    return s;
}

static void count(const struct api_setup *api, const struct route *r,
                  const struct http_request *request, int http_status)
{
    metrics_count(api->metrics, r ? (int)(r - routes) : -1, r ? r->method : "", r ? r->pattern : "",
                  http_status, http_elapsed_ms(request));
}

enum orator_status api_admit(void *ctx, struct http_request *request, struct http_answer *answer,
                             struct orator_error *err)
{
    struct parts parts;
    const struct route *r = find(request->method, request->path, &parts);
    enum orator_status s = admit(ctx, r, request, answer, err);
    if (s != ORATOR_OK)
        count(ctx, r, request, orator_status_http(s));
    return s;
}

static enum orator_status answer_options(const struct http_request *request,
                                         struct http_answer *answer)
{
    char methods[120];
    const struct route *r;
    struct text allow = text_over(methods, sizeof(methods));
    list_methods(request->path, &r, &allow);
    answer->status = 204;
    http_answer_header(answer, "Allow", methods);
    if (r && r->flags & ROUTE_SHARED) {
        http_answer_header(answer, "Access-Control-Allow-Origin", "*");
        http_answer_header(answer, "Access-Control-Allow-Methods", "GET, HEAD");
        http_answer_header(answer, "Access-Control-Allow-Headers", "Range, If-Range");
        http_answer_header(answer, "Access-Control-Max-Age", "86400");
    }
    return ORATOR_OK;
}

static enum orator_status handle(struct call *call, const struct route *r, struct orator_error *err)
{
    bool replayed;
    if (!(r->flags & ROUTE_ONCE))
        return r->handle(call, err);
    enum orator_status s = repeat_begin(call, &replayed, err);
    if (s != ORATOR_OK || replayed)
        return s;
    return r->handle(call, err);
}

enum orator_status api_handle(void *ctx, const struct http_request *request,
                              struct http_answer *answer, struct orator_error *err)
{
    struct call call = {.api = ctx, .request = request, .answer = answer, .key = request->admitted};
    struct parts parts;
    if (strcmp(request->method, "OPTIONS") == 0)
        return answer_options(request, answer);
    const struct route *r = find(request->method, request->path, &parts);
    if (!r) /* api_admit() has let it through */
        return orator_fail(err, ORATOR_INTERNAL, "a route vanished");
    snprintf(call.name, sizeof(call.name), "%.*s", (int)parts.size[0],
             parts.start[0] ? parts.start[0] : "");
    snprintf(call.second, sizeof(call.second), "%.*s", (int)parts.size[1],
             parts.start[1] ? parts.start[1] : "");
    enum orator_status s = handle(&call, r, err);
    bool waits = answer->again_ms > 0 || answer->memory; /* it will be called again */
    if (s != ORATOR_OK || !waits)
        count(ctx, r, request,
              s != ORATOR_OK   ? orator_status_http(s)
              : answer->status ? answer->status
                               : 200);
    return s;
}

enum orator_status call_answer_json(struct call *call, json_t *value, struct orator_error *err)
{
    size_t size = 0;
    char *text = value ? json_text(value, &size) : NULL;
    json_decref(value);
    return call_answer_text(call, text, size, err);
}

enum orator_status call_answer_text(struct call *call, char *text, size_t size,
                                    struct orator_error *err)
{
    if (!text)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
    free(call->answer->body);
    call->answer->body = text;
    call->answer->body_size = size;
    return ORATOR_OK;
}

void call_base_url(const struct call *call, char *out, size_t size)
{
    const char *host = call->base_url ? NULL : http_header(call->request, "Host");
    if (call->api->public_url)
        snprintf(out, size, "%s", call->api->public_url);
    else if (call->base_url)
        snprintf(out, size, "%s", call->base_url);
    else /* http/ has checked the letters of Host */
        snprintf(out, size, "%s%s", host ? "http://" : "", host ? host : "");
}
