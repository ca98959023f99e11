#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "engine/motion/lexicon.h"
#include "engine/motion/motion.h"

static float distance(struct direction a, struct direction b)
{
    return fabsf(a.smile - b.smile) + fabsf(a.seriousness - b.seriousness) +
           fabsf(a.concern - b.concern) + fabsf(a.sadness - b.sadness) + fabsf(a.anger - b.anger) +
           fabsf(a.surprise - b.surprise) + fabsf(a.energy - b.energy) +
           fabsf(a.steadiness - b.steadiness) + fabsf(a.nodding - b.nodding) +
           fabsf(a.gaze - b.gaze) + fabsf(a.chin - b.chin) + (a.camera != b.camera) +
           fabsf(a.camera_amount - b.camera_amount) + (a.view != b.view);
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
    assert_true(direction_from_prompt("sad").sadness > 0.5f);
    assert_true(direction_from_prompt("angry").anger > 0.5f);
    assert_true(direction_from_prompt("surprised").surprise > 0.5f);
    assert_true(direction_from_prompt("nodding along").nodding > 0.5f);
    assert_true(direction_from_prompt("looking at the camera").gaze > 0.5f);
    assert_true(direction_from_prompt("looking around").gaze < -0.5f);
    assert_true(direction_from_prompt("head held high").chin > 0.5f);
    assert_true(direction_from_prompt("a static head, motionless").steadiness > 0.8f);
    assert_true(direction_from_prompt("close-up, friendly").view == VIEW_CLOSE);
    assert_true(direction_from_prompt("自信，看着镜头，频频点头").nodding > 0.5f);
    assert_true(direction_from_prompt("悲伤").sadness > 0.5f);
    assert_true(direction_from_prompt("镜头缓慢推近").camera == CAMERA_ZOOM_IN);
    assert_true(direction_from_prompt("SERIOUS").seriousness > 0.6f);
    assert_true(direction_from_prompt("steady, frontal").steadiness > 0.7f);
    assert_true(direction_from_prompt("微笑的客服").smile > 0.6f);
    assert_true(direction_from_prompt("严肃的新闻主播").seriousness > 0.7f);
}

static void camera_words_move_the_camera(void **state)
{
    (void)state;
    static const struct {
        const char *prompt;
        enum camera_move camera;
    } rows[] = {{"slow zoom in", CAMERA_ZOOM_IN},   {"Slowly zooming out", CAMERA_ZOOM_OUT},
                {"pan left", CAMERA_PAN_LEFT},      {"the camera pans slowly", CAMERA_PAN_RIGHT},
                {"static camera", CAMERA_STILL},    {"no zoom", CAMERA_STILL},
                {"zoom in, no zoom", CAMERA_STILL}, {"stable camera, push in", CAMERA_ZOOM_IN},
                {"镜头拉远", CAMERA_ZOOM_OUT},      {"不要推近", CAMERA_STILL},
                {"company, panel", CAMERA_STILL},   {NULL, CAMERA_STILL}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct direction d = direction_from_prompt(rows[i].prompt);
        assert_true(d.camera == rows[i].camera);
        assert_true((d.camera_amount > 0.0f) == (d.camera != CAMERA_STILL));
    }
    assert_true(direction_from_prompt("fast zoom in").camera_amount >
                direction_from_prompt("slow zoom in").camera_amount);
}

static void words_of_the_scene_are_not_of_the_person(void **state)
{
    (void)state;
    static const char *const prompts[] = {
        "warm lighting",         "calm background", "dynamic lights, 4k", "warm colors",
        "serious business suit", "温暖的灯光",      "平静的背景"};
    for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++) {
        struct direction d = direction_from_prompt(prompts[i]);
        assert_true(d.smile == 0.0f && d.energy == (i == 4 ? d.energy : 0.0f));
    }
}

static void a_degree_is_of_the_word_beside_it(void **state)
{
    (void)state;
    float plain = direction_from_prompt("friendly").smile;
    assert_true(direction_from_prompt("slightly blurred wall behind a friendly man").smile ==
                plain);
    assert_true(direction_from_prompt("very natural friendly").smile > plain);
    assert_true(direction_from_prompt("not too serious").seriousness < 0.5f);
    assert_true(direction_from_prompt("not too serious").seriousness > 0.1f);
    assert_true(direction_from_prompt("不要太严肃").seriousness < 0.5f);
    assert_true(direction_from_prompt("稍微严肃").seriousness <
                direction_from_prompt("严肃").seriousness);
}

