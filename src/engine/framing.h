/* framing.h - which part of the portrait the video shows, where another aspect ratio was asked for.
 *
 * What:    a window of the asked ratio over the portrait. It is as large as the picture lets it be, the
 *          face in its middle and the eyes a little above; where head and shoulders do not fit it grows
 *          beyond the picture on one axis, and what lies outside is filled with the picture's own edge,
 *          blurred and a little darker, without a visible seam.
 * Units:   the portrait's pixels.
 * Errors:  INVALID_PARAMETER for a ratio that is not offered, NO_MEMORY.
 * Threads: pure.
 */
#pragma once

#include "engine/face/face.h"

struct framing {
    int x_px, y_px, width_px, height_px; /* the window; may reach beyond the picture on one axis */
    int across, down; /* the ratio itself: 16 and 9, or the picture's own sides */
};

/* `aspect_ratio`: "16:9", "9:16", "1:1", "4:3", "3:4"; NULL, "" and "source": the whole picture. */
ORATOR_MUST_CHECK enum orator_status framing_choose(struct framing *out, const char *aspect_ratio,
                                                    int width_px, int height_px,
                                                    const struct face *face,
                                                    struct orator_error *err);
/* A close-up: the window shrinks around head and shoulders, its ratio kept; never below a part of what
 * it was at which a portrait would go soft, and where the face fills it already it stays. */
void framing_come_closer(struct framing *, int width_px, int height_px, const struct face *face);
/* The portrait becomes its window, `width_px` x `height_px` large, and the face moves with it. A
 * window that is the whole picture leaves both as they are. */
ORATOR_MUST_CHECK enum orator_status framing_apply(struct image *portrait, struct face *face,
                                                   const struct framing *, int width_px,
                                                   int height_px, struct orator_error *err);
