/* Recordings as people send them, from the bytes of a file to the poses of a face. */
#include "claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "drawn_voice.h"
#include "engine/motion/motion.h"
#include "engine/motion/phrases.h"

enum { FPS = 25, RATE = 16000 };
#define DEGREE 0.017453293f

static struct speech_model *model;

static int open_model(void **state)
{
    (void)state;
    char path[4096];
    const char *models = getenv("ORATOR_MODELS");
    snprintf(path, sizeof(path), "%s/speech.bin", models ? models : "models");
    return speech_model_open(&model, path, NULL) == ORATOR_OK ? 0 : -1;
}

static int close_model(void **state)
{
    (void)state;
    speech_model_free(&model);
    return 0;
}

static void put(unsigned char *to, uint32_t v, int bytes)
{
    for (int k = 0; k < bytes; k++)
        to[k] = (unsigned char)(v >> 8 * k);
}

/* A WAV of 16 bits; what is beyond -1..1 is clipped, as recorders do. */
static struct bytes wav_of(const float *left, const float *right, int64_t frames, int rate_hz)
{
    uint32_t channels = right ? 2 : 1, size = (uint32_t)frames * channels * 2;
    struct bytes b = {calloc(1, 44 + size), 44 + size};
    assert_non_null(b.data);
    memcpy(b.data, "RIFF....WAVEfmt ", 16);
    put(b.data + 4, 36 + size, 4);
    put(b.data + 16, 16, 4);
    put(b.data + 20, 1, 2);
    put(b.data + 22, channels, 2);
    put(b.data + 24, (uint32_t)rate_hz, 4);
    put(b.data + 28, (uint32_t)rate_hz * channels * 2, 4);
    put(b.data + 32, channels * 2, 2);
    put(b.data + 34, 16, 2);
    memcpy(b.data + 36, "data", 4);
    put(b.data + 40, size, 4);
    for (int64_t i = 0; i < frames; i++)
        for (uint32_t c = 0; c < channels; c++) {
            float v = fmaxf(-1, fminf(1, c ? right[i] : left[i]));
            put(b.data + 44 + 2 * (i * (int64_t)channels + (int64_t)c), (uint32_t)(int)(v * 32767),
                2);
        }
    return b;
}

static struct motion moved(const struct bytes *file, struct phrases *phrases)
{
    struct orator_error err = {0};
    struct sound sound = {0}, mono = {0};
    struct speech speech = {0};
    struct motion motion = {0};
    enum orator_status s;
    TRY(sound_decode(&sound, file->data, file->size, SOUND_MAX_MS, &err));
    TRY(sound_to_mono(&mono, &sound, SPEECH_RATE_HZ, &err));
    TRY(speech_analyse(&speech, model, &mono, &err));
    TRY(motion_predict(&motion, &speech, &(struct motion_options){.fps = FPS, .seed = 1}, &err));
    if (phrases)
        TRY(phrases_find(phrases, &speech, &err));
done:
    if (s != ORATOR_OK)
        fail_msg("%s", err.text);
    speech_fini(&speech);
    sound_fini(&mono);
    sound_fini(&sound);
    return motion;
}

static float gap(const struct pose *p)
{
    return (0.30f * p->au[AU_JAW] + 0.065f * p->au[AU_UPPER_RAISE] + 0.07f * p->au[AU_LOWER_DROP] +
            0.097f * p->au[AU_FUNNEL]) *
           (1.0f - p->closure);
}

static double alike(const struct motion *a, const struct motion *b)
{
    double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
    int64_t n = a->count < b->count ? a->count : b->count;
    for (int64_t i = 0; i < n; i++) {
        ma += (double)gap(&a->poses[i]) / (double)n;
        mb += (double)gap(&b->poses[i]) / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        double x = (double)gap(&a->poses[i]) - ma, y = (double)gap(&b->poses[i]) - mb;
        ab += x * y, aa += x * x, bb += y * y;
    }
    return ab / sqrt(aa * bb + 1e-12);
}

