/* mouth.c - from sounds to lips.
 *
 * The network says how far a speaker's lips are open, how wide, and how low the jaw is; visemes say in
 * which shape. Lips open more than the jaw does (teeth show in most sounds), so the opening is reached
 * by the jaw first, then by the lips alone. Closures of p, b and m are events of their own: they must
 * be seen, however short, in every frame rate.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/motion/stages.h"
#include "engine/motion/viseme_targets.h"
#include "engine/speech/percentile.h"

/* What the renderer's action units open at the middle of the lips, in eye distances at 1. */
#define REACH_JAW    0.30f
#define REACH_LIPS   0.135f /* upper lip 0.065 up, lower lip 0.070 down */
#define REACH_FUNNEL 0.097f

/* People reach 0.17 to 0.30 eye distances in their wide openings; this is the 95th percentile. */
#define OPENING_P95  0.215f
#define OPENING_EASY 0.62f /* power: wide openings cost a speaker more than small ones */
/* Lips of people move at 0.5 to 0.95 E a second of speech: who articulates faster opens less (Lindblom, 1963,
 * on undershoot). On the curves below this is some 0.93 as a picture shows it. */
#define SPEED_MOST    0.83f
#define HURRIED_LEAST 0.86f /* of an ordinary opening, however fast */
/* In a short pause lips stay a little apart; from about half a second on they meet. */
#define OPENING_IN_PAUSE 0.09f
/* Of an opening this is missing where closures leave it no time: of a wide one, and more of a small one. */
#define HURRIED       0.30f
#define HURRIED_SMALL 0.55f
#define JAW_P95       0.50f /* a speaker's lowest ordinary jaw, as an amplitude */
#define WIDTH_AT_REST 0.60f
#define WIDE_MOST     0.90f
#define NARROW_SCALE  0.66f /* from rest to the narrowest ordinary u */

/* How sure the network must be of p, b or m. On voices it has never heard, .4 finds .88 to .98 of them
 * and .43 to .76 of what it finds are real; at .15 they were .30 to .55, for .02 to .07 more found. */
#define PRESS_HEARD .40f
#define PRESS_RISE  0.10f /* above the valley before it: a closure of its own */
#define PRESS_NONE  .20f
#define PRESS_FULL  .45f
#define PRESS_TOP   .9f /* of its highest: lips touch; below it they are on their way */

/* Vowels that are held: spoken ones last 60 to 200 ms. */
#define HELD_VOWEL .30f
#define HELD_SHARE .85f /* the rest is the singer's own */
#define HELD_GAIN  .20f
enum { HELD_FROM_MS = 240, HELD_FULL_MS = 500, HELD_EDGE_MS = 120, HELD_SMOOTH_MS = 130 };

enum {
    LEAD_MS = 20,         /* eyes expect lips a little before the sound */
    PAUSE_SHORT_MS = 350, /* up to this a pause is bridged with parted lips, */
    PAUSE_LONG_MS = 750,  /* from this on the mouth shuts */
    ATTACK_MS = 50,       /* lips close this fast, */
    EASE_MS = 120,        /* the first pose is the portrait, even if the voice begins at once */
    HOLD_MS = 50,         /* stay shut longer than a frame at 25 frames a second, */
    RELEASE_MS = 50,      /* and burst open */
    EDGE_MS = 80,         /* a closure this near a pause begins or ends the phrase; */
    EDGE_PAUSE_MS = 300,  /* this far into the pause the lips know of it */
};

struct curves {
    float *open, *width, *jaw, *press, *labiodental, *tongue, *pucker, *pause, *haste, *held,
        *scratch;
    float *memory;
    int64_t count;
};

static enum orator_status curves_new(struct curves *c, int64_t count, struct orator_error *err)
{
    float **each[] = {&c->open,   &c->width, &c->jaw,   &c->press, &c->labiodental, &c->tongue,
                      &c->pucker, &c->pause, &c->haste, &c->held,  &c->scratch};
    size_t kinds = sizeof(each) / sizeof(each[0]);
    c->count = count;
    c->memory = calloc((size_t)count * kinds, sizeof(float));
    if (!c->memory)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the mouth's curves");
    for (size_t k = 0; k < kinds; k++)
        *each[k] = c->memory + (size_t)count * k;
    return ORATOR_OK;
}

