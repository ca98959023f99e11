#include "claims.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/settings.h"
#include "base/file.h"

static void later_sources_win(void **state)
{
    (void)state;
    struct orator_error err;
    struct settings s;
    char path[] = "/tmp/orator-settings-XXXXXX";
    close(mkstemp(path));
    static const char text[] = "# ours\nport = 1000\ndata=/srv/x # here\n";
    assert_int_equal(file_write(path, text, sizeof(text) - 1, &err), ORATOR_OK);
    setenv("ORATOR_PORT", "2000", 1);
    setenv("ORATOR_CURRENCY", "EUR", 1);
    assert_int_equal(settings_init(&s, &err), ORATOR_OK);
    assert_int_equal(s.port, 2000);
    char *argv[] = {(char[]){"serve"},
                    (char[]){"--max-audio-seconds"},
                    (char[]){"60"},
                    (char[]){"other"},
                    (char[]){"--config"},
                    path,
                    NULL};
    int argc = 6;
    assert_int_equal(settings_from_arguments(&s, &argc, argv, &err), ORATOR_OK);
    assert_int_equal(argc, 2);
    assert_string_equal(argv[1], "other");
    assert_int_equal(s.max_audio_seconds, 60);
    assert_int_equal(s.port, 1000);
    assert_string_equal(s.data, "/srv/x");
    assert_string_equal(s.currency, "EUR");
    unsetenv("ORATOR_PORT");
    unsetenv("ORATOR_CURRENCY");
    unlink(path);
}

static void a_wrong_value_says_what_it_must_be(void **state)
{
    (void)state;
    struct orator_error err;
    struct settings s;
    setenv("ORATOR_PORT", "70000", 1);
    assert_int_equal(settings_init(&s, &err), ORATOR_BAD_SETTING);
    assert_string_equal(err.text, "port is 70000, it must be a whole number from 0 to 65535");
    unsetenv("ORATOR_PORT");
    setenv("ORATOR_PRICE_PRO", "-1", 1);
    assert_int_equal(settings_init(&s, &err), ORATOR_BAD_SETTING);
    unsetenv("ORATOR_PRICE_PRO");
    setenv("ORATOR_LOG_LEVEL", "in", 1);
    assert_int_equal(settings_init(&s, &err), ORATOR_BAD_SETTING);
    unsetenv("ORATOR_LOG_LEVEL");
}

static void an_unknown_name_shows_the_nearest(void **state)
{
    (void)state;
    struct orator_error err;
    struct settings s;
    char path[] = "/tmp/orator-settings-XXXXXX";
    close(mkstemp(path));
    assert_int_equal(file_write(path, "\nprot = 1\n", 10, &err), ORATOR_OK);
    assert_int_equal(settings_init(&s, &err), ORATOR_OK);
    assert_int_equal(settings_from_file(&s, path, &err), ORATOR_BAD_SETTING);
    assert_string_equal(err.text, "line 2: there is no setting prot; did you mean port?");
    unlink(path);
}

static void the_page_of_settings_is_the_table(void **state)
{
    (void)state;
    struct orator_error err;
    struct bytes page;
    assert_int_equal(file_read(&page, ORATOR_SOURCE "/docs/settings.md", 1 << 20, &err), ORATOR_OK);
    char *printed = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&printed, &size);
    settings_print_markdown(f);
    fclose(f);
    assert_string_equal((char *)page.data, printed);
    free(printed);
    bytes_fini(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(a_wrong_value_says_what_it_must_be),
        cmocka_unit_test(an_unknown_name_shows_the_nearest),
        cmocka_unit_test(the_page_of_settings_is_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
