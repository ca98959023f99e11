/* Claims about texts that are spoken, with the program of this tree (ORATOR_SPEAK). */
#include "claims.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/media/media.h"
#include "engine/voice/voice.h"

static const char *program;
static struct orator_error err;

static enum orator_status speak(struct voice_sound *out, const char *text, const char *voice,
                                double speed, const char *format)
{
    return voice_speak(
        out, program,
        &(struct voice_order){
            .text = text, .voice = voice, .speed = speed, .format = format, .max_ms = 20000},
        NULL, &err);
}

#define PAPA "Papa bought my mother a big brown map, by the way."

static void each_format_can_be_heard_and_lasts_as_long(void **state)
{
    (void)state;
    static const char *const formats[] = {"wav", "mp3", "flac", "aac", "opus"};
    for (int i = 0; i < 5; i++) {
        struct voice_sound v;
        struct sound heard;
        assert_int_equal(speak(&v, PAPA, "en-us", 1, formats[i]), ORATOR_OK);
        assert_in_range(v.duration_ms, 2500, 4500);
        if (sound_decode(&heard, v.file.data, v.file.size, 20000, &err) != ORATOR_OK)
            fail_msg("%s: %s", formats[i], err.text);
        double off_ms = 1000.0 * (double)heard.frames / heard.rate_hz - (double)v.duration_ms;
        if (!(off_ms > -30 && off_ms < 130))
            fail_msg("%s is %.0f ms longer", formats[i], off_ms);
        sound_fini(&heard);
        voice_sound_fini(&v);
    }
    struct voice_sound pcm;
    assert_int_equal(speak(&pcm, PAPA, "en-us", 1, "pcm"), ORATOR_OK);
    assert_true(fabs((double)pcm.file.size / 2 / 24 - (double)pcm.duration_ms) < 2);
    voice_sound_fini(&pcm);
}

/* The time of the nth "p" whose name is `phone`, in ms; -1: there is none. */
static long phone_ms(const struct voice_sound *v, const char *phone)
{
    for (const char *p = (const char *)v->notes.data; *p; p = strchr(p, '\n') + 1) {
        char name[32] = "";
        long ms = 0;
        if (sscanf(p, "p %ld %31[^\n]", &ms, name) == 2 && strcmp(name, phone) == 0)
            return ms;
    }
    return -1;
}

/* Loudness around a time, of 10 ms. */
static double level(const struct sound *s, long ms)
{
    double sum = 0;
    int64_t from = ms * s->rate_hz / 1000, n = s->rate_hz / 100;
    for (int64_t i = from; i < from + n; i++)
        sum += fabs((double)s->samples[i * s->channels]);
    return sum / (double)n;
}

static void the_notes_say_what_is_said_when(void **state)
{
    (void)state;
    struct voice_sound v;
    assert_int_equal(speak(&v, "Asa says \"hello\".", "en-us", 1, "wav"), ORATOR_OK);
    const char *text = (const char *)v.notes.data;
    assert_memory_equal(text, "w ", 2);
    assert_non_null(strstr(text, " \"hello\".\n")); /* a word with what stands against it */
    char end[40];
    snprintf(end, sizeof(end), "\ne %lld\n", (long long)v.duration_ms);
    assert_string_equal(text + strlen(text) - strlen(end), end);
    long last = 0;
    for (const char *p = text; *p; p = strchr(p, '\n') + 1) {
        long ms = atol(p + 2);
        assert_true(ms >= last && ms <= v.duration_ms);
        last = ms;
    }
    voice_sound_fini(&v);
}

static void every_word_is_noted_once_and_in_order(void **state)
{
    (void)state;
    static const char text[] = "Papa, by the way. A fine view! It's 25 % of d\xC3\xA9j\xC3\xA0 "
                               "vu;\n\"so\" (he) said. \xE2\x80\x94";
    struct voice_sound v;
    char said[200] = "", want[200] = "";
    assert_int_equal(speak(&v, text, "en-us", 1, "wav"), ORATOR_OK);
    for (const char *p = (const char *)v.notes.data; *p; p = strchr(p, '\n') + 1) {
        char word[40];
        if (sscanf(p, "w %*d %39[^\n]", word) == 1)
            snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s ", word);
    }
    for (size_t i = 0; text[i]; i++)
        want[i] = text[i] == '\n' ? ' ' : text[i];
    strcat(want, " ");
    assert_string_equal(said, want);
    voice_sound_fini(&v);
}

