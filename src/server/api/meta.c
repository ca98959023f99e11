#include <string.h>

#include "server/api/call.h"
#include "server/api/limits.h"
#include "server/api/models.h"

enum orator_status errors_list(struct call *call, struct orator_error *err)
{
    json_t *data = json_array();
    for (int i = ORATOR_OK + 1; i < ORATOR_STATUS_COUNT; i++) {
        enum orator_status s = (enum orator_status)i;
        json_array_append_new(
            data, json_pack("{s:s, s:s, s:i, s:b, s:s, s:o}", "code", orator_status_word(s), "type",
                            http_error_type(s), "http_status", orator_status_http(s), "retryable",
                            orator_status_retryable(s), "message", orator_status_text(s), "doc_url",
                            json_sprintf("%s%s", http_doc_path, orator_status_word(s))));
    }
    return call_answer_json(call, json_pack("{s:s, s:o}", "object", "list", "data", data), err);
}

static json_t *number_or_null(int64_t n) { return n > 0 ? json_integer(n) : json_null(); }

/* Of what a request carries. */
static json_t *request_limits(const struct api_setup *api)
{
    return json_pack(
        "{s:{s:[s,s,s], s:i, s:i, s:i, s:i, s:f}, s:{s:[s,s,s,s,s,s], s:i, s:f, s:f}, s:{s:i},"
        " s:{s:i, s:i}, s:{s:I}, s:{s:i, s:i}, s:{s:i, s:i, s:i}, s:{s:i}}",
        "image", "formats", "jpeg", "png", "webp", "max_bytes", LIMIT_IMAGE_BYTES, "min_side_px",
        LIMIT_IMAGE_MIN_PX, "good_side_px", LIMIT_IMAGE_GOOD_PX, "max_side_px", LIMIT_IMAGE_MAX_PX,
        "max_aspect_ratio", LIMIT_IMAGE_ASPECT, "audio", "formats", "mp3", "wav", "m4a", "aac",
        "ogg", "flac", "max_bytes", LIMIT_AUDIO_BYTES, "min_seconds", LIMIT_AUDIO_MIN_MS / 1000.0,
        "max_seconds", (double)model_max_voice_ms(api) / 1000.0, "prompt", "max_characters",
        TASK_PROMPT_MAX, "request", "max_bytes", API_BODY_MAX_BYTES, "max_url_bytes",
        TASK_URL_MAX - 1, "seed", "max", (json_int_t)LIMIT_SEED, "fps", "min", LIMIT_FPS_MIN, "max",
        LIMIT_FPS_MAX, "metadata", "max_names", LIMIT_METADATA_PAIRS, "max_name_characters",
        LIMIT_METADATA_KEY, "max_value_characters", LIMIT_METADATA_VALUE, "external_task_id",
        "max_characters", TASK_EXTERNAL_ID_MAX);
}

enum orator_status limits_get(struct call *call, struct orator_error *err)
{
    const struct api_setup *api = call->api;
    json_t *v = request_limits(api);
    json_t *more = json_pack(
        "{s:s, s:{s:I}, s:{s:o, s:o}, s:{s:o, s:i}, s:{s:i, s:I, s:i}, s:{s:i, s:i}}", "object",
        "limits", "queue", "max_waiting",
        (json_int_t)(api->queue_max > 0 ? api->queue_max : QUEUE_MAX), "key", "requests_per_minute",
        number_or_null(api->rate_per_minute), "parallel_jobs", number_or_null(api->parallel),
        "retention", "seconds", number_or_null(api->retention_ms / 1000), "min_expires_in",
        LIMIT_EXPIRES_MIN_S, "files", "max_files", LIMIT_FILES, "max_bytes",
        (json_int_t)LIMIT_FILES_BYTES, "max_days", LIMIT_FILE_DAYS, "idempotency_key",
        "max_characters", IDEMPOTENCY_NAME_MAX, "kept_seconds", IDEMPOTENCY_MS / 1000);
    if (v && more)
        json_object_update(v, more);
    json_decref(more);
    return call_answer_json(call, v, err);
}

/* The process answers. */
enum orator_status health_get(struct call *call, struct orator_error *err)
{
    return call_answer_json(call, json_pack("{s:s}", "status", "ok"), err);
}

/* The store answers too: a read for a task that cannot exist. Not ready while the server stops. */
enum orator_status ready_get(struct call *call, struct orator_error *err)
{
    if (http_is_stopping(call->request))
        return orator_fail(err, ORATOR_SHUTTING_DOWN, "the server is stopping");
    struct task task = {0};
    enum orator_status s = queue_get(call->api->store, "task_", NULL, &task, err);
    task_fini(&task);
    if (s != ORATOR_TASK_NOT_FOUND && s != ORATOR_OK)
        return s;
    return call_answer_json(call, json_pack("{s:s}", "status", "ready"), err);
}

extern const char page_openapi[], page_llms[];
extern const size_t page_openapi_size, page_llms_size;

static enum orator_status answer_page(struct call *call, const char *page, size_t size,
                                      const char *type, struct orator_error *err)
{
    call->answer->body = strdup(page);
    if (!call->answer->body)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
    call->answer->body_size = size;
    call->answer->content_type = type;
    http_answer_header(call->answer, "Access-Control-Allow-Origin", "*");
    return ORATOR_OK;
}

/* Made by tools/openapi.py out of the table of routes. */
enum orator_status openapi_get(struct call *call, struct orator_error *err)
{
    return answer_page(call, page_openapi, page_openapi_size, NULL, err);
}

enum orator_status llms_get(struct call *call, struct orator_error *err)
{
    return answer_page(call, page_llms, page_llms_size, "text/plain; charset=utf-8", err);
}

extern const char page_errors[];
extern const size_t page_errors_size;

/* docs/troubleshooting.md as a page: where every doc_url leads. */
enum orator_status errors_page(struct call *call, struct orator_error *err)
{
    call->answer->body = strdup(page_errors);
    if (!call->answer->body)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
    call->answer->body_size = page_errors_size;
    call->answer->content_type = "text/html; charset=utf-8";
    http_answer_header(call->answer, "Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return ORATOR_OK;
}
