/* direction.c - a few words people use for how a presenter should be. Not a language model: a word that
 * is not in the table changes nothing. */
#include <ctype.h>
#include <string.h>

#include "engine/motion/motion.h"
#include "engine/motion/smooth.h"

enum kind { EFFECT, DEGREE, NEGATION, CLAUSE };

struct entry {
    const char *text; /* lower case; English matches whole words, Chinese anywhere */
    enum kind kind;
    float smile, seriousness, concern, energy,
        steadiness; /* effect; `smile` is a degree's factor */
};

// clang-format off
static const struct entry lexicon[] = {
    /*                              smile  serious concern energy steady */
    {"friendly",          EFFECT,    .55f,   0.f,   0.f,   .15f,  0.f},
    {"warm",              EFFECT,    .50f,   0.f,   0.f,   .05f,  0.f},
    {"smile",             EFFECT,    .55f,   0.f,   0.f,   0.f,   0.f},
    {"smiling",           EFFECT,    .65f,   0.f,   0.f,   0.f,   0.f},
    {"happy",             EFFECT,    .65f,   0.f,   0.f,   .3f,   0.f},
    {"cheerful",          EFFECT,    .70f,   0.f,   0.f,   .4f,   0.f},
    {"joyful",            EFFECT,    .70f,   0.f,   0.f,   .4f,   0.f},
    {"kind",              EFFECT,    .35f,   0.f,   0.f,   0.f,   0.f},
    {"gentle",            EFFECT,    .30f,   0.f,   0.f,  -.3f,   .1f},
    {"welcoming",         EFFECT,    .50f,   0.f,   0.f,   .1f,   0.f},
    {"serious",           EFFECT,   -.80f,   .8f,   0.f,  -.1f,   .1f},
    {"stern",             EFFECT,  -1.00f,  1.0f,   0.f,   0.f,   .2f},
    {"angry",             EFFECT,  -1.00f,  1.0f,   0.f,   .3f,   0.f},
    {"formal",            EFFECT,   -.30f,   .4f,   0.f,  -.1f,   .3f},
    {"professional",      EFFECT,    0.f,    .1f,   0.f,   0.f,   .15f},
    {"neutral",           EFFECT,   -.90f,   0.f,   0.f,   0.f,   .1f},
    {"confident",         EFFECT,    .25f,   .3f,   0.f,   .2f,   .2f},
    {"concerned",         EFFECT,   -.90f,   0.f,   .8f,  -.1f,   0.f},
    {"worried",           EFFECT,  -1.00f,   0.f,   .9f,   0.f,   0.f},
    {"sad",               EFFECT,  -1.00f,   0.f,   .7f,  -.5f,   0.f},
    {"empathetic",        EFFECT,    .15f,   0.f,   .35f, -.1f,   0.f},
    {"excited",           EFFECT,    .50f,   0.f,   0.f,   .8f,   0.f},
    {"enthusiastic",      EFFECT,    .50f,   0.f,   0.f,   .7f,   0.f},
    {"energetic",         EFFECT,    .20f,   0.f,   0.f,   .8f,   0.f},
    {"lively",            EFFECT,    .20f,   0.f,   0.f,   .7f,   0.f},
    {"dynamic",           EFFECT,    0.f,    0.f,   0.f,   .6f,   0.f},
    {"calm",              EFFECT,    0.f,    0.f,   0.f,  -.6f,   .3f},
    {"relaxed",           EFFECT,    .10f,   0.f,   0.f,  -.4f,   0.f},
    {"stable",            EFFECT,    0.f,    0.f,   0.f,   0.f,   .45f},
    {"steady",            EFFECT,    0.f,    0.f,   0.f,   0.f,   .5f},
    {"frontal",           EFFECT,    0.f,    0.f,   0.f,   0.f,   .5f},
    {"news",              EFFECT,    0.f,    .2f,   0.f,   0.f,   .2f},
    {"anchor",            EFFECT,    0.f,    .2f,   0.f,   0.f,   .3f},
    {"teacher",           EFFECT,    .20f,   0.f,   0.f,   .25f,  0.f},
    {"customer service",  EFFECT,    .35f,   0.f,   0.f,   .05f,  0.f},
    {"spokesperson",      EFFECT,    .10f,   .1f,   0.f,   0.f,   .2f},
    {"corporate",         EFFECT,    0.f,    .1f,   0.f,   0.f,   .1f},
    /* of the scene, not of the person */
    {"warm light",        EFFECT,    0.f,    0.f,   0.f,   0.f,   0.f},
    {"warm lighting",     EFFECT,    0.f,    0.f,   0.f,   0.f,   0.f},
    {"warm colors",       EFFECT,    0.f,    0.f,   0.f,   0.f,   0.f},
    {"neutral background",EFFECT,    0.f,    0.f,   0.f,   0.f,   0.f},
    {"微笑",              EFFECT,    .60f,   0.f,   0.f,   0.f,   0.f},
    {"友好",              EFFECT,    .55f,   0.f,   0.f,   .15f,  0.f},
    {"亲切",              EFFECT,    .55f,   0.f,   0.f,   .1f,   0.f},
    {"温暖",              EFFECT,    .50f,   0.f,   0.f,   .05f,  0.f},
    {"热情",              EFFECT,    .45f,   0.f,   0.f,   .5f,   0.f},
    {"严肃",              EFFECT,   -.80f,   .8f,   0.f,  -.1f,   .1f},
    {"正式",              EFFECT,   -.30f,   .4f,   0.f,  -.1f,   .3f},
    {"专业",              EFFECT,    0.f,    .1f,   0.f,   0.f,   .15f},
    {"自信",              EFFECT,    .25f,   .3f,   0.f,   .2f,   .2f},
    {"担忧",              EFFECT,   -.90f,   0.f,   .8f,  -.1f,   0.f},
    {"悲伤",              EFFECT,  -1.00f,   0.f,   .7f,  -.5f,   0.f},
    {"兴奋",              EFFECT,    .50f,   0.f,   0.f,   .8f,   0.f},
    {"活泼",              EFFECT,    .20f,   0.f,   0.f,   .7f,   0.f},
    {"平静",              EFFECT,    0.f,    0.f,   0.f,  -.6f,   .3f},
    {"稳定",              EFFECT,    0.f,    0.f,   0.f,   0.f,   .45f},
    {"正面",              EFFECT,    0.f,    0.f,   0.f,   0.f,   .5f},
    {"新闻",              EFFECT,    0.f,    .2f,   0.f,   0.f,   .2f},
    {"主播",              EFFECT,    0.f,    .2f,   0.f,   0.f,   .3f},
    {"老师",              EFFECT,    .20f,   0.f,   0.f,   .25f,  0.f},
    {"客服",              EFFECT,    .35f,   0.f,   0.f,   .05f,  0.f},
    {"very",              DEGREE,   1.4f,  0.f,   0.f,   0.f,   0.f},
    {"extremely",         DEGREE,   1.6f,  0.f,   0.f,   0.f,   0.f},
    {"highly",            DEGREE,   1.4f,  0.f,   0.f,   0.f,   0.f},
    {"slightly",          DEGREE,    .5f,  0.f,   0.f,   0.f,   0.f},
    {"slight",            DEGREE,    .5f,  0.f,   0.f,   0.f,   0.f},
    {"subtle",            DEGREE,    .5f,  0.f,   0.f,   0.f,   0.f},
    {"a little",          DEGREE,    .5f,  0.f,   0.f,   0.f,   0.f},
    {"非常",              DEGREE,   1.4f,  0.f,   0.f,   0.f,   0.f},
    {"很",                DEGREE,   1.4f,  0.f,   0.f,   0.f,   0.f},
    {"稍微",              DEGREE,    .5f,  0.f,   0.f,   0.f,   0.f},
    {"略",                DEGREE,    .5f,  0.f,   0.f,   0.f,   0.f},
    {"no",                NEGATION,  0.f,   0.f,   0.f,   0.f,   0.f},
    {"not",               NEGATION,  0.f,   0.f,   0.f,   0.f,   0.f},
    {"never",             NEGATION,  0.f,   0.f,   0.f,   0.f,   0.f},
    {"without",           NEGATION,  0.f,   0.f,   0.f,   0.f,   0.f},
    {"don't",             NEGATION,  0.f,   0.f,   0.f,   0.f,   0.f},
    {"不要",              NEGATION,  0.f,   0.f,   0.f,   0.f,   0.f},
    {"不",                NEGATION,  0.f,   0.f,   0.f,   0.f,   0.f},
    {"没有",              NEGATION,  0.f,   0.f,   0.f,   0.f,   0.f},
    {"无",                NEGATION,  0.f,   0.f,   0.f,   0.f,   0.f},
    {"but",               CLAUSE,    0.f,   0.f,   0.f,   0.f,   0.f},
};
// clang-format on

