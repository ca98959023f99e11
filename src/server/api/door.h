/* door.h - what the doors share: OpenAI's videos, Kling's avatar routes, fal's queue, Replicate's
 * predictions. Private to api/. docs/doors.md is the client's page.
 *
 * A door turns its own request into the fields of POST /v1/video/generations and a task into its own
 * answer; everything between is the same core. A voice whose length was not sent is measured first, and
 * the request waits for that without a thread.
 */
#pragma once

#include "server/api/call.h"
#include "server/api/generations.h"

/* Submits the fields of `root` (taken over) and files beside them, NULL: none. *done = false: the voice is
 * being measured; return OK, and call door_resume() when the handler is called again. Otherwise the call is
 * answered; *out is the caller's to task_fini(). The shape is static. */
ORATOR_MUST_CHECK enum orator_status
door_submit(struct call *, json_t *root, const struct upload *image, const struct upload *audio,
            const struct shape *, struct task *out, bool *done, struct orator_error *err);
/* Whether the handler is called again for door_resume(). */
bool door_is_waiting(const struct call *);
ORATOR_MUST_CHECK enum orator_status door_resume(struct call *, struct task *out, bool *done,
                                                 struct orator_error *err);

/* The job as GET /v1/video/generations/{id} shows it; NULL: no memory. */
json_t *door_job(const struct call *, const struct task *);
/* The value, taken over, as the text of an answer, malloc'ed; NULL: no memory. */
char *door_text(json_t *, size_t *size);
/* "2026-01-31T12:00:00.123Z" */
void door_iso_time(char out[40], int64_t ms);
json_t *door_iso_or_null(int64_t ms);
/* Moves a field of `from` to `root` under another name, unless it is null. */
void door_rename(json_t *root, const json_t *from, const char *name, const char *new_name);
ORATOR_MUST_CHECK enum orator_status door_cancel(struct call *, const char *id, struct task *out,
                                                 struct orator_error *err);
/* What webhooks of tasks that came through a door say; NULL: no memory, or no such shape. */
json_t *door_webhook(const struct call *, const char *shape, const struct task *);

/* Errors in a door's own words; for http_answer.error_form. */
char *kling_error(const struct http_request *, enum orator_status, const struct orator_error *);
char *fal_error(const struct http_request *, enum orator_status, const struct orator_error *);
char *replicate_error(const struct http_request *, enum orator_status, const struct orator_error *);

json_t *kling_callback(const struct call *, const struct task *);
json_t *fal_callback(const struct call *, const struct task *);
json_t *replicate_prediction(const struct call *, const struct task *);

/* Is this a JWT, and whose? INVALID_API_KEY, EXPIRED_API_KEY; err->param "nbf" for one that is not valid
 * yet. kling_token.c */
bool kling_is_token(const char *text);
ORATOR_MUST_CHECK enum orator_status kling_token_check(const struct api_setup *, const char *token,
                                                       struct api_key *out,
                                                       struct orator_error *err);
