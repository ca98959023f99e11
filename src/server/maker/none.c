/* none.c - no engine: every task is completed at once with the same second of grey. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/blank.h"
#include "server/maker/maker.h"

enum { VIDEO_MAX_BYTES = 1 << 20 };

struct maker_none {
    struct bytes video;
};

enum orator_status maker_none_open(struct maker_none **out, const char *folder,
                                   struct orator_error *err)
{
    enum orator_status s;
    char path[4096];
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for an engine");
    snprintf(path, sizeof(path), "%s/blank.mp4", folder);
    TRY(engine_blank_video(path, err));
    TRY(file_read(&(*out)->video, path, VIDEO_MAX_BYTES, err));
done:
    unlink(path);
    if (s != ORATOR_OK)
        maker_none_free(out);
    return s;
}

void maker_none_free(struct maker_none **m)
{
    if (!*m)
        return;
    bytes_fini(&(*m)->video);
    free(*m);
    *m = NULL;
}

static enum orator_status make(const void *self, const struct maker_job *job,
                               struct maker_result *out, struct orator_error *err)
{
    const struct maker_none *m = self;
    enum orator_status s;
    *out = (struct maker_result){
        .frames = BLANK_FRAMES,
        .size_bytes = (int64_t)m->video.size,
        .duration_us = INT64_C(1000000) * BLANK_FRAMES / BLANK_FPS,
        .width_px = BLANK_SIDE_PX,
        .height_px = BLANK_SIDE_PX,
        .fps = BLANK_FPS,
    };
    TRY(job->progress(job->ctx, &(struct maker_progress){"render", 0, BLANK_FRAMES, 0, 0}, err));
    TRY(file_write(job->video_path, m->video.data, m->video.size, err));
done:
    return s;
}

struct maker maker_none(const struct maker_none *m)
{
    return (struct maker){.name = "none", .make = make, .self = m};
}
