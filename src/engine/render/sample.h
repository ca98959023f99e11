/* sample.h - one value of a texture's plane at any point.
 *
 * Units:   pixels, centres at + 0.5; beyond the border its pixels go on.  Threads: pure.
 */
#pragma once

#include "engine/render/eyes.h" /* struct texture */

float sample_cubic(const struct texture *, int plane, const float at_px[2]); /* Catmull-Rom */
float sample_linear(const struct texture *, int plane, const float at_px[2]);
