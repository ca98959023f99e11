/* job_json.h - the shape of a job, in every state. Private to api/. */
#pragma once

#include <jansson.h>

#include "server/api/call.h"

/* `outlook` NULL: not known; `warnings` is taken over, NULL: none. NULL: no memory. */
json_t *job_json(const struct call *, const struct task *, const struct outlook *,
                 json_t *warnings);
/* With its outlook, if the store tells. */
json_t *job_json_now(const struct call *, const struct task *, json_t *warnings);
