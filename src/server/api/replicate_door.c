/* replicate_door.c - predictions as Replicate's client knows them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/api/body.h"
#include "server/api/door.h"
#include "server/api/events.h"
#include "server/api/job_json.h"

enum { PAGE = 100 };

char *replicate_error(const struct http_request *request, enum orator_status s,
                      const struct orator_error *e)
{
    (void)request;
    json_t *v = json_pack("{s:s, s:s, s:i, s:s}", "title", orator_status_text(s), "detail",
                          e->text[0] ? e->text : orator_status_text(s), "status",
                          orator_status_http(s), "code", orator_status_word(s));
    char *text = v ? json_dumps(v, JSON_COMPACT) : NULL;
    json_decref(v);
    return text;
}

json_t *replicate_prediction(const struct call *call, const struct task *t)
{
    static const char *const states[TASK_STATE_COUNT] = {"starting", "processing", "succeeded",
                                                         "failed"};
    char base[300], url[LINK_SIZE] = "";
    bool canceled = t->state == TASK_FAILED && t->failure == ORATOR_CANCELED;
    (void)job_video_url(call, t, url);
    call_base_url(call, base, sizeof(base));
    json_t *v = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:o}", "id", t->id, "model",
        t->model, "version", t->model, "status", canceled ? "canceled" : states[t->state], "input",
        json_pack("{s:s*}", "prompt", t->prompt), "output",
        t->state == TASK_COMPLETED ? json_string(url) : json_null(), "error",
        t->state == TASK_FAILED ? json_string(t->failure_text ? t->failure_text : "") : json_null(),
        "logs", "", "created_at", door_iso_or_null(t->created_ms), "started_at",
        t->state == TASK_QUEUED ? json_null() : door_iso_or_null(t->created_ms), "completed_at",
        door_iso_or_null(t->completed_ms), "data_removed", 0, "urls",
        json_pack("{s:o, s:o}", "get", json_sprintf("%s/v1/predictions/%s", base, t->id), "cancel",
                  json_sprintf("%s/v1/predictions/%s/cancel", base, t->id)));
    if (v && t->state == TASK_COMPLETED)
        json_object_set_new(
            v, "metrics",
            json_pack("{s:f}", "predict_time", (double)(t->completed_ms - t->created_ms) / 1000));
    return v;
}

/* The model is in the path, or in `version` or `model` of the body; what says "pro" is the better one. */
static enum orator_status read_model(const struct call *call, const json_t *body, const char **out,
                                     struct orator_error *err)
{
    const char *name = call->second[0] ? call->second : NULL;
    enum orator_status s = ORATOR_OK;
    if (!name)
        s = body_text(body, "version", 200, &name, err);
    if (s == ORATOR_OK && !name)
        s = body_text(body, "model", 200, &name, err);
    if (s != ORATOR_OK)
        return s;
    if (!name)
        return orator_fail_param(err, ORATOR_MISSING_PARAMETER, "version",
                                 "version is missing: send kling-avatar-v2-standard or -pro");
    if (!strstr(name, "kling-avatar-v2"))
        return orator_fail_param(err, ORATOR_MODEL_NOT_FOUND, "version",
                                 "no model is called \"%.64s\", send kling-avatar-v2-standard or "
                                 "kling-avatar-v2-pro",
                                 name);
    *out = strstr(name, "-pro") ? "kling-avatar-v2-pro" : "kling-avatar-v2-standard";
    return ORATOR_OK;
}

