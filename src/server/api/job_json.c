#include "server/api/job_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/models.h"
#include "server/api/money.h"
#include "server/api/options.h"

/* 0..100 while a task is processed: [first, last) of each stage. Rendering takes nearly all the time;
 * what is before it is shown as a few steps, so that a watcher sees life. */
int job_progress(const struct task *t)
{
    if (t->state != TASK_PROCESSING)
        return 0;
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

static void put_billing(struct json_out *o, const struct api_setup *api, const struct task *t)
{
    static const char *const states[] = {[BILLING_RESERVED] = "reserved",
                                         [BILLING_SETTLED] = "settled",
                                         [BILLING_RELEASED] = "released"};
    json_begin(o, "billing", '{');
    json_put_text(o, "currency", api->currency);
    json_put_money(o, "unit_price_per_second", t->price_micro_per_s);
    json_put_seconds(o, "declared_seconds", t->declared_ms);
    if (t->measured_ms > 0)
        json_put_seconds(o, "measured_seconds", t->measured_ms);
    else
        json_put_null(o, "measured_seconds");
    json_put_money(o, "reserved", t->reserved_micro);
    json_put_money(o, "charged", t->charged_micro);
    json_put_text(o, "state", states[t->billing]);
    json_put_number(o, "ledger_entry", t->ledger_entry);
    json_end(o, '}');
}

/* How the addresses of a job are written. */
struct addresses {
    const struct api_setup *api;
    const struct task *task;
    char base_url[300], url[LINK_SIZE];
};

/* NULL for a file that is not there. */
static const char *media_url(struct addresses *a, const char *name)
{
    if (!name)
        return NULL;
    link_make(a->url, a->api, a->base_url, name, a->task->expires_ms);
    return a->url;
}

const char *job_video_url(const struct call *call, const struct task *t, char out[LINK_SIZE])
{
    char base_url[300];
    if (t->state != TASK_COMPLETED || !t->video_name)
        return NULL;
    call_base_url(call, base_url, sizeof(base_url));
    link_make(out, call->api, base_url, t->video_name, t->expires_ms);
    return out;
}

static void put_urls(struct json_out *o, const struct addresses *a)
{
    static const struct {
        const char *name, *end;
    } rows[] = {{"get", ""}, {"cancel", "/cancel"}, {"events", "/events"}, {"content", "/content"}};
    char url[400];
    int n = snprintf(url, sizeof(url), "%s/v1/video/generations/%s", a->base_url, a->task->id);
    json_begin(o, "urls", '{');
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(url + n, sizeof(url) - (size_t)n, "%s", rows[i].end);
        json_put_text(o, rows[i].name, url);
    }
    json_end(o, '}');
}

static void put_processing(struct json_out *o, struct addresses *a)
{
    const struct task *t = a->task;
    json_put_text(o, "stage", t->stage[0] ? t->stage : "fetch");
    json_put_number(o, "progress", job_progress(t));
    json_put_number(o, "frames_done", t->frames_done);
    json_put_number(o, "frames_total", t->frames_total);
    json_put_number(o, "attempt", t->attempt);
    if (t->preview_name[0])
        json_put_text(o, "preview_url", media_url(a, t->preview_name));
}

static void put_completed(struct json_out *o, struct addresses *a)
{
    const struct task *t = a->task;
    json_begin(o, "result", '{');
    json_begin(o, "outputs", '[');
    json_put_text(o, NULL, media_url(a, t->video_name));
    json_end(o, ']');
    json_put_text(o, "thumbnail_url", media_url(a, t->thumbnail_name));
    json_put_text(o, "captions_url", media_url(a, t->captions_name));
    json_put_seconds(o, "duration_seconds", t->duration_ms);
    json_put_number(o, "width", t->width_px);
    json_put_number(o, "height", t->height_px);
    json_put_number(o, "fps", t->fps);
    json_put_number(o, "size_bytes", t->size_bytes);
    json_put_text(o, "sha256", t->sha256);
    json_put_raw(o, "quality", t->quality, "null");
    json_end(o, '}');
    json_put_text(o, "video_url", media_url(a, t->video_name));
    json_put_text(o, "engine", "orator/" ORATOR_VERSION);
    json_put_number(o, "completed_at", t->completed_ms / 1000);
}

static void put_failed(struct json_out *o, const struct task *t)
{
    char doc_url[96];
    const char *word = orator_status_word(t->failure);
    bool param = t->failure_param && t->failure_param[0];
    bool said = t->failure_text && t->failure_text[0];
    snprintf(doc_url, sizeof(doc_url), "%s%s", http_doc_path, word);
    json_begin(o, "error", '{');
    json_put_text(o, "code", word);
    json_put_text(o, "type", http_error_type(t->failure));
    json_put_text(o, "message", said ? t->failure_text : orator_status_text(t->failure));
    json_put_text(o, "param", param ? t->failure_param : NULL);
    json_put_text(o, "stage", t->stage[0] ? t->stage : NULL);
    json_put_bool(o, "retryable", orator_status_retryable(t->failure));
    json_put_text(o, "doc_url", doc_url);
    json_end(o, '}');
    json_put_number(o, "completed_at", t->completed_ms / 1000);
}

void job_put(struct json_out *o, const struct call *call, const struct task *t,
             const struct outlook *outlook)
{
    struct addresses a = {.api = call->api, .task = t};
    const struct model *model = model_find(t->model);
    call_base_url(call, a.base_url, sizeof(a.base_url));
    json_begin(o, NULL, '{');
    json_put_text(o, "id", t->id);
    json_put_text(o, "task_id", t->id);
    json_put_text(o, "object", "video.generation.job");
    json_put_text(o, "status", task_state_word(t->state));
    json_put_text(o, "model", t->model);
    json_put_number(o, "created_at", t->created_ms / 1000);
    if (t->expires_ms > 0)
        json_put_number(o, "expires_at", t->expires_ms / 1000);
    else
        json_put_null(o, "expires_at");
    put_billing(o, call->api, t);
    put_urls(o, &a);
    json_put_raw(o, "warnings", t->warnings, "[]");
    json_put_raw(o, "direction", t->direction, "null");
    options_show(o, t, model ? model->size_class : "", model ? model->fps : 0);
    if (outlook && t->state < TASK_COMPLETED)
        json_put_number(o, "eta_seconds", (outlook->eta_ms + 999) / 1000);
    switch (t->state) {
    case TASK_QUEUED:
        if (outlook)
            json_put_number(o, "queue_position", outlook->position);
        break;
    case TASK_PROCESSING:
        put_processing(o, &a);
        break;
    case TASK_COMPLETED:
        put_completed(o, &a);
        break;
    case TASK_FAILED:
        put_failed(o, t);
        break;
    case TASK_STATE_COUNT:
        break;
    }
    json_end(o, '}');
}

/* A task that is accepted must be answered as accepted: an outlook that cannot be read is left out. */
const struct outlook *job_outlook(const struct call *call, const struct task *t,
                                  struct outlook *memory)
{
    if (call->outlook || t->state >= TASK_COMPLETED)
        return call->outlook;
    return queue_outlook(call->api->store, t, memory, NULL) == ORATOR_OK ? memory : NULL;
}

char *job_text(const struct call *call, const struct task *t, size_t *size)
{
    struct json_out o = {0};
    struct outlook outlook;
    job_put(&o, call, t, job_outlook(call, t, &outlook));
    return json_take(&o, size);
}

enum orator_status job_answer(struct call *call, const struct task *t, struct orator_error *err)
{
    size_t size;
    char *text = job_text(call, t, &size);
    return call_answer_text(call, text, size, err);
}
