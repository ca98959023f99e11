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
#include "engine/motion/motion.h"

#define DEGREE 0.017453293f

/* What the network would say of a voice, written by hand. */

static const struct {
    float open, width, jaw; /* of a speaker's range, as the network's last three heads decode */
} lips[VISEME_COUNT] = {
    [VISEME_SIL] = {0.0f, 0.68f, 0.1f}, [VISEME_PP] = {0.0f, 0.4f, 0.4f},
    [VISEME_FF] = {0.2f, 0.6f, 0.3f},   [VISEME_TH] = {0.5f, 0.6f, 0.5f},
    [VISEME_DD] = {0.4f, 0.6f, 0.4f},   [VISEME_SS] = {0.6f, 0.8f, 0.2f},
    [VISEME_CH] = {0.5f, 0.3f, 0.2f},   [VISEME_KK] = {0.7f, 0.6f, 0.6f},
    [VISEME_RR] = {0.4f, 0.3f, 0.5f},   [VISEME_AA] = {1.0f, 0.7f, 1.0f},
    [VISEME_EH] = {0.9f, 0.9f, 0.8f},   [VISEME_II] = {0.6f, 0.8f, 0.6f},
    [VISEME_OO] = {0.6f, -0.1f, 0.7f},  [VISEME_UU] = {0.1f, -0.2f, 0.4f},
    [VISEME_AX] = {0.5f, 0.55f, 0.4f},
};

static void say(struct speech *speech, enum viseme viseme, int frames)
{
    size_t size = (size_t)(speech->count + frames) * sizeof(*speech->frames);
    speech->frames = realloc(speech->frames, size);
    assert_non_null(speech->frames);
    for (int k = 0; k < frames; k++) {
        struct speech_frame f = {0};
        for (int v = 0; v < VISEME_COUNT; v++)
            f.viseme[v] = v == (int)viseme ? 0.86f : 0.01f;
        f.articulator[ARTICULATOR_PRESS] = viseme == VISEME_PP ? 0.9f : 0.02f;
        f.articulator[ARTICULATOR_LABIODENTAL] = viseme == VISEME_FF ? 0.9f : 0.02f;
        f.articulator[ARTICULATOR_LIP_OPENING] = 0.05f + 0.85f * lips[viseme].open;
        f.articulator[ARTICULATOR_LIP_WIDTH] = 0.30f + 0.55f * lips[viseme].width;
        f.articulator[ARTICULATOR_JAW_DROP] = 0.05f + 0.85f * lips[viseme].jaw;
        f.level_db = viseme == VISEME_SIL ? -60.0f : viseme >= VISEME_AA ? 0.0f : -15.0f;
        f.pitch_hz = viseme >= VISEME_AA ? 120.0f + 20.0f * sinf((float)speech->count) : 0.0f;
        speech->frames[speech->count++] = f;
    }
    speech->samples = speech->count * SPEECH_RATE_HZ / SPEECH_FRAMES_HZ;
}

/* Syllables by chance, phrases of about two seconds. */
static struct speech chatter(double silence_seconds, double seconds, uint64_t seed)
{
    struct speech speech = {0};
    struct random chance = random_seeded(seed, 99);
    if (silence_seconds > 0.0)
        say(&speech, VISEME_SIL, (int)(silence_seconds * SPEECH_FRAMES_HZ + 0.5));
    int64_t end = speech.count + (int64_t)(seconds * SPEECH_FRAMES_HZ);
    while (speech.count < end) {
        for (int syllable = 0; syllable < 9; syllable++) {
            say(&speech, VISEME_PP + random_u32(&chance) % 8, 3 + (int)(random_u32(&chance) % 3));
            say(&speech, VISEME_AA + random_u32(&chance) % 6, 4 + (int)(random_u32(&chance) % 8));
        }
        say(&speech, VISEME_SIL, 12 + (int)(random_u32(&chance) % 30));
    }
    return speech;
}

