/* tier.h - what a video of each tier looks like: its size, rate and quality, and what a request may
 * ask for instead.
 *
 * A size is a class: the shorter side reaches the class, the picture keeps its aspect ratio, and no
 * video has more pixels than a 16:9 one of that class. "source" keeps the portrait's own pixels, as
 * many as a 1080p video has.
 */
#pragma once

#include "engine/engine.h"
#include "engine/framing.h"
#include "engine/media/media.h"

enum { TIER_FPS_MIN = 12, TIER_FPS_MAX = 60 }; /* below, lips stutter; above, no screen shows it */

/* `resolution`: "480p", "720p", "1080p", "source"; NULL or "": the tier's. fps 0: the tier's.
 * INVALID_PARAMETER names what is not offered. */
ORATOR_MUST_CHECK enum orator_status tier_format(struct video_format *out, enum engine_tier,
                                                 const char *resolution, int fps,
                                                 const struct framing *, struct orator_error *err);
