#include "engine/render/sample.h"

#include <stdlib.h>

/* A sample reads two pixels around it; where it lies beyond the picture all that it reads repeats the
 * border. */
enum { REACH = 3 /* px */ };

enum orator_status colours_new(struct colours *out, const struct texture *t, struct rect part,
                               struct orator_error *err)
{
    const struct rect r = {part.x0 - REACH, part.y0 - REACH, part.x1 + REACH, part.y1 + REACH};
    const size_t n = (size_t)(r.x1 - r.x0) * (size_t)(r.y1 - r.y0);
    *out = (struct colours){r, calloc(n, sizeof(colour))};
    if (!out->pixels)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for %zu pixels of the portrait", n);
    colour *to = out->pixels;
    for (int y = r.y0; y < r.y1; y++)
        for (int x = r.x0; x < r.x1; x++, to++) {
            const ptrdiff_t at =
                clamp_int(y, t->height_px - 1) * t->stride + clamp_int(x, t->width_px - 1);
            *to = (colour){t->plane[0][at], t->plane[1][at], t->plane[2][at]};
        }
    return ORATOR_OK;
}

void colours_fini(struct colours *c)
{
    free(c->pixels);
    c->pixels = NULL;
}
