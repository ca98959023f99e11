/* camera.h - the camera's own move: each frame of the video is a view into a larger drawn frame.
 *
 * What:    a slow zoom or pan, as a prompt asked for. The frame is drawn as large as the closest view
 *          needs, so that no view is ever blown up; a cubic filter reads it. A camera that is still
 *          draws at the video's size and passes frames through, byte for byte.
 * Units:   pixels; `drawn` is what the renderer makes, the view is what the video shows.
 * Owns:    its tables and one picture; camera_free() gives them back. camera_shoot() allocates nothing.
 * Threads: one owner each. Whole numbers after the tables: same bytes on every CPU.
 */
#pragma once

#include "engine/media/media.h"
#include "engine/motion/direction.h"

struct camera;

struct camera_plan {
    enum camera_move move;
    float reach;                         /* drawn side over view's side, minus 1, at the closest */
    int width_px, height_px;             /* of the video */
    int drawn_width_px, drawn_height_px; /* even */
    int64_t frames;
};

/* How large to draw. Long videos move as far as short ones, only slower. */
struct camera_plan camera_plan(const struct direction *, int width_px, int height_px, int fps,
                               int64_t frames);

/* `face_x`, `face_y`: the face's middle as a share of the picture; a zoom goes there. */
ORATOR_MUST_CHECK enum orator_status camera_new(struct camera **out, const struct camera_plan *,
                                                float face_x, float face_y,
                                                struct orator_error *err);
void camera_free(struct camera **);

/* The video's frame number `frame` from the drawn one; a view into the camera (or `drawn` itself), valid
 * until its next call. */
const struct picture *camera_shoot(struct camera *, const struct picture *drawn, int64_t frame);