static bool is_word(char c) { return isalnum((unsigned char)c) && (unsigned char)c < 0x80; }

static bool matches(const char *at, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] + ('a' - 'A')) : at[i];
        if (c != text[i])
            return false; /* the end of the prompt, too */
    }
    return !is_word(text[length - 1]) || !is_word(at[length]);
}

/* The longest entry that begins here; NULL if none does. */
static const struct entry *look_up(const char *at)
{
    const struct entry *best = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < sizeof(lexicon) / sizeof(lexicon[0]); i++) {
        size_t length = strlen(lexicon[i].text);
        if (length > longest && matches(at, lexicon[i].text, length)) {
            best = &lexicon[i];
            longest = length;
        }
    }
    return best;
}

/* Towards 1 with each word that asks for it, back to 0 with each that forbids it. */
static float moved(float value, float by)
{
    by = clampf(by, -1.0f, 1.0f);
    return by > 0.0f ? value + by * (1.0f - value) : value * (1.0f + by);
}

static void apply(struct direction *d, const struct entry *e, float degree)
{
    d->smile = moved(d->smile, degree * e->smile);
    d->seriousness = moved(d->seriousness, degree * e->seriousness);
    d->concern = moved(d->concern, degree * e->concern);
    d->energy = clampf(d->energy + degree * e->energy, -1.0f, 1.0f);
    d->steadiness = moved(d->steadiness, degree * e->steadiness);
}