static void times_hold_for_what_a_decoder_gives(void **state)
{
    (void)state;
    static const char *const formats[] = {"wav", "mp3", "flac", "aac", "opus"};
    for (int i = 0; i < 5; i++) {
        struct voice_sound v;
        struct sound heard;
        /* a pause, then a vowel: where the sound comes up is where the phone is said to be */
        assert_int_equal(
            speak(&v, "Mother... apple, said my mother to the man.", "en-us", 1, formats[i]),
            ORATOR_OK);
        assert_int_equal(sound_decode(&heard, v.file.data, v.file.size, 20000, &err), ORATOR_OK);
        long ms = phone_ms(&v, "æ");
        assert_true(ms > 400);
        double before = level(&heard, ms - 50), in = level(&heard, ms + 60);
        if (!(in > 0.02 && before < in / 4))
            fail_msg("%s: %g, then %g at %ld ms", formats[i], before, in, ms);
        sound_fini(&heard);
        voice_sound_fini(&v);
    }
}

static void faster_is_shorter(void **state)
{
    (void)state;
    struct voice_sound slow, fast;
    assert_int_equal(speak(&slow, PAPA, "en-us", 0.8, "wav"), ORATOR_OK);
    assert_int_equal(speak(&fast, PAPA, "en-us", 1.6, "wav"), ORATOR_OK);
    double ratio = (double)slow.duration_ms / (double)fast.duration_ms;
    assert_true(ratio > 1.6 && ratio < 2.4);
    voice_sound_fini(&slow);
    voice_sound_fini(&fast);
}

static void what_cannot_be_said_is_refused_by_name(void **state)
{
    (void)state;
    char *much = calloc(1, 4001);
    memset(much, 'a', 4000);
    for (int i = 3; i < 4000; i += 4)
        much[i] = ' ';
    const struct {
        const char *text, *voice, *format;
        enum orator_status want;
        const char *param;
    } rows[] = {
        {"hello", "no-such", "wav", ORATOR_INVALID_PARAMETER, "voice"},
        {"hello", "", "wav", ORATOR_INVALID_PARAMETER, "voice"},
        {"hello", "-v", "wav", ORATOR_INVALID_PARAMETER, "voice"},
        {"hello", "../en", "wav", ORATOR_INVALID_PARAMETER, "voice"},
        {"hello", "en-us", "midi", ORATOR_INVALID_PARAMETER, "response_format"},
        {much, "en-us", "wav", ORATOR_AUDIO_TOO_LONG, "input"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct voice_sound v;
        enum orator_status s = speak(&v, rows[i].text, rows[i].voice, 1, rows[i].format);
        if (s != rows[i].want || strcmp(err.param, rows[i].param) != 0)
            fail_msg("row %zu: %s %s", i, orator_status_word(s), err.text);
        assert_null(v.file.data);
    }
    struct voice_sound v;
    const char *kept = program;
    program = "/nowhere/at/all";
    assert_int_equal(speak(&v, "hello", "en-us", 1, "wav"), ORATOR_NOT_FOUND);
    program = kept;
    free(much);
}

static void well_known_voices_sound_apart(void **state)
{
    (void)state;
    static const char *const names[] = {"alloy", "nova", "onyx", "de", "cmn"};
    struct bytes first = {0};
    for (int i = 0; i < 5; i++) {
        struct voice_sound v;
        assert_int_equal(speak(&v, "Hallo, mein Freund.", names[i], 1, "wav"), ORATOR_OK);
        if (i == 0)
            first =
                (struct bytes){memcpy(malloc(v.file.size), v.file.data, v.file.size), v.file.size};
        else
            assert_true(v.file.size != first.size || memcmp(v.file.data, first.data, first.size));
        voice_sound_fini(&v);
    }
    bytes_fini(&first);
}

int main(void)
{
    program = getenv("ORATOR_SPEAK");
    if (!program || !*program)
        return 77; /* skipped: built without text to speech */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_can_be_heard_and_lasts_as_long),
        cmocka_unit_test(the_notes_say_what_is_said_when),
        cmocka_unit_test(every_word_is_noted_once_and_in_order),
        cmocka_unit_test(times_hold_for_what_a_decoder_gives),
        cmocka_unit_test(faster_is_shorter),
        cmocka_unit_test(what_cannot_be_said_is_refused_by_name),
        cmocka_unit_test(well_known_voices_sound_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