/* The heads of the network store 0..1 with room on both sides. */
static float decode_opening(float stored) { return (stored - 0.05f) / 0.85f; }
static float decode_width(float stored) { return (stored - 0.30f) / 0.55f; }
static float decode_jaw(float stored) { return (stored - 0.05f) / 0.85f; }

static void read_speech(struct curves *c, const struct speech *speech)
{
    for (int64_t t = 0; t < c->count; t++) {
        double seconds = (double)t / MOTION_TICKS_HZ + LEAD_MS / 1000.0;
        struct speech_frame f = speech_at(speech, seconds);
        float width = 0.0f, tongue = 0.0f, pucker = 0.0f;
        for (int v = 0; v < VISEME_COUNT; v++) {
            width += f.viseme[v] * viseme_targets[v].width;
            tongue += f.viseme[v] * viseme_targets[v].tongue;
            pucker += f.viseme[v] * viseme_targets[v].pucker;
        }
        /* two witnesses of a closure: either may be missing, both together are sure */
        float press =
            1.0f - (1.0f - f.articulator[ARTICULATOR_PRESS]) * (1.0f - f.viseme[VISEME_PP]);
        float labiodental = fmaxf(f.articulator[ARTICULATOR_LABIODENTAL], f.viseme[VISEME_FF]);
        c->open[t] = decode_opening(f.articulator[ARTICULATOR_LIP_OPENING]);
        c->width[t] = 0.5f * (decode_width(f.articulator[ARTICULATOR_LIP_WIDTH]) + width);
        c->jaw[t] = decode_jaw(f.articulator[ARTICULATOR_JAW_DROP]);
        c->press[t] = press;
        c->labiodental[t] = ramp(0.25f, 0.6f, labiodental);
        c->tongue[t] = fmaxf(tongue, f.articulator[ARTICULATOR_TONGUE]);
        c->pucker[t] = pucker;
    }
}

/* A network's guesses are timid. Brings the 95th percentile of this voice's openings to 1, and the span
 * of its widths, around their middle, to what the span of a speaker is by definition. */
static void stretch(struct curves *c, const struct rhythm *r)
{
    float *spoken = c->scratch;
    int64_t n = 0;
    for (int64_t t = 0; t < c->count; t++)
        if (r->silence[t] < 0.5f)
            spoken[n++] = c->open[t];
    if (n < TICKS(1000))
        return; /* too little to judge a speaker by */
    float opening = clampf(1.0f / fmaxf(percentile(spoken, n, 0.95), 0.1f), 0.9f, 1.5f);

    n = 0;
    for (int64_t t = 0; t < c->count; t++)
        if (r->silence[t] < 0.5f)
            spoken[n++] = c->width[t];
    float span = percentile(spoken, n, 0.95) - percentile(spoken, n, 0.05);
    float middle = percentile(spoken, n, 0.5);
    float widening = clampf(1.0f / fmaxf(span, 0.1f), 1.0f, 1.6f);
    for (int64_t t = 0; t < c->count; t++) {
        c->open[t] *= opening;
        c->width[t] = WIDTH_AT_REST + widening * (c->width[t] - middle);
    }
}

static float vowel(const struct speech_frame *f)
{
    float sum = 0.0f;
    for (int v = VISEME_AA; v <= VISEME_AX; v++)
        sum += f->viseme[v];
    return sum;
}

static bool sounds_held(const struct curves *c, const struct rhythm *r, int64_t t)
{
    int64_t at = t + TICKS(LEAD_MS) < r->count ? t + TICKS(LEAD_MS) : r->count - 1;
    return r->at[at].pitch_hz > 0.0f && vowel(&r->at[at]) > HELD_VOWEL && r->silence[at] < 0.5f &&
           c->press[t] < PRESS_HEARD;
}

