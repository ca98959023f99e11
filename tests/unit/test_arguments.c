#include "claims.h"

#include <string.h>

#include "app/arguments.h"

struct values {
    const char *out, *name;
    bool quiet;
};

static const struct option table[] = {
    {"out", "FILE", "where", offsetof(struct values, out), 'o'},
    {"name", "a|bc|d", "which", offsetof(struct values, name), 0},
    {"quiet", NULL, "no words", offsetof(struct values, quiet), 'q'},
    {0},
};

#define READ(...)                                                                           \
    const char *const words[] = {"command", __VA_ARGS__};                                   \
    char *argv[sizeof(words) / sizeof(words[0])];                                           \
    int argc = (int)(sizeof(words) / sizeof(words[0]));                                     \
    struct values v = {0};                                                                  \
    struct orator_error err;                                                                \
    memcpy(argv, words, sizeof(words)); /* the reader moves the words, not their letters */ \
    enum orator_status s = arguments_read(table, &v, &argc, argv, &err)

static void options_may_stand_anywhere_in_every_form(void **state)
{
    (void)state;
    READ("first", "--out=x=y", "-q", "second", "--name", "--", "-", "--", "--out");
    assert_int_equal(s, ORATOR_OK);
    assert_string_equal(v.out, "x=y");
    assert_string_equal(v.name, "--");
    assert_true(v.quiet);
    assert_int_equal(argc, 5);
    assert_string_equal(argv[1], "first");
    assert_string_equal(argv[2], "second");
    assert_string_equal(argv[3], "-");
    assert_string_equal(argv[4], "--out");
}

static void a_name_that_is_nearly_right_is_named(void **state)
{
    (void)state;
    READ("--quite");
    assert_int_equal(s, ORATOR_INVALID_PARAMETER);
    assert_string_equal(err.text, "--quite is not an option here; did you mean --quiet?");
}

static void a_name_that_is_like_no_other_gets_no_guess(void **state)
{
    (void)state;
    READ("--resolution");
    assert_int_equal(s, ORATOR_INVALID_PARAMETER);
    assert_string_equal(err.text, "--resolution is not an option here");
}

static void a_value_that_is_missing_is_asked_for(void **state)
{
    (void)state;
    READ("-o");
    assert_int_equal(s, ORATOR_MISSING_PARAMETER);
    assert_string_equal(err.text, "--out needs a value: FILE");
}

static void a_flag_takes_no_value(void **state)
{
    (void)state;
    READ("--quiet=yes");
    assert_int_equal(s, ORATOR_INVALID_PARAMETER);
}

static void choices_come_one_after_the_other(void **state)
{
    (void)state;
    size_t n;
    const char *at = table[1].value;
    assert_memory_equal(option_next_choice(&at, &n), "a", 1);
    assert_memory_equal(option_next_choice(&at, &n), "bc", 2);
    assert_int_equal(n, 2);
    assert_memory_equal(option_next_choice(&at, &n), "d", 1);
    assert_null(option_next_choice(&at, &n));
    assert_false(option_has_choices(&table[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_may_stand_anywhere_in_every_form),
        cmocka_unit_test(a_name_that_is_nearly_right_is_named),
        cmocka_unit_test(a_name_that_is_like_no_other_gets_no_guess),
        cmocka_unit_test(a_value_that_is_missing_is_asked_for),
        cmocka_unit_test(a_flag_takes_no_value),
        cmocka_unit_test(choices_come_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