static struct motion moved(const struct speech *speech, int fps, uint64_t seed,
                           struct direction direction)
{
    struct motion motion;
    struct orator_error err;
    struct motion_options options = {fps, seed, direction};
    if (motion_predict(&motion, speech, &options, &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    return motion;
}

/* How far the lips are apart in their middle, eye distances, as the renderer draws action units. */
static float gap(const struct pose *p)
{
    return (0.30f * p->au[AU_JAW] + 0.065f * p->au[AU_UPPER_RAISE] + 0.07f * p->au[AU_LOWER_DROP] +
            0.097f * p->au[AU_FUNNEL]) *
           (1.0f - p->closure);
}

static void silence_keeps_the_mouth_closed(void **state)
{
    (void)state;
    struct speech speech = {0};
    say(&speech, VISEME_SIL, 300);
    struct motion motion = moved(&speech, 25, 1, (struct direction){0});
    for (int64_t i = 0; i < motion.count; i++)
        assert_true(gap(&motion.poses[i]) < 0.01f);
    motion_fini(&motion);
    assert_null(motion.poses);
    speech_fini(&speech);
}

/* Music and hum: not silence, but no sound in particular. */
static void noise_keeps_the_mouth_shut(void **state)
{
    (void)state;
    struct speech speech = {0};
    say(&speech, VISEME_AA, 300);
    for (int64_t k = 0; k < speech.count; k++)
        for (int v = 0; v < VISEME_COUNT; v++)
            speech.frames[k].viseme[v] =
                v == VISEME_AA + (int)(k / 20) % 3 ? 0.25f : 0.75f / (VISEME_COUNT - 1);
    struct motion motion = moved(&speech, 25, 1, (struct direction){0});
    for (int64_t i = 0; i < motion.count; i++)
        assert_true(gap(&motion.poses[i]) < 0.02f);
    motion_fini(&motion);
    speech_fini(&speech);
}

static void a_shifted_voice_gives_shifted_motion(void **state)
{
    (void)state;
    struct speech early = chatter(1.0, 8.0, 3), late = chatter(1.4, 8.0, 3);
    struct motion a = moved(&early, 25, 1, (struct direction){0});
    struct motion b = moved(&late, 25, 1, (struct direction){0});
    assert_int_equal(b.count, a.count + 10);
    for (int64_t i = 5; i < a.count; i++) {
        for (int u = 0; u <= AU_LABIODENTAL; u++)
            assert_true(fabsf(a.poses[i].au[u] - b.poses[i + 10].au[u]) < 0.01f);
        assert_true(fabsf(a.poses[i].closure - b.poses[i + 10].closure) < 0.01f);
    }
    motion_fini(&a);
    motion_fini(&b);
    speech_fini(&early);
    speech_fini(&late);
}

static void same_seed_same_poses(void **state)
{
    (void)state;
    struct speech speech = chatter(0.2, 6.0, 4);
    struct motion a = moved(&speech, 25, 7, (struct direction){.smile = 0.5f});
    struct motion b = moved(&speech, 25, 7, (struct direction){.smile = 0.5f});
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.poses, b.poses, (size_t)a.count * sizeof(*a.poses));
    motion_fini(&a);
    motion_fini(&b);
    speech_fini(&speech);
}

static void another_seed_moves_the_head_differently(void **state)
{
    (void)state;
    struct speech speech = chatter(0.2, 6.0, 4);
    struct motion a = moved(&speech, 25, 7, (struct direction){0});
    struct motion b = moved(&speech, 25, 8, (struct direction){0});
    float most = 0.0f;
    for (int64_t i = 0; i < a.count; i++) {
        most = fmaxf(most, fabsf(a.poses[i].yaw_rad - b.poses[i].yaw_rad));
        assert_true(a.poses[i].au[AU_JAW] == b.poses[i].au[AU_JAW]); /* but says the same */
    }
    assert_true(most > 2.0f * DEGREE);
    motion_fini(&a);
    motion_fini(&b);
    speech_fini(&speech);
}

/* People: .9 to 10 degrees, half of them above 3.9; a short clip has but a handful of bearings. */
static void a_head_turns_enough_in_every_short_clip(void **state)
{
    (void)state;
    struct speech speech = chatter(0.2, 7.0, 4);
    double all = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct motion m = moved(&speech, 25, seed, (struct direction){0});
        double sum = 0, square = 0, n = (double)m.count;
        for (int64_t i = 0; i < m.count; i++) {
            double yaw = (double)m.poses[i].yaw_rad / (double)DEGREE;
            sum += yaw;
            square += yaw * yaw;
        }
        double deviation = sqrt(square / n - sum / n * (sum / n));
        assert_true(deviation > 2.5 && deviation < 8.5);
        all += deviation / 20;
        motion_fini(&m);
    }
    assert_true(all > 4.5 && all < 6.5);
    speech_fini(&speech);
}

static void shoulders_follow_the_head_late_and_little(void **state)
{
    (void)state;
    struct speech speech = chatter(0.2, 30.0, 4);
    double together[40] = {0};
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct motion m = moved(&speech, 25, seed, (struct direction){0});
        for (int lag = 0; lag < 40; lag++)
            for (int64_t i = 40; i < m.count; i++)
                together[lag] += (double)(m.poses[i].sway * m.poses[i - lag].yaw_rad);
        motion_fini(&m);
    }
    int best = 0;
    for (int lag = 0; lag < 40; lag++)
        best = together[lag] > together[best] ? lag : best;
    assert_true(together[best] > 0 && best >= 4 && best <= 20); /* .16 to .8 s */
    speech_fini(&speech);
}

static void poses_cover_the_voice(void **state)
{
    (void)state;
    static const int rates[] = {25, 30, 48, 60};
    struct speech speech = chatter(0.0, 2.0, 5);
    for (int64_t extra = 0; extra < 3; extra++) {
        speech.samples += extra * 211;
        for (int k = 0; k < 4; k++) {
            struct motion motion = moved(&speech, rates[k], 1, (struct direction){0});
            assert_true(motion.count * SPEECH_RATE_HZ >= speech.samples * rates[k]);
            assert_true((motion.count - 1) * SPEECH_RATE_HZ < speech.samples * rates[k]);
            motion_fini(&motion);
        }
    }
    speech_fini(&speech);
}

/* Every frame at 25 frames a second is also one at 50. */
static void frame_rates_show_the_same_motion(void **state)
{
    (void)state;
    struct speech speech = chatter(0.3, 6.0, 6);
    struct motion a = moved(&speech, 25, 1, (struct direction){0});
    struct motion b = moved(&speech, 50, 1, (struct direction){0});
    for (int64_t i = 0; i < a.count; i++) {
        assert_true(fabsf(a.poses[i].au[AU_JAW] - b.poses[2 * i].au[AU_JAW]) < 1e-6f);
        assert_true(fabsf(a.poses[i].yaw_rad - b.poses[2 * i].yaw_rad) < 1e-6f);
        assert_true(fabsf(a.poses[i].blink_left - b.poses[2 * i].blink_left) < 1e-6f);
    }
    motion_fini(&a);
    motion_fini(&b);
    speech_fini(&speech);
}

