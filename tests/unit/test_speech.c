#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/random.h"
#include "engine/speech/net.h"
#include "engine/speech/speech.h"

static const char *model_path(void)
{
    static char path[4096];
    const char *models = getenv("ORATOR_MODELS");
    snprintf(path, sizeof(path), "%s/speech.bin", models ? models : "models");
    return path;
}

static int open_model(void **state)
{
    struct orator_error err;
    struct speech_model *model;
    if (speech_model_open(&model, model_path(), &err) != ORATOR_OK) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    *state = model;
    return 0;
}

static int close_model(void **state)
{
    struct speech_model *model = *state;
    speech_model_free(&model);
    assert_null(model);
    return 0;
}

static struct sound silence_of(double seconds)
{
    struct sound s = {.frames = (int64_t)(seconds * SPEECH_RATE_HZ), .channels = 1};
    s.rate_hz = SPEECH_RATE_HZ;
    s.samples = calloc((size_t)s.frames, sizeof(float));
    assert_non_null(s.samples);
    return s;
}

/* A reedy voice that says nothing: pulses of 120 Hz through two resonances that move, with gaps. */
static struct sound reed(double before_seconds, double seconds, double volume)
{
    struct sound s = silence_of(before_seconds + seconds);
    double y1[2] = {0}, y2[2] = {0}, phase = 0.0;
    int64_t first = (int64_t)(before_seconds * SPEECH_RATE_HZ);
    for (int64_t i = first; i < s.frames; i++) {
        double t = (double)(i - first) / SPEECH_RATE_HZ;
        double hz[2] = {500.0 + 250.0 * sin(11.0 * t), 1500.0 + 500.0 * sin(7.0 * t)};
        double in = fmod(t, 1.0) < 0.75 ? -0.008 : 0.0;
        phase += 120.0 / SPEECH_RATE_HZ;
        if (phase >= 1.0) {
            phase -= 1.0;
            in *= -120.0;
        }
        for (int k = 0; k < 2; k++) {
            double r = 0.975, w = 6.283185307179586 * hz[k] / SPEECH_RATE_HZ;
            double y = in + 2.0 * r * cos(w) * y1[k] - r * r * y2[k];
            y2[k] = y1[k];
            y1[k] = y;
            s.samples[i] += (float)(0.08 * volume * y);
        }
    }
    return s;
}

static struct speech analysed(void **state, struct sound *sound)
{
    struct orator_error err;
    struct speech speech;
    enum orator_status s = speech_analyse(&speech, *state, sound, &err);
    if (s != ORATOR_OK)
        fail_msg("%s", err.text);
    free(sound->samples);
    return speech;
}

static void silence_is_heard_as_silence(void **state)
{
    struct sound sound = silence_of(2.0);
    struct speech speech = analysed(state, &sound);
    assert_int_equal(speech.count, 2 * SPEECH_FRAMES_HZ);
    for (int64_t k = 0; k < speech.count; k++) {
        assert_true(speech.frames[k].viseme[VISEME_SIL] > 0.6f);
        assert_true(speech.frames[k].level_db < -40.0f);
        assert_true(speech.frames[k].pitch_hz == 0.0f);
    }
    speech_fini(&speech);
    assert_null(speech.frames);
}

static void probabilities_sum_to_one(void **state)
{
    struct sound sound = reed(0.0, 2.0, 1.0);
    struct speech speech = analysed(state, &sound);
    for (int64_t k = 0; k < speech.count; k++) {
        float sum = 0.0f;
        for (int v = 0; v < VISEME_COUNT; v++)
            sum += speech.frames[k].viseme[v];
        assert_true(fabsf(sum - 1.0f) < 1e-4f);
        for (int a = 0; a < ARTICULATOR_COUNT; a++) {
            float value = speech.frames[k].articulator[a];
            assert_true(value >= 0.0f && value <= 1.0f);
        }
    }
    speech_fini(&speech);
}

/* Once the beginning of the sound is out of the network's sight, 1.3 s, only the loudness percentile
 * knows how much silence there was before a voice. */
