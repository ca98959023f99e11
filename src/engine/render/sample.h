/* sample.h - a texture's values at any point.
 *
 * Units:   pixels, centres at + 0.5; beyond the border its pixels go on.  Threads: pure.
 */
#pragma once

#include "engine/render/eyes.h" /* struct texture */

float sample_cubic(const struct texture *, int plane, const float at_px[2]); /* Catmull-Rom */
/* U and V around 0, linear */
void sample_chroma(const struct texture *, const float at_px[2], float uv[2]);