static void check_range(const struct pose *p)
{
    for (int u = 0; u < AU_COUNT; u++)
        assert_true(p->au[u] >= 0.0f && p->au[u] <= 1.0f); /* false for NaN */
    assert_true(p->closure >= 0.0f && p->closure <= 1.0f);
    assert_true(p->tongue >= 0.0f && p->tongue <= 1.0f);
    assert_true(p->blink_left >= 0.0f && p->blink_left <= 1.0f);
    assert_true(p->blink_right >= 0.0f && p->blink_right <= 1.0f);
    assert_true(fabsf(p->gaze_x) <= 1.0f && fabsf(p->gaze_y) <= 1.0f);
    assert_true(fabsf(p->yaw_rad) <= 12.0f * DEGREE);
    assert_true(fabsf(p->pitch_rad) <= 6.0f * DEGREE);
    assert_true(fabsf(p->roll_rad) <= 4.0f * DEGREE);
    assert_true(fabsf(p->shift_x) <= 0.03f && fabsf(p->shift_y) <= 0.015f);
    assert_true(p->breath >= 0.0f && p->breath <= 1.0f);
    assert_true(fabsf(p->sway) <= 1.0f);
}

static void poses_stay_in_range(void **state)
{
    (void)state;
    static const struct direction directions[] = {
        {0},
        {.smile = 1, .energy = 1, .nodding = 1, .chin = 1, .gaze = -1},
        {.seriousness = 1, .concern = 1, .sadness = 1, .energy = -1, .steadiness = 1, .chin = -1},
        {.smile = 1,
         .seriousness = 1,
         .concern = 1,
         .anger = 1,
         .surprise = 1,
         .energy = 1,
         .steadiness = 1,
         .gaze = 1}};
    struct speech speech = chatter(0.1, 10.0, 7);
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct motion motion = moved(&speech, 25, seed, directions[seed]);
        for (int64_t i = 0; i < motion.count; i++)
            check_range(&motion.poses[i]);
        motion_fini(&motion);
    }
    speech_fini(&speech);
}

static void the_first_pose_is_near_the_portrait(void **state)
{
    (void)state;
    struct speech speech = chatter(0.0, 3.0, 8); /* the voice begins at once */
    struct motion motion = moved(&speech, 25, 1, (struct direction){.smile = 1.0f});
    const struct pose *p = &motion.poses[0];
    for (int u = 0; u < AU_COUNT; u++)
        assert_true(p->au[u] < 0.05f);
    assert_true(p->yaw_rad == 0.0f && p->pitch_rad == 0.0f && p->roll_rad == 0.0f);
    assert_true(p->blink_left == 0.0f);
    motion_fini(&motion);
    speech_fini(&speech);
}

/* Real speech with known closures, where it is at hand: mono 16-bit at 16 kHz behind a header of 44
 * bytes, and a list of {"t0": seconds, "t1": seconds, "ph": ...}. */
static void closures_come_when_they_are_heard(void **state)
{
    (void)state;
    const char *shared = getenv("ORATOR_SHARED"), *models = getenv("ORATOR_MODELS");
    char path[4096];
    struct bytes wav = {0}, times = {0};
    snprintf(path, sizeof(path), "%s/measure/timing/en_slt.wav", shared ? shared : "");
    if (!models || file_read(&wav, path, 4 << 20, NULL) != ORATOR_OK)
        skip();
    snprintf(path, sizeof(path), "%s/measure/timing/en_slt.json", shared);
    assert_int_equal(file_read(&times, path, 1 << 20, NULL), ORATOR_OK);
    snprintf(path, sizeof(path), "%s/speech.bin", models);
    struct speech_model *model;
    assert_int_equal(speech_model_open(&model, path, NULL), ORATOR_OK);

    struct sound sound = {.frames = (int64_t)(wav.size - 44) / 2, .channels = 1};
    sound.rate_hz = SPEECH_RATE_HZ;
    sound.samples = malloc((size_t)sound.frames * sizeof(float));
    assert_non_null(sound.samples);
    for (int64_t i = 0; i < sound.frames; i++) {
        const unsigned char *b = wav.data + 44 + 2 * i;
        sound.samples[i] = (float)(int16_t)(b[0] | b[1] << 8) / 32768.0f;
    }
    struct speech speech;
    assert_int_equal(speech_analyse(&speech, model, &sound, NULL), ORATOR_OK);
    struct motion motion = moved(&speech, 100, 1, (struct direction){0});

    int closures = 0, seen = 0;
    char *end = strstr((char *)times.data, "\"open_vowels\"");
    char *at = strstr((char *)times.data, "\"closures\"");
    assert_true(at && end && at < end);
    while ((at = strstr(at, "\"t0\":")) && at < end) {
        double start = strtod(at + 5, &at), stop = strtod(strstr(at, "\"t1\":") + 5, &at);
        int64_t middle = (int64_t)((start + stop) * 50.0);
        float most = 0.0f;
        for (int64_t i = middle - 2; i <= middle + 2; i++)
            most = fmaxf(most, motion.poses[i].closure);
        closures++;
        seen += most > 0.9f;
    }
    assert_true(closures > 40);
    assert_true(seen * 100 >= closures * 85);
    motion_fini(&motion);
    speech_fini(&speech);
    speech_model_free(&model);
    free(sound.samples);
    bytes_fini(&wav);
    bytes_fini(&times);
}

