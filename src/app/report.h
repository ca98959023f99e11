/* report.h - the end of a piece of work as one JSON object, in the words of the HTTP API. */
#pragma once

#include "app/video.h"
#include "base/text.h"

enum { REPORT_SIZE = WARNINGS_JSON_SIZE + HEARD_JSON_SIZE + 8192 };

/* {"status":"completed","output":...,...} without a line's end. */
void report_video(struct text *, const struct video_request *, const struct video_made *);
/* {"status":"failed","error":{"code":...},"exit_code":N} */
void report_failure(struct text *, const struct orator_error *);
/* app_fail(), and with `json` the object on standard output too. */
int report_end(enum orator_status, const struct orator_error *, bool json);
