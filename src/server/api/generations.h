/* generations.h - the road that every submit takes, whichever door it came through. Private to api/. */
#pragma once

#include "server/api/inputs.h"

/* Stores the task with its price; the inputs are its own from then on, and the caller's to drop after an
 * error. `shape` says in which door's words a callback_url is told ("job"). */
ORATOR_MUST_CHECK enum orator_status generation_accept(struct call *, const struct submission *,
                                                       const struct inputs *, const char *shape,
                                                       struct task *out, struct orator_error *err);
/* Takes the task of the key away with its files. jobs.c */
ORATOR_MUST_CHECK enum orator_status generation_delete(struct call *, const char *id,
                                                       struct orator_error *err);
/* The answer becomes the file that ?variant= names: video, thumbnail, captions. NOT_FOUND while there is
 * none, EXPIRED when it is gone. jobs.c */
ORATOR_MUST_CHECK enum orator_status generation_content(struct call *, const char *id,
                                                        struct orator_error *err);
