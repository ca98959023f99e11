/* matte.h - where the person is in a portrait, from its colours alone.
 *
 * What:    two mixtures of colours, the background's learnt at the picture's borders, the person's inside
 *          the face, neck and chest, vote on a coarse grid; neighbours of like colour are made to agree;
 *          what hangs together with the face is the person. A guided filter then follows the picture's
 *          own edges at full size, hair among them (He, Sun, Tang 2010, "Guided image filtering").
 * Units:   video pixels of `still`.
 * Owns:    its alpha; matte_fini() gives it back.
 * Errors:  NO_MEMORY. A portrait without a background worth the name is no error: `found` is false.
 * Threads: pure. Costs about 30 ms at 720p.
 */
#pragma once

#include "engine/render/eyes.h" /* struct texture */
#include "engine/render/head.h"

struct matte {
    uint8_t *alpha; /* 0 background .. 255 person, width x height, row-major */
    int width_px, height_px;
    struct rect window; /* beyond it alpha is 0 and means nothing */
    float
        certain; /* share of the cells along the head's outline that their colour alone decides right */
    bool found;
};

ORATOR_MUST_CHECK enum orator_status matte_find(struct matte *out, const struct texture *still,
                                                const struct head *, struct orator_error *err);
void matte_fini(struct matte *);

/* How far the head in it reaches, above the chin. */
struct head_outline matte_outline(const struct matte *, const struct head *);

/* The part of the picture that a head and its shoulders can be seen in. */
struct rect matte_window(const struct head *);
