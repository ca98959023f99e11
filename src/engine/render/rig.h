/* rig.h - everything that is made once of a portrait, for render.c's eyes only.
 *
 * What:    the scaled portrait as plate and texture, the cut, the fields, two meshes (a coarse one over
 *          all that can move, a fine one over the face inside it), and the scratch of a frame.
 */
#pragma once

#include "engine/render/backdrop.h"
#include "engine/render/eyes.h"
#include "engine/render/fields.h"
#include "engine/render/head.h"
#include "engine/render/mouth.h"
#include "engine/render/relight.h"
#include "engine/render/render.h"
#include "engine/render/warp.h"

enum { RIG_FRAMES = 3 }; /* one is drawn while two are encoded */

struct render_rig {
    const struct dsp *dsp;
    struct picture plate;              /* the portrait, as it is shown at rest */
    struct picture frames[RIG_FRAMES]; /* what render_frame() hands out, by turns */
    int next;
    struct texture still,
        live;            /* the portrait at full resolution in all planes; with this frame's eyes */
    struct picture eyed; /* live in 4:2:0; outside the eyes' patches the plate */

    struct face_frame axes;
    struct seam seam;
    struct fields fields;
    struct head head;
    struct eyes *eyes;
    struct mouth *mouth;
    struct backdrop *backdrop; /* NULL: the background is warped along */
    struct backdrop_trust trust;
    struct relight *relight;

    struct skin coarse, fine;
    uint8_t *skip_coarse;            /* cells that lie under the fine mesh */
    uint8_t *skip_fine[SHEET_COUNT]; /* cells torn by the cut */
    struct rect moving;              /* outside it every frame is the plate; even sides */
    float *dx, *dy;                  /* the fine mesh's displacement */
    struct rect lips;          /* its vertices around the mouth: beyond them both sheets are one */
    float *lower_x, *lower_y;  /* where the lower sheet goes, in the rows of `lips` */
    struct block_map blocks;   /* of the whole moving region */
    uint8_t *held[RIG_FRAMES]; /* blocks of each frame that show the backdrop already */
    struct sheet_map sheets[SHEET_COUNT]; /* of the mouth's region */
    struct sheet_map shown;               /* of the same: the sheet that is seen */
    float *scratch;
};
