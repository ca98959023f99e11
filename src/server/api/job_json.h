/* job_json.h - the shape of a job, in every state. Private to api/.
 *
 * What the store keeps as JSON (warnings, quality, direction, metadata) was written by this program and goes
 * out as it is.
 */
#pragma once

#include "server/api/call.h"
#include "server/api/json_out.h"
#include "server/api/link.h"

/* `outlook` NULL: not known. */
void job_put(struct json_out *, const struct call *, const struct task *, const struct outlook *);
/* What is before it: call->outlook, else what the store says; NULL: it does not, or the task is over. */
const struct outlook *job_outlook(const struct call *, const struct task *, struct outlook *memory);
/* The whole of it as text, malloc'ed, with its outlook. NULL: no memory. */
char *job_text(const struct call *, const struct task *, size_t *size);
/* The answer becomes that. */
ORATOR_MUST_CHECK enum orator_status job_answer(struct call *, const struct task *,
                                                struct orator_error *err);

/* 0..100 while a task is processed, 0 before; and where its video is, NULL if it is nowhere. */
int job_progress(const struct task *);
const char *job_video_url(const struct call *, const struct task *, char out[LINK_SIZE]);
