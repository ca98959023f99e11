/* interior.h - what lies behind the lips: cavity, tongue, two rows of teeth and their gums.
 *
 * What:    interior_new() paints both rows of teeth once, unrolled along their arches, in the light
 *          of the face and as blurred as its picture. Per frame interior_pose() places them, the
 *          upper row on the skull and the lower one on the jaw, and interior_colour() looks them up.
 * Units:   millimetres in the face's plane (geometry.h, 63 mm to 1 E, scaled to the mouth's width):
 *          x right from the midline, y down from where the lips meet in the portrait. RGB 0..1.
 * Owns:    interior_new() owns the painted rows. Threads: one rig's own.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "engine/render/fields.h"

struct interior_look {
    float luma;            /* of the skin around the mouth, 0..1 */
    float tint[3];         /* the light's colour there: RGB over luma */
    bool one_hue;          /* a grey or toned picture: the interior takes that tint and no other */
    float white[3];        /* of the portrait's own teeth; 0 0 0: none seen, taken from the skin */
    float blur_mm;         /* deviation of the portrait's own blur */
    float own_edge_mm;     /* y of the lower edge of the portrait's own upper teeth; 0: none seen */
    float own_reach_mm[2]; /* x where they end in its dark corners; 0 0: none seen */
    float gap_mm;          /* how far the portrait's lips are parted; 0: closed */
    float wide;            /* 1; more where a broad smile shows an arch broader than most */
    float yaw_rad;         /* of the portrait */
    uint64_t seed;
};

/* The opening along x, measured by the caller; x ascending at INTERIOR_COLUMNS even steps. */
#define JAW_DROP_MM 18.0f /* of the lower teeth at a full AU_JAW: 0.3 E less what lips add */

enum { INTERIOR_COLUMNS = 129 };
struct opening {
    float left_mm, right_mm;                                     /* of the columns */
    float top_mm[INTERIOR_COLUMNS], bottom_mm[INTERIOR_COLUMNS]; /* edges of the lips */
    float u[INTERIOR_COLUMNS]; /* -1 at the left corner of the opening .. 1 at the right */
};

struct interior;
ORATOR_MUST_CHECK enum orator_status
interior_new(struct interior **out, const struct interior_look *, struct orator_error *err);
void interior_free(struct interior **);

/* Everything that interior_colour() needs of this frame. `weights` are those of fields_weights(), so
 * that teeth and skin follow one jaw; all is borrowed for the call. */
void interior_pose(struct interior *, const struct opening *, const float weights[FIELD_COUNT],
                   const struct pose *);
void interior_colour(const struct interior *, float x_mm, float y_mm, float rgb[3]);
