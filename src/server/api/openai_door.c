/* openai_door.c - /v1/videos as the `openai` client knows it.
 *
 * A video's id is its task's with another first word: video_x is task_x. So GET /v1/videos/task_x can go
 * on answering with the job of the contract, whose states have other words, and video_x with a video.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/api/body.h"
#include "server/api/door.h"
#include "server/api/form.h"
#include "server/api/generations.h"
#include "server/api/job_json.h"
#include "server/api/page.h"

static const char video_prefix[] = "video_", task_prefix[] = "task_";

static void task_id_of(char out[TASK_ID_SIZE + 1], const char *id)
{
    bool video = text_starts(id, video_prefix);
    snprintf(out, TASK_ID_SIZE + 1, "%s%.26s", video ? task_prefix : "",
             video ? id + strlen(video_prefix) : id);
}

static json_t *video_json(const struct call *call, const struct task *t)
{
    static const char *const states[TASK_STATE_COUNT] = {"queued", "in_progress", "completed",
                                                         "failed"};
    char id[40], seconds[32];
    json_t *v = door_job(call, t);
    if (!v)
        return NULL;
    const json_t *result = json_object_get(v, "result"), *error = json_object_get(v, "error");
    int width = (int)json_integer_value(json_object_get(result, "width"));
    int height = (int)json_integer_value(json_object_get(result, "height"));
    int64_t ms = t->duration_ms > 0 ? t->duration_ms : t->declared_ms;
    snprintf(id, sizeof(id), "%s%s", video_prefix, t->id + strlen(task_prefix));
    snprintf(seconds, sizeof(seconds), "%g", (double)ms / 1000);
    json_object_set_new(v, "id", json_string(id));
    json_object_set_new(v, "object", json_string("video"));
    json_object_set_new(v, "status", json_string(states[t->state]));
    json_object_set_new(v, "progress",
                        json_integer(t->state == TASK_COMPLETED ? 100 : job_progress(t)));
    json_object_set_new(v, "seconds", json_string(seconds));
    json_object_set_new(v, "prompt", t->prompt ? json_string(t->prompt) : json_null());
    json_object_set_new(v, "remixed_from_video_id", json_null());
    if (!error)
        json_object_set_new(v, "error", json_null());
    if (!json_object_get(v, "completed_at"))
        json_object_set_new(v, "completed_at", json_null());
    if (!json_object_get(v, "expires_at"))
        json_object_set_new(v, "expires_at", json_null());
    if (width > 0)
        json_object_set_new(v, "size", json_sprintf("%dx%d", width, height));
    else
        json_object_set_new(v, "size", json_string("source"));
    return v;
}

/* The client's fields become ours. */
static enum orator_status translate(json_t *root, struct orator_error *err)
{
    static const struct {
        const char *size, *resolution, *aspect;
    } sizes[] = {
        {"1280x720", "720p", "16:9"},   {"720x1280", "720p", "9:16"},
        {"1920x1080", "1080p", "16:9"}, {"1080x1920", "1080p", "9:16"},
        {"720x720", "720p", "1:1"},     {"1080x1080", "1080p", "1:1"},
    };
    const char *model = json_string_value(body_field(root, "model"));
    if (!model || strcmp(model, "sora-2") == 0)
        json_object_set_new(root, "model", json_string("kling-avatar-v2-standard"));
    else if (strcmp(model, "sora-2-pro") == 0)
        json_object_set_new(root, "model", json_string("kling-avatar-v2-pro"));
    const json_t *reference = body_field(root, "input_reference");
    if (json_is_string(reference)) {
        door_rename(root, root, "input_reference", "image_url");
    } else if (json_is_object(reference)) {
        door_rename(root, reference, "file_id", "image_url");
        door_rename(root, reference, "image_url", "image_url");
    }
    json_object_del(root, "input_reference");
    const char *size = json_string_value(body_field(root, "size"));
    bool known = !size || strcmp(size, "source") == 0;
    for (size_t i = 0; size && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (strcmp(size, sizes[i].size) != 0)
            continue;
        known = true;
        json_object_set_new(root, "resolution", json_string(sizes[i].resolution));
        json_object_set_new(root, "aspect_ratio", json_string(sizes[i].aspect));
    }
    if (!known)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "size",
                                 "size is \"%.40s\", there are 1280x720, 720x1280, 1920x1080, "
                                 "1080x1920, 720x720, 1080x1080 and source",
                                 size);
    return ORATOR_OK;
}

