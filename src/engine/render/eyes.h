/* eyes.h - lids and glances, painted into the still portrait before it is warped.
 *
 * What:    for each eye a closed-lid texture made once from the skin around it; per frame the lid's edge
 *          slides over the eyeball, the iris shifts with the gaze, the upper lid follows it down.
 * Units:   video pixels, planes of the portrait at the video's size: 4:4:4, one byte a sample, Y U V.
 * Owns:    eyes_new() owns its patches. Threads: one rig's own.
 */
#pragma once

#include "engine/motion/motion.h"
#include "engine/render/geometry.h"

/* The portrait at the video's size, full-resolution planes (BT.709 limited range). */
struct texture {
    uint8_t *plane[3];
    ptrdiff_t stride; /* of each plane */
    int width_px, height_px;
};

struct eyes;
/* Behind `spectacles` nothing beyond the lenses moves. */
ORATOR_MUST_CHECK enum orator_status eyes_new(struct eyes **out, const struct texture *still,
                                              const struct face *face, const struct face_frame *,
                                              bool spectacles, struct orator_error *err);
void eyes_free(struct eyes **);

/* The patches that eyes_draw() may touch, one an eye; nothing outside them changes. */
struct rect eyes_patch(const struct eyes *, int eye);

/* Repaints both patches of `live` for this pose, from `still`: the result depends on the pose alone.
 * blink 0 and gaze 0 give the still picture's own bytes. Allocates nothing. */
void eyes_draw(struct eyes *, struct texture *live, const struct texture *still,
               const struct pose *pose);
