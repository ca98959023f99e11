/* render.h - a portrait learns to move: rig once, then one frame a pose.
 *
 * What:    the portrait at the video's size, cut at the lips into two sheets that are warped by action
 *          units and head pose; a painted mouth interior behind the cut, lids over the eyes.
 * Units:   video pixels; frames are planar YUV as in media.h.
 * Owns:    a rig owns its pictures and all scratch memory: render_frame() allocates nothing.
 * Errors:  NO_MEMORY, FACE_UNUSABLE.
 * Threads: a rig belongs to one thread. The same rig and pose give the same bytes, whatever was
 *          rendered before, on every CPU.
 */
#pragma once

#include "engine/dsp/dsp.h"
#include "engine/face/face.h"
#include "engine/motion/motion.h"

struct render_options {
    int width_px, height_px; /* of the video; even */
    uint64_t seed;           /* of the grain */
    const struct dsp *dsp;   /* borrowed for the life of the rig */
    bool spectacles;         /* are worn: lids move inside the lenses only */
};

struct render_rig;

/* `portrait` is borrowed for the call; it is scaled to the video's size (same aspect ratio within a
 * pixel). `face` is in the portrait's own pixels. */
ORATOR_MUST_CHECK enum orator_status
render_rig_new(struct render_rig **out, const struct image *portrait, const struct face *face,
               const struct render_options *, struct orator_error *err);
void render_rig_free(struct render_rig **);

/* How far this portrait's head may move: 1 where it comes apart from its background, less where the
 * background bends with it. */
float render_rig_reach(const struct render_rig *);

/* The frame of `pose`; a view into the rig that stays as it is while two more are drawn, so that they can
 * be encoded meanwhile. A pose of {0} gives the scaled portrait itself, bit for bit. */
const struct picture *render_frame(struct render_rig *, const struct pose *);