/* At every place in time, a b of 40 ms shows a shut frame, even at 24 frames a second. */
static void bilabials_close_the_lips(void **state)
{
    (void)state;
    struct speech speech = {0};
    say(&speech, VISEME_SIL, 25);
    int64_t first[30];
    for (int n = 0; n < 30; n++) {
        say(&speech, VISEME_AA, 9 + n % 3);
        first[n] = speech.count;
        say(&speech, VISEME_PP, 2);
    }
    say(&speech, VISEME_AA, 10);
    struct motion motion = moved(&speech, 24, 1, (struct direction){0});
    for (int n = 0; n < 30; n++) {
        double start = (double)first[n] / SPEECH_FRAMES_HZ, end = start + 0.04;
        float shut = 0.0f, open = 0.0f;
        for (int64_t i = 0; i < motion.count; i++) {
            double t = (double)i / 24;
            if (t > start - 0.03 && t < end + 0.01)
                shut = fmaxf(shut, motion.poses[i].closure);
            if (t > start - 0.15 && t < start - 0.05)
                open = fmaxf(open, gap(&motion.poses[i]));
        }
        assert_true(shut > 0.99f);
        assert_true(open > 0.10f);
    }
    motion_fini(&motion);
    speech_fini(&speech);
}

static void nobody_parts_the_lips_to_say_m(void **state)
{
    (void)state;
    struct speech speech = {0};
    say(&speech, VISEME_SIL, 50);
    for (int word = 0; word < 3; word++) { /* "mam" after and before a second of silence */
        say(&speech, VISEME_PP, 5);
        say(&speech, VISEME_AA, 14);
        say(&speech, VISEME_PP, 5);
        say(&speech, VISEME_SIL, 50);
    }
    struct motion motion = moved(&speech, 100, 1, (struct direction){0});
    for (int word = 0; word < 3; word++) {
        int64_t m = 2 * (50 + 74 * word), last = m + 2 * 19;
        float open = 0.0f;
        for (int64_t i = m; i < last; i++)
            open = fmaxf(open, gap(&motion.poses[i]));
        assert_true(open > 0.1f);
        for (int64_t i = 0; i < 40; i++) { /* 400 ms before the word and after it */
            assert_true(gap(&motion.poses[m - i]) < 0.005f);
            assert_true(gap(&motion.poses[last + 4 + i]) < 0.005f);
        }
    }
    motion_fini(&motion);
    speech_fini(&speech);
}

static void each_vowel_has_its_shape(void **state)
{
    (void)state;
    struct speech speech = {0};
    static const enum viseme vowels[] = {VISEME_AA, VISEME_II, VISEME_OO, VISEME_UU, VISEME_SS};
    say(&speech, VISEME_SIL, 25);
    for (int n = 0; n < 5; n++)
        say(&speech, vowels[n], 20);
    say(&speech, VISEME_AX, 40); /* and enough of the rest to know the speaker's middle */
    say(&speech, VISEME_DD, 40);
    struct motion motion = moved(&speech, 50, 1, (struct direction){0});
    const struct pose *p[5];
    for (int n = 0; n < 5; n++)
        p[n] = &motion.poses[25 + 20 * n + 10];
    assert_true(p[0]->au[AU_JAW] > 0.3f);
    assert_true(p[1]->au[AU_WIDE] > 0.2f && p[1]->au[AU_JAW] < p[0]->au[AU_JAW]);
    assert_true(p[2]->au[AU_FUNNEL] > p[2]->au[AU_PUCKER]);
    assert_true(p[3]->au[AU_PUCKER] > 0.4f && gap(p[3]) < 0.1f);
    assert_true(p[4]->au[AU_JAW] < 0.1f && gap(p[4]) > 0.08f); /* teeth show, jaw up */
    motion_fini(&motion);
    speech_fini(&speech);
}

/* A network is unsure of a voice that sings: its opinion flickers. */
static void a_sung_vowel_is_held_and_opens_further(void **state)
{
    (void)state;
    struct speech speech = {0};
    double spoken = 0, sung = 0, square = 0, flicker = 0;
    for (int n = 0; n < 12; n++) {
        say(&speech, VISEME_DD, 4);
        say(&speech, VISEME_EH, 8);
    }
    int64_t first = speech.count + 4;
    say(&speech, VISEME_DD, 4);
    say(&speech, VISEME_EH, 70);
    say(&speech, VISEME_DD, 4);
    for (int64_t k = first; k < first + 70; k++)
        speech.frames[k].articulator[ARTICULATOR_LIP_OPENING] *= k / 4 % 2 ? 0.75f : 1.15f;
    struct motion motion = moved(&speech, 50, 1, (struct direction){0});
    for (int n = 2; n < 12; n++)
        spoken += (double)gap(&motion.poses[12 * n + 8]) / 10;
    for (int64_t k = first + 15; k < first + 55; k++) {
        double now = (double)gap(&motion.poses[k]);
        sung += now / 40;
        square += now * now / 40;
        flicker = fmax(flicker, fabs(now - (double)gap(&motion.poses[k - 1])));
    }
    assert_true(sung > 1.05 * spoken);
    assert_true(sqrt(square - sung * sung) < 0.008 && flicker < 0.004);
    motion_fini(&motion);
    speech_fini(&speech);
}