/* What the answer of a job lists. */
static void what_was_heard_is_told(void **state)
{
    (void)state;
    struct heard heard;
    char json[HEARD_JSON_SIZE];
    struct text t = text_over(json, sizeof(json));
    direction_read("Very FRIENDLY teacher in a blue room, no head movement; slow zoom in, 不要点头",
                   &heard);
    assert_int_equal(heard.count, 5);
    static const struct {
        const char *phrase, *aspect, *means;
        int percent;
    } rows[] = {{"very friendly", "expression", "friendly", 140},
                {"teacher", "style", "teacher", 100},
                {"no head movement", "head", "still", 100},
                {"slow zoom in", "camera", "zoom in", 100},
                {"不要点头", "head", "nodding", 0}};
    for (int i = 0; i < heard.count; i++) {
        assert_string_equal(heard.list[i].phrase, rows[i].phrase);
        assert_string_equal(heard.list[i].aspect, rows[i].aspect);
        assert_string_equal(heard.list[i].means, rows[i].means);
        assert_int_equal((int)(100.0f * heard.list[i].amount + 0.5f), rows[i].percent);
    }
    heard_to_json(&t, &heard);
    assert_false(t.cut);
    assert_non_null(strstr(json, "{\"phrase\": \"very friendly\", \"aspect\": \"expression\", "
                                 "\"means\": \"friendly\", \"amount\": 1.4}"));
    direction_read("blue wall", &heard);
    assert_int_equal(heard.count, 0);
    t = text_over(json, sizeof(json));
    heard_to_json(&t, &heard);
    assert_string_equal(json, "[]");
}

static void much_that_is_heard_stays_inside_its_list(void **state)
{
    (void)state;
    char prompt[4000] = "", json[HEARD_JSON_SIZE];
    struct heard heard;
    struct text t = text_over(json, sizeof(json));
    for (int i = 0; i < 80; i++)
        strcat(prompt, "very very very extremely 非常非常friendly ");
    struct direction d = direction_read(prompt, &heard);
    assert_int_equal(heard.count, HEARD_MAX);
    assert_true(d.smile <= 1.0f);
    heard_to_json(&t, &heard);
    assert_false(t.cut);
}

/* docs/direction.md is what `orator direction --markdown` prints. */
static void every_phrase_is_in_the_documents(void **state)
{
    (void)state;
    struct bytes page;
    assert_int_equal(file_read(&page, ORATOR_SOURCE "/docs/direction.md", 1 << 20, NULL),
                     ORATOR_OK);
    char *text = calloc(page.size + 1, 1);
    assert_non_null(text);
    memcpy(text, page.data, page.size);
    for (int i = 0; i < lexicon_count; i++) {
        char line[2048];
        size_t n = 0;
        for (const char *p = lexicon[i].phrases; *p && n + 3 < sizeof(line); p++) {
            line[n++] = *p == '|' ? ',' : *p;
            if (*p == '|')
                line[n++] = ' ';
        }
        memcpy(line + n, " |", 3);
        if (!strstr(text, line))
            fail_msg("docs/direction.md lacks \"%s\": orator direction --markdown > "
                     "docs/direction.md",
                     lexicon[i].name);
    }
    free(text);
    bytes_fini(&page);
}

static void no_phrase_has_two_meanings(void **state)
{
    (void)state;
    for (int i = 0; i < lexicon_count; i++) {
        for (const char *a = lexicon[i].phrases; *a;) {
            size_t length = strcspn(a, "|");
            assert_true(length > 0);
            for (int k = i; k < lexicon_count; k++) {
                for (const char *b = lexicon[k].phrases; *b;) {
                    size_t other = strcspn(b, "|");
                    if (a != b && other == length && strncmp(a, b, length) == 0)
                        fail_msg("\"%.*s\" is in \"%s\" and in \"%s\"", (int)length, a,
                                 lexicon[i].name, lexicon[k].name);
                    b += other + (b[other] == '|');
                }
            }
            a += length + (a[length] == '|');
        }
    }
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
        cmocka_unit_test(every_phrase_is_in_the_documents),
        cmocka_unit_test(no_phrase_has_two_meanings),
        cmocka_unit_test(fields_stay_in_range),
        cmocka_unit_test(camera_words_move_the_camera),
        cmocka_unit_test(words_of_the_scene_are_not_of_the_person),
        cmocka_unit_test(a_degree_is_of_the_word_beside_it),
        cmocka_unit_test(what_was_heard_is_told),
        cmocka_unit_test(much_that_is_heard_stays_inside_its_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
