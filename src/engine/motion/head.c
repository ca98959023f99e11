/* head.c - what a person does besides speaking: looks around, nods, breathes, means it.
 *
 * The head goes from one bearing to the next, mostly where phrases begin, wanders a little around it, and
 * dips on stressed syllables. The eyes stay on the viewer and jump in small steps.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/motion/stages.h"

#define DEGREE 0.017453293f

/* Deviations over time, as people have them: 0.9..10 degrees of yaw, 1..6 of pitch, 1..4.5 of roll. A mesh
 * fitted to the frames reads seven tenths of the yaw that is drawn. */
#define YAW_BEARING    (8.0f * DEGREE)
#define YAW_LEAST      (2.0f * DEGREE)
#define PITCH_BEARING  (1.9f * DEGREE)
#define ROLL_BEARING   (1.3f * DEGREE)
#define YAW_WANDER     (2.6f * DEGREE)
#define PITCH_WANDER   (1.1f * DEGREE)
#define ROLL_WANDER    (0.5f * DEGREE)
#define YAW_MOST       (12.0f * DEGREE)
#define PITCH_MOST     (6.0f * DEGREE)
#define ROLL_MOST      (4.0f * DEGREE)
#define AT_REST        0.25f /* of the wandering is left between phrases */
#define NOD            (2.6f * DEGREE)
#define PROMINENT      0.30f /* people nod or raise the brows above this */
#define NOD_SOONER     0.35f /* of prominence; who agrees nods to weaker stresses as well */
#define SMILE_RESTING  0.85f /* of the renderer's full smile: warm, and still one that speaks */
#define LIDS_LOW       0.22f
#define SMILE_SMALL    0.10f /* seen, but not as a smile */
#define SMILE_WANDER   0.02f
#define CHIN_DEGREES   2.6f /* as proud or as humble as still looks at the viewer */
#define SWAY_PER_YAW   2.5f /* of the shoulders' reach, per radian */
#define TURN_FREE      0.7f /* of turns and nods: they hardly move the outline, tilts and shifts do */
#define EYES_PER_YAW   2.9f /* of a glance's reach, per radian: eyes stay on the viewer */
#define EYES_PER_PITCH 2.0f

enum {
    EASE_MS = 900, /* the first pose is the portrait; motion fades in */
    BEARING_SHORTEST_MS = 700,
    BEARING_LONGEST_MS = 2300,
    TURN_MS = 210, /* deviation of the smoothing that makes a step a turn of half a second */
    REST_LONGEST_MS = 2500,
    TURN_AFTER_MS = 120, /* its middle, after the first sound */
    GLANCE_SHORTEST_MS = 500,
    GLANCE_LONGEST_MS = 1800,
    SACCADE_MS = 14, /* a small saccade takes 30..40 ms */
    NOD_RISE_MS = 160,
    NOD_FALL_MS = 340,
    BROW_RISE_MS = 220,
    BROW_FALL_MS = 420,
    SHOULDERS_MS = 450, /* behind the head, and only a little of its way */
    BREATH_IN_MS = 900,
    BREATH_OUT_MS = 2900,
};

struct curves {
    float *yaw, *pitch, *roll, *gaze_x, *gaze_y, *brow_left, *brow_right, *shift_x, *shift_y,
        *smile, *wander;
    float *breath, *sway, *speaking, *scratch;
    float *memory;
    int64_t count;
};

static enum orator_status curves_new(struct curves *c, int64_t count, struct orator_error *err)
{
    float **each[] = {&c->yaw,        &c->pitch,    &c->roll,    &c->gaze_x, &c->gaze_y,
                      &c->brow_left,  &c->shift_x,  &c->shift_y, &c->breath, &c->sway,
                      &c->brow_right, &c->speaking, &c->scratch, &c->smile,  &c->wander};
    size_t kinds = sizeof(each) / sizeof(each[0]);
    c->count = count;
    c->memory = calloc((size_t)count * kinds, sizeof(float));
    if (!c->memory)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the head's curves");
    for (size_t k = 0; k < kinds; k++)
        *each[k] = c->memory + (size_t)count * k;
    return ORATOR_OK;
}

static int64_t ticks_between(struct random *chance, int shortest_ms, int longest_ms)
{
    return TICKS(shortest_ms + (int)((float)(longest_ms - shortest_ms) * random_unit(chance)));
}

/* When to turn: where a phrase begins after `from` if one does no later than `to`, else at `to`, but not
 * in a pause: there a head rests. */