/* How much of a tick belongs to a held vowel, of those in [first, first + n). */
static float held_at(int64_t k, int64_t n)
{
    float sung = ramp(TICKS(HELD_FROM_MS), TICKS(HELD_FULL_MS), (float)n);
    float from_edge = fminf((float)k, (float)(n - 1 - k));
    return HELD_SHARE * sung * ramp(0.0f, TICKS(HELD_EDGE_MS), from_edge);
}

static void hold(float *curve, float *smooth, float *scratch, int64_t n, float gain)
{
    memcpy(smooth, curve, (size_t)n * sizeof(*curve));
    smooth_gauss(smooth, scratch, n, TICKS(HELD_SMOOTH_MS));
    for (int64_t k = 0; k < n; k++)
        curve[k] += held_at(k, n) * ((1.0f + gain) * smooth[k] - curve[k]);
}

/* Who sings, or draws out a word, opens further and holds the vowel: while a voice goes on with a vowel
 * in it and no closure, nothing flickers. */
static void hold_long_vowels(struct curves *c, const struct rhythm *r)
{
    for (int64_t t = 0; t < c->count; t++) {
        int64_t first = t;
        while (t < c->count && sounds_held(c, r, t))
            t++;
        int64_t n = t - first;
        if (n < TICKS(HELD_FROM_MS))
            continue;
        float *smooth = c->held + first; /* until the last line */
        hold(c->open + first, smooth, c->scratch, n, HELD_GAIN);
        hold(c->width + first, smooth, c->scratch, n, 0.0f);
        hold(c->jaw + first, smooth, c->scratch, n, HELD_GAIN);
        for (int64_t k = 0; k < n; k++)
            c->held[first + k] = held_at(k, n);
    }
}

/* 1 inside pauses in which the mouth shuts, rising and falling at their ends. */
static void mark_pauses(struct curves *c, const struct rhythm *r)
{
    for (int64_t p = 0; p < r->pause_count; p++) {
        const struct pause *pause = &r->pauses[p];
        float length = (float)(pause->end - pause->start);
        bool edge = pause->start == 0 || pause->end == r->count; /* before and after the speech */
        float shut = edge ? 1.0f : ramp(TICKS(PAUSE_SHORT_MS), TICKS(PAUSE_LONG_MS), length);
        for (int64_t t = pause->start; t < pause->end; t++)
            c->pause[t] = shut;
    }
    smooth_gauss(c->pause, c->scratch, c->count, TICKS(60));
}

/* Lips shut fully over [first, last], on their way before and after. */
static void draw_closure(struct pose *ticks, int64_t count, int64_t first, int64_t last,
                         float depth)
{
    int64_t missing = TICKS(HOLD_MS) - (last - first);
    if (missing > 0) {
        first -= missing / 4; /* the network hears lips coming */
        last += missing - missing / 4;
    }
    for (int64_t t = first - TICKS(ATTACK_MS); t <= last + TICKS(RELEASE_MS); t++) {
        if (t < 0 || t >= count)
            continue;
        float near = t < first  ? 1.0f - (float)(first - t) / TICKS(ATTACK_MS)
                     : t > last ? 1.0f - (float)(t - last) / TICKS(RELEASE_MS)
                                : 1.0f;
        ticks[t].closure = fmaxf(ticks[t].closure, depth * ramp(0.0f, 1.0f, near));
    }
}

/* Each hill of pressed lips becomes one closure with a full top; between two hills lips part. */
static void close_lips(struct pose *ticks, const struct curves *c)
{
    float valley = 0.0f; /* lowest since the last closure */
    for (int64_t t = 0; t < c->count; t++) {
        valley = fminf(valley, c->press[t]);
        if (c->press[t] < fmaxf(PRESS_HEARD, valley + PRESS_RISE))
            continue;
        int64_t start = t;
        float highest = 0.0f;
        for (; t < c->count && c->press[t] >= fmaxf(PRESS_HEARD, .7f * highest); t++)
            highest = fmaxf(highest, c->press[t]);
        int64_t first = start, last = t - 1;
        while (first < last && c->press[first] < PRESS_TOP * highest)
            first++;
        while (last > first && c->press[last] < PRESS_TOP * highest)
            last--;
        draw_closure(ticks, c->count, first, last, ramp(PRESS_NONE, PRESS_FULL, highest));
        valley = t < c->count ? c->press[t] : 0.0f;
    }
}

