#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "scratch.h"
#include "server/store/blobs.h"

static char folder[SCRATCH_SIZE], media[SCRATCH_SIZE + 8];
static struct blobs *blobs;

static int begin(void **state)
{
    (void)state;
    scratch_new(folder);
    snprintf(media, sizeof(media), "%s/media", folder);
    return blobs_open(&blobs, media, NULL) == ORATOR_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    blobs_close(&blobs);
    scratch_remove(folder);
    return 0;
}

static void what_was_put_is_got(void **state)
{
    (void)state;
    char name[BLOB_NAME_SIZE], again[BLOB_NAME_SIZE];
    struct bytes b;
    blob_name_new(name, "mp4");
    blob_name_new(again, "mp4");
    assert_string_not_equal(name, again);
    assert_int_equal(strlen(name), 30);
    assert_string_equal(name + 26, ".mp4");
    assert_true(blob_name_ok(name));

    assert_int_equal(blob_put(blobs, name, "a\0b", 3, NULL), ORATOR_OK);
    assert_int_equal(blob_get(blobs, name, 3, &b, NULL), ORATOR_OK);
    assert_int_equal(b.size, 3);
    assert_memory_equal(b.data, "a\0b", 3);
    bytes_fini(&b);
    assert_int_equal(blob_get(blobs, name, 2, &b, NULL), ORATOR_REQUEST_TOO_LARGE);
    assert_null(b.data);
    blob_remove(blobs, name);
    blob_remove(blobs, name);
    assert_int_equal(blob_get(blobs, name, 3, &b, NULL), ORATOR_NOT_FOUND);
}

static void a_file_built_in_place_is_synced_and_got(void **state)
{
    (void)state;
    char name[BLOB_NAME_SIZE], path[256];
    struct bytes b;
    blob_name_new(name, "mp4");
    assert_int_equal(blob_publish(blobs, name, NULL, NULL), ORATOR_IO); /* nothing there yet */
    assert_int_equal(blob_path(blobs, name, path, sizeof(path), NULL), ORATOR_OK);
    assert_int_equal(file_write(path, "video", 5, NULL), ORATOR_OK);
    assert_int_equal(blob_publish(blobs, name, NULL, NULL), ORATOR_OK);
    assert_int_equal(blob_get(blobs, name, 5, &b, NULL), ORATOR_OK);
    bytes_fini(&b);
    assert_int_equal(blob_path(blobs, name, path, 10, NULL), ORATOR_IO);
}

static void no_path_is_smuggled(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        ".",
        "..",
        "../secret",
        "a/b",
        "/etc/passwd",
        "a\\b",
        "A.mp4",
        "a b",
        "a%2fb",
        "a\nb",
        "a..b",
        ".hidden",
        "x.mp4.part",
        "\xc3\xa9",
        "a-b",
        "..%2f",
        "a/../../b",
        "media/..",
        "~root",
        ".part",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.mp4",
    };
    char secret[SCRATCH_SIZE + 8], path[256];
    snprintf(secret, sizeof(secret), "%s/secret", folder);
    assert_int_equal(file_write(secret, "s", 1, NULL), ORATOR_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bytes b;
        assert_false(blob_name_ok(bad[i]));
        assert_int_equal(blob_get(blobs, bad[i], 100, &b, NULL), ORATOR_NOT_FOUND);
        assert_int_equal(blob_put(blobs, bad[i], "x", 1, NULL), ORATOR_NOT_FOUND);
        assert_int_equal(blob_publish(blobs, bad[i], NULL, NULL), ORATOR_NOT_FOUND);
        assert_int_equal(blob_path(blobs, bad[i], path, sizeof(path), NULL), ORATOR_NOT_FOUND);
        blob_remove(blobs, bad[i]);
    }
    assert_int_equal(access(secret, F_OK), 0);
}

static enum orator_status keep_first(void *ctx, const char *name, bool *kept,
                                     struct orator_error *err)
{
    (void)err;
    *kept = strcmp(name, ctx) == 0;
    return ORATOR_OK;
}