static void a_shifted_voice_gives_shifted_frames(void **state)
{
    struct sound early = reed(1.4, 3.0, 1.0), late = reed(1.6, 3.0, 1.0);
    struct speech a = analysed(state, &early), b = analysed(state, &late);
    int64_t shift = SPEECH_FRAMES_HZ / 5;
    for (int64_t k = SPEECH_FRAMES_HZ * 13 / 10; k < a.count; k++) {
        for (int v = 0; v < VISEME_COUNT; v++)
            assert_true(fabsf(a.frames[k].viseme[v] - b.frames[k + shift].viseme[v]) < 0.02f);
        assert_true(fabsf(a.frames[k].pitch_hz - b.frames[k + shift].pitch_hz) < 5.0f);
    }
    speech_fini(&a);
    speech_fini(&b);
}

static void twice_as_loud_says_the_same(void **state)
{
    struct sound soft = reed(0.3, 3.0, 0.5), loud = reed(0.3, 3.0, 1.0);
    struct speech a = analysed(state, &soft), b = analysed(state, &loud);
    assert_int_equal(a.count, b.count);
    for (int64_t k = 0; k < a.count; k++) {
        for (int v = 0; v < VISEME_COUNT; v++)
            assert_true(fabsf(a.frames[k].viseme[v] - b.frames[k].viseme[v]) < 0.03f);
        if (a.frames[k].level_db > -40.0f)
            assert_true(fabsf(a.frames[k].level_db - b.frames[k].level_db) < 0.1f);
    }
    speech_fini(&a);
    speech_fini(&b);
}

static void pitch_is_found_where_there_is_a_voice(void **state)
{
    struct sound sound = reed(0.0, 4.0, 1.0);
    struct speech speech = analysed(state, &sound);
    int right = 0, wrong = 0, silent_with_pitch = 0;
    for (int64_t k = 0; k < speech.count; k++) {
        double t = fmod((double)k / SPEECH_FRAMES_HZ, 1.0);
        float hz = speech.frames[k].pitch_hz;
        if (t > 0.1 && t < 0.7 && speech.frames[k].viseme[VISEME_SIL] < 0.5f) {
            right += fabsf(hz - 120.0f) < 3.0f;
            wrong += !(fabsf(hz - 120.0f) < 3.0f);
        }
        silent_with_pitch += t > 0.85 && t < 0.97 && hz > 0.0f;
    }
    assert_true(right > 80);
    assert_true(wrong < right / 20);
    assert_int_equal(silent_with_pitch, 0);
    speech_fini(&speech);
}

static const char *golden_path(const char *name)
{
    static char path[4096];
    const char *models = getenv("ORATOR_MODELS");
    snprintf(path, sizeof(path), "%s/../tests/golden/speech/%s", models ? models : "models", name);
    return path;
}

/* train/golden wrote it with the code that trained the weights. */
static void the_engine_hears_what_the_training_heard(void **state)
{
    struct sound sound = reed(0.2, 4.0, 1.0);
    struct speech speech = analysed(state, &sound);
    struct bytes golden = {0};
    assert_int_equal(file_read(&golden, golden_path("reference.txt"), 1 << 16, NULL), ORATOR_OK);
    char *at = strchr((char *)golden.data, '\n');
    assert_non_null(at);
    for (int64_t k = 0; k < speech.count; k += 10) {
        const struct speech_frame *f = &speech.frames[k];
        assert_int_equal(strtoll(at, &at, 10), k);
        for (int v = 0; v < VISEME_COUNT; v++)
            assert_true(fabs(strtod(at, &at) - (double)f->viseme[v]) < 1e-4);
        for (int a = 0; a < ARTICULATOR_COUNT; a++)
            assert_true(fabs(strtod(at, &at) - (double)f->articulator[a]) < 1e-4);
    }
    assert_string_equal(at, "\n");
    bytes_fini(&golden);
    speech_fini(&speech);
}

/* Pushes the sound in calls of `size` samples; -> frames, to be freed. */
static struct speech_frame *streamed(void **state, const struct sound *sound, int64_t size,
                                     int64_t *count)
{
    struct speech_stream *stream;
    int64_t room = sound->frames / 320 + 1;
    struct speech_frame *frames = calloc((size_t)room, sizeof(*frames));
    assert_non_null(frames);
    assert_int_equal(speech_stream_begin(&stream, *state, NULL), ORATOR_OK);
    *count = 0;
    for (int64_t at = 0; at < sound->frames; at += size) {
        int64_t some = at + size < sound->frames ? size : sound->frames - at;
        assert_int_equal(speech_stream_push(stream, sound->samples + at, some, NULL), ORATOR_OK);
        *count += speech_stream_take(stream, frames + *count, room - *count);
    }
    assert_int_equal(speech_stream_finish(stream, NULL), ORATOR_OK);
    *count += speech_stream_take(stream, frames + *count, room - *count);
    assert_int_equal(speech_stream_take(stream, frames, room), 0);
    speech_stream_free(&stream);
    assert_null(stream);
    return frames;
}

