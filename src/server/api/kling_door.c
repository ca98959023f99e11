/* kling_door.c - the avatar routes of Kling's own API: {code, message, request_id, data}. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/api/body.h"
#include "server/api/door.h"
#include "server/api/job_json.h"
#include "server/store/tasks_table.h"

enum { PAGE_MAX = 500, PAGE_USUAL = 30 };

static int kling_code(enum orator_status s, const struct orator_error *e)
{
    switch ((int)s) {
    case ORATOR_MISSING_API_KEY:
        return 1001;
    case ORATOR_INVALID_API_KEY:
        return e && strcmp(e->param, "nbf") == 0 ? 1003 : 1002;
    case ORATOR_EXPIRED_API_KEY:
        return 1004;
    case ORATOR_INSUFFICIENT_BALANCE:
    case ORATOR_KEY_BUDGET_EXCEEDED:
        return 1102;
    case ORATOR_PERMISSION_DENIED:
        return 1103;
    case ORATOR_INVALID_JSON:
    case ORATOR_MISSING_PARAMETER:
    case ORATOR_UNSUPPORTED_MEDIA_TYPE:
        return 1200;
    case ORATOR_METHOD_NOT_ALLOWED:
        return 1202;
    case ORATOR_TASK_NOT_FOUND:
    case ORATOR_NOT_FOUND:
    case ORATOR_MODEL_NOT_FOUND:
        return 1203;
    case ORATOR_RATE_LIMIT:
        return 1302;
    case ORATOR_CONCURRENCY_LIMIT:
        return 1303;
    case ORATOR_QUEUE_FULL:
    case ORATOR_SHUTTING_DOWN:
        return 5001;
    default:
        break;
    }
    int http = orator_status_http(s);
    return http >= 500 ? 5000 : http == 401 ? 1000 : 1201;
}

char *kling_error(const struct http_request *request, enum orator_status s,
                  const struct orator_error *e)
{
    json_t *v = json_pack("{s:i, s:s, s:s}", "code", kling_code(s, e), "message",
                          e->text[0] ? e->text : orator_status_text(s), "request_id", request->id);
    char *text = v ? json_dumps(v, JSON_COMPACT) : NULL;
    json_decref(v);
    return text;
}

static json_t *task_data(const struct call *call, const struct task *t)
{
    static const char *const states[TASK_STATE_COUNT] = {"submitted", "processing", "succeed",
                                                         "failed"};
    char duration[32], url[LINK_SIZE] = "";
    json_t *data = json_pack(
        "{s:s, s:s, s:s, s:{s:s}, s:I, s:I}", "task_id", t->id, "task_status", states[t->state],
        "task_status_msg", t->state == TASK_FAILED && t->failure_text ? t->failure_text : "",
        "task_info", "external_task_id", t->external_task_id ? t->external_task_id : "",
        "created_at", (json_int_t)t->created_ms, "updated_at", (json_int_t)t->updated_ms);
    if (data && t->state == TASK_COMPLETED) {
        snprintf(duration, sizeof(duration), "%g", (double)t->duration_ms / 1000);
        (void)job_video_url(call, t, url);
        json_object_set_new(data, "task_result",
                            json_pack("{s:[{s:s, s:s, s:s}]}", "videos", "id", t->id, "url", url,
                                      "duration", duration));
    }
    return data;
}

/* What Kling posts to a callback_url: the task, flat. */
json_t *kling_callback(const struct call *call, const struct task *t)
{
    json_t *data = task_data(call, t);
    if (data && t->external_task_id)
        json_object_set_new(data, "external_task_id", json_string(t->external_task_id));
    return data;
}

static json_t *envelope(const struct call *call, json_t *data)
{
    return json_pack("{s:i, s:s, s:s, s:o}", "code", 0, "message", "SUCCEED", "request_id",
                     call->request->id, "data", data);
}

static enum orator_status answer(struct call *call, json_t *data, struct orator_error *err)
{
    return call_answer_json(call, envelope(call, data), err);
}

static char *accepted(const struct call *call, const struct task *t, size_t *size)
{
    return door_text(envelope(call, task_data(call, t)), size);
}

static const struct shape kling_shape = {.name = "kling", .accepted = accepted};

