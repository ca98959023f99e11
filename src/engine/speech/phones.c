#include "engine/speech/phones.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OFF_MAX_S 0.5f /* what encoders add before and behind is less */

enum { HANDS = 8, TRACKS = 7, SYMBOLS_A_PHONE = 3, LINE_MAX_BYTES = 200 };

/* symbols | viseme | jaw open round spread press labiodental tongue teeth | dominance of the first four */
struct phone_row {
    const char *symbols; /* each is such a phone */
    enum viseme viseme;
    float hand[HANDS], dominance[4];
};
static const struct phone_row consonants[] = {
    {"_", VISEME_SIL, {.02f, 0, .05f, .10f, 0, 0, 0, 0}, {.60f, .60f, .30f, .30f}},
    {"pbmɓ", VISEME_PP, {.10f, 0, .10f, .10f, 1, 0, 0, 0}, {.50f, 1, .10f, .10f}},
    {"fvʋɸβ", VISEME_FF, {.10f, .10f, .10f, .20f, 0, 1, 0, .3f}, {.60f, 1, .20f, .20f}},
    {"θð", VISEME_TH, {.18f, .25f, .05f, .20f, 0, 0, 1, .2f}, {.60f, .60f, .10f, .10f}},
    {"tdnɾʈɖɳɗɽɲcɟrɴ",
     VISEME_DD,
     {.15f, .22f, .05f, .20f, 0, 0, .5f, .3f},
     {.50f, .40f, .05f, .10f}},
    {"lɭɫʎɬɺ", VISEME_DD, {.25f, .30f, .05f, .20f, 0, 0, .8f, 0}, {.40f, .40f, .05f, .10f}},
    {"sz", VISEME_SS, {.04f, .18f, .05f, .40f, 0, 0, .1f, 1}, {1, .80f, .15f, .30f}},
    {"ʃʒʂʐɕʑ", VISEME_CH, {.04f, .22f, .50f, 0, 0, 0, .1f, .9f}, {1, .80f, .60f, .40f}},
    {"kɡgŋxɣqχɢçʝ", VISEME_KK, {.25f, .30f, .05f, .10f, 0, 0, 0, 0}, {.25f, .25f, .05f, .05f}},
    {"hɦʔʕħ", VISEME_KK, {.35f, .35f, .05f, .10f, 0, 0, 0, 0}, {.08f, .08f, .03f, .03f}},
    {"ɹɻɚ", VISEME_RR, {.20f, .25f, .45f, 0, 0, 0, .1f, .1f}, {.50f, .50f, .50f, .30f}},
    {"ʀʁ", VISEME_RR, {.30f, .32f, .10f, .10f, 0, 0, 0, 0}, {.25f, .25f, .10f, .10f}},
};
static const struct vowel_row {
    const char *symbol;
    enum viseme viseme;
    float hand[4];
} vowels[] = {
    {"a", VISEME_AA, {.75f, .75f, 0, .15f}},    {"ɑ", VISEME_AA, {.80f, .75f, .05f, 0}},
    {"æ", VISEME_AA, {.70f, .70f, 0, .40f}},    {"ʌ", VISEME_AA, {.50f, .50f, 0, .10f}},
    {"ɐ", VISEME_AA, {.50f, .50f, 0, .10f}},    {"ɛ", VISEME_EH, {.50f, .50f, 0, .40f}},
    {"e", VISEME_EH, {.35f, .40f, 0, .55f}},    {"ə", VISEME_AX, {.30f, .33f, .05f, .10f}},
    {"ɜ", VISEME_AX, {.35f, .38f, .20f, 0}},    {"ɘ", VISEME_AX, {.30f, .30f, 0, .20f}},
    {"ɵ", VISEME_UU, {.30f, .30f, .50f, 0}},    {"i", VISEME_II, {.15f, .25f, 0, .80f}},
    {"ɪ", VISEME_II, {.25f, .32f, 0, .50f}},    {"j", VISEME_II, {.15f, .22f, 0, .60f}},
    {"ɨ", VISEME_AX, {.20f, .25f, 0, .30f}},    {"ᵻ", VISEME_AX, {.20f, .25f, 0, .30f}},
    {"ɯ", VISEME_AX, {.20f, .25f, .05f, .30f}}, {"ɤ", VISEME_AX, {.40f, .40f, .05f, .10f}},
    {"o", VISEME_OO, {.40f, .40f, .75f, 0}},    {"ɔ", VISEME_OO, {.55f, .50f, .60f, 0}},
    {"ɒ", VISEME_OO, {.65f, .60f, .45f, 0}},    {"u", VISEME_UU, {.20f, .20f, 1, 0}},
    {"ʊ", VISEME_UU, {.25f, .25f, .70f, 0}},    {"ʉ", VISEME_UU, {.20f, .20f, .90f, 0}},
    {"y", VISEME_UU, {.15f, .20f, .95f, 0}},    {"ʏ", VISEME_UU, {.20f, .25f, .80f, 0}},
    {"ø", VISEME_UU, {.30f, .30f, .80f, 0}},    {"œ", VISEME_UU, {.45f, .45f, .60f, 0}},
    {"w", VISEME_UU, {.15f, .12f, 1, 0}},       {"ʍ", VISEME_UU, {.15f, .12f, 1, 0}},
    {"ɥ", VISEME_UU, {.15f, .15f, .95f, 0}},
};
static const char weak_vowels[] = "əɨᵻjɐ";
static const char vowel_sounds[] = "aɑæʌɐɛeəɜɵɘiɪɨᵻɯoɔɒɤuʊʉyʏøœ";
static const char no_mouth[] =
    "hɦʔʕħ"; /* said with the throat: the lips do what their neighbours do */