static void how_a_stream_is_cut_changes_nothing(void **state)
{
    static const int64_t sizes[] = {37, 160, 4096, 16000, 1 << 20};
    for (int seconds = 1; seconds <= 5; seconds += 4) { /* shorter and longer than its look-ahead */
        struct sound sound = reed(0.3, seconds - 0.29, 1.0), again = sound;
        again.samples = malloc((size_t)sound.frames * sizeof(float));
        assert_non_null(again.samples);
        memcpy(again.samples, sound.samples, (size_t)sound.frames * sizeof(float));
        struct speech whole = analysed(state, &sound);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            int64_t count;
            struct speech_frame *frames = streamed(state, &again, sizes[i], &count);
            assert_int_equal(count, whole.count);
            for (int64_t k = 0; k < count; k++) {
                assert_memory_equal(frames[k].viseme, whole.frames[k].viseme,
                                    sizeof(frames[k].viseme));
                assert_memory_equal(frames[k].articulator, whole.frames[k].articulator,
                                    sizeof(frames[k].articulator));
            }
            free(frames);
        }
        free(again.samples);
        speech_fini(&whole);
    }
}

/* What follows later than the look-ahead is not needed for a frame, and does not change it. */
static void a_stream_speaks_before_its_sound_ends(void **state)
{
    struct sound sound = reed(0.0, 6.0, 1.0);
    struct speech_stream *stream;
    struct speech_frame early[300];
    int64_t heard = 4 * SPEECH_RATE_HZ, count;
    assert_int_equal(speech_stream_begin(&stream, *state, NULL), ORATOR_OK);
    assert_int_equal(speech_stream_push(stream, sound.samples, heard, NULL), ORATOR_OK);
    count = speech_stream_take(stream, early, 300);
    assert_true(count >= (4000 - SPEECH_AHEAD_MS) * SPEECH_FRAMES_HZ / 1000);
    speech_stream_free(&stream);
    for (int64_t i = heard; i < sound.frames; i++)
        sound.samples[i] = 0.5f * sinf((float)i);
    struct speech whole = analysed(state, &sound);
    for (int64_t k = 0; k < count; k++)
        assert_memory_equal(early[k].viseme, whole.frames[k].viseme, sizeof(early[k].viseme));
    speech_fini(&whole);
}

static void a_stream_of_nothing_is_refused(void **state)
{
    struct speech_stream *stream;
    struct orator_error err;
    float samples[159] = {0};
    assert_int_equal(speech_stream_begin(&stream, *state, &err), ORATOR_OK);
    assert_int_equal(speech_stream_push(stream, samples, 159, &err), ORATOR_OK);
    assert_int_equal(speech_stream_finish(stream, &err), ORATOR_AUDIO_TOO_SHORT);
    speech_stream_free(&stream);
}

/* Every tenth frame of the reed. Numbers change when weights or features do, and then on purpose. */
static void the_reed_is_heard_as_before(void **state)
{
    const char *path = golden_path("reed.txt");
    struct sound sound = reed(0.2, 1.4, 1.0);
    struct speech speech = analysed(state, &sound);
    if (getenv("ORATOR_REGOLD")) {
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        fprintf(out, "# frame, 15 visemes, 11 articulators, level dB, pitch Hz\n");
        for (int64_t k = 0; k < speech.count; k += 10) {
            const struct speech_frame *f = &speech.frames[k];
            fprintf(out, "%lld", (long long)k);
            for (int v = 0; v < VISEME_COUNT; v++)
                fprintf(out, " %.5f", (double)f->viseme[v]);
            for (int a = 0; a < ARTICULATOR_COUNT; a++)
                fprintf(out, " %.5f", (double)f->articulator[a]);
            fprintf(out, " %.3f %.2f\n", (double)f->level_db, (double)f->pitch_hz);
        }
        fclose(out);
    }
    struct bytes golden = {0};
    assert_int_equal(file_read(&golden, path, 1 << 16, NULL), ORATOR_OK);
    char *at = strchr((char *)golden.data, '\n');
    assert_non_null(at);
    int rows = 0;
    for (int64_t k = 0; k < speech.count; k += 10, rows++) {
        const struct speech_frame *f = &speech.frames[k];
        assert_int_equal(strtoll(at, &at, 10), k);
        for (int v = 0; v < VISEME_COUNT; v++)
            assert_true(fabs(strtod(at, &at) - (double)f->viseme[v]) < 1e-4);
        for (int a = 0; a < ARTICULATOR_COUNT; a++)
            assert_true(fabs(strtod(at, &at) - (double)f->articulator[a]) < 1e-4);
        assert_true(fabs(strtod(at, &at) - (double)f->level_db) < 0.01);
        assert_true(fabs(strtod(at, &at) - (double)f->pitch_hz) < 0.1);
    }
    assert_int_equal(rows, 8);
    bytes_fini(&golden);
    speech_fini(&speech);
}