static char *accepted(const struct call *call, const struct task *t, size_t *size)
{
    return door_text(video_json(call, t), size);
}

static const struct shape video_shape = {.name = "job", .accepted = accepted};

static enum orator_status begin(struct call *call, struct multipart **form, struct task *out,
                                bool *done, struct orator_error *err)
{
    enum orator_status s;
    const struct http_request *r = call->request;
    const char *type = http_header(r, "Content-Type");
    json_t *root = NULL;
    struct upload image = {0}, audio = {0};
    if (multipart_is(type)) {
        *form = malloc(sizeof(**form));
        if (!*form)
            return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the form");
        TRY(multipart_parse(*form, type, r->body, r->body_size, err));
        TRY(form_read(*form, form_part(*form, "image") ? "image" : "input_reference", "audio",
                      &root, &image, &audio, err));
    } else {
        TRY(body_object(&root, r->body, r->body_size, err));
    }
    s = translate(root, err);
    if (s != ORATOR_OK) {
        json_decref(root);
        goto done;
    }
    TRY(door_submit(call, root, &image, &audio, &video_shape, out, done, err));
done:
    return s;
}

enum orator_status videos_create(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct multipart *form = NULL;
    struct task t = {0};
    bool done = false;
    if (door_is_waiting(call))
        TRY(door_resume(call, &t, &done, err));
    else
        TRY(begin(call, &form, &t, &done, err));
done:
    task_fini(&t);
    free(form);
    return s;
}

enum orator_status videos_get(struct call *call, struct orator_error *err)
{
    struct task t = {0};
    char id[TASK_ID_SIZE + 1];
    if (!text_starts(call->name, video_prefix))
        return generations_get(call, err);
    task_id_of(id, call->name);
    enum orator_status s = queue_get(call->api->store, id, call->key->id, &t, err);
    if (s == ORATOR_OK)
        s = call_answer_json(call, video_json(call, &t), err);
    task_fini(&t);
    return s;
}

enum orator_status videos_list(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct task tasks[PAGE_MAX + 1];
    int count = 0;
    struct page page;
    char after_id[TASK_ID_SIZE + 1];
    TRY(page_read(&page, call, err));
    if (page.after)
        task_id_of(after_id, page.after);
    TRY(queue_list(call->api->store,
                   &(struct tasks_filter){.key_id = call->key->id,
                                          .state = -1,
                                          .oldest_first = page.oldest_first,
                                          .limit = page.limit + 1},
                   page.after ? after_id : NULL, tasks, &count, err));
    json_t *data = json_array();
    for (int i = 0; i < count && i < page.limit; i++)
        json_array_append_new(data, video_json(call, &tasks[i]));
    TRY(call_answer_json(call, page_json(data, count > page.limit), err));
done:
    for (int i = 0; i < count; i++)
        task_fini(&tasks[i]);
    return s;
}

enum orator_status videos_content(struct call *call, struct orator_error *err)
{
    char id[TASK_ID_SIZE + 1];
    task_id_of(id, call->name);
    return generation_content(call, id, err);
}

enum orator_status videos_delete(struct call *call, struct orator_error *err)
{
    char id[TASK_ID_SIZE + 1];
    task_id_of(id, call->name);
    enum orator_status s = generation_delete(call, id, err);
    if (s != ORATOR_OK)
        return s;
    return call_answer_json(
        call,
        json_pack("{s:s, s:s, s:b}", "id", call->name, "object", "video.deleted", "deleted", 1),
        err);
}