/* Kling takes a picture or a sound as a URL or as bare base64. */
static void add_source(json_t *root, const json_t *from, const char *name, const char *new_name,
                       const char *type)
{
    const char *text = json_string_value(body_field(from, name));
    if (text && !strstr(text, ":") && !text_starts(text, "file_"))
        json_object_set_new(root, new_name, json_sprintf("data:%s;base64,%s", type, text));
    else
        door_rename(root, from, name, new_name);
}

static enum orator_status translate(json_t **out, const json_t *from, struct orator_error *err)
{
    static const char *const kept[] = {"prompt",   "callback_url",          "external_task_id",
                                       "seed",     "watermark_info",        "resolution",
                                       "fps",      "aspect_ratio",          "metadata",
                                       "max_cost", "audio_duration_seconds"};
    const char *mode = "std";
    enum orator_status s = body_text(from, "mode", 16, &mode, err);
    if (s != ORATOR_OK)
        return s;
    if (strcmp(mode, "std") != 0 && strcmp(mode, "pro") != 0)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "mode", "mode must be std or pro");
    json_t *root = json_object();
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        door_rename(root, from, kept[i], kept[i]);
    json_object_set_new(
        root, "model",
        json_string(strcmp(mode, "pro") == 0 ? "kling-avatar-v2-pro" : "kling-avatar-v2-standard"));
    add_source(root, from, "image", "image_url", "application/octet-stream");
    add_source(root, from, "sound_file", "audio_url", "application/octet-stream");
    door_rename(root, from, "image_url", "image_url");
    door_rename(root, from, "audio_url", "audio_url");
    *out = root;
    return ORATOR_OK;
}

enum orator_status kling_create(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    json_t *body = NULL, *root = NULL;
    struct task t = {0};
    bool done = false;
    if (door_is_waiting(call)) {
        TRY(door_resume(call, &t, &done, err));
    } else {
        TRY(body_object(&body, call->request->body, call->request->body_size, err));
        TRY(translate(&root, body, err));
        TRY(door_submit(call, root, NULL, NULL, &kling_shape, &t, &done, err));
    }
done:
    json_decref(body);
    task_fini(&t);
    return s;
}

enum orator_status kling_get(struct call *call, struct orator_error *err)
{
    struct task t = {0};
    enum orator_status s = queue_get(call->api->store, call->name, call->key->id, &t, err);
    if (s == ORATOR_TASK_NOT_FOUND) { /* or by the name that the client gave it */
        struct connection *c = NULL;
        char id[TASK_ID_SIZE] = "";
        TRY(store_read(call->api->store, &c, err));
        s = tasks_find_external(c, call->key->id, call->name, id, err);
        TRY(store_end(&c, s, err));
        TRY(queue_get(call->api->store, id, call->key->id, &t, err));
    }
    TRY(s);
    TRY(answer(call, task_data(call, &t), err));
done:
    task_fini(&t);
    return s;
}

enum orator_status kling_list(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    static const int chunk = 100;
    struct task tasks[100];
    int64_t page = 1, size = PAGE_USUAL, seen = 0;
    json_t *data = json_array();
    char after[TASK_ID_SIZE] = "";
    int count = chunk;
    const char *number = http_query(call->request, "pageNum"),
               *per = http_query(call->request, "pageSize");
    if ((number && !text_to_i64(number, 1, 1000, &page)) ||
        (per && !text_to_i64(per, 1, PAGE_MAX, &size))) {
        s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "pageNum",
                              "pageNum must be 1 to 1000, pageSize 1 to %d", PAGE_MAX);
        goto done;
    }
    s = ORATOR_OK;
    while (count == chunk && seen < page * size) {
        TRY(queue_list(call->api->store,
                       &(struct tasks_filter){.key_id = call->key->id, .state = -1, .limit = chunk},
                       after[0] ? after : NULL, tasks, &count, err));
        for (int i = 0; i < count; i++, seen++) {
            if (seen >= (page - 1) * size && seen < page * size)
                json_array_append_new(data, task_data(call, &tasks[i]));
            memcpy(after, tasks[i].id, sizeof(after));
            task_fini(&tasks[i]);
        }
    }
    json_incref(data);
    TRY(answer(call, data, err));
done:
    json_decref(data);
    return s;
}