static void sound_that_is_not_ready_is_refused(void **state)
{
    struct speech speech;
    struct orator_error err;
    float samples[400] = {0};
    struct sound sound = {samples, 400, 1, 48000};
    assert_int_equal(speech_analyse(&speech, *state, &sound, &err), ORATOR_INTERNAL);
    sound = (struct sound){samples, 200, 2, SPEECH_RATE_HZ};
    assert_int_equal(speech_analyse(&speech, *state, &sound, &err), ORATOR_INTERNAL);
    sound = (struct sound){samples, 0, 1, SPEECH_RATE_HZ};
    assert_int_equal(speech_analyse(&speech, *state, &sound, &err), ORATOR_AUDIO_TOO_SHORT);
    samples[7] = NAN;
    sound = (struct sound){samples, 400, 1, SPEECH_RATE_HZ};
    assert_int_equal(speech_analyse(&speech, *state, &sound, &err), ORATOR_DECODE_FAILED);
    assert_null(speech.frames);
}

static void refused(const unsigned char *bytes, size_t size)
{
    struct speech_model *model;
    struct orator_error err;
    assert_int_equal(speech_model_parse(&model, bytes, size, &err), ORATOR_DECODE_FAILED);
    assert_null(model);
    assert_int_equal(strncmp(err.text, "speech model: ", 14), 0);
}

static void damaged_weights_are_refused(void **state)
{
    (void)state;
    struct bytes file = {0};
    assert_int_equal(file_read(&file, model_path(), 64 << 20, NULL), ORATOR_OK);
    static const struct {
        size_t offset;
        uint32_t value;
    } damages[] = {
        {0, 0},      {4, 65},          {8, 0},           {8, 0x7fffffff},
        {8, 127},    {12, 0},          {12, 17},         {12, 0xffffffff},
        {16, 23},    {20, 0x7fc00000}, {20, 0x7f800000}, {20, 0x501502f9}, /* 1e10 */
        {164372, 0}, {164372, 65},     {164376, 3}, /* the first block's dilation, look-ahead */
    };
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        unsigned char kept[4];
        memcpy(kept, file.data + damages[i].offset, 4);
        memcpy(file.data + damages[i].offset, &damages[i].value, 4);
        refused(file.data, file.size);
        memcpy(file.data + damages[i].offset, kept, 4);
    }
    for (size_t size = 0; size < file.size; size = size * 2 + 1)
        refused(file.data, size);
    refused(file.data, file.size - 1);
    bytes_fini(&file);
}

static void a_missing_model_is_not_found(void **state)
{
    (void)state;
    struct speech_model *model;
    assert_int_equal(speech_model_open(&model, "/nowhere/speech.bin", NULL), ORATOR_NOT_FOUND);
    assert_null(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_heard_as_silence),
        cmocka_unit_test(probabilities_sum_to_one),
        cmocka_unit_test(a_shifted_voice_gives_shifted_frames),
        cmocka_unit_test(twice_as_loud_says_the_same),
        cmocka_unit_test(pitch_is_found_where_there_is_a_voice),
        cmocka_unit_test(the_engine_hears_what_the_training_heard),
        cmocka_unit_test(how_a_stream_is_cut_changes_nothing),
        cmocka_unit_test(a_stream_speaks_before_its_sound_ends),
        cmocka_unit_test(a_stream_of_nothing_is_refused),
        cmocka_unit_test(the_reed_is_heard_as_before),
        cmocka_unit_test(sound_that_is_not_ready_is_refused),
        cmocka_unit_test(damaged_weights_are_refused),
        cmocka_unit_test(a_missing_model_is_not_found),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
