/* adopt.h - a video that another engine made is taken in: looked at, marked as generated, with a thumbnail.
 *
 * Threads: pure. Errors: RENDER_FAILED, with the reason, if it is no whole MP4 of H.264 and AAC; IO.
 */
#pragma once

#include <stdint.h>

#include "base/file.h"

struct adopted {
    int64_t frames, duration_us, size_bytes;
    int width_px, height_px, fps;
};

/* The voice as an mp3, for engines that take few formats. The errors of a voice that cannot be decoded. */
ORATOR_MUST_CHECK enum orator_status engine_voice_as_mp3(struct bytes *out,
                                                         const struct bytes *voice, int64_t max_ms,
                                                         struct orator_error *err);

/* Both results appear complete or not at all. */
ORATOR_MUST_CHECK enum orator_status engine_adopt(const char *from_path, const char *video_path,
                                                  const char *thumbnail_path, const char *job_id,
                                                  struct adopted *out, struct orator_error *err);
