#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/api/json_out.h"

static void is_text(struct json_out *o, const char *expected)
{
    size_t size;
    char *text = json_take(o, &size);
    assert_non_null(text);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

static void commas_stand_between_values_only(void **state)
{
    (void)state;
    struct json_out o = {0};
    json_begin(&o, NULL, '{');
    json_put_number(&o, "a", 1);
    json_begin(&o, "b", '[');
    json_begin(&o, NULL, '{');
    json_end(&o, '}');
    json_put_bool(&o, NULL, true);
    json_end(&o, ']');
    json_put_null(&o, "c");
    json_end(&o, '}');
    is_text(&o, "{\"a\":1,\"b\":[{},true],\"c\":null}");
}

static void text_is_escaped_and_always_utf8(void **state)
{
    (void)state;
    struct json_out o = {0};
    json_put_text(&o, NULL, "a\"\\\n\x01/\xc3\xa9\xff\xe5\xad");
    is_text(&o, "\"a\\\"\\\\\\n\\u0001/\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void seconds_are_decimal(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{0, "0.0"},
                {1, "0.001"},
                {12500, "12.5"},
                {12000, "12.0"},
                {300010, "300.01"},
                {-1500, "-1.5"},
                {INT64_MAX, "9223372036854775.807"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json_out o = {0};
        json_put_seconds(&o, NULL, rows[i].ms);
        is_text(&o, rows[i].text);
    }
}

static void numbers_are_whole_up_to_the_last(void **state)
{
    (void)state;
    struct json_out o = {0};
    json_begin(&o, NULL, '[');
    json_put_number(&o, NULL, INT64_MIN);
    json_put_number(&o, NULL, 0);
    json_put_number(&o, NULL, INT64_MAX);
    json_put_real(&o, NULL, 0.1);
    json_put_real(&o, NULL, 2);
    json_put_money(&o, NULL, 56000);
    json_end(&o, ']');
    is_text(&o, "[-9223372036854775808,0,9223372036854775807,0.1,2.0,\"0.056\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_values_only),
        cmocka_unit_test(text_is_escaped_and_always_utf8),
        cmocka_unit_test(seconds_are_decimal),
        cmocka_unit_test(numbers_are_whole_up_to_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
