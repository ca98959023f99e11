/* error.h - what went wrong, for programs and for people.
 *
 * A function that can fail returns `enum orator_status` and takes a `struct orator_error *err` last.
 * The status tells a program what to do; `err->text` tells a person what was seen and what is
 * needed; `err->param` names the request field at fault, if one is. `err` may be NULL. Nothing here
 * allocates, so errors work when memory is gone.
 *
 * Threads: a `struct orator_error` belongs to one thread at a time.
 */
#pragma once

#include <stdbool.h>

/* One row a failure: the name in C, the stable word of the HTTP API, the HTTP answer, the exit code
 * of the command line, whether trying again can help, and what the word means.
 * Exit codes: 2 the request, 3 not there, 4 a limit, 5 stopped, 6 memory, 7 storage or network,
 * 8 a fault of ours, 9 not allowed. */
// clang-format off
#define ORATOR_STATUS_LIST(X)                                                                                     \
    X(OK,                       "ok",                         200, 0, false, "ok")                                \
    X(INVALID_JSON,             "invalid_json",               400, 2, false, "the body is not one JSON object")   \
    X(MISSING_PARAMETER,        "missing_required_parameter", 400, 2, false, "a required field is missing")       \
    X(INVALID_PARAMETER,        "invalid_parameter",          400, 2, false, "a field has a wrong type or value") \
    X(INVALID_URL,              "invalid_url",                400, 2, false, "not an http, https or data URL")    \
    X(MISSING_API_KEY,          "missing_api_key",            401, 9, false, "no Authorization header was sent")  \
    X(INVALID_API_KEY,          "invalid_api_key",            401, 9, false, "the key is unknown or revoked")     \
    X(EXPIRED_API_KEY,          "expired_api_key",            401, 9, false, "the key is past its last day")      \
    X(INSUFFICIENT_BALANCE,     "insufficient_balance",       402, 4, false, "the account holds less than that")  \
    X(KEY_BUDGET_EXCEEDED,      "key_budget_exceeded",        402, 4, false, "the key may not spend so much")     \
    X(MAX_COST_EXCEEDED,        "max_cost_exceeded",          402, 4, false, "it costs more than you allowed")    \
    X(PERMISSION_DENIED,        "permission_denied",          403, 9, false, "the key lacks the scope for this")  \
    X(URL_FORBIDDEN,            "url_forbidden",              403, 9, false, "the address is not a public one")   \
    X(TASK_NOT_FOUND,           "task_not_found",             404, 3, false, "no task of yours has this id")      \
    X(MODEL_NOT_FOUND,          "model_not_found",            404, 3, false, "no model has this name")            \
    X(NOT_FOUND,                "not_found",                  404, 3, false, "nothing lives at this address")     \
    X(METHOD_NOT_ALLOWED,       "method_not_allowed",         405, 2, false, "this address takes other methods")  \
    X(REQUEST_TOO_LARGE,        "request_too_large",          413, 4, false, "the request is over the limit")     \
    X(IMAGE_TOO_LARGE,          "image_too_large",            413, 4, false, "the picture is over the limit")     \
    X(AUDIO_TOO_LARGE,          "audio_too_large",            413, 4, false, "the sound is over the limit")       \
    X(UNSUPPORTED_IMAGE_FORMAT, "unsupported_image_format",   415, 2, false, "not a JPEG, PNG or WebP picture")   \
    X(UNSUPPORTED_AUDIO_FORMAT, "unsupported_audio_format",   415, 2, false, "not mp3, wav, m4a, aac, ogg, flac") \
    X(UNSUPPORTED_MEDIA_TYPE,   "unsupported_media_type",     415, 2, false, "the body is not application/json")  \
    X(AUDIO_TOO_SHORT,          "audio_too_short",            422, 2, false, "the sound is too short")            \
    X(AUDIO_TOO_LONG,           "audio_too_long",             422, 4, false, "the sound is too long")             \
    X(AUDIO_DURATION_MISMATCH,  "audio_duration_mismatch",    422, 2, false, "declared and measured differ")      \
    X(IMAGE_TOO_SMALL,          "image_too_small",            422, 2, false, "the picture is too small")          \
    X(BAD_ASPECT_RATIO,         "bad_aspect_ratio",           422, 2, false, "the picture is too long or wide")   \
    X(FACE_NOT_FOUND,           "face_not_found",             422, 2, false, "no face is in the picture")         \
    X(FACE_UNUSABLE,            "face_unusable",              422, 2, false, "the face cannot be animated")       \
    X(IDEMPOTENCY_KEY_REUSED,   "idempotency_key_reused",     422, 2, false, "the key came with another body")    \
    X(RATE_LIMIT,               "rate_limit_exceeded",        429, 4, true,  "too many requests")                 \
    X(CONCURRENCY_LIMIT,        "concurrency_limit_exceeded", 429, 4, true,  "too many of your tasks are open")   \
    X(DOWNLOAD_FAILED,          "download_failed",            424, 7, false, "the source could not be fetched")   \
    X(DOWNLOAD_TIMEOUT,         "download_timeout",           424, 7, true,  "the source took too long")          \
    X(DECODE_FAILED,            "decode_failed",              422, 2, false, "the file is damaged")               \
    X(RENDER_FAILED,            "render_failed",              500, 8, true,  "the video could not be made")       \
    X(STAGE_TIMEOUT,            "stage_timeout",              504, 8, true,  "a stage took too long")             \
    X(EXTERNAL_TASK_ID_EXISTS,  "external_task_id_exists",    409, 2, false, "another task of yours has it")      \
    X(IDEMPOTENCY_IN_PROGRESS,  "idempotency_in_progress",    409, 4, true,  "the first request still runs")      \
    X(TASK_NOT_CANCELABLE,      "task_not_cancelable",        409, 2, false, "the task is over already")          \
    X(CANCELED,                 "canceled",                   409, 5, false, "stopped by request")                \
    X(EXPIRED,                  "expired",                    410, 5, false, "kept as long as was asked for")     \
    X(BAD_SETTING,              "bad_setting",                500, 2, false, "the configuration is wrong")        \
    X(NO_MEMORY,                "out_of_memory",              503, 6, true,  "memory is gone")                    \
    X(IO,                       "storage_failed",             503, 7, true,  "storage or network failed")         \
    X(QUEUE_FULL,               "queue_full",                 503, 4, true,  "too many tasks are waiting")        \
    X(SHUTTING_DOWN,            "shutting_down",              503, 5, true,  "the server is stopping")            \
    X(INTERNAL,                 "internal_error",             500, 8, true,  "a fault in this program")
