#include <math.h>

#include "engine/motion/stages.h"

enum {
    FIRST_MS = 900,     /* a video should not begin with shut eyes */
    SHORTEST_MS = 1100, /* between two blinks */
    MEAN_MS = 2400,     /* about 20 a minute, as people who talk do */
    LONGEST_MS = 7000,
    PULL_MS = 900, /* a phrase's end this near takes the blink to itself */
    AFTER_END_MS = 60,
};
/* Deviations of the two halves of a blink, in ms: shut within 0.1 s, open again slower. Fitted to the
 * lids of people at 25 frames a second, .30 .80 1 .85 .5 .22 .06: 144 ms at half height. */
#define CLOSING_MS 77.0f
#define OPENING_MS 96.0f

static void draw_blink(struct pose *ticks, int64_t count, int64_t at, float slowness)
{
    float closing = CLOSING_MS * slowness * MOTION_TICKS_HZ / 1000.0f;
    float opening = OPENING_MS * slowness * MOTION_TICKS_HZ / 1000.0f;
    int64_t reach = TICKS(350);
    for (int64_t t = at - reach > 0 ? at - reach : 0; t < count && t <= at + reach; t++) {
        float x = (float)(t - at) / (t < at ? closing : opening);
        float lid = expf(-x * x);
        if (lid < 0.01f)
            lid = 0.0f; /* an open eye is open */
        ticks[t].blink_left = fmaxf(ticks[t].blink_left, lid);
        ticks[t].blink_right = fmaxf(ticks[t].blink_right, lid);
    }
}

/* The end of the phrase nearest to `due`, if one is near; else `due`. */
static int64_t pull(const struct rhythm *r, int64_t due, int64_t earliest)
{
    int64_t best = due, nearest = TICKS(PULL_MS);
    for (int64_t p = 0; p < r->pause_count; p++) {
        int64_t end = r->pauses[p].start + TICKS(AFTER_END_MS);
        int64_t away = end > due ? end - due : due - end;
        if (end >= earliest && away < nearest) {
            nearest = away;
            best = end;
        }
    }
    return best;
}

void motion_move_lids(struct pose *ticks, const struct rhythm *r, uint64_t seed)
{
    struct random chance = random_seeded(seed, STREAM_BLINK);
    int64_t last = TICKS(FIRST_MS) - TICKS(SHORTEST_MS);
    for (;;) {
        /* waiting times of people are skewed: a shortest one and an exponential tail */
        float wait = SHORTEST_MS - (MEAN_MS - SHORTEST_MS) * logf(1.0f - random_unit(&chance));
        int64_t due = last + (int64_t)TICKS(fminf(wait, LONGEST_MS));
        float slowness = 0.9f + 0.25f * random_unit(&chance);
        last = pull(r, due, last + TICKS(SHORTEST_MS));
        if (last >= r->count - TICKS(200))
            return; /* nor end with them half shut */
        draw_blink(ticks, r->count, last, slowness);
    }
}