static int64_t turn_time(const struct rhythm *r, int64_t *next_pause, int64_t from, int64_t to)
{
    while (*next_pause < r->pause_count && r->pauses[*next_pause].end <= from)
        ++*next_pause;
    if (*next_pause == r->pause_count || r->pauses[*next_pause].start > to)
        return to;
    int64_t speaks = r->pauses[*next_pause].end + TICKS(TURN_AFTER_MS);
    int64_t bored = to + TICKS(REST_LONGEST_MS);
    return speaks < bored ? speaks : bored;
}

/* Bounded normal: chance may be bold, a neck is not. */
static float normal(struct random *chance) { return clampf(random_normal(chance), -1.7f, 1.7f); }

/* To the other side more often than not: who has looked one way comes back, and few bearings, as a short
 * voice has, then still make a lively head. */
static float next_bearing(struct random *chance, float last)
{
    float yaw = YAW_BEARING * normal(chance), luck = random_unit(chance);
    yaw += copysignf(YAW_LEAST, yaw);
    return yaw * last > 0.0f && luck < 0.6f ? -yaw : yaw;
}

/* Never quite still while it speaks; between phrases a head rests where it is. */
static void wander(struct curves *c, float *curve, float period, float amount,
                   struct random *chance)
{
    memset(c->wander, 0, (size_t)c->count * sizeof(*c->wander));
    smooth_wander(c->wander, c->count, period, amount, chance);
    for (int64_t t = 0; t < c->count; t++)
        curve[t] += (AT_REST + (1.0f - AT_REST) * c->speaking[t]) * c->wander[t];
}

static void turn_head(struct curves *c, const struct rhythm *r, uint64_t seed)
{
    struct random chance = random_seeded(seed, STREAM_HEAD);
    int64_t next_pause = 0;
    float last = 0.0f;
    for (int64_t t = 0; t < c->count;) {
        int64_t earliest = t + TICKS(BEARING_SHORTEST_MS);
        int64_t until = t + ticks_between(&chance, BEARING_SHORTEST_MS, BEARING_LONGEST_MS);
        until = turn_time(r, &next_pause, earliest, until);
        float yaw = next_bearing(&chance, last);
        float pitch = PITCH_BEARING * normal(&chance);
        float roll = ROLL_BEARING * normal(&chance) + 0.12f * yaw; /* turning, people tilt along */
        for (; t < until && t < c->count; t++) {
            c->yaw[t] = yaw;
            c->pitch[t] = pitch;
            c->roll[t] = roll;
        }
        last = yaw;
    }
    float *turned[] = {c->yaw, c->pitch, c->roll};
    for (int k = 0; k < 3; k++)
        smooth_gauss(turned[k], c->scratch, c->count, TICKS(TURN_MS));
    wander(c, c->yaw, TICKS(380), YAW_WANDER, &chance);
    wander(c, c->pitch, TICKS(340), PITCH_WANDER, &chance);
    wander(c, c->roll, TICKS(520), ROLL_WANDER, &chance);
    smooth_wander(c->shift_x, c->count, TICKS(1300), 0.012f, &chance);
    smooth_wander(c->shift_y, c->count, TICKS(1100), 0.006f, &chance);
}

static void stress(struct curves *c, const struct rhythm *r, const struct direction *d,
                   uint64_t seed)
{
    const float prominent = PROMINENT - 0.15f * d->energy - NOD_SOONER * d->nodding;
    const float often = 0.85f + 0.15f * d->nodding;
    const float nod = NOD * (1.0f + (d->nodding > 0.0f ? 0.6f : 0.9f) * d->nodding);
    struct random chance = random_seeded(seed, STREAM_BROWS);
    smooth_wander(c->brow_left, c->count, TICKS(900), 0.06f, &chance);
    smooth_wander(c->brow_right, c->count, TICKS(900), 0.06f, &chance);
    int64_t last_nod = -TICKS(1000), last_raise = -TICKS(2000);
    for (int64_t n = 0; n < r->nucleus_count; n++) {
        const struct nucleus *nucleus = &r->nuclei[n];
        float luck = random_unit(&chance), height = random_unit(&chance),
              side = random_unit(&chance);
        float strength = clampf(nucleus->prominence, 0.0f, 1.0f);
        if (nucleus->prominence > prominent && nucleus->at - last_nod > TICKS(450) &&
            luck < often) {
            last_nod = nucleus->at;
            smooth_pulse(c->pitch, c->count, nucleus->at - TICKS(NOD_RISE_MS), TICKS(NOD_RISE_MS),
                         TICKS(NOD_FALL_MS), nod * (0.5f + strength) * (0.6f + 0.6f * height));
        }
        if (nucleus->prominence > PROMINENT - 0.15f * d->energy &&
            nucleus->at - last_raise > TICKS(1000) && luck > 0.25f) {
            last_raise = nucleus->at;
            float raise = (0.35f + 0.35f * strength) * (0.7f + 0.5f * height);
            int64_t start = nucleus->at - TICKS(BROW_RISE_MS);
            smooth_pulse(c->brow_left, c->count, start, TICKS(BROW_RISE_MS), TICKS(BROW_FALL_MS),
                         raise * (0.85f + 0.3f * side));
            smooth_pulse(c->brow_right, c->count, start, TICKS(BROW_RISE_MS), TICKS(BROW_FALL_MS),
                         raise * (1.15f - 0.3f * side));
        }
    }
    /* at the end of a phrase the head comes down and rests */
    for (int64_t p = 0; p < r->pause_count; p++)
        if (r->pauses[p].end - r->pauses[p].start >= TICKS(250))
            smooth_pulse(c->pitch, c->count, r->pauses[p].start - TICKS(200), TICKS(350),
                         TICKS(600), 0.7f * NOD);
}

