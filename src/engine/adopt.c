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

enum orator_status engine_voice_as_mp3(struct bytes *out, const struct bytes *voice, int64_t max_ms,
                                       struct orator_error *err)
{
    struct sound sound = {0};
    int64_t lead;
    *out = (struct bytes){0};
    enum orator_status s =
        sound_decode(&sound, voice->data, voice->size, max_ms ? max_ms : SOUND_MAX_MS, err);
    if (s == ORATOR_OK)
        s = sound_encode(out, &sound, "mp3", &lead, err);
    sound_fini(&sound);
    return s;
}
