/* image_file.h - what a picture file says of itself, read before any decoder sees it.
 *
 * Walks the segments of a JPEG, PNG or WebP: size and orientation are known without decoding, and
 * only the pieces that make pixels are kept for the decoder. Text, thumbnails, colour profiles and
 * every later frame of an animation never reach it, which also keeps out packed text that would
 * unpack to gigabytes.
 *
 * Errors: UNSUPPORTED_IMAGE_FORMAT, DECODE_FAILED. Threads: pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum image_kind { IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP };

struct image_file {
    enum image_kind kind;
    int width_px, height_px;             /* of the canvas, as stored, before orientation */
    int left_px, top_px;                 /* where the first frame lies on the canvas */
    int frame_width_px, frame_height_px; /* smaller than the canvas only in animations */
    int orientation;                     /* EXIF's 1..8; 1 is upright */
    size_t kept_bytes;                   /* what the decoder needs; at most the file's size */
};

/* `kept` holds `size` bytes and is filled with what the decoder needs; NULL only counts it. */
ORATOR_MUST_CHECK enum orator_status image_file_parse(struct image_file *out, uint8_t *kept,
                                                      const uint8_t *bytes, size_t size,
                                                      struct orator_error *err);