// clang-format on

enum orator_status {
#define X(name, word, http, exit_code, retryable, text) ORATOR_##name,
    ORATOR_STATUS_LIST(X)
#undef X
        ORATOR_STATUS_COUNT
};

struct orator_error {
    enum orator_status status;
    char text[256];
    char param[48]; /* request field at fault, "" if none */
};

#define ORATOR_MUST_CHECK __attribute__((warn_unused_result))

/* Stable lower-case word for JSON and logs, e.g. "face_not_found". */
const char *orator_status_word(enum orator_status s);
int orator_status_http(enum orator_status s);
int orator_status_exit(enum orator_status s);
bool orator_status_retryable(enum orator_status s);
/* What the word means in general, for tables of errors; err->text says what happened here. */
const char *orator_status_text(enum orator_status s);
/* The status with this word; ORATOR_INTERNAL if none has it. */
enum orator_status orator_status_from_word(const char *word);

/* Fill `err` (if any) and hand the status back, so that a failure is one line:
 *     return orator_fail(err, ORATOR_IMAGE_TOO_SMALL, "image is %d px wide, need 128", w); */
enum orator_status orator_fail(struct orator_error *err, enum orator_status s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), cold));

/* The same, naming the request field at fault. */
enum orator_status orator_fail_param(struct orator_error *err, enum orator_status s,
                                     const char *param, const char *fmt, ...)
    __attribute__((format(printf, 4, 5), cold));

/* Run a step; if it fails, leave this function through its label `done`, status in `s`.
 * The only macro of the project that jumps. */
#define TRY(step)           \
    do {                    \
        s = (step);         \
        if (s != ORATOR_OK) \
            goto done;      \
    } while (0)

/* Put "where: " in front of a text coming from below; returns `s` unchanged. */
enum orator_status orator_within(struct orator_error *err, enum orator_status s, const char *where);
