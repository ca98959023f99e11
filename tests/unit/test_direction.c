#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

#include <cmocka.h>

#include "engine/motion/motion.h"

static float distance(struct direction a, struct direction b)
{
    return fabsf(a.smile - b.smile) + fabsf(a.seriousness - b.seriousness) +
           fabsf(a.concern - b.concern) + fabsf(a.energy - b.energy) +
           fabsf(a.steadiness - b.steadiness);
}

static void unknown_words_change_nothing(void **state)
{
    (void)state;
    static const char *const prompts[] = {NULL,
                                          "",
                                          "clean studio lighting, 4k, natural lip sync",
                                          "smiley coldwarm informally",
                                          "\xE6\x9D\x8E\xE9\xBE\x8D",
                                          "\xFF\xFE\x80",
                                          "warm lighting, neutral background"};
    for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++)
        assert_true(distance(direction_from_prompt(prompts[i]), (struct direction){0}) == 0.0f);
}

static void the_documented_prompts_differ(void **state)
{
    (void)state;
    static const char *const prompts[] = {
        "friendly customer service presenter, natural expression, clean studio lighting",
        "professional teacher, warm smile, stable camera, natural lip sync",
        "premium corporate spokesperson video, clean studio background, confident expression",
        "news anchor style, formal tone, stable frontal shot, neutral expression"};
    struct direction d[4];
    for (int i = 0; i < 4; i++)
        d[i] = direction_from_prompt(prompts[i]);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++)
            assert_true(distance(d[i], d[k]) > 0.3f);
    assert_true(d[0].smile > 0.5f && d[0].seriousness == 0.0f);
    assert_true(d[1].smile > 0.6f);
    assert_true(d[2].smile < 0.5f && d[2].smile > 0.1f && d[2].seriousness > 0.2f);
    assert_true(d[3].smile < 0.1f && d[3].seriousness > 0.4f && d[3].steadiness > 0.8f);
}

static void fields_follow_their_words(void **state)
{
    (void)state;
    assert_true(direction_from_prompt("Excited!").energy > 0.5f);
    assert_true(direction_from_prompt("calm").energy < -0.4f);
    assert_true(direction_from_prompt("a concerned doctor").concern > 0.6f);
    assert_true(direction_from_prompt("sad").concern > 0.5f);
    assert_true(direction_from_prompt("SERIOUS").seriousness > 0.6f);
    assert_true(direction_from_prompt("steady, frontal").steadiness > 0.7f);
    assert_true(direction_from_prompt("微笑的客服").smile > 0.6f);
    assert_true(direction_from_prompt("严肃的新闻主播").seriousness > 0.7f);
}

static void degrees_make_more_or_less(void **state)
{
    (void)state;
    float plain = direction_from_prompt("friendly").smile;
    assert_true(direction_from_prompt("very friendly").smile > plain + 0.05f);
    assert_true(direction_from_prompt("slightly friendly").smile < plain - 0.05f);
    assert_true(direction_from_prompt("slightly friendly").smile > 0.1f);
    assert_true(direction_from_prompt("very tall, friendly").smile == plain);
    assert_true(direction_from_prompt("非常友好").smile > direction_from_prompt("友好").smile);
}

static void negation_holds_for_its_clause(void **state)
{
    (void)state;
    assert_true(direction_from_prompt("no smile").smile == 0.0f);
    assert_true(direction_from_prompt("warm tone without a smile").smile == 0.0f);
    assert_true(direction_from_prompt("not serious, friendly").smile > 0.4f);
    assert_true(direction_from_prompt("not serious, friendly").seriousness == 0.0f);
    assert_true(direction_from_prompt("not formal but friendly").smile > 0.4f);
    assert_true(direction_from_prompt("不要微笑").smile == 0.0f);
    assert_true(direction_from_prompt("不要微笑，严肃").seriousness > 0.6f);
}

static void fields_stay_in_range(void **state)
{
    (void)state;
    struct direction d = direction_from_prompt(
        "extremely very happy very cheerful excited energetic lively enthusiastic joyful smile "
        "very stern angry very frontal steady extremely worried");
    assert_true(d.smile >= 0.0f && d.smile <= 1.0f);
    assert_true(d.seriousness >= 0.0f && d.seriousness <= 1.0f);
    assert_true(d.concern >= 0.0f && d.concern <= 1.0f);
    assert_true(d.energy >= -1.0f && d.energy <= 1.0f);
    assert_true(d.steadiness >= 0.0f && d.steadiness <= 1.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_words_change_nothing),
        cmocka_unit_test(the_documented_prompts_differ),
        cmocka_unit_test(fields_follow_their_words),
        cmocka_unit_test(degrees_make_more_or_less),
        cmocka_unit_test(negation_holds_for_its_clause),
        cmocka_unit_test(fields_stay_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
