#include "engine/motion/phrases.h"

#include <stdlib.h>

#include "engine/motion/rhythm.h"

static int64_t to_ms(int64_t tick) { return tick * 1000 / MOTION_TICKS_HZ; }

enum orator_status phrases_find(struct phrases *out, const struct speech *speech,
                                struct orator_error *err)
{
    struct rhythm r = {0};
    *out = (struct phrases){0};
    enum orator_status s = rhythm_find(&r, speech, err);
    if (s != ORATOR_OK)
        return s;
    out->length_ms = speech->samples * 1000 / SPEECH_RATE_HZ;
    out->list = calloc((size_t)r.pause_count + 1, sizeof(*out->list));
    if (!out->list)
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the phrases of a voice");
    int64_t start = 0;
    for (int64_t p = 0; out->list && p <= r.pause_count; p++) {
        int64_t end = p < r.pause_count ? r.pauses[p].start : r.count;
        int64_t end_ms = to_ms(end) < out->length_ms ? to_ms(end) : out->length_ms;
        if (end_ms > to_ms(start))
            out->list[out->count++] = (struct phrase){to_ms(start), end_ms};
        start = p < r.pause_count ? r.pauses[p].end : end;
    }
    rhythm_fini(&r);
    return s;
}

void phrases_fini(struct phrases *p)
{
    free(p->list);
    *p = (struct phrases){0};
}
