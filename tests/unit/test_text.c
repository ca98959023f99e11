#include "claims.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static void what_does_not_fit_is_cut_and_told(void **state)
{
    (void)state;
    char memory[8];
    struct text t = text_over(memory, sizeof(memory));
    text_add(&t, "abc");
    text_addf(&t, "%d", 123456);
    assert_string_equal(memory, "abc1234");
    assert_true(t.cut);
    text_add(&t, "more");
    assert_string_equal(memory, "abc1234");
}

static void json_escapes_what_json_must(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "\"plain\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"tab\tnew\n", "\"tab\\u0009new\\u000a\""},
        {"\xE4\xBD\xA0\xE5\xA5\xBD", "\"\xE4\xBD\xA0\xE5\xA5\xBD\""},
        {"\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                 /* overlong */
        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* a surrogate */
        {"\xF4\x90\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"\xE4\xBD", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* cut in the middle */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char memory[64];
        struct text t = text_over(memory, sizeof(memory));
        text_add_json(&t, cases[i].in);
        assert_string_equal(memory, cases[i].out);
    }
}

static void numbers_are_whole_words_within_bounds(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    " 1",  "1 ",  "+1",    "0x10", "1e309",   "nan",
                                      "inf", "1,5", "--1", "1.5.1", "-inf", "infinity"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        double v = 7;
        assert_false(text_to_f64(bad[i], -1e300, 1e300, &v));
        assert_true(v == 7);
    }
    int64_t n = 7;
    assert_false(text_to_i64("9223372036854775808", INT64_MIN, INT64_MAX, &n));
    assert_false(text_to_i64("11", 0, 10, &n));
    assert_false(text_to_i64("1.0", 0, 10, &n));
    assert_true(text_to_i64("-5", -10, 10, &n));
    assert_int_equal(n, -5);
    double v;
    assert_true(text_to_f64("12.5e1", 0, 1000, &v));
    assert_true(fabs(v - 125.0) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_cut_and_told),
        cmocka_unit_test(json_escapes_what_json_must),
        cmocka_unit_test(numbers_are_whole_words_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
