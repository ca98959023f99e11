#include "engine/adopt.h"

#include <unistd.h>

#include "engine/media/media.h"

enum orator_status engine_adopt(const char *from_path, const char *video_path,
                                const char *thumbnail_path, const char *job_id, struct adopted *out,
                                struct orator_error *err)
{
    struct video_facts facts;
    enum orator_status s = video_adopt(from_path, video_path, job_id, &facts, err);
    if (s == ORATOR_OK && (s = video_thumbnail(video_path, thumbnail_path, err)) != ORATOR_OK)
        unlink(video_path);
    *out = (struct adopted){.frames = facts.frames,
                            .duration_us = facts.duration_us,
                            .size_bytes = facts.size_bytes,
                            .width_px = facts.width_px,
                            .height_px = facts.height_px,
                            .fps = facts.fps};
    return s;
}
