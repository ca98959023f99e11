/* generations.h - the road that every submit takes, whichever door it came through. Private to api/. */
#pragma once

#include "server/api/submission.h"

/* Stores the inputs, and the task with its price; nothing stays behind on an error. `shape` says in which
 * door's words a callback_url is told ("job"). */
ORATOR_MUST_CHECK enum orator_status generation_submit(struct call *, const struct submission *,
                                                       const char *shape, struct task *out,
                                                       struct orator_error *err);
