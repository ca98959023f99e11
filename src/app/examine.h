/* examine.h - the engine's examination in the API's words: for api_setup.examine; `engine` is a struct engine. */
#pragma once

#include "server/api/facts.h"

struct bytes;
ORATOR_MUST_CHECK enum orator_status app_examine(void *engine, const struct bytes *portrait,
                                                 const struct bytes *voice, const double *face_box,
                                                 int64_t max_ms, struct facts *out,
                                                 struct orator_error *err);
