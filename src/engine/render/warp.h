/* warp.h - a map moves a picture: luma and both chroma planes, one block of the frame at a time.
 *
 * Units:   maps in luma pixels. A chroma sample (i, j) sits at the left, at (2i + 0.5, 2j + 1), as H.264
 *          has it by default, in both pictures: where the map is the identity, bytes are copied.
 * Threads: pure, apart from the caller's scratch.
 */
#pragma once

#include "engine/dsp/dsp.h"
#include "engine/render/mouth.h" /* struct sheet_map */

/* Scratch of warp_picture(): floats for a map of this width. */
static inline size_t warp_scratch_floats(int width_px) { return (size_t)width_px; }

/* Fills map->region of `frame` (sides even) from the planes of `still`, of the same size. */
void warp_picture(struct picture *frame, const struct picture *still, const struct sheet_map *map,
                  const struct dsp *dsp, float *scratch);