/* The widest that lips get in "papapa", a vowel of so many frames. */
static float widest(int vowel)
{
    struct speech speech = {0};
    float most = 0;
    for (int n = 0; n < 40; n++) {
        say(&speech, VISEME_PP, 4);
        say(&speech, VISEME_AA, vowel);
    }
    struct motion motion = moved(&speech, 50, 1, (struct direction){0});
    for (int64_t i = 50; i < motion.count - 50; i++)
        most = fmaxf(most, gap(&motion.poses[i]));
    motion_fini(&motion);
    speech_fini(&speech);
    return most;
}

static void who_speaks_fast_opens_less(void **state)
{
    (void)state;
    const float slow = widest(20), fast = widest(9);
    if (!(fast < 0.85f * slow && fast > 0.7f * slow))
        fail_msg("the lips open to %.3f slowly and to %.3f fast", (double)slow, (double)fast);
}

static void lips_stay_apart_in_short_pauses_only(void **state)
{
    (void)state;
    struct speech speech = {0};
    say(&speech, VISEME_AA, 60);
    say(&speech, VISEME_SIL, 12); /* 240 ms from frame 60 */
    say(&speech, VISEME_AA, 40);
    say(&speech, VISEME_SIL, 60); /* 1.2 s from frame 112 */
    say(&speech, VISEME_AA, 40);
    struct motion motion = moved(&speech, 50, 1, (struct direction){0});
    assert_true(gap(&motion.poses[66]) > 0.03f);
    assert_true(gap(&motion.poses[142]) < 0.01f);
    motion_fini(&motion);
    speech_fini(&speech);
}

static void blinks_come_at_a_natural_rate(void **state)
{
    (void)state;
    struct speech speech = chatter(0.0, 60.0, 9);
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct motion motion = moved(&speech, 50, seed, (struct direction){0});
        int blinks = 0, shut = 0;
        for (int64_t i = 1; i < motion.count; i++) {
            float before = motion.poses[i - 1].blink_left, now = motion.poses[i].blink_left;
            blinks += before < 0.5f && now >= 0.5f;
            shut += now >= 0.5f;
            assert_true(now == motion.poses[i].blink_right);
        }
        assert_in_range(blinks, 10, 40);
        assert_in_range(shut * 20 / blinks, 95, 202); /* ms each */
        motion_fini(&motion);
    }
    speech_fini(&speech);
}

static void nothing_moves_faster_than_a_person(void **state)
{
    (void)state;
    struct speech speech = chatter(0.2, 30.0, 10);
    struct motion motion = moved(&speech, 25, 1, (struct direction){.energy = 1.0f});
    double turned = 0.0;
    for (int64_t i = 1; i < motion.count; i++) {
        const struct pose *a = &motion.poses[i - 1], *b = &motion.poses[i];
        float yaw = b->yaw_rad - a->yaw_rad, pitch = b->pitch_rad - a->pitch_rad;
        float speed = 25.0f * sqrtf(yaw * yaw + pitch * pitch) / DEGREE;
        turned += (double)speed;
        assert_true(speed < 100.0f); /* degrees a second, talking; people can do 300 */
        assert_true(25.0f * fabsf(gap(b) - gap(a)) < 7.0f);
        assert_true(fabsf(b->au[AU_BROW_LEFT] - a->au[AU_BROW_LEFT]) < 0.30f);
        assert_true(fabsf(b->au[AU_SMILE] - a->au[AU_SMILE]) < 0.2f);
    }
    double mean = turned / (double)motion.count;
    assert_true(mean > 3.0 && mean < 28.0);
    motion_fini(&motion);
    speech_fini(&speech);
}

static void a_head_of_less_reach_turns_less_and_looks_the_same_way(void **state)
{
    (void)state;
    struct speech speech = chatter(0.2, 10.0, 12);
    struct motion free_head = moved(&speech, 25, 1, (struct direction){0});
    struct motion held = moved(&speech, 25, 1, (struct direction){0});
    struct motion same = moved(&speech, 25, 1, (struct direction){0});
    motion_limit_head(&held, 0.5f);
    motion_limit_head(&same, 1.0f);
    for (int64_t i = 0; i < held.count; i++) {
        const struct pose *a = &free_head.poses[i], *b = &held.poses[i];
        assert_memory_equal(a, &same.poses[i], sizeof(*a));
        assert_true(fabsf(b->yaw_rad) <= 0.9f * fabsf(a->yaw_rad));
        assert_true(fabsf(b->yaw_rad) >= 0.5f * fabsf(a->yaw_rad));
        assert_true(fabsf(b->roll_rad - 0.5f * a->roll_rad) < 1e-6f);
        assert_true(fabsf(b->pitch_rad) <= fabsf(a->pitch_rad));
        assert_true(fabsf(b->gaze_x) <= 1.0f && fabsf(b->gaze_y) <= 1.0f);
        /* turned less to the right, the eyes need to go less to the left */
        assert_true((b->gaze_x - a->gaze_x) * a->yaw_rad >= 0.0f);
        assert_memory_equal(a->au, b->au, sizeof(a->au));
    }
    motion_fini(&same);
    motion_fini(&held);
    motion_fini(&free_head);
    speech_fini(&speech);
}

