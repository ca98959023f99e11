/* form.h - a submit that came as multipart/form-data: files and text fields become what JSON would be.
 *
 *     image, audio           the files
 *     model, prompt, ...     texts; numbers, true, false, lists and objects as JSON would write them
 *     metadata[k], motion[head], callback_events[]   nested values, as most clients write them
 *
 * Owns:    *root is the caller's; the files point into the form, and that into the body.
 * Errors:  INVALID_PARAMETER, naming the field.
 * Threads: pure. Private to api/.
 */
#pragma once

#include <jansson.h>

#include "server/api/submission.h"
#include "server/http/multipart.h"

/* `image_name` and `audio_name` are what the files are called, such as "image" and "audio". */
ORATOR_MUST_CHECK enum orator_status form_read(const struct multipart *, const char *image_name,
                                               const char *audio_name, json_t **root,
                                               struct upload *image, struct upload *audio,
                                               struct orator_error *err);
/* A part by its name; NULL: there is none. */
const struct multipart_part *form_part(const struct multipart *, const char *name);
