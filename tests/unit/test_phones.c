/* Claims about lips and words that are known from notes. */
#include "claims.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/speech/phones.h"

enum { FRAMES = 100 }; /* two seconds */
static struct speech_frame frames[FRAMES];
static struct speech speech = {frames, FRAMES, 2 * SPEECH_RATE_HZ};
static struct orator_error err;

static struct bytes over(const char *text)
{
    return (struct bytes){(unsigned char *)(uintptr_t)text, strlen(text)};
}

static enum orator_status know(const char *text)
{
    struct bytes notes = over(text);
    memset(frames, 0, sizeof(frames));
    frames[3].level_db = -7;
    return speech_know(&speech, &notes, &err);
}

static const struct speech_frame *at(int ms) { return &frames[ms * SPEECH_FRAMES_HZ / 1000]; }
static float part(int ms, enum articulator a) { return at(ms)->articulator[a]; }

/* [a] [pause] a p a m i f u s l a [pause] */
#define NOTES                                                                                 \
    "w 0 apa\np 0 a\np 300 \np 800 a\np 1000 p\np 1060 a\nw 1200 mi,\np 1200 m\np 1300 iː\n" \
    "p 1400 f\np 1480 u\np 1560 s\np 1660 l\np 1700 aɪ\np 1900 \ne 2000\n"

static void every_phone_shows_in_its_time(void **state)
{
    (void)state;
    assert_int_equal(know(NOTES), ORATOR_OK);
    static const struct {
        int ms;
        enum viseme viseme;
    } rows[] = {{150, VISEME_AA},  {500, VISEME_SIL}, {900, VISEME_AA},  {1000, VISEME_PP},
                {1130, VISEME_AA}, {1250, VISEME_PP}, {1350, VISEME_II}, {1440, VISEME_FF},
                {1520, VISEME_UU}, {1610, VISEME_SS}, {1665, VISEME_DD}, {1960, VISEME_SIL}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (at(rows[i].ms)->viseme[rows[i].viseme] < 0.6f)
            fail_msg("at %d ms viseme %d has %.2f", rows[i].ms, rows[i].viseme,
                     (double)at(rows[i].ms)->viseme[rows[i].viseme]);
    for (int i = 0; i < FRAMES; i++) {
        float sum = 0;
        for (int v = 0; v < VISEME_COUNT; v++)
            sum += frames[i].viseme[v];
        assert_true(fabsf(sum - 1) < 1e-4f);
        for (int a = 0; a < ARTICULATOR_COUNT; a++)
            assert_true(frames[i].articulator[a] >= 0 && frames[i].articulator[a] <= 1);
    }
    assert_true(frames[3].level_db == -7); /* prosody is the sound's affair */
}

static void lips_shut_for_p_and_m_before_the_burst(void **state)
{
    (void)state;
    assert_int_equal(know(NOTES), ORATOR_OK);
    /* p is marked at its burst at 1000 ms: the lips have closed some 45 ms before */
    assert_true(part(980, ARTICULATOR_PRESS) > 0.9f);
    assert_true(part(980, ARTICULATOR_OPEN) < 0.1f);
    assert_true(part(1250, ARTICULATOR_PRESS) > 0.95f);
    assert_true(part(880, ARTICULATOR_PRESS) == 0 && part(880, ARTICULATOR_OPEN) > 0.5f);
    assert_true(part(1120, ARTICULATOR_OPEN) > 0.4f);
    assert_true(part(1440, ARTICULATOR_LABIODENTAL) > 0.9f);
    assert_true(part(1520, ARTICULATOR_ROUND) > 0.5f && part(1340, ARTICULATOR_SPREAD) > 0.5f);
    assert_true(part(1610, ARTICULATOR_TEETH) > 0.9f);
}

static void a_long_pause_closes_the_mouth(void **state)
{
    (void)state;
    assert_int_equal(know(NOTES), ORATOR_OK);
    assert_true(part(550, ARTICULATOR_OPEN) < 0.1f);
    assert_true(part(550, ARTICULATOR_JAW) < 0.1f);
}

static void affricates_and_unknown_signs_are_read(void **state)
{
    (void)state;
    assert_int_equal(
        know("p 0 dʒ\np 300 ũ\np 600 tʃh\np 900 (en)\np 1200 ʔa\np 1500 ⟂\np 1800 \ne 2000\n"),
        ORATOR_OK);
    assert_true(at(150)->viseme[VISEME_CH] > 0.9f);
    assert_true(at(450)->viseme[VISEME_UU] > 0.9f);
    assert_true(at(750)->viseme[VISEME_CH] > 0.9f);
    assert_true(at(1050)->viseme[VISEME_CH] > 0.9f); /* a change of language: the phone goes on */
    assert_true(at(1350)->viseme[VISEME_AA] > 0.9f);
    assert_true(at(1650)->viseme[VISEME_AA] > 0.9f); /* what nobody knows too */
}

static void damaged_notes_change_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "hello",
                                      "p 0 a\n",
                                      "e 2000\n",
                                      "p a b\ne 2000\n",
                                      "p -5 a\ne 2000\n",
                                      "p 500 a\np 400 b\ne 2000\n",
                                      "p 0 a\np 900 b\ne 800\n",
                                      "p 0 a\ne 9000\n",
                                      "p 0 a\ne 500\n",
                                      "p 99999999999999999999 a\ne 2000\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (know(bad[i]) != ORATOR_DECODE_FAILED)
            fail_msg("row %zu was taken", i);
        for (int k = 0; k < FRAMES; k++)
            assert_true(frames[k].viseme[VISEME_SIL] == 0 && frames[k].articulator[0] == 0);
    }
}

static void words_end_where_they_fall_silent(void **state)
{
    (void)state;
    struct speech_words w;
    struct bytes notes = over(NOTES "w 2000 \n");
    assert_int_equal(speech_words(&w, &notes, &err), ORATOR_OK);
    assert_int_equal(w.count, 2);
    assert_string_equal(w.list[0].text, "apa");
    assert_int_equal(w.list[0].start_ms, 0);
    assert_int_equal(w.list[0].end_ms, 1200); /* a pause inside is its own */
    assert_string_equal(w.list[1].text, "mi,");
    assert_int_equal(w.list[1].end_ms, 1900);
    speech_words_fini(&w);
    notes = over("");
    assert_int_equal(speech_words(&w, &notes, &err), ORATOR_OK);
    assert_int_equal(w.count, 0);
    speech_words_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_phone_shows_in_its_time),
        cmocka_unit_test(lips_shut_for_p_and_m_before_the_burst),
        cmocka_unit_test(a_long_pause_closes_the_mouth),
        cmocka_unit_test(affricates_and_unknown_signs_are_read),
        cmocka_unit_test(damaged_notes_change_nothing),
        cmocka_unit_test(words_end_where_they_fall_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
