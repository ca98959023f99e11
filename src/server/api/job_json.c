#include "server/api/job_json.h"

#include <stdio.h>
#include <string.h>

#include "server/api/models.h"
#include "server/api/money.h"
#include "server/api/options.h"

/* 0..100 while a task is processed: [first, last) of each stage. Rendering takes nearly all the time;
 * what is before it is shown as a few steps, so that a watcher sees life. */
static int progress_percent(const struct task *t)
{
    static const struct {
        const char *stage;
        int first, last;
    } rows[] = {{"fetch", 0, 2},   {"inspect", 2, 4},  {"speech", 4, 7},
                {"motion", 7, 10}, {"render", 10, 98}, {"store", 98, 100}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(t->stage, rows[i].stage) != 0)
            continue;
        int64_t done = t->frames_done < t->frames_total ? t->frames_done : t->frames_total;
        int64_t part = t->frames_total > 0 && done > 0
                           ? (rows[i].last - rows[i].first) * done / t->frames_total
                           : 0;
        return rows[i].first + (strcmp(t->stage, "render") == 0 ? (int)part : 0);
    }
    return 0;
}

static json_t *seconds(int64_t ms) { return json_real((double)ms / 1000.0); }

/* Text from below, whatever its bytes. */
static json_t *text(const char *s)
{
    json_t *v = json_string(s ? s : "");
    return v ? v : json_string("?");
}

static json_t *billing_json(const struct api_setup *api, const struct task *t)
{
    static const char *const states[TASK_STATE_COUNT] = {"reserved", "reserved", "settled",
                                                         "released"};
    char price[MONEY_TEXT_SIZE], reserved[MONEY_TEXT_SIZE], charged[MONEY_TEXT_SIZE];
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:s, s:s}", "currency", api->currency,
                     "unit_price_per_second", money_format(price, t->price_micro_per_s),
                     "declared_seconds", seconds(t->declared_ms), "measured_seconds",
                     t->measured_ms > 0 ? seconds(t->measured_ms) : json_null(), "reserved",
                     money_format(reserved, t->reserved_micro), "charged",
                     money_format(charged, t->charged_micro), "state", states[t->state]);
}

/* null for a file that is not there. */
static json_t *media_url(const char *base_url, const char *name)
{
    char url[512];
    snprintf(url, sizeof(url), "%s/media/%s", base_url, name ? name : "");
    return name ? text(url) : json_null();
}

static void add_processing(json_t *job, const struct task *t, const char *base_url)
{
    json_object_set_new(job, "stage", text(t->stage[0] ? t->stage : "fetch"));
    json_object_set_new(job, "progress", json_integer(progress_percent(t)));
    json_object_set_new(job, "frames_done", json_integer(t->frames_done));
    json_object_set_new(job, "frames_total", json_integer(t->frames_total));
    json_object_set_new(job, "attempt", json_integer(t->attempt));
    if (t->preview_name[0])
        json_object_set_new(job, "preview_url", media_url(base_url, t->preview_name));
}

static void add_completed(json_t *job, const struct task *t, const char *base_url)
{
    json_t *quality = t->quality ? json_loads(t->quality, JSON_REJECT_DUPLICATES, NULL) : NULL;
    json_object_set_new(job, "video_url", media_url(base_url, t->video_name));
    json_object_set_new(job, "result",
                        json_pack("{s:[o], s:o, s:o, s:i, s:i, s:i, s:I, s:o, s:o}", "outputs",
                                  media_url(base_url, t->video_name), "thumbnail_url",
                                  media_url(base_url, t->thumbnail_name), "duration_seconds",
                                  seconds(t->duration_ms), "width", t->width_px, "height",
                                  t->height_px, "fps", t->fps, "size_bytes",
                                  (json_int_t)t->size_bytes, "sha256",
                                  t->sha256 ? text(t->sha256) : json_null(), "quality",
                                  quality ? quality : json_null()));
    json_object_set_new(job, "engine", json_string("orator/" ORATOR_VERSION));
    json_object_set_new(job, "completed_at", json_integer(t->completed_ms / 1000));
}

static void add_failed(json_t *job, const struct task *t)
{
    char doc_url[96];
    const char *word = orator_status_word(t->failure);
    bool param = t->failure_param && t->failure_param[0];
    snprintf(doc_url, sizeof(doc_url), "%s%s", http_doc_path, word);
    json_object_set_new(
        job, "error",
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:b, s:s}", "code", word, "type",
                  http_error_type(t->failure), "message",
                  text(t->failure_text && t->failure_text[0] ? t->failure_text
                                                             : orator_status_text(t->failure)),
                  "param", param ? text(t->failure_param) : json_null(), "stage",
                  t->stage[0] ? text(t->stage) : json_null(), "retryable",
                  orator_status_retryable(t->failure), "doc_url", doc_url));
    json_object_set_new(job, "completed_at", json_integer(t->completed_ms / 1000));
}

/* Those of the submit, then those of the work; the latter are stored as JSON text. */
static json_t *all_warnings(const struct task *t, json_t *of_submit)
{
    json_t *list = of_submit ? of_submit : json_array();
    json_t *of_work = t->warnings ? json_loads(t->warnings, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (of_work && json_is_array(of_work))
        json_array_extend(list, of_work);
    json_decref(of_work);
    return list;
}

json_t *job_json(const struct call *call, const struct task *t, int64_t position, json_t *warnings)
{
    char base_url[300], get_url[400];
    call_base_url(call, base_url, sizeof(base_url));
    snprintf(get_url, sizeof(get_url), "%s/v1/video/generations/%s", base_url, t->id);
    json_t *job = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:{s:s}, s:o}", "id", t->id, "task_id", t->id,
        "object", "video.generation.job", "status", task_state_word(t->state), "model", t->model,
        "created_at", (json_int_t)(t->created_ms / 1000), "billing", billing_json(call->api, t),
        "urls", "get", get_url, "warnings", all_warnings(t, warnings));
    if (!job)
        return NULL;
    const struct model *model = model_find(t->model);
    options_show(job, t, model ? model->size_class : "", model ? model->fps : 0);
    switch (t->state) {
    case TASK_QUEUED:
        if (position >= 0)
            json_object_set_new(job, "queue_position", json_integer(position));
        break;
    case TASK_PROCESSING:
        add_processing(job, t, base_url);
        break;
    case TASK_COMPLETED:
        add_completed(job, t, base_url);
        break;
    case TASK_FAILED:
        add_failed(job, t);
        break;
    case TASK_STATE_COUNT:
        break;
    }
    return job;
}
