/* generations.h - the road that every submit takes, whichever door it came through. Private to api/. */
#pragma once

#include "server/api/inputs.h"

/* Stores the task with its price; the inputs are its own from then on, and the caller's to drop after an
 * error. `shape` says in which door's words a callback_url is told ("job"). */
ORATOR_MUST_CHECK enum orator_status generation_accept(struct call *, const struct submission *,
                                                       const struct inputs *, const char *shape,
                                                       struct task *out, struct orator_error *err);
