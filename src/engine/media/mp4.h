/* mp4.h - an MP4 that appears complete, by rename, index first, and says that it was generated.
 *
 * For media/ alone. Threads: one owner each. Errors: IO, NO_MEMORY.
 */
#pragma once

#include <libavformat/avformat.h>

#include "base/error.h"

struct mp4 {
    AVFormatContext *format;
    char *path, *part; /* owned */
    char job_id[65];   /* "": none */
};

/* Creates path.part, for our eyes only; tracks and header are the caller's. */
ORATOR_MUST_CHECK enum orator_status mp4_begin(struct mp4 *out, const char *path,
                                               const char *job_id, struct orator_error *err);
/* The header, with the index to be in front. */
ORATOR_MUST_CHECK enum orator_status mp4_write_head(struct mp4 *, struct orator_error *err);
/* Index, mark of provenance, sync, rename. `size_bytes` may be NULL. */
ORATOR_MUST_CHECK enum orator_status mp4_finish(struct mp4 *, int64_t *size_bytes,
                                                struct orator_error *err);
void mp4_remove(struct mp4 *); /* the part file; once finished there is none */
void mp4_fini(struct mp4 *);   /* {0} is fine */
