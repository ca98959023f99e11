#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "server/api/json_text.h"

static struct random chance;

static json_t *any_string(void)
{
    static const char *const pieces[] = {
        "a",    "\"",   "\\", "/",  "\b", "\f", "\n", "\r",        "\t",           "\x01",
        "\x1f", "\x7f", "é",  "字", "😀",  "",   " ",  "</script>", "plain letters"};
    char text[256] = "";
    for (unsigned n = random_u32(&chance) % 8; n > 0; n--)
        strcat(text, pieces[random_u32(&chance) % (sizeof(pieces) / sizeof(pieces[0]))]);
    return json_string(text);
}

static json_t *any_value(int depth)
{
    static const double reals[] = {0.0,  -0.0, 1.0,    0.1,  1.0 / 3,       12.96,
                                   1e21, 1e-7, 5e-324, -2.5, 1.797693e+308, 300.001};
    json_t *v;
    char key[32];
    switch (random_u32(&chance) % (depth > 0 ? 9 : 7)) {
    case 0:
        return json_integer((json_int_t)random_u32(&chance) - (1u << 31));
    case 1:
        return json_integer(INT64_MIN);
    case 2:
        return json_real(reals[random_u32(&chance) % (sizeof(reals) / sizeof(reals[0]))]);
    case 3:
        return json_boolean(random_u32(&chance) & 1);
    case 4:
        return json_null();
    case 5:
    case 6:
        return any_string();
    case 7:
        v = json_array();
        for (unsigned n = random_u32(&chance) % 5; n > 0; n--)
            json_array_append_new(v, any_value(depth - 1));
        return v;
    default:
        v = json_object();
        for (unsigned n = random_u32(&chance) % 5; n > 0; n--) {
            snprintf(key, sizeof(key), "%s%u", n & 1 ? "k\"\xc3\xa9" : "", random_u32(&chance));
            json_object_set_new(v, key, any_value(depth - 1));
        }
        return v;
    }
}

static void the_text_is_what_the_library_would_write(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        chance = random_seeded(7, round);
        json_t *v = any_value(6);
        size_t size;
        char *ours = json_text(v, &size);
        char *theirs = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        assert_non_null(ours);
        assert_string_equal(ours, theirs);
        assert_int_equal(size, strlen(theirs));
        free(ours);
        free(theirs);
        json_decref(v);
    }
}

static void what_is_too_deep_has_no_text(void **state)
{
    (void)state;
    json_t *v = json_integer(1);
    size_t size;
    for (int i = 0; i < JSON_TEXT_DEPTH; i++) {
        char *text = json_text(v, &size);
        assert_non_null(text);
        free(text);
        json_t *outer = json_array();
        json_array_append_new(outer, v);
        v = outer;
    }
    assert_null(json_text(v, &size));
    json_decref(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_what_the_library_would_write),
        cmocka_unit_test(what_is_too_deep_has_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
