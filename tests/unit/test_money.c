#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/money.h"

static void money_is_exact(void **state)
{
    (void)state;
    static const struct {
        int64_t micro;
        const char *text;
    } rows[] = {
        {0, "0.00"},
        {1, "0.000001"},
        {10, "0.00001"},
        {56000, "0.056"},
        {700000, "0.70"},
        {1000000, "1.00"},
        {1234567, "1.234567"},
        {100000000000, "100000.00"},
        {-1250000, "-1.25"},
        {INT64_MAX, "9223372036854.775807"},
        {INT64_MIN, "-9223372036854.775808"},
    };
    char out[MONEY_TEXT_SIZE];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t back;
        assert_string_equal(money_format(out, rows[i].micro), rows[i].text);
        if (rows[i].micro >= 0) {
            assert_true(money_parse(out, &back));
            assert_int_equal(back, rows[i].micro);
        }
    }
    static const char *const bad[] = {"",
                                      ".5",
                                      "1.",
                                      "1.2345678",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1,5",
                                      "1e3",
                                      "0x1",
                                      "1..2",
                                      "nan",
                                      "99999999999999999999",
                                      "9223372036854.775808"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t kept = 42;
        if (money_parse(bad[i], &kept) || kept != 42)
            fail_msg("\"%s\" passed as money", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