/* Nobody parts the lips to say a first m, or after a last one: from a closure at the edge of a pause on,
 * `step` -1 back into the pause before it or 1 into the one after, nothing opens. */
static void keep_shut(struct curves *c, const struct pose *ticks, int64_t edge, int step)
{
    bool shut = false;
    for (int k = -TICKS(EDGE_MS); k < TICKS(EDGE_PAUSE_MS); k++) {
        int64_t t = edge + step * k;
        if (t < 0 || t >= c->count)
            continue;
        shut = shut || ticks[t].closure > 0.9f;
        if (shut)
            c->haste[t] = fmaxf(c->haste[t], ramp(TICKS(EDGE_PAUSE_MS), TICKS(EDGE_MS), (float)k) /
                                                 (HURRIED + HURRIED_SMALL));
    }
}

static void find_haste(struct curves *c, const struct pose *ticks, const struct rhythm *r)
{
    for (int64_t t = 0; t < c->count; t++)
        c->haste[t] = ticks[t].closure;
    smooth_gauss(c->haste, c->scratch, c->count, TICKS(80));
    for (int64_t p = 0; p < r->pause_count; p++) {
        keep_shut(c, ticks, r->pauses[p].end, -1);
        keep_shut(c, ticks, r->pauses[p].start, 1);
    }
}

/* E between the lips at a tick, were all of it speech. */
static float opening_at(const struct curves *c, int64_t t)
{
    float opening = powf(clampf(c->open[t], 0.0f, 1.4f), OPENING_EASY);
    float small = 1.0f - clampf(opening, 0.0f, 1.0f);
    return OPENING_P95 * opening * (1.0f - c->haste[t] * (HURRIED + HURRIED_SMALL * small));
}

/* How much of an ordinary speaker's openings this one has time for. */
static float unhurried(const struct curves *c, const struct pose *ticks, const struct rhythm *r)
{
    float way = 0.0f, spoken = 0.0f, last = 0.0f;
    for (int64_t t = 0; t < c->count; t++) {
        float now = opening_at(c, t) * (1.0f - ticks[t].closure) * (1.0f - r->silence[t]);
        way += fabsf(now - last);
        spoken += 1.0f - r->silence[t];
        last = now;
    }
    float speed = way * (float)MOTION_TICKS_HZ / fmaxf(spoken, 1.0f);
    return clampf(SPEED_MOST / fmaxf(speed, 0.01f), HURRIED_LEAST, 1.0f);
}

