/* geometry.h - the face's own axes: the frame in which lips, lids and pose are described.
 *
 * Units: local coordinates are in eye distances (E), origin at mid-mouth, x along the eyes to the
 * picture's right, y down the face. Pixel coordinates are of the video-sized portrait; pixel k covers
 * k..k+1, so its centre is k + 0.5. 1 E is about 63 mm on an adult.
 */
#pragma once

#include "engine/face/face.h"

#define EYE_DISTANCE_MM 63.0f /* mean of adults, Dodgson 2004, SPIE 5291 */

struct face_frame {
    float origin_px[2];
    float right[2], down[2]; /* unit vectors of local x and y in pixels */
    float eye_px;            /* pixels of 1 E */
};

/* `face` already in video pixels. Eye distance as in face.h. */
struct face_frame face_frame_of(const struct face *face);

static inline void frame_to_local(const struct face_frame *f, float x_px, float y_px, float out[2])
{
    float dx = x_px - f->origin_px[0], dy = y_px - f->origin_px[1], per_px = 1.0f / f->eye_px;
    out[0] = (dx * f->right[0] + dy * f->right[1]) * per_px;
    out[1] = (dx * f->down[0] + dy * f->down[1]) * per_px;
}

static inline void frame_to_px(const struct face_frame *f, float x, float y, float out_px[2])
{
    out_px[0] = f->origin_px[0] + (x * f->right[0] + y * f->down[0]) * f->eye_px;
    out_px[1] = f->origin_px[1] + (x * f->right[1] + y * f->down[1]) * f->eye_px;
}

/* Half-open rectangle of pixels. */
struct rect {
    int x0, y0, x1, y1;
};
