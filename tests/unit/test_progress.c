#include "claims.h"

#include <jansson.h>
#include <string.h>

#include "app/progress.h"

/* 130 of 250 frames, 1.5 s after the first. */
static const struct progress_point half = {"render", 130, 250, -1, 0, 0};
static struct progress under(enum progress_style style)
{
    return (struct progress){.style = style, .began_ms = 1000, .first_ms = 1500};
}

static void a_terminal_s_line_says_rate_and_time_left(void **state)
{
    (void)state;
    char out[PROGRESS_TEXT_SIZE];
    struct progress p = under(PROGRESS_LINE);
    progress_text(&p, &half, 3000, 200, out);
    assert_string_equal(out,
                        "[##########----------]  52%  render  130/250 frames  87/s  0:01 left");
}

static void a_line_never_wraps(void **state)
{
    (void)state;
    char out[PROGRESS_TEXT_SIZE];
    struct progress p = under(PROGRESS_LINE);
    for (int columns = 2; columns < 120; columns++) {
        progress_text(&p, &half, 3000, columns, out);
        assert_true((int)strlen(out) < columns);
    }
}

static void who_joins_late_is_told_the_rate_from_then_on(void **state)
{
    (void)state;
    char out[PROGRESS_TEXT_SIZE];
    struct progress p = under(PROGRESS_LINE);
    p.first_frames = 100;
    progress_text(&p, &half, 3000, 200, out);
    assert_non_null(strstr(out, "130/250 frames  20/s  0:06 left"));
}

static void a_log_gets_words(void **state)
{
    (void)state;
    char out[PROGRESS_TEXT_SIZE];
    struct progress p = under(PROGRESS_PLAIN);
    p.label = "row 3";
    progress_text(&p, &half, 3000, 0, out);
    assert_string_equal(out, "row 3: render: 52%, 130 of 250 frames, 87 a second, 1 s left");
    progress_text(&p, &(struct progress_point){"queued", 0, 0, 4, 0, 75}, 3000, 0, out);
    assert_string_equal(out, "row 3: queued: 4 before it, 75 s left");
}

static void a_program_gets_json(void **state)
{
    (void)state;
    char out[PROGRESS_TEXT_SIZE];
    struct progress p = under(PROGRESS_JSON);
    p.label = "a \"b\"";
    progress_text(&p, &half, 3000, 0, out);
    json_t *j = json_loads(out, 0, NULL);
    assert_non_null(j);
    assert_string_equal(json_string_value(json_object_get(j, "label")), "a \"b\"");
    assert_int_equal(json_integer_value(json_object_get(j, "progress")), 52);
    assert_int_equal(json_integer_value(json_object_get(j, "frames_total")), 250);
    assert_int_equal(json_integer_value(json_object_get(j, "eta_seconds")), 1);
    assert_true(json_real_value(json_object_get(j, "elapsed_seconds")) == 2.0);
    assert_null(json_object_get(j, "queue_position"));
    json_decref(j);
}

static void a_style_that_is_not_there_is_refused(void **state)
{
    (void)state;
    struct orator_error err;
    struct progress p;
    assert_int_equal(progress_start(&p, "loud", false, &err), ORATOR_INVALID_PARAMETER);
    assert_int_equal(progress_start(&p, "json", false, &err), ORATOR_OK);
    assert_int_equal(p.style, PROGRESS_JSON);
    assert_int_equal(progress_start(&p, "json", true, &err), ORATOR_OK);
    assert_int_equal(p.style, PROGRESS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_terminal_s_line_says_rate_and_time_left),
        cmocka_unit_test(a_line_never_wraps),
        cmocka_unit_test(who_joins_late_is_told_the_rate_from_then_on),
        cmocka_unit_test(a_log_gets_words),
        cmocka_unit_test(a_program_gets_json),
        cmocka_unit_test(a_style_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
