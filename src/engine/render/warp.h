/* warp.h - a map moves a picture: luma and both chroma planes.
 *
 * What:    most of a face bends so gently that a map at the corners of small blocks says it all; only
 *          around the lips each pixel has its own place.
 * Units:   maps in luma pixels. A chroma sample (i, j) sits at the left, at (2i + 0.5, 2j + 1), as H.264
 *          has it by default, in both pictures: where the map is the identity, bytes are copied.
 * Threads: pure, apart from the caller's scratch.
 */
#pragma once

#include "engine/dsp/dsp.h"
#include "engine/render/backdrop.h"
#include "engine/render/raster.h"

/* Scratch of warp_picture(): floats for a map of this width. */
static inline size_t warp_scratch_floats(int width_px) { return (size_t)width_px; }

/* Fills map->region of `frame` (sides even) from the planes of `still`, of the same size. */
void warp_picture(struct picture *frame, const struct picture *still, const struct sheet_map *map,
                  const struct dsp *dsp, float *scratch);

/* Blocks of WARP_BLOCK x WARP_BLOCK luma pixels, and of as many chroma samples, over a region. */
struct block_map {
    struct rect region; /* whole chroma blocks: may reach past the picture's right and bottom */
    struct sheet_map
        corner; /* of luma blocks: [i, j] is where the pixel at block (i, j) comes from */
    int32_t *fixed_x, *fixed_y; /* the same as warp_row has it; scratch of warp_blocks() */
    int32_t *chroma[4];         /* corners of one row of chroma's */
    uint8_t *kind;              /* of a row of blocks */
};

ORATOR_MUST_CHECK enum orator_status block_map_new(struct block_map *out, struct rect around,
                                                   struct orator_error *err);
void block_map_fini(struct block_map *);

/* Every block at rest. */
void block_map_identity(struct block_map *);
/* The blocks' corners that a mesh covers; its vertices are in pixels of the frame, its own view of them
 * is not looked at. */
void block_map_mesh(struct block_map *, const struct raster_mesh *, const struct dsp *);

/* Of luma and chroma. */
size_t block_map_blocks(const struct block_map *);

/* What a picture shows since it was last drawn on: blocks of backdrop need not be drawn again. */
struct warp_held {
    uint8_t *block;      /* of each, block_map_blocks(): not 0: it shows the backdrop; 0 at first */
    struct rect touched; /* luma in here is changed by others after it is drawn */
};

/* Fills map->region of `frame` from `still`, but for blocks all inside `hidden`; a backdrop (NULL: none)
 * stands still behind what moves. Others may draw on blocks that reach into `hidden`, and on luma in
 * held->touched; on the rest only if `held` is NULL. */
void warp_blocks(struct picture *frame, const struct picture *still, const struct block_map *map,
                 struct rect hidden, const struct backdrop *behind, const struct warp_held *held,
                 const struct dsp *dsp);
