/* engine.h - one portrait and one voice in, one talking video out.
 *
 * Knows nothing of HTTP, tasks or databases: `orator render` calls it from the command line, a worker
 * calls it for a task.
 *
 *     struct engine *engine;
 *     engine_open(&engine, "models", &err);
 *     engine_run(engine, &(struct engine_job){.portrait = ..., .voice = ..., .output_path = "o.mp4"},
 *                &result, &err);
 *     engine_free(&engine);
 *
 * Threads: an engine is read-only and shared; a run belongs to its caller. The same job, seed and
 * version give the same frames.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "base/warning.h"
#include "engine/motion/motion.h"

struct engine; /* all models, loaded once */

enum engine_tier {
    ENGINE_STANDARD, /* 720p class, 25 frames a second */
    ENGINE_PRO,      /* 1080p class, 48 frames a second */
    ENGINE_TIER_COUNT
};

enum engine_stage {
    ENGINE_INSPECT,
    ENGINE_SPEECH,
    ENGINE_MOTION,
    ENGINE_RENDER,
    ENGINE_STAGE_COUNT
};

/* "inspect", "speech", "motion", "render": the words of the HTTP API. */
const char *engine_stage_name(enum engine_stage);

struct engine_progress {
    enum engine_stage stage;
    int64_t frames_done, frames_total; /* 0 before the render stage */
    int64_t voice_us;   /* measured length of the voice; known from ENGINE_SPEECH on */
    int64_t preview_us; /* from the start, so much of the preview can be played by now */
};

struct engine_job {
    const struct bytes *portrait, *voice; /* whole files, borrowed for the run */
    const char *output_path;              /* appears complete, or not at all */
    const char *captions_path;            /* WebVTT of the speech (captions.h); NULL: none */
    const char *text;                     /* what the voice says, for captions; NULL: not known */
    const struct bytes *notes;  /* what the voice says when (speech/phones.h); NULL: not known */
    const char *thumbnail_path; /* a small JPEG of its first picture; NULL: none */
    const char *preview_path;   /* an MP4 that can be played while it grows; stays; NULL: none */
    enum engine_tier tier;
    const char *resolution;           /* "480p", "720p", "1080p", "source"; NULL, "": the tier's */
    int fps;                          /* 12..60; 0: the tier's */
    const char *aspect_ratio;         /* "16:9", "9:16", "1:1", "4:3", "3:4"; NULL, "": source */
    const float *face_box;            /* x, y, width, height in the portrait; NULL: the one face */
    const struct motion_gains *gains; /* NULL: as predicted */
    const char *prompt;               /* may be NULL */
    uint64_t seed;
    int64_t max_voice_ms; /* 0: the default */
    const char *job_id;   /* for the mark of provenance: letters, digits, _, -; NULL: none */
    bool label;           /* a corner of the picture says "AI generated" */

    /* Called at the start of each stage and after every frame, from the running thread. Anything but
     * OK stops the run with that status. May be NULL. */
    enum orator_status (*progress)(void *ctx, const struct engine_progress *,
                                   struct orator_error *err);
    void *ctx;
};

struct engine_result {
    int64_t frames, size_bytes;
    int64_t voice_us, duration_us; /* of the sound that came in, of the video that went out */
    int width_px, height_px, fps;
    float face_box[4], face_yaw_rad, face_confidence, eye_distance_px; /* in portrait pixels */
    float brightness, contrast; /* of the face: 0..1 of full light, of the whole range */
    struct warnings warnings;   /* what in the portrait keeps the video from being its best */
    struct heard heard;         /* what of the prompt was understood */
};

/* `models_folder` holds face/ and speech.bin. */
ORATOR_MUST_CHECK enum orator_status engine_open(struct engine **out, const char *models_folder,
                                                 struct orator_error *err);
void engine_free(struct engine **);

ORATOR_MUST_CHECK enum orator_status engine_run(const struct engine *, const struct engine_job *,
                                                struct engine_result *result,
                                                struct orator_error *err);

/* What can be said before a run: the length of a voice, the face in a portrait. Either may be NULL. */
struct engine_facts {
    int64_t voice_us;
    int width_px, height_px; /* of the portrait */
    float face_box[4], face_yaw_rad, face_confidence, eye_distance_px;
    struct warnings warnings; /* of the portrait */
};
ORATOR_MUST_CHECK enum orator_status
engine_inspect(const struct engine *, const struct bytes *portrait, const struct bytes *voice,
               int64_t max_voice_ms, struct engine_facts *out, struct orator_error *err);

/* NOT_FOUND if this machine's FFmpeg cannot write H.264 or AAC. */
ORATOR_MUST_CHECK enum orator_status engine_check_encoders(struct orator_error *err);
/* The kernels this CPU runs: "c", "avx2" or "avx512". */
const char *engine_cpu_level(void);