static void directions_change_the_performance(void **state)
{
    (void)state;
    struct speech speech = chatter(0.2, 20.0, 11);
    struct motion plain = moved(&speech, 25, 1, (struct direction){0});
    struct motion warm = moved(&speech, 25, 1, direction_from_prompt("warm smile, lively"));
    struct motion news = moved(&speech, 25, 1, direction_from_prompt("formal, frontal, stable"));
    double yaw[3] = {0}, smile[3] = {0}, down[3] = {0};
    const struct motion *each[3] = {&plain, &warm, &news};
    for (int k = 0; k < 3; k++) {
        for (int64_t i = 50; i < plain.count; i++) {
            yaw[k] += (double)fabsf(each[k]->poses[i].yaw_rad);
            smile[k] += (double)each[k]->poses[i].au[AU_SMILE];
            down[k] += (double)each[k]->poses[i].au[AU_BROW_DOWN];
        }
    }
    assert_true(smile[1] > 0.25 * (double)(plain.count - 50) &&
                smile[0] < 0.06 * (double)(plain.count - 50));
    assert_true(yaw[1] > 1.1 * yaw[0] && yaw[2] < 0.7 * yaw[0]);
    assert_true(down[2] > down[0]);
    motion_fini(&plain);
    motion_fini(&warm);
    motion_fini(&news);
    speech_fini(&speech);
}

struct statistics {
    double smile, brow_down, brow_raised, pitch, yaw_std, speed, gaze_std;
};

static struct statistics statistics_of(const struct motion *m)
{
    struct statistics s = {0};
    double n = 0, yaw = 0, yaw2 = 0, gaze = 0, gaze2 = 0;
    for (int64_t i = 50; i < m->count; i++, n++) {
        const struct pose *p = &m->poses[i], *q = &m->poses[i - 1];
        s.smile += (double)p->au[AU_SMILE];
        s.brow_down += (double)p->au[AU_BROW_DOWN];
        s.brow_raised += (double)(p->au[AU_BROW_LEFT] + p->au[AU_BROW_RIGHT]) / 2;
        s.pitch += (double)(p->pitch_rad / DEGREE);
        s.speed += 25 *
                   hypot((double)(p->yaw_rad - q->yaw_rad), (double)(p->pitch_rad - q->pitch_rad)) /
                   (double)DEGREE;
        /* where the eyes look, the turn of the head taken away */
        double x = (double)(p->gaze_x + 2.9f * p->yaw_rad);
        yaw += (double)p->yaw_rad, yaw2 += (double)(p->yaw_rad * p->yaw_rad);
        gaze += x, gaze2 += x * x;
    }
    s.smile /= n, s.brow_down /= n, s.brow_raised /= n, s.pitch /= n, s.speed /= n;
    s.yaw_std = sqrt(yaw2 / n - yaw / n * (yaw / n)) / (double)DEGREE;
    s.gaze_std = sqrt(gaze2 / n - gaze / n * (gaze / n));
    return s;
}

/* The prompts that the API's documents show: each differs from each, and is what it says. */
static void the_documented_prompts_look_like_what_they_say(void **state)
{
    (void)state;
    static const char *const prompts[] = {
        "friendly customer service presenter, natural expression, clean studio lighting",
        "professional teacher, warm smile, stable camera, natural lip sync",
        "premium corporate spokesperson video, clean studio background, confident expression",
        "news anchor style, formal tone, stable frontal shot, neutral expression", NULL};
    struct speech speech = chatter(0.2, 30.0, 11);
    struct statistics s[5];
    for (int k = 0; k < 5; k++) {
        struct motion m = moved(&speech, 25, 1, direction_from_prompt(prompts[k]));
        s[k] = statistics_of(&m);
        if (getenv("ORATOR_PRINT"))
            print_message(
                "smile %.2f down %.2f raised %.2f pitch %.2f yaw %.2f speed %.2f gaze %.3f\n",
                s[k].smile, s[k].brow_down, s[k].brow_raised, s[k].pitch, s[k].yaw_std, s[k].speed,
                s[k].gaze_std);
        motion_fini(&m);
    }
    const struct statistics service = s[0], teacher = s[1], company = s[2], news = s[3];
    assert_true(service.smile > 0.30 && teacher.smile > 0.35 && company.smile < 0.25);
    assert_true(company.smile > 0.05 && news.smile < 0.05);
    assert_true(news.brow_down > 0.15 && service.brow_down < 0.01 && teacher.brow_down < 0.05);
    assert_true(teacher.brow_raised > service.brow_raised);
    assert_true(news.yaw_std < 0.6 * teacher.yaw_std && news.yaw_std < 0.6 * service.yaw_std);
    assert_true(company.yaw_std < teacher.yaw_std);
    assert_true(company.pitch < news.pitch - 1 && company.pitch < service.pitch - 1); /* chin up */
    assert_true(service.pitch > teacher.pitch);                                       /* nods */
    assert_true(news.gaze_std < 0.6 * teacher.gaze_std);
    speech_fini(&speech);
}

static void each_feeling_moves_its_part_of_the_face(void **state)
{
    (void)state;
    struct speech speech = chatter(0.2, 12.0, 11);
    static const struct {
        const char *prompt;
        enum action_unit unit;
        double least;
    } rows[] = {{"sad", AU_FROWN, .4},
                {"sad", AU_BROW_INNER, .5},
                {"angry", AU_BROW_DOWN, .6},
                {"surprised", AU_BROW_LEFT, .4},
                {"concerned", AU_BROW_INNER, .5},
                {"excited", AU_SMILE, .25},
                {"very serious", AU_BROW_DOWN, .25}};
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct motion m = moved(&speech, 25, 1, direction_from_prompt(rows[k].prompt));
        struct motion plain = moved(&speech, 25, 1, (struct direction){0});
        double with = 0, without = 0;
        for (int64_t i = 50; i < m.count; i++) {
            with += (double)m.poses[i].au[rows[k].unit] / (double)(m.count - 50);
            without += (double)plain.poses[i].au[rows[k].unit] / (double)(m.count - 50);
        }
        assert_true(with > rows[k].least && with > without + 0.2);
        motion_fini(&m);
        motion_fini(&plain);
    }
    speech_fini(&speech);
}

