/* label.h - the words "AI generated" in the lower right corner of a frame, for those who ask for a mark
 * that people see.
 *
 * Light letters of our own 5 x 7 dots over a darkened band, about a thirtieth of the shorter side
 * high. Touches the band alone: some microseconds a frame. Threads: pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Planes of YUV 4:2:0 with even sides. A frame too small for the words gets none. */
void label_draw(uint8_t *const plane[3], const ptrdiff_t stride[3], int width_px, int height_px);
