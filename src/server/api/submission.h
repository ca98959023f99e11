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

#include "server/api/api.h"
#include "server/api/models.h"

struct submission {
    json_t *root;
    const struct model *model;
    const char *image_url, *audio_url; /* http(s) or data: */
    const char *prompt;                /* NULL: none */
    int64_t declared_ms;
    uint64_t seed; /* drawn if none was sent */
    struct task_options options;
    const char *external_task_id; /* NULL: none */
    char *metadata;               /* JSON, owned; NULL: none */
};

ORATOR_MUST_CHECK enum orator_status submission_parse(struct submission *out, const void *body,
                                                      size_t size, const struct api_setup *,
                                                      struct orator_error *err);
/* What a client sent in vain: an array of {code, param, message}; NULL: no memory. */
json_t *submission_warnings(const struct submission *);
void submission_fini(struct submission *);
