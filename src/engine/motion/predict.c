#include <math.h>
#include <stdlib.h>

#include "engine/motion/motion.h"
#include "engine/motion/stages.h"

enum { FPS_MAX = 240 };
/* 24 hours of voice, as in speech: products of it stay far inside 64 bits */
#define SAMPLES_MAX (24LL * 3600 * SPEECH_RATE_HZ)

static float between(float a, float b, float u) { return a + u * (b - a); }

static struct pose pose_between(const struct pose *a, const struct pose *b, float u)
{
    struct pose p;
    for (int i = 0; i < AU_COUNT; i++)
        p.au[i] = clampf(between(a->au[i], b->au[i], u), 0.0f, 1.0f);
    p.closure = clampf(between(a->closure, b->closure, u), 0.0f, 1.0f);
    p.tongue = clampf(between(a->tongue, b->tongue, u), 0.0f, 1.0f);
    p.blink_left = clampf(between(a->blink_left, b->blink_left, u), 0.0f, 1.0f);
    p.blink_right = clampf(between(a->blink_right, b->blink_right, u), 0.0f, 1.0f);
    p.gaze_x = clampf(between(a->gaze_x, b->gaze_x, u), -1.0f, 1.0f);
    p.gaze_y = clampf(between(a->gaze_y, b->gaze_y, u), -1.0f, 1.0f);
    p.yaw_rad = between(a->yaw_rad, b->yaw_rad, u);
    p.pitch_rad = between(a->pitch_rad, b->pitch_rad, u);
    p.roll_rad = between(a->roll_rad, b->roll_rad, u);
    p.shift_x = between(a->shift_x, b->shift_x, u);
    p.shift_y = between(a->shift_y, b->shift_y, u);
    p.breath = clampf(between(a->breath, b->breath, u), 0.0f, 1.0f);
    p.sway = clampf(between(a->sway, b->sway, u), -1.0f, 1.0f);
    return p;
}

static void sample(struct motion *out, const struct pose *ticks, int64_t count, int fps)
{
    for (int64_t i = 0; i < out->count; i++) {
        double place = (double)i * MOTION_TICKS_HZ / fps;
        int64_t k = (int64_t)place < count - 1 ? (int64_t)place : count - 1;
        int64_t next = k + 1 < count ? k + 1 : k;
        out->poses[i] = pose_between(&ticks[k], &ticks[next], (float)(place - (double)k));
    }
}

enum orator_status motion_predict(struct motion *out, const struct speech *speech,
                                  const struct motion_options *options, struct orator_error *err)
{
    struct rhythm rhythm = {0};
    struct motion motion = {0};
    struct pose *ticks = NULL;
    enum orator_status s;
    *out = (struct motion){0};
    if (options->fps < 1 || options->fps > FPS_MAX)
        return orator_fail(err, ORATOR_INTERNAL, "%d frames a second, need 1 to %d", options->fps,
                           FPS_MAX);
    if (speech->count < 1 || speech->samples < 1 || speech->samples > SAMPLES_MAX)
        return orator_fail(err, ORATOR_AUDIO_TOO_SHORT, "there is no speech to move to");

    TRY(rhythm_find(&rhythm, speech, err));
    motion.count = (speech->samples * options->fps + SPEECH_RATE_HZ - 1) / SPEECH_RATE_HZ;
    motion.poses = calloc((size_t)motion.count, sizeof(*motion.poses));
    ticks = calloc((size_t)rhythm.count, sizeof(*ticks));
    if (!motion.poses || !ticks)
        TRY(orator_fail(err, ORATOR_NO_MEMORY, "no memory for %lld poses",
                        (long long)motion.count));

    TRY(motion_move_mouth(ticks, &rhythm, speech, &options->direction, err));
    TRY(motion_move_head(ticks, &rhythm, options, err));
    motion_move_lids(ticks, &rhythm, options->seed);
    sample(&motion, ticks, rhythm.count, options->fps);
    *out = motion;
    motion = (struct motion){0};
done:
    free(ticks);
    motion_fini(&motion);
    rhythm_fini(&rhythm);
    return s;
}

void motion_fini(struct motion *motion)
{
    free(motion->poses);
    *motion = (struct motion){0};
}
