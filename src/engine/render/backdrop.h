/* backdrop.h - what is behind the person, so that a head can move and the wall behind it need not.
 *
 * What:    the portrait itself away from the person; near and behind the person a smooth membrane held
 *          by the background around. With W the frame's warp, I the portrait, B the backdrop and a the
 *          matte, a frame is
 *
 *              W(I) + (1 - W(a)) (B - W(B))
 *
 *          which is the person, warped, over a still backdrop, to first order in the matte; it needs no
 *          colours of the person alone. Where nothing is displaced it is the portrait bit for bit,
 *          whatever matte and backdrop are; fine hair and grain that the matte missed move with the head
 *          and leave no ghost behind.
 * Units:   video pixels.
 * Owns:    its planes; backdrop_free() gives them back.
 * Threads: one rig's own; backdrop_draw() allocates nothing, same bits on every CPU.
 */
#pragma once

#include "engine/dsp/dsp.h"
#include "engine/media/media.h"
#include "engine/render/matte.h"
#include "engine/render/mouth.h" /* struct sheet_map */

/* How far the portrait can be trusted to come apart. */
struct backdrop_trust {
    float
        surprise; /* what the membrane gets wrong where the background is seen, beside the head: codes */
    float worst;   /* in the worst tenth of the places around it */
    float covered; /* share of the face and neck that the matte calls person */
    float
        free; /* share of the head's outline with background around it, not the picture's border */
    float certain; /* of the matte */
    bool good;
};

struct backdrop;

/* `*out` stays NULL, without an error, where the portrait cannot be trusted: today's warp is better. */
ORATOR_MUST_CHECK enum orator_status backdrop_new(struct backdrop **out, struct backdrop_trust *,
                                                  const struct picture *portrait,
                                                  const struct texture *still, const struct matte *,
                                                  const struct head *, struct orator_error *err);
void backdrop_free(struct backdrop **);

/* Fills map->region (even sides) of `frame`: `still`, the portrait with this frame's eyes, warped by the
 * map, over the backdrop. */
void backdrop_draw(struct backdrop *, struct picture *frame, const struct picture *still,
                   const struct sheet_map *map, const struct dsp *);

/* What a block or a span is made of. */
enum tile {
    TILE_BACKDROP, /* portrait and backdrop are the same, and nobody is there */
    TILE_FRINGE,   /* they differ, and nobody is there */
    TILE_MIXED,
    TILE_PERSON
};

/* Of `n` blocks of luma's or of chroma's samples. */
void backdrop_kinds(const struct backdrop *, bool chroma, const struct warp_row *, int n,
                    uint8_t *kind);

/* Draws blocks of one kind, TILE_FRINGE or TILE_MIXED, of luma or of both planes of chroma, from (x, y)
 * on, in samples: `wide` x `high` of them, whole blocks or less at the picture's border. */
void backdrop_blocks(const struct backdrop *, struct picture *frame, const struct picture *still,
                     bool chroma, int x, int y, int wide, int high, const struct warp_row *,
                     enum tile kind, const struct dsp *);

/* Borrowed; for eyes and tests. */
const struct picture *backdrop_picture(const struct backdrop *);
