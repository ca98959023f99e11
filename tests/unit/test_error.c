#include "claims.h"

#include <ctype.h>
#include <string.h>

#include "base/error.h"

static void each_word_is_stable_and_its_own(void **state)
{
    (void)state;
    for (int s = 0; s < ORATOR_STATUS_COUNT; s++) {
        const char *word = orator_status_word((enum orator_status)s);
        for (const char *c = word; *c; c++)
            assert_true(islower((unsigned char)*c) || *c == '_');
        assert_int_equal(orator_status_from_word(word), s);
        int http = orator_status_http((enum orator_status)s);
        assert_true(s == ORATOR_OK ? http == 200 : http >= 400 && http < 600);
        assert_int_equal(orator_status_exit((enum orator_status)s) == 0, s == ORATOR_OK);
    }
    assert_int_equal(orator_status_from_word("no_such_word"), ORATOR_INTERNAL);
}

static void a_failure_names_place_and_field(void **state)
{
    (void)state;
    struct orator_error err;
    enum orator_status s =
        orator_fail_param(&err, ORATOR_IMAGE_TOO_SMALL, "image_url", "image is %d px wide", 12);
    assert_int_equal(orator_within(&err, s, "face"), ORATOR_IMAGE_TOO_SMALL);
    assert_string_equal(err.text, "face: image is 12 px wide");
    assert_string_equal(err.param, "image_url");
    assert_int_equal(orator_fail(NULL, ORATOR_IO, "x"), ORATOR_IO);
    orator_fail(&err, ORATOR_IO, "y");
    assert_string_equal(err.param, "");
}

static void a_long_text_loses_its_tail_not_its_place(void **state)
{
    (void)state;
    struct orator_error err;
    char long_text[1000];
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    orator_within(&err, orator_fail(&err, ORATOR_IO, "%s", long_text), "store");
    assert_memory_equal(err.text, "store: xxx", 10);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_is_stable_and_its_own),
        cmocka_unit_test(a_failure_names_place_and_field),
        cmocka_unit_test(a_long_text_loses_its_tail_not_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
