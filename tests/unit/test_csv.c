#include "claims.h"

#include <stdlib.h>
#include <string.h>

#include "app/csv.h"

static enum orator_status parse(struct csv *out, const char *text, struct orator_error *err)
{
    struct bytes b = {.data = malloc(strlen(text) + 1), .size = strlen(text)};
    assert_non_null(b.data);
    memcpy(b.data, text, b.size + 1);
    return csv_parse(out, &b, err);
}

static void cells_are_what_a_spreadsheet_means(void **state)
{
    (void)state;
    struct csv c;
    struct orator_error err;
    assert_int_equal(parse(&c,
                           "\xEF\xBB\xBFname, prompt ,out\r\n"
                           "# a comment, with commas\n"
                           "\r\n"
                           "a,\"warm \"\"big\"\" smile, calm\" ,x.mp4\r\n"
                           "\"two\nlines\",,\n"
                           "short",
                           &err),
                     ORATOR_OK);
    assert_int_equal(c.column_count, 3);
    assert_int_equal(c.row_count, 3);
    assert_string_equal(c.names[1], "prompt");
    assert_string_equal(c.rows[0].cells[1], "warm \"big\" smile, calm");
    assert_string_equal(c.rows[0].cells[2], "x.mp4");
    assert_int_equal(c.rows[0].line, 4);
    assert_string_equal(c.rows[1].cells[0], "two\nlines");
    assert_string_equal(c.rows[1].cells[2], "");
    assert_int_equal(c.rows[2].line, 7);
    assert_string_equal(c.rows[2].cells[0], "short");
    assert_string_equal(c.rows[2].cells[2], "");
    csv_fini(&c);
}

static void semicolons_and_tabs_separate_too(void **state)
{
    (void)state;
    struct csv c;
    struct orator_error err;
    assert_int_equal(parse(&c, "a;b\n1,5;2\n", &err), ORATOR_OK);
    assert_string_equal(c.rows[0].cells[0], "1,5");
    csv_fini(&c);
    assert_int_equal(parse(&c, "a\tb\tc,d\nx\t\ty\n", &err), ORATOR_OK);
    assert_int_equal(c.column_count, 3);
    assert_string_equal(c.rows[0].cells[2], "y");
    csv_fini(&c);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"a,b\n1,2,3\n", "line 2 has more cells than the first line's 2 names"},
        {"a,b\n\n1,\"x\n", "line 3: a quote is opened and never closed"},
        {"a,b\n\"x\"y,2\n", "line 2: something stands behind a closing quote"},
        {"\n# nothing\n", "there is no line with names of columns"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct csv c;
        struct orator_error err;
        assert_int_equal(parse(&c, bad[i][0], &err), ORATOR_INVALID_PARAMETER);
        assert_string_equal(err.text, bad[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_what_a_spreadsheet_means),
        cmocka_unit_test(semicolons_and_tabs_separate_too),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
