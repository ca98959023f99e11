/* examine.h - what can be said of a portrait and a voice before a video is made of them.
 *
 * What:    the same searches and verdicts as a run's, but nothing fails: what a run would refuse is listed as
 *          a problem, with the run's own word and sentence.
 * Units:   boxes in pixels of the portrait; ratios 0..1.
 * Threads: an engine is read-only and shared; an examination belongs to its caller. About a second each for
 *          a picture and for a minute of sound.
 */
#pragma once

#include "base/file.h"
#include "base/warning.h"
#include "engine/face/face.h"

struct engine;

enum { EXAMINE_PROBLEMS_MAX = 4 };

struct examination {
    int width_px, height_px; /* of the portrait; 0: it could not be read */
    int face_count;
    struct face_seen faces[FACE_SEEN_MAX]; /* the largest first */
    int speaker;                           /* of faces: who would speak; -1: nobody */
    float mesh[FACE_POINTS][2];            /* of the speaker, in pixels */
    struct warnings warnings;              /* of the speaker */

    int64_t voice_us; /* 0: it could not be read */
    char codec[16];   /* "mp3", "pcm_s16le", "aac", ... */
    int rate_hz, channels;
    float speech_ratio; /* of the time, that somebody speaks */
    float clipping;     /* of the samples, that stand at full scale */

    int problem_count;
    struct orator_error
        problems[EXAMINE_PROBLEMS_MAX]; /* param: "image_url", "audio_url", "face_box" */
};

/* Either may be NULL; face_box as in engine_job. Fails for want of memory alone. */
ORATOR_MUST_CHECK enum orator_status
engine_examine(const struct engine *, const struct bytes *portrait, const struct bytes *voice,
               const float *face_box, int64_t max_voice_ms, struct examination *out,
               struct orator_error *err);