/* Of a curve with itself, `lag` later: 1 where it repeats. */
static double repeats(const double *v, int64_t n, int64_t lag)
{
    double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
    for (int64_t i = 0; i + lag < n; i++)
        ma += v[i], mb += v[i + lag];
    ma /= (double)(n - lag), mb /= (double)(n - lag);
    for (int64_t i = 0; i + lag < n; i++) {
        ab += (v[i] - ma) * (v[i + lag] - mb);
        aa += (v[i] - ma) * (v[i] - ma);
        bb += (v[i + lag] - mb) * (v[i + lag] - mb);
    }
    return ab / sqrt(aa * bb + 1e-12);
}

static void five_minutes_never_repeat(void **state)
{
    (void)state;
    enum { RATE = 5, SECONDS = 300 };
    struct speech speech = chatter(0.5, SECONDS, 13);
    struct motion m = moved(&speech, RATE, 3, (struct direction){0});
    double *curve = calloc((size_t)m.count, sizeof(*curve));
    assert_non_null(curve);
    for (int part = 0; part < 5; part++) {
        for (int64_t i = 0; i < m.count; i++) {
            const struct pose *p = &m.poses[i];
            float all[] = {p->yaw_rad, p->pitch_rad, p->roll_rad, p->gaze_x, p->au[AU_BROW_LEFT]};
            curve[i] = (double)all[part];
        }
        for (int64_t lag = 10 * RATE; lag < m.count / 2; lag++)
            assert_true(fabs(repeats(curve, m.count, lag)) < 0.5);
    }
    free(curve);
    motion_fini(&m);
    speech_fini(&speech);
}

/* Ten phrases of a second and a half, a pause of half a second after each. */
static struct speech phrases_with_pauses(int64_t ends[10])
{
    struct speech speech = {0};
    struct random chance = random_seeded(5, 5);
    for (int n = 0; n < 10; n++) {
        for (int syllable = 0; syllable < 7; syllable++) {
            say(&speech, VISEME_DD, 3);
            say(&speech, VISEME_AA + random_u32(&chance) % 6, 7 + (syllable == 3) * 6);
            if (syllable == 3) /* the stressed one: longer, louder, higher */
                for (int k = 1; k <= 13; k++) {
                    speech.frames[speech.count - k].level_db = 6.0f;
                    speech.frames[speech.count - k].pitch_hz = 180.0f;
                }
        }
        ends[n] = speech.count;
        say(&speech, VISEME_SIL, 40);
    }
    return speech;
}

static void stressed_syllables_nod_and_raise_the_brows(void **state)
{
    (void)state;
    int64_t ends[10];
    struct speech speech = phrases_with_pauses(ends);
    double nod = 0, brows = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct motion m = moved(&speech, 50, seed, (struct direction){0});
        for (int n = 1; n < 10; n++) {
            int64_t stress = ends[n] - 36; /* the middle of the fourth of seven */
            const struct pose *at = &m.poses[stress], *before = &m.poses[stress - 16];
            nod += (double)((at->pitch_rad - before->pitch_rad) / DEGREE) / 180;
            brows += (double)(at->au[AU_BROW_LEFT] - before->au[AU_BROW_LEFT]) / 180;
        }
        motion_fini(&m);
    }
    assert_true(nod > 0.7 && brows > 0.12);
    speech_fini(&speech);
}

static void phrases_end_with_a_blink_a_breath_and_a_head_at_rest(void **state)
{
    (void)state;
    int64_t ends[10];
    struct speech speech = phrases_with_pauses(ends);
    double near_end = 0, blinks = 0, in = 0, resting = 0, moving = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct motion m = moved(&speech, 50, seed, (struct direction){0});
        for (int64_t i = 60; i < m.count; i++) {
            const struct pose *p = &m.poses[i], *q = &m.poses[i - 1];
            bool blink = p->blink_left >= 0.5f && q->blink_left < 0.5f;
            double turn = fabs((double)(p->yaw_rad - q->yaw_rad));
            blinks += blink;
            for (int n = 0; n < 10; n++) {
                near_end +=
                    blink && i >= ends[n] - 8 && i < ends[n] + 17; /* half a second of 2.8 */
                resting += i >= ends[n] + 10 && i < ends[n] + 25 ? turn / 15 : 0;
                moving += i >= ends[n] - 60 && i < ends[n] - 45 ? turn / 15 : 0;
            }
        }
        for (int n = 0; n < 9; n++)
            in += (double)(m.poses[ends[n] + 38].breath - m.poses[ends[n]].breath) / 180;
        motion_fini(&m);
    }
    assert_true(near_end > 0.45 * blinks); /* by chance .18 */
    assert_true(in > 0.2);
    assert_true(resting < 0.7 * moving);
    speech_fini(&speech);
}