/* Takes away what the word would ask for. */
static void forbid(struct direction *d, const struct entry *e)
{
    d->smile *= e->smile > 0.0f ? 0.0f : 1.0f;
    d->seriousness *= e->seriousness > 0.0f ? 0.0f : 1.0f;
    d->concern *= e->concern > 0.0f ? 0.0f : 1.0f;
    d->steadiness *= e->steadiness > 0.0f ? 0.0f : 1.0f;
    if (d->energy * e->energy > 0.0f)
        d->energy = 0.0f;
}

static bool ends_clause(const char *at)
{
    return strchr(",.;:!?\n", *at) || memcmp(at, "\xEF\xBC\x8C", strnlen(at, 3)) == 0 ||
           memcmp(at, "\xE3\x80\x82", strnlen(at, 3)) ==
               0; /* the full-width comma, the full stop */
}

struct direction direction_from_prompt(const char *prompt)
{
    struct direction d = {0};
    float degree = 1.0f;
    bool negated = false;
    const char *at = prompt ? prompt : "";
    while (*at) {
        const struct entry *e = look_up(at);
        if (e && e->kind == DEGREE) {
            degree *= e->smile;
        } else if (e && e->kind == NEGATION) {
            negated = true;
        } else if (e && e->kind == EFFECT) {
            if (negated)
                forbid(&d, e);
            else
                apply(&d, e, degree);
            degree = 1.0f;
            /* a "no" holds to the end of its clause: no smile or frown */
        } else if (e || ends_clause(at)) {
            degree = 1.0f;
            negated = false;
        }
        if (e) {
            at += strlen(e->text);
        } else if (is_word(*at)) {
            while (is_word(*at))
                at++;
        } else {
            at++;
        }
    }
    return d;
}