/* The voice at a rate, told alike at all of them. */
static float *voice_at(int rate_hz, double seconds, float gain)
{
    int64_t n = (int64_t)(seconds * rate_hz);
    int64_t m = (int64_t)(seconds * RATE);
    float *out = calloc((size_t)n, sizeof(*out)), *drawn = calloc((size_t)m, sizeof(*drawn));
    assert_true(out && drawn);
    drawn_voice(drawn, m, RATE, 3);
    for (int64_t i = 0; i < n; i++) { /* linear between samples is good enough for a telephone */
        double at = (double)i * RATE / rate_hz;
        int64_t k = (int64_t)at;
        float next = k + 1 < m ? drawn[k + 1] : drawn[k], u = (float)(at - (double)k);
        out[i] = gain * (drawn[k] + u * (next - drawn[k]));
    }
    free(drawn);
    return out;
}

static struct motion moved_by(int rate_hz, double seconds, float gain, int silent_side)
{
    float *voice = voice_at(rate_hz, seconds, gain);
    int64_t n = (int64_t)(seconds * rate_hz);
    float *nothing = calloc((size_t)n, sizeof(*nothing));
    struct bytes file = silent_side == 1   ? wav_of(nothing, voice, n, rate_hz)
                        : silent_side == 2 ? wav_of(voice, nothing, n, rate_hz)
                                           : wav_of(voice, NULL, n, rate_hz);
    struct motion m = moved(&file, NULL);
    bytes_fini(&file);
    free(nothing);
    free(voice);
    return m;
}

static void a_voice_moves_the_mouth_as_people_move_theirs(void **state)
{
    (void)state;
    struct motion m = moved_by(RATE, 8, 0.5f, 0);
    double speed = 0, shut = 0, widest = 0;
    for (int64_t i = 1; i < m.count; i++) {
        speed += fabs((double)(gap(&m.poses[i]) - gap(&m.poses[i - 1]))) * FPS / (double)m.count;
        shut += (gap(&m.poses[i]) < 0.025f) / (double)m.count;
        widest = fmax(widest, (double)gap(&m.poses[i]));
    }
    assert_true(speed > 0.35 && speed < 0.95);
    assert_true(shut > 0.05 && shut < 0.5);
    assert_true(widest > 0.12 && widest < 0.35);
    motion_fini(&m);
}

static void rates_sides_and_loudness_say_the_same(void **state)
{
    (void)state;
    static const struct {
        int rate_hz;
        float gain;
        int silent_side;
        double alike;
    } rows[] = {{8000, 0.5f, 0, 0.75},  {96000, 0.5f, 0, 0.95}, {44100, 0.5f, 1, 0.95},
                {48000, 0.5f, 2, 0.95}, {RATE, 0.01f, 0, 0.85}, {RATE, 6.0f, 0, 0.70}};
    struct motion usual = moved_by(RATE, 8, 0.5f, 0);
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct motion m = moved_by(rows[k].rate_hz, 8, rows[k].gain, rows[k].silent_side);
        assert_int_equal(m.count, usual.count);
        if (!(alike(&m, &usual) > rows[k].alike))
            fail_msg("row %zu: alike %.3f", k, alike(&m, &usual));
        motion_fini(&m);
    }
    motion_fini(&usual);
}

enum { NOTHING, HISS, HUM, CHORDS, CLICKS, KINDS };

static void make_noise(float *out, int64_t n, int kind)
{
    struct random chance = random_seeded(11, 2);
    static const double notes[4][3] = {
        {262, 330, 392}, {220, 262, 330}, {175, 220, 262}, {196, 247, 294}};
    for (int64_t i = 0; i < n; i++) {
        double t = (double)i / RATE, v = 0;
        if (kind == HISS)
            v = 0.1 * (double)random_normal(&chance);
        for (int h = 1; kind == HUM && h < 8; h++)
            v += 0.2 / h * sin(DRAWN_TURN * 50 * h * t);
        for (int k = 0; kind == CHORDS && k < 3; k++)
            for (int h = 1; h < 5; h++)
                v += 0.1 / h * sin(DRAWN_TURN * notes[(int)(t / 0.8) % 4][k] * h * t) *
                     exp(-1.5 * fmod(t, 0.8));
        if (kind == CLICKS)
            v = i % (RATE / 3) < 20 ? 0.8 : 0;
        out[i] = (float)v;
    }
}