/* How espeak and others write some of them. */
static const char *const alike[][2] = {{"A", "ɑ"}, {"S", "ʃ"}, {"Z", "ʒ"}, {"N", "ŋ"}, {"X", "χ"},
                                       {"ε", "ɛ"}, {"R", "ʁ"}, {"?", "ʔ"}, {"ɝ", "ɜ"}, {"I", "ɪ"},
                                       {"E", "ɛ"}, {"O", "ɔ"}, {"U", "ʊ"}, {"ã", "a"}, {"õ", "o"},
                                       {"ẽ", "e"}, {"ĩ", "i"}, {"ũ", "u"}};

/* The lips of four speakers on each viseme: opening, width, jaw; and how far a phone may leave them. */
static const float measured[3][VISEME_COUNT] = {
    {.392f, -.092f, .191f, .504f, .411f, .619f, .548f, .698f, .456f, 1.06f, .891f, .574f, .624f,
     .14f, .514f},
    {.75f, .399f, .603f, .623f, .559f, .776f, .336f, .58f, .304f, .744f, .896f, .803f, -.112f,
     -.172f, .546f},
    {.282f, .474f, .341f, .51f, .444f, .234f, .233f, .614f, .537f, 1.036f, .809f, .582f, .756f,
     .42f, .423f}};
static const float gain[3] = {.863f, .718f, 1.139f};
static const float least_pull[VISEME_COUNT][3] = {[VISEME_DD] = {.5f, .15f, .5f},
                                                  [VISEME_KK] = {.4f, .12f, .4f},
                                                  [VISEME_PP] = {1, .2f, .5f},
                                                  [VISEME_SS] = {.8f, .3f, 1},
                                                  [VISEME_TH] = {.6f, .15f, .6f}};
static const float no_pull[3] = {.08f, .05f, .08f};
static const float long_silence[3] = {.05f, .68f, .08f};
static const float encode_zero[3] = {.05f, .30f, .05f}, encode_one[3] = {.85f, .55f, .85f};
/* jaw open round spread, opening width jaw: how early a phone is prepared, how long it lasts on, in s */
static const float before_s[TRACKS] = {.060f, .055f, .110f, .090f, .055f, .090f, .060f};
static const float after_s[TRACKS] = {.060f, .050f, .080f, .080f, .050f, .080f, .060f};

/* One phone with all its numbers. */
struct sound_of {
    enum viseme viseme;
    bool silence;
    float hand[HANDS];
    float target[TRACKS], dominance[TRACKS];
};

struct part {
    float start_s, end_s;
    struct sound_of sound;
};

/* A mark: what begins at a time. Symbols point into what alike[] and the notes hold; none: the phone before
 * goes on. */
struct mark {
    float start_s;
    char symbol[SYMBOLS_A_PHONE][5];
    int symbols;
};

