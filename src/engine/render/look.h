/* look.h - how a portrait is lit and how sharp it is, so that what is painted into it belongs there.
 *
 * Units:   local E and video pixels (geometry.h); luma and RGB 0..1.  Threads: pure.
 */
#pragma once

#include "engine/render/eyes.h" /* struct texture */
#include "engine/render/seam.h"

enum { MATTE_COLUMNS = 64, MATTE_ROWS = 24 };

struct look {
    float luma;    /* of cheeks and chin */
    float tint[3]; /* their colour over their luma, the light's rather than the skin's part */
    float blur_px; /* deviation of the Gaussian that would make its sharpest edges */
    float grain;   /* deviation of the skin's noise, luma codes of 255 */
    float lip_red; /* V over Y of the lips beside the seam */
    bool one_hue;  /* lips and skin differ in light alone: a grey or toned picture */
    bool teeth;    /* the portrait shows its own */
    float teeth_white[3];
    float teeth_edge;                             /* local y where its upper teeth end */
    float teeth_reach[2];                         /* local x where they end, left and right */
    float teeth_matte[MATTE_ROWS][MATTE_COLUMNS]; /* corner to corner, contour to contour */
};

/* Share of tooth at local x, and from 0 at the upper lip's contour to 1 at the lower one's. */
float look_tooth(const struct look *, const struct seam *, float x, float down);

struct look look_at(const struct texture *still, const struct face *, const struct face_frame *,
                    const struct seam *);

/* The deviation of the Gaussian that would make the sharpest edges around the nose, pixels. */
float look_blur_px(const struct texture *still, const struct face_frame *);

/* BT.709 limited range, as planes hold it: Y above black 0..219, U and V around 0, +-112. */
void look_rgb(const float yuv[3], float rgb[3]);
void look_yuv(const float rgb[3], float yuv[3]);
