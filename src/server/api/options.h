/* options.h - the fields of a submit by which a video differs from its model's own.
 *
 * What:    resolution, fps, aspect_ratio, face_box, motion, captions, watermark_info, external_task_id, metadata: each by type
 *          and range. A field that is null or not there leaves its default.
 * Owns:    nothing; the JSON is borrowed.
 * Errors:  INVALID_PARAMETER; err->param names the field, within motion as "motion.head".
 * Threads: pure. Private to api/.
 */
#pragma once

#include <jansson.h>

#include "base/error.h"
#include "server/api/json_out.h"
#include "server/tasks/task.h"

ORATOR_MUST_CHECK enum orator_status options_read(struct task_options *out, const json_t *root,
                                                  struct orator_error *err);
/* *out points into the JSON; NULL: not sent. */
ORATOR_MUST_CHECK enum orator_status options_read_external_id(const char **out, const json_t *root,
                                                              struct orator_error *err);
/* *out is compact JSON on the heap, the caller's; NULL: not sent, or an empty object. */
ORATOR_MUST_CHECK enum orator_status options_read_metadata(char **out, const json_t *root,
                                                           struct orator_error *err);

/* What a job shows of them: `resolution` and `fps` stand in for what was not asked. */
void options_show(struct json_out *job, const struct task *, const char *resolution, int fps);
/* What GET /v1/models says of them. */
json_t *options_describe(const char *resolution, int fps);

/* "a string", "null": what a JSON value is, for people. */
const char *options_type_name(const json_t *);