static int letter_bytes(const char *p)
{
    unsigned char c = (unsigned char)*p;
    int n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    for (int i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 1; /* cut or damaged */
    return n;
}

static bool is_in(const char *list, const char *symbol)
{
    for (const char *p = list; *p; p += letter_bytes(p)) {
        size_t n = (size_t)letter_bytes(p);
        if (strlen(symbol) == n && memcmp(p, symbol, n) == 0)
            return true;
    }
    return false;
}

static void hand_measures(float out[3], const float hand[HANDS])
{
    out[0] = hand[1] * (1 - hand[4]);
    out[1] = hand[3] - hand[2];
    out[2] = hand[0];
}

/* False: no phone is written so. */
static bool basics(const char *symbol, struct sound_of *out)
{
    *out = (struct sound_of){0};
    for (size_t i = 0; i < sizeof(consonants) / sizeof(consonants[0]); i++) {
        if (!is_in(consonants[i].symbols, symbol))
            continue;
        out->viseme = consonants[i].viseme;
        out->silence = i == 0;
        memcpy(out->hand, consonants[i].hand, sizeof(out->hand));
        memcpy(out->dominance, consonants[i].dominance, sizeof(consonants[i].dominance));
        return true;
    }
    for (size_t i = 0; i < sizeof(vowels) / sizeof(vowels[0]); i++) {
        if (strcmp(vowels[i].symbol, symbol) != 0)
            continue;
        out->viseme = vowels[i].viseme;
        memcpy(out->hand, vowels[i].hand, sizeof(vowels[i].hand));
        for (int k = 0; k < 4; k++)
            out->dominance[k] = is_in(weak_vowels, symbol) ? .6f : 1;
        return true;
    }
    return false;
}

/* What the hand's table says of a viseme, on the mean over its phones. */
static void viseme_mean(float out[3], enum viseme viseme)
{
    float hand[HANDS] = {0}, count = 0;
    for (size_t i = 0; i < sizeof(consonants) / sizeof(consonants[0]); i++)
        if (consonants[i].viseme == viseme)
            for (const char *p = consonants[i].symbols; *p; p += letter_bytes(p), count++)
                for (int k = 0; k < HANDS; k++)
                    hand[k] += consonants[i].hand[k];
    for (size_t i = 0; i < sizeof(vowels) / sizeof(vowels[0]); i++)
        if (vowels[i].viseme == viseme) {
            count++;
            for (int k = 0; k < 4; k++)
                hand[k] += vowels[i].hand[k];
        }
    for (int k = 0; k < HANDS; k++)
        hand[k] /= count;
    hand_measures(out, hand);
}

static bool find(const char *symbol, struct sound_of *out)
{
    float own[3], mean[3];
    if (!basics(symbol, out))
        return false;
    hand_measures(own, out->hand);
    viseme_mean(mean, out->viseme);
    memcpy(out->target, out->hand, 4 * sizeof(float));
    const float *d = out->dominance;
    float pull[3] = {d[1], .5f * (d[2] + d[3]), d[0]};
    for (int k = 0; k < 3; k++) {
        out->target[4 + k] = measured[k][out->viseme] + .7f * gain[k] * (own[k] - mean[k]);
        out->dominance[4 + k] =
            is_in(no_mouth, symbol) ? no_pull[k] : fmaxf(pull[k], least_pull[out->viseme][k]);
    }
    return true;
}

/* The IPA of one event -> symbols of the tables. */
static void read_name(struct mark *m, const char *name)
{
    struct sound_of sound;
    char found[8][5];
    int n = 0;
    if (!*name) {
        strcpy(m->symbol[m->symbols++], "_");
        return;
    }
    if (*name == '(') /* another language begins */
        return;
    for (const char *p = name; *p && n < 8; p += letter_bytes(p)) {
        char s[5] = "";
        memcpy(s, p, (size_t)letter_bytes(p));
        for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
            if (strcmp(alike[i][0], s) == 0)
                strcpy(s, alike[i][1]);
        if (basics(s, &sound) && !sound.silence)
            strcpy(found[n++], s);
    }
    if (n == 0 && strstr(name, "ʲ"))
        strcpy(found[n++], "j");
    int first = n > 1 && strcmp(found[0], "ʔ") == 0;
    bool affricate =
        n - first >= 2 && is_in("tdʈɖ", found[first]) && is_in("szʃʒʂʐɕʑ", found[first + 1]);
    if (affricate) /* shows its fricative */
        first++;
    bool breathed = !affricate && n - first == 2 && strcmp(found[first + 1], "h") == 0 &&
                    !is_in(vowel_sounds, found[first]);
    for (int i = first; i < n && m->symbols < SYMBOLS_A_PHONE; i++) {
        if ((breathed && i > first) || (affricate && i > first && strcmp(found[i], "h") == 0))
            continue;
        strcpy(m->symbol[m->symbols++], found[i]);
    }
}

/* The lines "p MS NAME" and "e MS"; `marks` has room for one a line and one more, which stands in front. */
static bool read_notes(struct mark *marks, int *count, float *end_s, const struct bytes *notes)
{
    const char *p = (const char *)notes->data, *end = p + notes->size;
    *count = 1;
    *end_s = 0;
    marks[0] = (struct mark){.symbol = {"_"}, .symbols = 1};
    while (p < end) {
        char line[LINE_MAX_BYTES], *name;
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = stop ? (size_t)(stop - p) : (size_t)(end - p);
        snprintf(line, sizeof(line), "%.*s", (int)(n < sizeof(line) ? n : sizeof(line) - 1), p);
        p += n + 1;
        float s = n > 2 ? (float)strtol(line + 2, &name, 10) / 1000 : -1;
        if (s < 0 || s > 86400 || name == line + 2)
            return false;
        if (*line == 'e')
            *end_s = s;
        if (*line != 'p')
            continue;
        if (s < marks[*count - 1].start_s)
            return false;
        struct mark *m = &marks[(*count)++];
        *m = (struct mark){.start_s = s};
        read_name(m, *name == ' ' ? name + 1 : name);
    }
    return *end_s >= marks[*count - 1].start_s && *count > 1;
}

/* espeak marks vowels 18 ms late after a consonant, and voiceless stops at the burst, 45 ms after the mouth has
 * closed (measured on the level around the marks, beside voices cut from recordings). */
static void correct(struct mark *marks, int count)
{
    for (int i = 2; i < count; i++) {
        struct mark *m = &marks[i], *before = &marks[i - 1];
        const char *last = before->symbols ? before->symbol[before->symbols - 1] : "_";
        if (!m->symbols || strcmp(last, "_") == 0)
            continue;
        if (is_in("ptkcqʈ", m->symbol[0]))
            m->start_s = fmaxf(m->start_s - .045f, (m->start_s + before->start_s) / 2);
        else if (is_in(vowel_sounds, m->symbol[0]) && !is_in(vowel_sounds, last))
            m->start_s = fmaxf(m->start_s - .018f, before->start_s + .010f);
    }
}

/* A mark of several symbols is cut into as many parts; one without lengthens the part before it. */
static int cut(struct part *parts, const struct mark *marks, int count, float end_s)
{
    int n = 0;
    for (int i = 0; i < count; i++) {
        const struct mark *m = &marks[i];
        float start_s = m->start_s, stop_s = i + 1 < count ? marks[i + 1].start_s : end_s;
        if (stop_s <= start_s)
            continue;
        if (!m->symbols) {
            if (n > 0)
                parts[n - 1].end_s = stop_s;
            continue;
        }
        /* a diphthong stays longer where it begins */
        bool diphthong = m->symbols > 1 && is_in(vowel_sounds, m->symbol[0]) &&
                         is_in(vowel_sounds, m->symbol[1]);
        float first = diphthong ? 1.3f : 1, sum = first + (float)(m->symbols - 1), at = 0;
        for (int k = 0; k < m->symbols; k++) {
            struct part *p = &parts[n];
            p->start_s = start_s + (stop_s - start_s) * at / sum;
            at += k ? 1 : first;
            p->end_s = start_s + (stop_s - start_s) * at / sum;
            n += find(m->symbol[k], &p->sound);
        }
    }
    return n;
}

static float frame_s(int64_t k) { return ((float)k + .25f) / SPEECH_FRAMES_HZ; }

/* The sums of one frame while parts are drawn into it. */
struct drawn {
    float sum[TRACKS], weight[TRACKS], own[4], share[VISEME_COUNT];
};

static void draw(struct drawn *frames, int64_t count, const struct part *p)
{
    float quarter_s = .25f * (p->end_s - p->start_s), target[TRACKS];
    int64_t from = (int64_t)((p->start_s - .4f) * SPEECH_FRAMES_HZ),
            to = (int64_t)((p->end_s + .4f) * SPEECH_FRAMES_HZ) + 1;
    memcpy(target, p->sound.target, sizeof(target));
    if (p->sound.silence) { /* a long pause closes the mouth, a short one leaves it ajar */
        float length = fminf(1, fmaxf(0, (p->end_s - p->start_s - .25f) / .3f));
        for (int k = 0; k < 3; k++)
            target[4 + k] += length * (long_silence[k] - target[4 + k]);
    }
    for (int64_t i = from < 0 ? 0 : from; i < to && i < count; i++) {
        struct drawn *d = &frames[i];
        float t = frame_s(i);
        for (int k = 0; k < TRACKS; k++) {
            float pull =
                p->sound.dominance[k] * expf(-fmaxf(0, p->start_s + quarter_s - t) / before_s[k] -
                                             fmaxf(0, t - p->end_s + quarter_s) / after_s[k]);
            d->sum[k] += pull * target[k];
            d->weight[k] += pull;
        }
        float rise = fminf((t - p->start_s + .05f) / .05f, (p->end_s + .03f - t) / .04f);
        rise = fminf(1, fmaxf(0, rise));
        for (int k = 0; k < 4; k++)
            d->own[k] =
                fmaxf(d->own[k], (.5f - .5f * cosf((float)M_PI * rise)) * p->sound.hand[4 + k]);
        /* a frame belongs to a phone as far as its 20 ms do */
        float low = fmaxf(t - .01f, p->start_s), high = fminf(t + .01f, p->end_s);
        d->share[p->sound.viseme] += fmaxf(0, high - low);
    }
}

static float clip(float v) { return v < 0 ? 0 : v > 1 ? 1 : v; }

static void finish(struct speech_frame *out, const struct drawn *d, const struct sound_of *rest)
{
    float smooth[TRACKS], press = d->own[0], lip = d->own[1], all = 1e-4f;
    for (int k = 0; k < TRACKS; k++)
        smooth[k] = (d->sum[k] + 1e-4f * rest->target[k]) / (d->weight[k] + 1e-4f);
    static const struct {
        int track;
        float shut, under_teeth;
    } openings[] = {{1, .02f, .10f}, {4, 0, .12f}};
    for (int i = 0; i < 2; i++) {
        float *v = &smooth[openings[i].track];
        *v *= 1 - press * (1 - openings[i].shut);
        if (lip > 0)
            *v = fminf(*v, (1 - lip) * *v + openings[i].under_teeth * lip);
    }
    smooth[4] -= .03f * press;
    for (int k = 0; k < 4; k++) {
        out->articulator[ARTICULATOR_JAW + k] = clip(smooth[k]);
        out->articulator[ARTICULATOR_PRESS + k] = clip(d->own[k]);
    }
    for (int k = 0; k < 3; k++)
        out->articulator[ARTICULATOR_LIP_OPENING + k] =
            clip(encode_zero[k] + encode_one[k] * smooth[4 + k]);
    for (int v = 0; v < VISEME_COUNT; v++)
        all += d->share[v];
    for (int v = 0; v < VISEME_COUNT; v++)
        out->viseme[v] = (d->share[v] + (v == VISEME_SIL ? 1e-4f : 0)) / all;
}

enum orator_status speech_know(struct speech *speech, const struct bytes *notes,
                               struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    int lines = 2, count = 0;
    float end_s;
    for (size_t i = 0; i < notes->size; i++)
        lines += notes->data[i] == '\n';
    struct mark *marks = calloc((size_t)lines, sizeof(*marks));
    struct part *parts = calloc((size_t)lines * SYMBOLS_A_PHONE, sizeof(*parts));
    struct drawn *drawn = calloc((size_t)speech->count + 1, sizeof(*drawn));
    if (!marks || !parts || !drawn) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the phones of a speech");
    } else if (!read_notes(marks, &count, &end_s, notes)) {
        s = orator_fail(err, ORATOR_DECODE_FAILED, "the notes of what is said are damaged");
    } else if (fabsf(end_s - (float)speech->count / SPEECH_FRAMES_HZ) > OFF_MAX_S) {
        s = orator_fail(err, ORATOR_DECODE_FAILED, "the notes are not of this sound");
    } else {
        correct(marks, count);
        struct sound_of rest;
        (void)find("_", &rest);
        int n = cut(parts, marks, count, end_s);
        for (int i = 0; i < n; i++)
            draw(drawn, speech->count, &parts[i]);
        for (int64_t i = 0; i < speech->count; i++)
            finish(&speech->frames[i], &drawn[i], &rest);
    }
    free(drawn);
    free(parts);
    free(marks);
    return s;
}
