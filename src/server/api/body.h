/* body.h - the JSON object that a request carries. Private to api/.
 *
 * What:    strict: no duplicate keys, no bad UTF-8, bounded depth; null counts as not sent.
 * Errors:  INVALID_JSON, NO_MEMORY; MISSING_PARAMETER and INVALID_PARAMETER naming the field.
 * Threads: pure.
 */
#pragma once

#include <jansson.h>

#include "base/error.h"

/* *out is the caller's. An empty body is INVALID_JSON. */
ORATOR_MUST_CHECK enum orator_status body_object(json_t **out, const void *body, size_t size,
                                                 struct orator_error *err);
/* A field, NULL if it is null or not there. */
json_t *body_field(const json_t *object, const char *name);
/* A text of at most `max` characters, borrowed from the object; *out stays as it is if it was not sent. */
ORATOR_MUST_CHECK enum orator_status body_text(const json_t *object, const char *name, size_t max,
                                               const char **out, struct orator_error *err);
