/* stages.h - what makes a pose, one stage a body part. Each fills its own fields of every tick's pose.
 *
 * Threads: pure; chance comes from the seed alone, each stage with a stream of its own.
 */
#pragma once

#include "engine/motion/motion.h"
#include "engine/motion/rhythm.h"

enum { STREAM_BLINK = 1, STREAM_HEAD, STREAM_GAZE, STREAM_BROWS, STREAM_BODY, STREAM_SMILE };

/* Lips, jaw and tongue: AU_JAW .. AU_LABIODENTAL, closure, tongue. */
ORATOR_MUST_CHECK enum orator_status motion_move_mouth(struct pose *ticks, const struct rhythm *,
                                                       const struct speech *,
                                                       const struct direction *,
                                                       struct orator_error *err);
/* blink_left, blink_right. */
void motion_move_lids(struct pose *ticks, const struct rhythm *, uint64_t seed);

/* Head, gaze, brows, expression, breath: all the rest. After motion_move_mouth, whose rounding it reads. */
ORATOR_MUST_CHECK enum orator_status motion_move_head(struct pose *ticks, const struct rhythm *,
                                                      const struct motion_options *,
                                                      struct orator_error *err);
