/* relight.h - skin that bends is lit anew: folds deepen, cheeks shine, lips come forward.
 *
 * What:    once a portrait, each field that moves the mouth gets a relief - lips pushed forward, folds,
 *          skin that bulges where it is squeezed - and, under the light that the face itself shows, the
 *          relief becomes a field of gains. Per frame the gains are summed like the fields, carried
 *          along with the skin, and laid over the frame's luma.
 * Units:   local E on the fields' own grid; gains are luma's change in parts of it, 0 for none.
 * Owns:    relight_new() owns its gains and scratch. Threads: one rig's own.
 */
#pragma once

#include "engine/render/eyes.h" /* struct texture */
#include "engine/render/fields.h"
#include "engine/render/warp.h"

#define RELIGHT_MOST 0.12f /* of luma: more looks like make-up */

struct relight {
    int columns, rows; /* of the fields' grid */
    float left, top, step;
    struct face_frame frame;
    float light[3];           /* toward it: right, down, to the viewer */
    float *gain[FIELD_COUNT]; /* at amplitude 1; NULL: this field leaves the light alone */
    struct rect region;       /* pixels of the frame that gains can reach, wherever the head goes;
                                 begins at the corner of a block */
    float *sum;               /* gains of this frame on the grid */
    float *node;              /* and on a coarse lattice of the frame; on one line of it */
    float *line;
    float *memory;
};

/* `depth`: of each vertex of the fields' grid, toward the viewer. All is borrowed for the call. */
ORATOR_MUST_CHECK enum orator_status relight_new(struct relight **out, const struct fields *,
                                                 const float *depth, const struct face *,
                                                 const struct face_frame *, const struct seam *,
                                                 const struct texture *still,
                                                 struct orator_error *err);
void relight_free(struct relight **);

/* `shown`: where the pixels around the lips come from; `around`: the corners of the blocks elsewhere.
 * Allocates nothing; a face whose mouth rests keeps its bytes. */
void relight_frame(struct relight *, struct picture *frame, const struct sheet_map *shown,
                   const struct block_map *around, const float weights[FIELD_COUNT],
                   const struct dsp *);
