/* motion.h - what was said becomes how a person moves: one pose for each video frame.
 *
 * Units:   amplitudes as written at each field; angles in radians, as in face.h: yaw > 0 turns the nose
 *          to the picture's right, pitch > 0 lowers it, roll > 0 tilts clockwise on the picture.
 *          Left and right are the picture's.
 * Owns:    its poses; motion_fini() gives them back.
 * Threads: pure. The same speech, options and seed give the same poses, bit for bit.
 */
#pragma once

#include <stdbool.h>

#include "engine/motion/direction.h"
#include "engine/speech/speech.h"

/* Action units: what each moves is drawn in render/action_units.c. 0 = as in the portrait, 1 = full. */
enum action_unit {
    AU_JAW,         /* jaw drops, lower lip with it */
    AU_WIDE,        /* corners apart */
    AU_PUCKER,      /* corners together, lips forward: u */
    AU_FUNNEL,      /* lips round and open: o, sh */
    AU_PRESS,       /* lips rolled in and pressed */
    AU_UPPER_RAISE, /* upper lip up */
    AU_LOWER_DROP,  /* lower lip down */
    AU_LABIODENTAL, /* lower lip under the upper teeth: f, v */
    AU_SMILE,
    AU_FROWN,
    AU_BROW_LEFT, /* raised */
    AU_BROW_RIGHT,
    AU_BROW_INNER, /* inner ends raised: concern */
    AU_BROW_DOWN,
    AU_COUNT
};

struct pose {
    float au[AU_COUNT];            /* 0..1 */
    float closure;                 /* 0..1; 1 = the lips must touch, whatever the portrait shows */
    float tongue;                  /* 0 down .. 1 at the teeth */
    float blink_left, blink_right; /* 0 as in the portrait .. 1 shut */
    float gaze_x, gaze_y;          /* -1..1, right and down, of the reach of a small glance */
    float yaw_rad, pitch_rad, roll_rad; /* relative to the portrait */
    float shift_x, shift_y;             /* of the head, in eye distances */
    float breath;                       /* 0 out .. 1 in */
    float sway;                         /* -1..1, shoulders */
};

struct motion {
    struct pose *poses; /* owned; [0, count) */
    int64_t count;
};

struct motion_options {
    int fps;
    uint64_t seed;
    struct direction direction;
};

/* count = ceil(samples * fps / SPEECH_RATE_HZ): the video covers the voice. */
ORATOR_MUST_CHECK enum orator_status motion_predict(struct motion *out, const struct speech *,
                                                    const struct motion_options *,
                                                    struct orator_error *err);
/* The same motion for a head that may turn and tilt only so far, 0..1 of what was predicted; the eyes keep
 * to the viewer. */
void motion_limit_head(struct motion *, float reach);
void motion_fini(struct motion *);

/* Factors of what was predicted, 0..2; 1 is as predicted. Lips still close, whatever the mouth's. */
struct motion_gains {
    float head;       /* turns, shifts, breath, sway; 0 keeps still */
    float mouth;      /* what moves the lips */
    float expression; /* smile, frown, brows */
    float brows;      /* of those, the brows once more */
    bool blink;       /* false: the eyes stay open */
};
void motion_scale(struct motion *, const struct motion_gains *);