/* The pose of one tick; `size` 1 is an ordinary speaker. */
static void shape(struct pose *p, const struct curves *c, int64_t t, float silence, float size)
{
    float speaking = 1.0f - silence;
    float resting = OPENING_IN_PAUSE * (1.0f - c->pause[t]) * fmaxf(1.0f - c->haste[t], 0.0f);
    float opening = speaking * size * opening_at(c, t) + silence * resting;

    float ld = c->labiodental[t] * speaking;
    opening = (1.0f - ld) * opening + ld * fminf(opening, 0.12f * OPENING_P95);

    float width = WIDTH_AT_REST + speaking * (c->width[t] - WIDTH_AT_REST);
    float wide = clampf((width - WIDTH_AT_REST) / (1.0f - WIDTH_AT_REST), 0.0f, 1.2f);
    float narrow = clampf((WIDTH_AT_REST - width) / NARROW_SCALE, 0.0f, 1.2f);
    float pucker = narrow * (0.24f + 0.62f * c->pucker[t]);
    float funnel = narrow * (0.70f - 0.55f * c->pucker[t]);
    funnel = fminf(funnel, 0.9f * opening / REACH_FUNNEL); /* small openings of u stay small */

    /* the jaw is lowest in a, hardly moves in s and i, and never drops below the lips */
    float lips = fmaxf(opening - REACH_FUNNEL * funnel, 0.0f);
    float jaw = JAW_P95 * size * speaking * fmaxf((c->jaw[t] - 0.2f) / 0.8f, 0.0f);
    jaw = fminf(jaw, 0.85f * lips / REACH_JAW);
    float apart = (lips - REACH_JAW * jaw) / REACH_LIPS;
    if (apart > 1.0f) {
        jaw += (apart - 1.0f) * REACH_LIPS / REACH_JAW;
        apart = 1.0f;
    }
    p->au[AU_JAW] = clampf(jaw, 0.0f, 1.0f);
    p->au[AU_UPPER_RAISE] = clampf(fmaxf(apart, 0.3f * ld), 0.0f, 1.0f);
    p->au[AU_LOWER_DROP] = clampf(apart * (1.0f - ld), 0.0f, 1.0f);
    p->au[AU_WIDE] = clampf(WIDE_MOST * wide, 0.0f, 1.0f);
    p->au[AU_PUCKER] = clampf(pucker, 0.0f, 1.0f);
    p->au[AU_FUNNEL] = clampf(funnel, 0.0f, 1.0f);
    p->au[AU_LABIODENTAL] = ld;
    p->closure *= ramp(0.9f, 0.5f, silence); /* lips at rest lie, they do not press */
    /* lips meet first, then they press */
    p->au[AU_PRESS] = 0.55f * ramp(0.7f, 1.0f, p->closure);
    p->tongue = clampf(c->tongue[t] * speaking, 0.0f, 1.0f);
}

static void ease_in(struct pose *ticks, int64_t count)
{
    for (int64_t t = 0; t < count && t < TICKS(EASE_MS); t++) {
        float begun = ramp(0.0f, TICKS(EASE_MS), (float)t);
        for (int u = AU_JAW; u <= AU_LABIODENTAL; u++)
            ticks[t].au[u] *= begun;
        ticks[t].closure *= begun;
        ticks[t].tongue *= begun;
    }
}

enum orator_status motion_move_mouth(struct pose *ticks, const struct rhythm *r,
                                     const struct speech *speech, const struct direction *direction,
                                     struct orator_error *err)
{
    struct curves c = {0};
    enum orator_status s = curves_new(&c, r->count, err);
    if (s != ORATOR_OK)
        return s;
    read_speech(&c, speech);
    close_lips(ticks, &c);
    find_haste(&c, ticks, r);
    mark_pauses(&c, r);
    /* lips of people move at 0.5 to 0.95 E a second; what is faster is the network's own doubt, and
     * closures do not come from this curve */
    smooth_gauss(c.open, c.scratch, c.count, TICKS(45));
    smooth_gauss(c.width, c.scratch, c.count, TICKS(40));
    smooth_gauss(c.jaw, c.scratch, c.count, TICKS(40));
    smooth_gauss(c.labiodental, c.scratch, c.count, TICKS(20));
    smooth_gauss(c.tongue, c.scratch, c.count, TICKS(30));
    smooth_gauss(c.pucker, c.scratch, c.count, TICKS(40));

    stretch(&c, r);
    hold_long_vowels(&c, r);
    float size = (1.0f + 0.15f * direction->energy) * unhurried(&c, ticks, r);
    for (int64_t t = 0; t < c.count; t++) {
        /* as much ahead as the rest of the mouth */
        int64_t ahead = t + TICKS(LEAD_MS) < c.count ? t + TICKS(LEAD_MS) : c.count - 1;
        float silence = r->silence[ahead] * (1.0f - c.held[t]); /* nobody holds a note in silence */
        shape(&ticks[t], &c, t, silence, size);
    }
    ease_in(ticks, c.count);
    free(c.memory);
    return ORATOR_OK;
}