/* Who has said something is pleased with it, now and then; and no smile stays the same for long. */
static void please(struct curves *c, const struct rhythm *r, uint64_t seed)
{
    struct random chance = random_seeded(seed, STREAM_SMILE);
    smooth_wander(c->smile, c->count, TICKS(1700), SMILE_WANDER, &chance);
    for (int64_t p = 0; p < r->pause_count; p++) {
        float luck = random_unit(&chance), height = random_unit(&chance);
        if (r->pauses[p].start == 0 || luck > 0.45f)
            continue;
        smooth_pulse(c->smile, c->count, r->pauses[p].start - TICKS(250), TICKS(450), TICKS(1300),
                     SMILE_SMALL * (0.6f + 0.8f * height));
    }
}

static void glance(struct curves *c, uint64_t seed, const struct direction *d)
{
    struct random chance = random_seeded(seed, STREAM_GAZE);
    float bold = (1.0f - 0.6f * d->steadiness) * (1.0f - 0.75f * d->gaze);
    float homing = 0.35f + 0.35f * d->gaze;
    for (int64_t t = 0; t < c->count;) {
        int64_t until = t + ticks_between(&chance, GLANCE_SHORTEST_MS, GLANCE_LONGEST_MS);
        bool home = random_unit(&chance) < homing; /* straight at the viewer */
        float x = home ? 0.0f : 0.20f * bold * normal(&chance);
        float y = home ? 0.0f : 0.12f * bold * normal(&chance);
        for (; t < until && t < c->count; t++) {
            c->gaze_x[t] = x;
            c->gaze_y[t] = y;
        }
    }
    smooth_gauss(c->gaze_x, c->scratch, c->count, (float)SACCADE_MS * MOTION_TICKS_HZ / 1000.0f);
    smooth_gauss(c->gaze_y, c->scratch, c->count, (float)SACCADE_MS * MOTION_TICKS_HZ / 1000.0f);
}

/* In through pauses, out through phrases; a breath is taken anyway when none comes for long. */
static void breathe(struct curves *c, const struct rhythm *r, uint64_t seed)
{
    struct random chance = random_seeded(seed, STREAM_BODY);
    bool in = true;
    float level = 0.0f;
    int64_t pause = 0;
    for (int64_t t = 0; t < c->count; t++) {
        while (pause < r->pause_count && r->pauses[pause].end <= t)
            pause++;
        bool pausing = pause < r->pause_count && r->pauses[pause].start <= t;
        if (level <= 0.0f || (pausing && level < 0.45f))
            in = true;
        if (level >= 1.0f)
            in = false;
        level += in ? 1.0f / TICKS(BREATH_IN_MS) : -1.0f / TICKS(BREATH_OUT_MS);
        level = clampf(level, 0.0f, 1.0f);
        c->breath[t] = level;
    }
    smooth_gauss(c->breath, c->scratch, c->count, TICKS(180));
    smooth_wander(c->sway, c->count, TICKS(1900), 0.3f, &chance);
}

/* Like v while it is small, never beyond `most`, without a corner. */
static float within(float v, float most) { return most * tanhf(v / most); }

static float unit(float v) { return clampf(v, 0.0f, 1.0f); }

