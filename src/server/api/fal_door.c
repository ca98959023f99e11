/* fal_door.c - fal's queue behind /fal/proxy: the client says in x-fal-target-url what it would have called.
 *
 *     POST fal-ai/kling-video/ai-avatar/v2/{standard,pro}     submit
 *     GET  fal-ai/kling-video/requests/{id}/status[/stream]   202 until it is over
 *     GET  fal-ai/kling-video/requests/{id}                   the result
 *     PUT  fal-ai/kling-video/requests/{id}/cancel
 *
 * The client drops what follows the second name of a model in all but the submit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/api/body.h"
#include "server/api/door.h"
#include "server/api/job_json.h"

enum { STREAM_LOOK_MS = 500 };

char *fal_error(const struct http_request *request, enum orator_status s,
                const struct orator_error *e)
{
    (void)request;
    json_t *v = json_pack("{s:s, s:s, s:o}", "detail", e->text[0] ? e->text : orator_status_text(s),
                          "error_type", orator_status_word(s), "param",
                          e->param[0] ? json_string(e->param) : json_null());
    char *text = v ? json_dumps(v, JSON_COMPACT) : NULL;
    json_decref(v);
    return text;
}

/* What the target URL asks for. */
struct target {
    char path[256];                         /* behind the host, without slash and query */
    char task_id[TASK_ID_SIZE], action[32]; /* of .../requests/{id}[/action]; "": none */
    char webhook[2048];                     /* fal_webhook of the query, decoded; "": none */
};

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void read_webhook(struct target *t, const char *query)
{
    static const char name[] = "fal_webhook=";
    const char *p = query ? strstr(query, name) : NULL;
    size_t n = 0;
    for (p = p ? p + strlen(name) : ""; *p && *p != '&' && n + 1 < sizeof(t->webhook); p++) {
        char c = *p;
        if (c == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
            c = (char)(hex(p[1]) * 16 + hex(p[2]));
            p += 2;
        }
        t->webhook[n++] = c;
    }
}

static enum orator_status read_target(struct target *out, const struct call *call,
                                      struct orator_error *err)
{
    static const char app[] = "fal-ai/kling-video";
    const char *url = http_header(call->request, "x-fal-target-url");
    *out = (struct target){0};
    if (!url)
        return orator_fail_param(err, ORATOR_MISSING_PARAMETER, "x-fal-target-url",
                                 "the header x-fal-target-url is missing");
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    size_t n = path ? strcspn(path + 1, "?#") : 0;
    bool fal = host && path && path - host - 3 >= 7 &&
               (strncmp(path - 7, "fal.run", 7) == 0 || strncmp(path - 6, "fal.ai", 6) == 0);
    if (!fal || n == 0 || n >= sizeof(out->path))
        return orator_fail_param(err, ORATOR_INVALID_URL, "x-fal-target-url",
                                 "x-fal-target-url must be a URL of fal's queue");
    memcpy(out->path, path + 1, n);
    read_webhook(out, path[1 + n] == '?' ? path + 1 + n : NULL);
    if (!text_starts(out->path, app))
        return orator_fail_param(err, ORATOR_MODEL_NOT_FOUND, "x-fal-target-url",
                                 "the models here are %s/ai-avatar/v2/standard and pro", app);
    const char *request = strstr(out->path, "/requests/");
    if (request) {
        request += strlen("/requests/");
        size_t id = strcspn(request, "/");
        snprintf(out->task_id, sizeof(out->task_id), "%.*s", (int)(id < 31 ? id : 31), request);
        snprintf(out->action, sizeof(out->action), "%s", request[id] ? request + id + 1 : "");
    }
    return ORATOR_OK;
}

/* URLs as the client would build them itself: it calls them through the proxy. */
static json_t *queue_urls(json_t *v, const char *id)
{
    json_object_set_new(v, "request_id", json_string(id));
    json_object_set_new(v, "response_url",
                        json_sprintf("https://queue.fal.run/fal-ai/kling-video/requests/%s", id));
    json_object_set_new(
        v, "status_url",
        json_sprintf("https://queue.fal.run/fal-ai/kling-video/requests/%s/status", id));
    json_object_set_new(
        v, "cancel_url",
        json_sprintf("https://queue.fal.run/fal-ai/kling-video/requests/%s/cancel", id));
    return v;
}

static json_t *status_json(const struct call *call, const struct task *t)
{
    static const char *const states[TASK_STATE_COUNT] = {"IN_QUEUE", "IN_PROGRESS", "COMPLETED",
                                                         "COMPLETED"};
    struct outlook memory;
    const struct outlook *outlook = job_outlook(call, t, &memory);
    json_t *v = json_pack("{s:s, s:[]}", "status", states[t->state], "logs");
    if (!v)
        return NULL;
    if (t->state == TASK_QUEUED)
        json_object_set_new(v, "queue_position", json_integer(outlook ? outlook->position : 0));
    if (t->state >= TASK_COMPLETED)
        json_object_set_new(
            v, "metrics",
            json_pack("{s:f}", "inference_time", (double)(t->completed_ms - t->created_ms) / 1000));
    if (t->state == TASK_FAILED)
        json_object_set_new(v, "error", json_string(t->failure_text ? t->failure_text : ""));
    return queue_urls(v, t->id);
}

static json_t *result_json(const struct call *call, const struct task *t)
{
    char url[LINK_SIZE] = "";
    (void)job_video_url(call, t, url);
    return json_pack("{s:{s:s, s:s, s:s, s:I}, s:f}", "video", "url", url, "content_type",
                     "video/mp4", "file_name", "video.mp4", "file_size", (json_int_t)t->size_bytes,
                     "duration", (double)t->duration_ms / 1000);
}

