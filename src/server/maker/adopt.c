#include "server/maker/adopt.h"

#include "engine/adopt.h"

enum orator_status maker_adopt(const struct maker_job *job, const char *path, int64_t voice_us,
                               struct maker_result *out, struct orator_error *err)
{
    struct adopted video = {0};
    enum orator_status s =
        engine_adopt(path, job->video_path, job->thumbnail_path, job->task->id, &video, err);
    if (s != ORATOR_OK)
        return s;
    out->frames = video.frames;
    out->size_bytes = video.size_bytes;
    out->voice_us = voice_us;
    out->duration_us = video.duration_us;
    out->width_px = video.width_px;
    out->height_px = video.height_px;
    out->fps = video.fps;
    out->thumbnail = true;
    if (job->captions_path)
        warnings_add(&out->warnings, "captions_not_made",
                     "captions were asked for; the engine of this model makes none");
    if (job->task->options.label)
        warnings_add(&out->warnings, "label_not_checked",
                     "a visible label was asked for; the engine of this model was told, and the "
                     "picture was not checked for it");
    return ORATOR_OK;
}
