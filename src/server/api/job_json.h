/* job_json.h - the shape of a job, in every state. Private to api/. */
#pragma once

#include <jansson.h>

#include "server/api/call.h"

/* `position` counts the tasks before a queued one, -1: not known; `warnings` is taken over, NULL: none. NULL: no
 * memory. */
json_t *job_json(const struct call *, const struct task *, int64_t position, json_t *warnings);
