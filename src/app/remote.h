/* remote.h - videos that another machine makes: what `submit`, `wait` and `mcp` share. Threads: one owner. */
#pragma once

#include "app/progress.h"
#include "app/video.h"
#include "client/client.h"

/* Fields of a submit out of words; a text to say is spoken by the server now. Portraits and voices that are URLs go as URLs, paths as files. */
enum { REMOTE_PARTS_MAX = 24 };
struct remote_parts {
    struct client_part list[REMOTE_PARTS_MAX];
    int count;
    char model[64], face_box[96], speech[CLIENT_FILE_ID_SIZE];
};
ORATOR_MUST_CHECK enum orator_status remote_parts_from(struct remote_parts *, struct client *,
                                                       const struct video_request *,
                                                       struct orator_error *err);
void remote_parts_add(struct remote_parts *, const char *name, const char *value); /* NULL: not */

bool remote_is_url(const char *source); /* http, https, data: or the id of an uploaded file */

bool remote_is_over(const json_t *job);
/* OK, or why the job failed. */
enum orator_status remote_outcome(const json_t *job, struct orator_error *err);
struct progress_point remote_point(const json_t *job);
/* Until the job is over. A server that does not answer is asked again for a minute. */
ORATOR_MUST_CHECK enum orator_status remote_wait(struct client *, const char *id, struct progress *,
                                                 json_t **job, struct orator_error *err);