static enum orator_status translate(const struct call *call, json_t **out, const json_t *body,
                                    struct orator_error *err)
{
    const char *model = NULL, *mode = NULL;
    const json_t *input = body_field(body, "input");
    enum orator_status s = read_model(call, body, &model, err);
    if (s != ORATOR_OK)
        return s;
    if (!json_is_object(input))
        return orator_fail_param(err, ORATOR_MISSING_PARAMETER, "input",
                                 "input is missing: send an object with image and audio");
    s = body_text(input, "mode", 16, &mode, err);
    if (s != ORATOR_OK)
        return s;
    json_t *root = json_deep_copy(input);
    if (!root)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
    if (mode && strcmp(mode, "pro") == 0)
        model = "kling-avatar-v2-pro";
    json_object_set_new(root, "model", json_string(model));
    door_rename(root, input, "image", "image_url");
    door_rename(root, input, "audio", "audio_url");
    door_rename(root, body, "webhook", "callback_url");
    *out = root;
    return ORATOR_OK;
}

static enum orator_status answer(struct call *call, const struct task *t, struct orator_error *err)
{
    return call_answer_json(call, replicate_prediction(call, t), err);
}

/* 201 with the task as it stands: at once, or with "Prefer: wait" when it is over. */
static enum orator_status answer_created(struct call *call, const struct task *t,
                                         struct orator_error *err)
{
    int64_t wait_ms;
    enum orator_status s = call_wait_ms(call, &wait_ms, err);
    if (s != ORATOR_OK)
        return s;
    if (call_waits(call, t, wait_ms)) {
        snprintf(call->answer->note, sizeof(call->answer->note), "%s", t->id);
        return ORATOR_OK;
    }
    call->answer->status = 201;
    return answer(call, t, err);
}

static char *accepted(const struct call *call, const struct task *t, size_t *size)
{
    return door_text(replicate_prediction(call, t), size);
}

static const struct shape prediction_shape = {
    .name = "replicate", .accepted = accepted, .status = 201};

enum orator_status predictions_create(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    json_t *body = NULL, *root = NULL;
    struct task t = {0};
    bool done = true;
    if (text_starts(call->answer->note, "task_")) {
        TRY(queue_get(call->api->store, call->answer->note, call->key->id, &t, err));
    } else if (door_is_waiting(call)) {
        TRY(door_resume(call, &t, &done, err));
    } else {
        TRY(body_object(&body, call->request->body, call->request->body_size, err));
        TRY(translate(call, &root, body, err));
        TRY(door_submit(call, root, NULL, NULL, &prediction_shape, &t, &done, err));
    }
    if (done)
        TRY(answer_created(call, &t, err));
done:
    json_decref(body);
    task_fini(&t);
    return s;
}

enum orator_status predictions_get(struct call *call, struct orator_error *err)
{
    struct task t = {0};
    enum orator_status s = queue_get(call->api->store, call->name, call->key->id, &t, err);
    if (s == ORATOR_OK)
        s = answer(call, &t, err);
    task_fini(&t);
    return s;
}

enum orator_status predictions_cancel(struct call *call, struct orator_error *err)
{
    struct task t = {0};
    enum orator_status s = door_cancel(call, call->name, &t, err);
    if (s == ORATOR_OK)
        s = answer(call, &t, err);
    task_fini(&t);
    return s;
}

enum orator_status predictions_list(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct task tasks[PAGE + 1];
    int count = 0;
    char base[300];
    json_t *results = json_array(), *next = json_null();
    TRY(queue_list(call->api->store,
                   &(struct tasks_filter){.key_id = call->key->id, .state = -1, .limit = PAGE + 1},
                   http_query(call->request, "cursor"), tasks, &count, err));
    for (int i = 0; i < count && i < PAGE; i++)
        json_array_append_new(results, replicate_prediction(call, &tasks[i]));
    call_base_url(call, base, sizeof(base));
    if (count > PAGE)
        next = json_sprintf("%s/v1/predictions?cursor=%s", base, tasks[PAGE - 1].id);
    TRY(call_answer_json(
        call, json_pack("{s:n, s:O, s:O}", "previous", "next", next, "results", results), err));
done:
    for (int i = 0; i < count; i++)
        task_fini(&tasks[i]);
    json_decref(next);
    json_decref(results);
    return s;
}
