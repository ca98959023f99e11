#include "claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

static char folder[] = "/tmp/orator-file-XXXXXX";

static char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct orator_error err;
    struct bytes b;
    assert_int_equal(folder_make(in_folder("a/b/c"), &err), ORATOR_OK);
    assert_int_equal(folder_make(in_folder("a/b/c"), &err), ORATOR_OK);
    assert_int_equal(file_write(in_folder("a/b/c/x"), "hello\0there", 11, &err), ORATOR_OK);
    assert_int_equal(file_read(&b, in_folder("a/b/c/x"), 11, &err), ORATOR_OK);
    assert_int_equal(b.size, 11);
    assert_memory_equal(b.data, "hello\0there", 12);
    bytes_fini(&b);
    assert_int_not_equal(access(in_folder("a/b/c/x.part"), F_OK), 0);
}

static void a_file_over_the_limit_is_not_read(void **state)
{
    (void)state;
    struct orator_error err;
    struct bytes b;
    assert_int_equal(file_write(in_folder("big"), "123456", 6, &err), ORATOR_OK);
    assert_int_equal(file_read(&b, in_folder("big"), 5, &err), ORATOR_REQUEST_TOO_LARGE);
    assert_null(b.data);
    assert_string_equal(err.text, "big holds 6 bytes, at most 5 are allowed");
}

static void what_is_not_there_is_said_without_its_folder(void **state)
{
    (void)state;
    struct orator_error err;
    struct bytes b;
    assert_int_equal(file_read(&b, in_folder("nothing"), 5, &err), ORATOR_NOT_FOUND);
    assert_null(strstr(err.text, "/tmp"));
    assert_non_null(strstr(err.text, "nothing"));
    assert_int_equal(file_read(&b, folder, 5, &err), ORATOR_IO);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command); // NOLINT(cert-env33-c): our own mkdtemp name
}

static void bytes_that_come_in_pieces_are_whole(void **state)
{
    (void)state;
    struct bytes all = {0};
    size_t room = 0;
    for (int n = 0; n < 3000; n++) { /* past several rooms */
        assert_true(bytes_add(&all, &room, "orator", (size_t)(n % 7)));
        assert_true(all.size <= room && all.data[all.size] == '\0');
    }
    const unsigned char *at = all.data;
    for (int n = 0; n < 3000; at += n % 7, n++)
        assert_memory_equal(at, "orator", (size_t)(n % 7));
    assert_true(at == all.data + all.size);
    bytes_fini(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_come_in_pieces_are_whole),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_file_over_the_limit_is_not_read),
        cmocka_unit_test(what_is_not_there_is_said_without_its_folder),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