json_t *fal_callback(const struct call *call, const struct task *t)
{
    bool good = t->state == TASK_COMPLETED;
    json_t *v = json_pack("{s:s, s:s, s:s, s:o}", "request_id", t->id, "gateway_request_id", t->id,
                          "status", good ? "OK" : "ERROR", "payload",
                          good ? result_json(call, t) : json_null());
    if (v && !good)
        json_object_set_new(v, "error", json_string(t->failure_text ? t->failure_text : ""));
    return v;
}

static char *accepted(const struct call *call, const struct task *t, size_t *size)
{
    return door_text(status_json(call, t), size);
}

static const struct shape fal_shape = {.name = "fal", .accepted = accepted};

enum orator_status fal_submit(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct target target;
    struct task t = {0};
    json_t *root = NULL;
    bool done = false;
    if (door_is_waiting(call)) {
        TRY(door_resume(call, &t, &done, err));
    } else {
        TRY(read_target(&target, call, err));
        size_t n = strlen(target.path);
        bool pro = n >= 4 && strcmp(target.path + n - 4, "/pro") == 0;
        if (target.task_id[0] ||
            (!pro && strcmp(target.path, "fal-ai/kling-video/ai-avatar/v2/standard") != 0)) {
            s = orator_fail_param(err, ORATOR_MODEL_NOT_FOUND, "x-fal-target-url",
                                  "there are fal-ai/kling-video/ai-avatar/v2/standard and pro");
            goto done;
        }
        TRY(body_object(&root, call->request->body, call->request->body_size, err));
        json_object_set_new(root, "model",
                            json_string(pro ? "kling-avatar-v2-pro" : "kling-avatar-v2-standard"));
        if (target.webhook[0])
            json_object_set_new(root, "callback_url", json_string(target.webhook));
        TRY(door_submit(call, root, NULL, NULL, &fal_shape, &t, &done, err));
    }
    if (done)
        http_answer_header(call->answer, "x-fal-request-id", t.id);
done:
    task_fini(&t);
    return s;
}

/* A status a line while the task goes on; the end of the stream is the end of the task. */
struct status_stream {
    const struct api_setup *api;
    char task_id[TASK_ID_SIZE], key_id[32];
    int64_t told_ms;
    bool over;
};

static enum http_next next_status(void *ctx, const struct http_request *request, char **piece,
                                  size_t *size)
{
    struct status_stream *x = ctx;
    struct task t = {0};
    if (x->over)
        return HTTP_STREAM_END;
    if (queue_get(x->api->store, x->task_id, x->key_id, &t, NULL) != ORATOR_OK)
        return HTTP_STREAM_END;
    if (t.updated_ms != x->told_ms) {
        struct call call = {.api = x->api, .request = request};
        json_t *v = status_json(&call, &t);
        char *text = v ? json_dumps(v, JSON_COMPACT) : NULL;
        int n = text ? asprintf(piece, "data: %s\n\n", text) : -1;
        *size = n > 0 ? (size_t)n : 0;
        if (n < 0)
            *piece = NULL;
        free(text);
        json_decref(v);
    }
    x->told_ms = t.updated_ms;
    x->over = t.state >= TASK_COMPLETED;
    task_fini(&t);
    return x->over ? HTTP_STREAM_MORE : HTTP_STREAM_LATER;
}

static enum orator_status stream_status(struct call *call, const struct task *t,
                                        struct orator_error *err)
{
    struct status_stream *x = calloc(1, sizeof(*x));
    if (!x)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a stream");
    x->api = call->api;
    snprintf(x->task_id, sizeof(x->task_id), "%s", t->id);
    snprintf(x->key_id, sizeof(x->key_id), "%s", call->key->id);
    call->answer->content_type = "text/event-stream";
    call->answer->stream = (struct http_stream){
        .next = next_status, .free = free, .ctx = x, .wait_ms = STREAM_LOOK_MS};
    return ORATOR_OK;
}

enum orator_status fal_get(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct target target;
    struct task t = {0};
    TRY(read_target(&target, call, err));
    TRY(queue_get(call->api->store, target.task_id, call->key->id, &t, err));
    http_answer_header(call->answer, "x-fal-request-id", t.id);
    if (text_starts(target.action, "status/stream")) {
        TRY(stream_status(call, &t, err));
    } else if (strcmp(target.action, "status") == 0) {
        call->answer->status = t.state >= TASK_COMPLETED ? 200 : 202;
        TRY(call_answer_json(call, status_json(call, &t), err));
    } else if (target.action[0]) {
        s = orator_fail(err, ORATOR_NOT_FOUND, "a request has a status and a result");
    } else if (t.state == TASK_COMPLETED) {
        TRY(call_answer_json(call, result_json(call, &t), err));
    } else if (t.state == TASK_FAILED) {
        s = orator_fail(err, t.failure, "%s", t.failure_text ? t.failure_text : "");
    } else {
        s = orator_fail(err, ORATOR_INVALID_PARAMETER, "the request is still in progress");
    }
done:
    task_fini(&t);
    return s;
}

enum orator_status fal_cancel(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct target target;
    struct task t = {0};
    TRY(read_target(&target, call, err));
    if (strcmp(target.action, "cancel") != 0) {
        s = orator_fail(err, ORATOR_NOT_FOUND, "PUT cancels a request: .../requests/ID/cancel");
        goto done;
    }
    TRY(door_cancel(call, target.task_id, &t, err));
    call->answer->status = 202;
    TRY(call_answer_json(call, json_pack("{s:s}", "status", "CANCELLATION_REQUESTED"), err));
done:
    task_fini(&t);
    return s;
}
