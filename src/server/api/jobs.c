/* jobs.c - what can be done with jobs that were submitted: list, cancel, delete, download. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/api/deliver.h"
#include "server/api/generations.h"
#include "server/api/job_json.h"
#include "server/api/models.h"
#include "server/api/page.h"
#include "server/tasks/sweep.h"

static enum orator_status read_filter(struct tasks_filter *out, const struct call *call,
                                      struct orator_error *err)
{
    int64_t after_s;
    const char *status = http_query(call->request, "status");
    const char *created = http_query(call->request, "created_after");
    out->key_id = call->key->id;
    out->state = -1;
    out->model = http_query(call->request, "model");
    for (int i = 0; status && i < TASK_STATE_COUNT; i++)
        if (strcmp(status, task_state_word((enum task_state)i)) == 0)
            out->state = i;
    if (status && out->state < 0)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "status",
                                 "status is \"%.40s\", it must be queued, processing, completed or "
                                 "failed",
                                 status);
    if (out->model && !model_find(out->model))
        return orator_fail_param(err, ORATOR_MODEL_NOT_FOUND, "model",
                                 "no model is called \"%.64s\"", out->model);
    if (created && !text_to_i64(created, 0, INT64_MAX / 1000 - 1, &after_s))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "created_after",
                                 "created_after is \"%.40s\", it must be a time in seconds since "
                                 "1970, such as a job's created_at",
                                 created);
    if (created)
        out->created_from_ms = (after_s + 1) * 1000; /* created_at shows whole seconds */
    return ORATOR_OK;
}

enum orator_status generations_list(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct task tasks[PAGE_MAX + 1];
    struct page page;
    struct tasks_filter filter = {0};
    struct json_out o = {0};
    int count = 0;
    TRY(page_read(&page, call, err));
    TRY(read_filter(&filter, call, err));
    filter.oldest_first = page.oldest_first;
    filter.limit = page.limit + 1;
    TRY(queue_list(call->api->store, &filter, page.after, tasks, &count, err));
    const int shown = count < page.limit ? count : page.limit;
    json_begin(&o, NULL, '{');
    json_put_text(&o, "object", "list");
    json_put_text(&o, "first_id", shown > 0 ? tasks[0].id : NULL);
    json_put_text(&o, "last_id", shown > 0 ? tasks[shown - 1].id : NULL);
    json_put_bool(&o, "has_more", count > page.limit);
    json_begin(&o, "data", '[');
    for (int i = 0; i < shown; i++)
        job_put(&o, call, &tasks[i], NULL);
    json_end(&o, ']');
    json_end(&o, '}');
    size_t size;
    char *text = json_take(&o, &size);
    TRY(call_answer_text(call, text, size, err));
done:
    for (int i = 0; i < count; i++)
        task_fini(&tasks[i]);
    return s;
}

enum orator_status generations_cancel(struct call *call, struct orator_error *err)
{
    struct task t;
    enum orator_status s = queue_cancel(call->api->store, call->name, call->key->id, &t, err);
    if (s == ORATOR_OK)
        s = job_answer(call, &t, err);
    task_fini(&t);
    return s;
}

enum orator_status generation_delete(struct call *call, const char *id, struct orator_error *err)
{
    struct task t;
    enum orator_status s = queue_delete(call->api->store, id, call->key->id, &t, err);
    if (s == ORATOR_OK)
        sweep_task(&t, call->api->blobs);
    task_fini(&t);
    return s;
}

enum orator_status generations_delete(struct call *call, struct orator_error *err)
{
    enum orator_status s = generation_delete(call, call->name, err);
    if (s != ORATOR_OK)
        return s;
    return call_answer_json(call,
                            json_pack("{s:s, s:s, s:b}", "id", call->name, "object",
                                      "video.generation.job", "deleted", 1),
                            err);
}

enum orator_status generation_content(struct call *call, const char *id, struct orator_error *err)
{
    enum { VIDEO, THUMBNAIL, CAPTIONS, VARIANTS };
    static const struct {
        const char *word, *extension;
    } variants[VARIANTS] = {{"video", "mp4"}, {"thumbnail", "jpg"}, {"captions", "vtt"}};
    struct task t = {0};
    enum orator_status s;
    char disposition[64];
    const char *variant = http_query(call->request, "variant");
    int which = VIDEO;
    while (variant && which < VARIANTS && strcmp(variant, variants[which].word) != 0)
        which++;
    if (which == VARIANTS)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "variant",
                                 "variant is \"%.40s\", it must be video, thumbnail or captions",
                                 variant);
    TRY(queue_get(call->api->store, id, call->key->id, &t, err));
    if (t.state != TASK_COMPLETED || !t.video_name) {
        s = orator_fail(err, t.failure == ORATOR_EXPIRED ? ORATOR_EXPIRED : ORATOR_NOT_FOUND,
                        "there is no video; the job's status is %s", task_state_word(t.state));
        goto done;
    }
    const char *const names[VARIANTS] = {t.video_name, t.thumbnail_name, t.captions_name};
    if (!names[which]) {
        s = orator_fail_param(err, ORATOR_NOT_FOUND, "variant", "this job made no %s", variant);
        goto done;
    }
    snprintf(disposition, sizeof(disposition), "attachment; filename=\"%s.%s\"", t.id,
             variants[which].extension);
    TRY(deliver(call, names[which], disposition, err));
    http_answer_header(call->answer, "Cache-Control", "private, no-store");
done:
    task_fini(&t);
    return s;
}

enum orator_status generations_content(struct call *call, struct orator_error *err)
{
    return generation_content(call, call->name, err);
}