static void express(struct pose *p, const struct direction *d, const struct curves *c, int64_t t,
                    float ease)
{
    float lively = 1.0f + 0.5f * d->energy;
    float rounding = unit(p->au[AU_PUCKER] + p->au[AU_FUNNEL]);
    float sober = (1.0f - d->seriousness) * (1.0f - d->concern) * (1.0f - d->sadness) *
                  (1.0f - d->anger) * (1.0f - d->surprise);
    float smile = SMILE_RESTING * d->smile + (1.0f + d->smile) * fmaxf(sober, 0.0f) * c->smile[t];
    smile *= 1.0f - 0.45f * rounding; /* one cannot smile through an o */
    p->au[AU_SMILE] = unit(ease * smile);
    p->au[AU_FROWN] = unit(ease * (0.35f * d->concern + 0.95f * d->sadness + 0.80f * d->anger +
                                   0.12f * d->seriousness));
    /* lids hang in sorrow and narrow in anger; a blink goes on from there */
    p->blink_left = p->blink_right = unit(ease * LIDS_LOW * fmaxf(d->sadness, d->anger));
    p->au[AU_BROW_INNER] = unit(ease * (0.85f * d->concern + 0.95f * d->sadness));
    p->au[AU_BROW_DOWN] = unit(ease * (0.35f * d->seriousness + 0.90f * d->anger));
    float raised = ease * (0.10f * d->smile + 0.08f * fmaxf(d->energy, 0.0f) + 0.60f * d->surprise);
    float brows = lively * (1.0f - 0.4f * d->seriousness) * (1.0f - 0.6f * d->anger);
    p->au[AU_BROW_LEFT] = unit(raised + ease * brows * c->brow_left[t]);
    p->au[AU_BROW_RIGHT] = unit(raised + ease * brows * c->brow_right[t]);
}

static void carry(struct pose *p, const struct direction *d, const struct curves *c, int64_t t,
                  float ease)
{
    float size = ease * (1.0f + 0.45f * d->energy);
    float frontal = 1.0f - 0.75f * d->steadiness;
    float pitch = size * (1.0f - 0.45f * d->steadiness) * c->pitch[t];
    pitch += ease * DEGREE *
             (1.2f * d->concern + 1.0f * d->sadness - 0.6f * fmaxf(d->energy, 0.0f) -
              CHIN_DEGREES * d->chin);
    float roll = size * frontal * c->roll[t] + ease * DEGREE * d->concern;
    p->yaw_rad = within(size * frontal * c->yaw[t], YAW_MOST);
    p->pitch_rad = within(pitch, PITCH_MOST);
    p->roll_rad = within(roll, ROLL_MOST);
    p->gaze_x = clampf(ease * c->gaze_x[t] - EYES_PER_YAW * p->yaw_rad, -1.0f, 1.0f);
    p->gaze_y = clampf(ease * c->gaze_y[t] - EYES_PER_PITCH * p->pitch_rad, -1.0f, 1.0f);
    p->shift_x = clampf(ease * frontal * c->shift_x[t], -0.03f, 0.03f);
    p->shift_y = clampf(ease * frontal * c->shift_y[t], -0.015f, 0.015f);
    p->breath = unit(ease * c->breath[t]);
    p->sway = clampf(ease * frontal * c->sway[t], -1.0f, 1.0f);
}

void motion_limit_head(struct motion *m, float reach)
{
    for (int64_t i = 0; i < m->count; i++) {
        struct pose *p = &m->poses[i];
        float turn = TURN_FREE + (1.0f - TURN_FREE) * reach;
        float yaw = turn * p->yaw_rad, pitch = turn * p->pitch_rad;
        p->gaze_x = clampf(p->gaze_x + EYES_PER_YAW * (p->yaw_rad - yaw), -1.0f, 1.0f);
        p->gaze_y = clampf(p->gaze_y + EYES_PER_PITCH * (p->pitch_rad - pitch), -1.0f, 1.0f);
        p->yaw_rad = yaw;
        p->pitch_rad = pitch;
        p->roll_rad *= reach;
        p->shift_x *= reach;
        p->shift_y *= reach;
    }
}

enum orator_status motion_move_head(struct pose *ticks, const struct rhythm *r,
                                    const struct motion_options *options, struct orator_error *err)
{
    const struct direction *d = &options->direction;
    struct curves c = {0};
    enum orator_status s = curves_new(&c, r->count, err);
    if (s != ORATOR_OK)
        return s;
    for (int64_t t = 0; t < c.count; t++)
        c.speaking[t] = 1.0f - r->silence[t];
    smooth_gauss(c.speaking, c.scratch, c.count, TICKS(300));
    turn_head(&c, r, options->seed);
    stress(&c, r, d, options->seed);
    glance(&c, options->seed, d);
    please(&c, r, options->seed);
    breathe(&c, r, options->seed);
    float turned = 0.0f;
    for (int64_t t = 0; t < c.count; t++) {
        float ease = ramp(0.0f, TICKS(EASE_MS), (float)t);
        turned += (c.yaw[t] - turned) / TICKS(SHOULDERS_MS);
        c.sway[t] += SWAY_PER_YAW * turned;
        express(&ticks[t], d, &c, t, ease);
        carry(&ticks[t], d, &c, t, ease);
    }
    free(c.memory);
    return ORATOR_OK;
}