static void a_note_goes_where_its_file_goes(void **state)
{
    (void)state;
    struct bytes b;
    char first[] = "first.wav";
    int64_t removed;
    assert_int_equal(blob_put(blobs, first, "voice", 5, NULL), ORATOR_OK);
    assert_int_equal(blob_note_get(blobs, first, &b, NULL), ORATOR_NOT_FOUND);
    assert_int_equal(blob_note(blobs, first, "p 0 h\n", 6, NULL), ORATOR_OK);
    assert_int_equal(blob_link(blobs, first, "second.wav", NULL), ORATOR_OK);
    assert_int_equal(blob_link(blobs, first, "third.wav", NULL), ORATOR_OK);
    blob_remove(blobs, first);
    assert_int_equal(blob_note_get(blobs, first, &b, NULL), ORATOR_NOT_FOUND);
    char second[] = "second.wav";
    assert_int_equal(blobs_sweep(blobs, keep_first, second, &removed, NULL), ORATOR_OK);
    assert_int_equal(removed, 2); /* the third and its note */
    assert_int_equal(blob_note_get(blobs, second, &b, NULL), ORATOR_OK);
    assert_string_equal((char *)b.data, "p 0 h\n");
    bytes_fini(&b);
}

static enum orator_status keep_none(void *ctx, const char *name, bool *kept,
                                    struct orator_error *err)
{
    (void)ctx, (void)name, (void)err;
    *kept = false;
    return ORATOR_OK;
}

static void age(const char *name, int hours)
{
    char path[256];
    struct timeval then[2];
    gettimeofday(&then[0], NULL);
    then[0].tv_sec -= hours * 3600;
    then[1] = then[0];
    assert_int_equal(blob_path(blobs, name, path, sizeof(path), NULL), ORATOR_OK);
    assert_int_equal(utimes(path, then), 0);
}

static void where_others_work_only_what_is_old_is_swept(void **state)
{
    (void)state;
    struct blobs *other;
    struct bytes b;
    int64_t removed;
    assert_int_equal(blobs_open(&other, media, NULL), ORATOR_OK);
    assert_int_equal(blob_put(other, "young.mp4", "x", 1, NULL), ORATOR_OK);
    assert_int_equal(blob_put(other, "old.mp4", "x", 1, NULL), ORATOR_OK);
    age("old.mp4", 2);
    assert_int_equal(blobs_sweep(blobs, keep_none, NULL, &removed, NULL), ORATOR_OK);
    assert_int_equal(removed, 1);
    assert_int_equal(blob_get(blobs, "young.mp4", 10, &b, NULL), ORATOR_OK);
    bytes_fini(&b);
    blobs_close(&other);
    /* alone now, but no longer at the start: what is young may be our own */
    assert_int_equal(blobs_sweep(blobs, keep_none, NULL, &removed, NULL), ORATOR_OK);
    assert_int_equal(removed, 0);
    assert_int_equal(blobs_open(&other, media, NULL), ORATOR_OK);
    blobs_close(&blobs);
    assert_int_equal(blobs_sweep(other, keep_none, NULL, &removed, NULL), ORATOR_OK);
    assert_int_equal(removed, 1);
    blobs = other;
}

static void a_file_in_place_of_the_folder_is_a_sentence(void **state)
{
    (void)state;
    struct blobs *b;
    struct orator_error err = {0};
    char path[SCRATCH_SIZE + 16];
    snprintf(path, sizeof(path), "%s/file", folder);
    assert_int_equal(file_write(path, "x", 1, NULL), ORATOR_OK);
    assert_int_equal(blobs_open(&b, path, &err), ORATOR_IO);
    assert_null(b);
    assert_null(strstr(err.text, folder)); /* no paths of the host */
    strcat(path, "/below");
    assert_int_equal(blobs_open(&b, path, &err), ORATOR_IO);
    assert_null(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_put_is_got, begin, end),
        cmocka_unit_test_setup_teardown(a_file_built_in_place_is_synced_and_got, begin, end),
        cmocka_unit_test_setup_teardown(a_note_goes_where_its_file_goes, begin, end),
        cmocka_unit_test_setup_teardown(where_others_work_only_what_is_old_is_swept, begin, end),
        cmocka_unit_test_setup_teardown(no_path_is_smuggled, begin, end),
        cmocka_unit_test_setup_teardown(a_file_in_place_of_the_folder_is_a_sentence, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
