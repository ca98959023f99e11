#include "server/api/job_json.h"

#include <stdio.h>
#include <string.h>

#include "server/api/link.h"
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
    static const char *const states[] = {[BILLING_RESERVED] = "reserved",
                                         [BILLING_SETTLED] = "settled",
                                         [BILLING_RELEASED] = "released"};
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:I}", "currency", api->currency,
                     "unit_price_per_second", money_json(t->price_micro_per_s), "declared_seconds",
                     seconds(t->declared_ms), "measured_seconds",
                     t->measured_ms > 0 ? seconds(t->measured_ms) : json_null(), "reserved",
                     money_json(t->reserved_micro), "charged", money_json(t->charged_micro),
                     "state", states[t->billing], "ledger_entry", (json_int_t)t->ledger_entry);
}

/* null for a file that is not there. */
static json_t *media_url(const struct api_setup *api, const char *base_url, const char *name,
                         const struct task *t)
{
    char url[LINK_SIZE];
    if (!name)
        return json_null();
    link_make(url, api, base_url, name, t->expires_ms);
    return text(url);
}

static void add_processing(json_t *job, const struct api_setup *api, const struct task *t,
                           const char *base_url)
{
    json_object_set_new(job, "stage", text(t->stage[0] ? t->stage : "fetch"));
    json_object_set_new(job, "progress", json_integer(progress_percent(t)));
    json_object_set_new(job, "frames_done", json_integer(t->frames_done));
    json_object_set_new(job, "frames_total", json_integer(t->frames_total));
    json_object_set_new(job, "attempt", json_integer(t->attempt));
    if (t->preview_name[0])
        json_object_set_new(job, "preview_url", media_url(api, base_url, t->preview_name, t));
}

static void add_completed(json_t *job, const struct api_setup *api, const struct task *t,
                          const char *base_url)
{
    json_t *quality = t->quality ? json_loads(t->quality, JSON_REJECT_DUPLICATES, NULL) : NULL;
    json_t *video_url = media_url(api, base_url, t->video_name, t);
    json_object_set_new(
        job, "result",
        json_pack("{s:[O], s:o, s:o, s:o, s:i, s:i, s:i, s:I, s:o, s:o}", "outputs", video_url,
                  "thumbnail_url", media_url(api, base_url, t->thumbnail_name, t), "captions_url",
                  media_url(api, base_url, t->captions_name, t), "duration_seconds",
                  seconds(t->duration_ms), "width", t->width_px, "height", t->height_px, "fps",
                  t->fps, "size_bytes", (json_int_t)t->size_bytes, "sha256",
                  t->sha256 ? text(t->sha256) : json_null(), "quality",
                  quality ? quality : json_null()));
    json_object_set_new(job, "video_url", video_url);
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

static json_t *urls_json(const struct task *t, const char *base_url)
{
    char get[400];
    snprintf(get, sizeof(get), "%s/v1/video/generations/%s", base_url, t->id);
    return json_pack("{s:s, s:s+, s:s+, s:s+}", "get", get, "cancel", get, "/cancel", "events", get,
                     "/events", "content", get, "/content");
}

json_t *job_json(const struct call *call, const struct task *t, const struct outlook *outlook,
                 json_t *warnings)
{
    char base_url[300];
    call_base_url(call, base_url, sizeof(base_url));
    json_t *job =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o}", "id", t->id, "task_id",
                  t->id, "object", "video.generation.job", "status", task_state_word(t->state),
                  "model", t->model, "created_at", (json_int_t)(t->created_ms / 1000), "expires_at",
                  t->expires_ms > 0 ? json_integer(t->expires_ms / 1000) : json_null(), "billing",
                  billing_json(call->api, t), "urls", urls_json(t, base_url), "warnings",
                  all_warnings(t, warnings));
    if (!job)
        return NULL;
    const struct model *model = model_find(t->model);
    json_t *direction = t->direction ? json_loads(t->direction, 0, NULL) : NULL;
    json_object_set_new(job, "direction", direction ? direction : json_null());
    options_show(job, t, model ? model->size_class : "", model ? model->fps : 0);
    if (outlook && t->state < TASK_COMPLETED)
        json_object_set_new(job, "eta_seconds", json_integer((outlook->eta_ms + 999) / 1000));
    switch (t->state) {
    case TASK_QUEUED:
        if (outlook)
            json_object_set_new(job, "queue_position", json_integer(outlook->position));
        break;
    case TASK_PROCESSING:
        add_processing(job, call->api, t, base_url);
        break;
    case TASK_COMPLETED:
        add_completed(job, call->api, t, base_url);
        break;
    case TASK_FAILED:
        add_failed(job, t);
        break;
    case TASK_STATE_COUNT:
        break;
    }
    return job;
}

/* A task that is accepted must be answered as accepted: an outlook that cannot be read is left out. */
json_t *job_json_now(const struct call *call, const struct task *t, json_t *warnings)
{
    struct outlook outlook;
    if (call->outlook)
        return job_json(call, t, call->outlook, warnings);
    bool known = t->state < TASK_COMPLETED &&
                 queue_outlook(call->api->store, t, &outlook, NULL) == ORATOR_OK;
    return job_json(call, t, known ? &outlook : NULL, warnings);
}