/* Whoever hears no voice keeps the mouth shut, and lives on: blinks, breathes, looks. */
static void what_is_no_speech_leaves_the_mouth_shut(void **state)
{
    (void)state;
    const int64_t n = 8 * RATE;
    float *sound = calloc((size_t)n, sizeof(*sound));
    assert_non_null(sound);
    for (int kind = 0; kind < KINDS; kind++) {
        make_noise(sound, n, kind);
        struct bytes file = wav_of(sound, NULL, n, RATE);
        struct phrases phrases;
        struct motion m = moved(&file, &phrases);
        int64_t open = 0, blinks = 0;
        float left = 0, right = 0;
        for (int64_t i = 0; i < m.count; i++) {
            open += gap(&m.poses[i]) > 0.03f;
            blinks += i > 0 && m.poses[i].blink_left > 0.5f && m.poses[i - 1].blink_left <= 0.5f;
            left = fminf(left, m.poses[i].yaw_rad);
            right = fmaxf(right, m.poses[i].yaw_rad);
        }
        if (open * 20 > m.count)
            fail_msg("kind %d: open in %d of %d frames", kind, (int)open, (int)m.count);
        assert_true(blinks > 0 && right - left > 1.0f * DEGREE);
        if (kind == NOTHING)
            assert_int_equal(phrases.count, 0);
        phrases_fini(&phrases);
        motion_fini(&m);
        bytes_fini(&file);
    }
    free(sound);
}

static void two_seconds_are_enough_and_less_is_refused_in_words(void **state)
{
    (void)state;
    struct orator_error err = {0};
    struct sound sound;
    struct motion m = moved_by(RATE, 2, 0.5f, 0);
    assert_int_equal(m.count, 2 * FPS);
    motion_fini(&m);
    float *voice = voice_at(RATE, 1.9, 0.5f);
    struct bytes file = wav_of(voice, NULL, RATE * 19 / 10, RATE);
    assert_int_equal(sound_decode(&sound, file.data, file.size, SOUND_MAX_MS, &err),
                     ORATOR_AUDIO_TOO_SHORT);
    assert_non_null(strstr(err.text, "1.9"));
    bytes_fini(&file);
    free(voice);
}

static void five_minutes_are_heard_to_their_end_and_more_is_refused(void **state)
{
    (void)state;
    struct orator_error err = {0};
    struct sound sound;
    struct motion m = moved_by(8000, 300, 0.5f, 0);
    assert_int_equal(m.count, 300 * FPS);
    double last = 0;
    for (int64_t i = m.count - 10 * FPS; i < m.count; i++)
        last = fmax(last, (double)gap(&m.poses[i]));
    assert_true(last > 0.1);
    motion_fini(&m);
    float *voice = calloc(302 * 8000, sizeof(*voice));
    assert_non_null(voice);
    struct bytes file = wav_of(voice, NULL, 302 * 8000, 8000);
    assert_int_equal(sound_decode(&sound, file.data, file.size, SOUND_MAX_MS, &err),
                     ORATOR_AUDIO_TOO_LONG);
    assert_non_null(strstr(err.text, "300"));
    bytes_fini(&file);
    free(voice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_voice_moves_the_mouth_as_people_move_theirs),
        cmocka_unit_test(rates_sides_and_loudness_say_the_same),
        cmocka_unit_test(what_is_no_speech_leaves_the_mouth_shut),
        cmocka_unit_test(two_seconds_are_enough_and_less_is_refused_in_words),
        cmocka_unit_test(five_minutes_are_heard_to_their_end_and_more_is_refused),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
