/* quality.h - how well a portrait can be animated: as it is, gently and with a warning, or not at all.
 *
 * What:    the verdict over face_find()'s face and the signs of signs.h. What is unsure is animated
 *          and named; only a mouth that plainly is not in the picture is refused.
 * Units:   gains are factors of motion.h's amplitudes, 0..1.
 * Errors:  FACE_UNUSABLE.
 * Threads: pure.
 */
#pragma once

#include "base/warning.h"
#include "engine/face/face.h"
#include "engine/face/signs.h"

enum {
    QUALITY_SHARP_EYES_PX = 40,  /* from here on lips have the pixels that motion at 720p needs */
    QUALITY_SMALL_SIDE_PX = 300, /* the API's own limit for a warning */
};

struct face_quality {
    struct warnings warnings;
    float head_gain, mouth_gain, brow_gain;
    float brightness, contrast; /* of the face: 0..1 of full light, of the whole range */
    bool spectacles;            /* lids and brows keep off their rims */
};

ORATOR_MUST_CHECK enum orator_status face_judge(struct face_quality *out, const struct image *,
                                                const struct face *, struct orator_error *err);

/* The same from signs already seen; for tests. */
ORATOR_MUST_CHECK enum orator_status face_judge_signs(struct face_quality *out,
                                                      const struct face_signs *, int width_px,
                                                      int height_px, const struct face *,
                                                      struct orator_error *err);