static void gains_scale_the_head_and_the_face_but_not_the_mouth(void **state)
{
    (void)state;
    struct speech speech = chatter(0.2, 8.0, 12);
    struct direction d = direction_from_prompt("warm smile, lively");
    struct motion usual = moved(&speech, 25, 1, d), still = moved(&speech, 25, 1, d);
    struct motion lively = moved(&speech, 25, 1, d), same = moved(&speech, 25, 1, d);
    motion_scale(&still, &(struct motion_gains){0, 1, 0, 1, false});
    motion_scale(&lively, &(struct motion_gains){2, 1, 2, 1, true});
    motion_scale(&same, &(struct motion_gains){1, 1, 1, 1, true});
    assert_memory_equal(same.poses, usual.poses, (size_t)usual.count * sizeof(*usual.poses));
    for (int64_t i = 0; i < usual.count; i++) {
        const struct pose *u = &usual.poses[i], *s = &still.poses[i], *l = &lively.poses[i];
        assert_true(s->yaw_rad == 0 && s->pitch_rad == 0 && s->roll_rad == 0 && s->shift_x == 0 &&
                    s->shift_y == 0 && s->breath == 0 && s->sway == 0);
        assert_true(s->blink_left == 0 && s->blink_right == 0 && s->au[AU_SMILE] == 0);
        assert_true(s->au[AU_JAW] == u->au[AU_JAW] && s->closure == u->closure);
        assert_true(l->yaw_rad == 2 * u->yaw_rad && l->au[AU_JAW] == u->au[AU_JAW]);
        assert_true(l->au[AU_SMILE] == fminf(1, 2 * u->au[AU_SMILE]));
        for (int unit = 0; unit < AU_COUNT; unit++)
            assert_true(l->au[unit] >= 0 && l->au[unit] <= 1);
    }
    motion_fini(&usual);
    motion_fini(&still);
    motion_fini(&lively);
    motion_fini(&same);
    speech_fini(&speech);
}

static void what_cannot_be_moved_is_refused(void **state)
{
    (void)state;
    struct speech speech = {0};
    struct motion motion;
    struct motion_options options = {.fps = 25};
    assert_int_equal(motion_predict(&motion, &speech, &options, NULL), ORATOR_AUDIO_TOO_SHORT);
    say(&speech, VISEME_SIL, 10);
    options.fps = 0;
    assert_int_equal(motion_predict(&motion, &speech, &options, NULL), ORATOR_INTERNAL);
    assert_null(motion.poses);
    speech_fini(&speech);
}

static void a_softened_performance_is_smaller_and_closes_as_before(void **state)
{
    (void)state;
    struct pose was = {.au = {[AU_JAW] = 0.8f, [AU_BROW_DOWN] = 0.4f},
                       .closure = 0.9f,
                       .blink_left = 1,
                       .yaw_rad = 0.1f,
                       .shift_y = 0.02f};
    struct pose pose = was;
    struct motion motion = {&pose, 1};
    motion_scale(&motion, &(struct motion_gains){1, 1, 1, 1, true});
    assert_memory_equal(&pose, &was, sizeof(pose));
    motion_scale(&motion, &(struct motion_gains){0.5f, 0.75f, 1, 0.25f, true});
    assert_float_equal(pose.au[AU_JAW], 0.6f, 1e-6f);
    assert_float_equal(pose.au[AU_BROW_DOWN], 0.1f, 1e-6f);
    assert_float_equal(pose.yaw_rad, 0.05f, 1e-6f);
    assert_float_equal(pose.shift_y, 0.01f, 1e-6f);
    assert_true(pose.closure == was.closure && pose.blink_left == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_keeps_the_mouth_closed),
        cmocka_unit_test(noise_keeps_the_mouth_shut),
        cmocka_unit_test(a_shifted_voice_gives_shifted_motion),
        cmocka_unit_test(same_seed_same_poses),
        cmocka_unit_test(another_seed_moves_the_head_differently),
        cmocka_unit_test(a_head_turns_enough_in_every_short_clip),
        cmocka_unit_test(shoulders_follow_the_head_late_and_little),
        cmocka_unit_test(poses_cover_the_voice),
        cmocka_unit_test(frame_rates_show_the_same_motion),
        cmocka_unit_test(poses_stay_in_range),
        cmocka_unit_test(the_first_pose_is_near_the_portrait),
        cmocka_unit_test(bilabials_close_the_lips),
        cmocka_unit_test(closures_come_when_they_are_heard),
        cmocka_unit_test(nobody_parts_the_lips_to_say_m),
        cmocka_unit_test(each_vowel_has_its_shape),
        cmocka_unit_test(a_sung_vowel_is_held_and_opens_further),
        cmocka_unit_test(who_speaks_fast_opens_less),
        cmocka_unit_test(lips_stay_apart_in_short_pauses_only),
        cmocka_unit_test(blinks_come_at_a_natural_rate),
        cmocka_unit_test(nothing_moves_faster_than_a_person),
        cmocka_unit_test(a_head_of_less_reach_turns_less_and_looks_the_same_way),
        cmocka_unit_test(directions_change_the_performance),
        cmocka_unit_test(the_documented_prompts_look_like_what_they_say),
        cmocka_unit_test(each_feeling_moves_its_part_of_the_face),
        cmocka_unit_test(five_minutes_never_repeat),
        cmocka_unit_test(stressed_syllables_nod_and_raise_the_brows),
        cmocka_unit_test(phrases_end_with_a_blink_a_breath_and_a_head_at_rest),
        cmocka_unit_test(gains_scale_the_head_and_the_face_but_not_the_mouth),
        cmocka_unit_test(what_cannot_be_moved_is_refused),
        cmocka_unit_test(a_softened_performance_is_smaller_and_closes_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
