/* Claims about forms with files. */
#include "claims.h"

#include <stdio.h>
#include <string.h>

#include "server/http/multipart.h"

#define TYPE                "multipart/form-data; boundary=XX"
#define NAMED(name)         "Content-Disposition: form-data; name=\"" name "\"\r\n"
#define PART(name, content) "--XX\r\n" NAMED(name) "\r\n" content "\r\n"
#define END                 "--XX--\r\n"

static struct multipart form;
static struct orator_error err;

static enum orator_status parse(const char *type, const char *body)
{
    err = (struct orator_error){0};
    return multipart_parse(&form, type, body, strlen(body), &err);
}

static void expect(int i, const char *name, const char *content)
{
    assert_true(i < form.count);
    assert_string_equal(form.parts[i].name, name);
    assert_int_equal(form.parts[i].size, strlen(content));
    assert_memory_equal(form.parts[i].data, content, strlen(content));
}

static void fields_and_files_come_out_as_they_went_in(void **state)
{
    (void)state;
    assert_int_equal(
        parse(TYPE,
              PART("model", "m") "--XX\r\nContent-Type: image/png\r\n"
                                 "content-disposition: form-data; name=image; "
                                 "filename=\"a \\\"b\\\".png\"\r\n\r\n\x89PNG\r\n--X\r\n\r\n" END),
        ORATOR_OK);
    assert_int_equal(form.count, 2);
    expect(0, "model", "m");
    expect(1, "image", "\x89PNG\r\n--X\r\n");
    assert_true(form.parts[1].is_file && !form.parts[0].is_file);
    assert_string_equal(form.parts[1].filename, "a \"b\".png");
    assert_string_equal(form.parts[1].type, "image/png");
}

static void empty_parts_and_empty_forms_are_forms(void **state)
{
    (void)state;
    assert_int_equal(parse(TYPE, END), ORATOR_OK);
    assert_int_equal(form.count, 0);
    assert_int_equal(parse(TYPE, PART("a", "") PART("b", "\r\n") END), ORATOR_OK);
    expect(0, "a", "");
    expect(1, "b", "\r\n");
}

static void what_stands_around_the_form_is_ignored(void **state)
{
    (void)state;
    assert_int_equal(parse(TYPE, "hello\r\n" PART("a", "1") "--XX--\r\nbye --XX"), ORATOR_OK);
    assert_int_equal(form.count, 1);
    assert_int_equal(parse("multipart/form-data; charset=utf-8; boundary=\"X X\"",
                           "--X X \t\r\n" NAMED("a") "\r\n1\r\n--X X--"),
                     ORATOR_OK);
    expect(0, "a", "1");
}

static void a_boundary_within_a_line_is_content(void **state)
{
    (void)state;
    assert_int_equal(parse(TYPE, PART("a", "x--XX--") END), ORATOR_OK);
    expect(0, "a", "x--XX--");
}

static void malformed_forms_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body;
    } rows[] = {
        {"multipart/form-data", PART("a", "1") END},
        {"multipart/form-data; boundary=", PART("a", "1") END},
        {"multipart/form-data; boundary=XX; boundary=YY", PART("a", "1") END},
        {"multipart/form-data; boundary=\"XX", PART("a", "1") END},
        {"multipart/form-data; boundary=\"X\x01X\"", PART("a", "1") END},
        {"multipart/form-data; boundary="
         "12345678901234567890123456789012345678901234567890123456789012345678901",
         END},
        {TYPE, ""},
        {TYPE, "no boundary at all"},
        {TYPE, PART("a", "1")},                                   /* cut off */
        {TYPE, "--XX\r\n" NAMED("a")},                            /* cut off in the head */
        {TYPE, "--XXY\r\n" NAMED("a") "\r\n1\r\n" END},           /* another boundary */
        {TYPE, "--XX\n" NAMED("a") "\r\n1\r\n" END},              /* a bare line feed */
        {TYPE, "--XX\r\n\r\n1\r\n" END},                          /* no name */
        {TYPE, "--XX\r\nContent-Type: a/b\r\n\r\n1\r\n" END},     /* no name */
        {TYPE, "--XX\r\n" NAMED("") "\r\n1\r\n" END},             /* an empty one */
        {TYPE, "--XX\r\n" NAMED("a") NAMED("b") "\r\n1\r\n" END}, /* two */
        {TYPE, "--XX\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n" END},
        {TYPE, "--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n" END},
        {TYPE, "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n" END},
        {TYPE, "--XX\r\nno header\r\n\r\n1\r\n" END},
        {TYPE, "--XX\r\n" NAMED("a") "Content-Transfer-Encoding: base64\r\n\r\nMQ==\r\n" END},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (parse(rows[i].type, rows[i].body) != ORATOR_INVALID_PARAMETER || !err.text[0])
            fail_msg("row %zu: %s", i, err.text);
}

static void a_form_of_too_many_parts_or_too_long_a_head_is_refused(void **state)
{
    (void)state;
    static char body[1 << 16];
    size_t n = 0;
    for (int i = 0; i < MULTIPART_PARTS_MAX + 1; i++)
        n += (size_t)snprintf(body + n, sizeof(body) - n, PART("a", "1"));
    snprintf(body + n, sizeof(body) - n, END);
    assert_int_equal(parse(TYPE, body), ORATOR_REQUEST_TOO_LARGE);
    snprintf(body, sizeof(body), "--XX\r\nx: %05000d\r\n" NAMED("a") "\r\n1\r\n" END, 0);
    assert_int_equal(parse(TYPE, body), ORATOR_REQUEST_TOO_LARGE);
}

static void only_forms_with_files_are_forms_with_files(void **state)
{
    (void)state;
    assert_true(multipart_is(TYPE) && multipart_is("Multipart/Form-Data"));
    assert_false(multipart_is(NULL) || multipart_is("multipart/form-datax") ||
                 multipart_is("application/json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_files_come_out_as_they_went_in),
        cmocka_unit_test(empty_parts_and_empty_forms_are_forms),
        cmocka_unit_test(what_stands_around_the_form_is_ignored),
        cmocka_unit_test(a_boundary_within_a_line_is_content),
        cmocka_unit_test(malformed_forms_are_refused),
        cmocka_unit_test(a_form_of_too_many_parts_or_too_long_a_head_is_refused),
        cmocka_unit_test(only_forms_with_files_are_forms_with_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
