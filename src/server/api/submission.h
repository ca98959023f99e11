/* submission.h - the body of a submit: bytes to a request that holds what the contract promises.
 *
 * What:    strict JSON (no duplicate keys, no bad UTF-8, bounded depth), then each field by type and
 *          range in the contract's order; unknown fields are ignored, known ones of later versions of
 *          the API are noted as ignored. Nothing is stored here.
 * Owns:    the parsed JSON, which the strings point into; submission_fini() frees it.
 * Errors:  INVALID_JSON, MISSING_PARAMETER, INVALID_PARAMETER, MODEL_NOT_FOUND, INVALID_URL,
 *          URL_FORBIDDEN; err->param names the field.
 * Threads: pure. Private to api/.
 */
#pragma once

#include <jansson.h>

#include "server/api/hooks.h"
#include "server/api/models.h"

/* The bytes of a file that came with the request; borrowed. data NULL: none came. */
struct upload {
    const void *data;
    size_t size;
};

struct submission {
    json_t *root;
    const struct model *model;
    const char *image_url, *audio_url; /* http(s), data: or a file's id; NULL: the upload it is */
    struct upload image, audio;
    const char *prompt, *text; /* NULL: none */
    int64_t declared_ms;
    uint64_t seed; /* drawn if none was sent */
    struct task_options options;
    const char *external_task_id;              /* NULL: none */
    char *metadata;                            /* JSON, owned; NULL: none */
    const char *callback_url;                  /* NULL: none */
    char callback_events[WEBHOOK_EVENTS_SIZE]; /* as hooks.h writes it */
    bool dry_run;                              /* only say what would be */
    int64_t max_cost_micro;                    /* -1: none */
    int64_t retention_ms;                      /* 0: for ever */
    struct idempotency idempotency;            /* of the request, while its voice is measured */
};

enum submission_need {
    NEED_ALL,
    NEED_SOURCES, /* without audio_duration_seconds declared_ms is 0, and measure.h finds it out */
    NEED_ONE_SOURCE, /* nor image_url or audio_url, which is NULL then: for estimates */
};
ORATOR_MUST_CHECK enum orator_status submission_parse(struct submission *out, const void *body,
                                                      size_t size, enum submission_need need,
                                                      const struct api_setup *,
                                                      struct orator_error *err);
/* The same from an object, which is taken over, and files beside it (NULL: none). */
ORATOR_MUST_CHECK enum orator_status
submission_read(struct submission *out, json_t *root, const struct upload *image,
                const struct upload *audio, enum submission_need need, const struct api_setup *,
                struct orator_error *err);
void submission_fini(struct submission *);
