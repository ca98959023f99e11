#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>

#include "scratch.h"
#include "server/maker/maker.h"

static char folder[SCRATCH_SIZE];

static int begin(void **state)
{
    (void)state;
    scratch_new(folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static enum orator_status go_on(void *ctx, const struct maker_progress *p, struct orator_error *err)
{
    (void)p, (void)err;
    ++*(int *)ctx;
    return ORATOR_OK;
}

static enum orator_status stop_here(void *ctx, const struct maker_progress *p,
                                    struct orator_error *err)
{
    (void)ctx, (void)p;
    return orator_fail(err, ORATOR_CANCELED, "stop");
}

static void none_gives_everybody_the_same_whole_video(void **state)
{
    (void)state;
    struct maker_none *none;
    struct maker_result result;
    struct bytes first, second;
    struct task task = {.model = NULL};
    char path[SCRATCH_SIZE + 16];
    int calls = 0;
    atomic_int stop = 0;
    assert_int_equal(maker_none_open(&none, folder, NULL), ORATOR_OK);
    struct maker m = maker_none(none);
    assert_false(m.needs_inputs);
    struct maker_job job = {
        .task = &task, .video_path = path, .progress = go_on, .ctx = &calls, .stop = &stop};
    snprintf(path, sizeof(path), "%s/a.mp4", folder);
    assert_int_equal(m.make(m.self, &job, &result, NULL), ORATOR_OK);
    assert_int_equal(file_read(&first, path, 1 << 20, NULL), ORATOR_OK);
    snprintf(path, sizeof(path), "%s/b.mp4", folder);
    assert_int_equal(m.make(m.self, &job, &result, NULL), ORATOR_OK);
    assert_int_equal(file_read(&second, path, 1 << 20, NULL), ORATOR_OK);
    assert_true(first.size > 500);
    assert_memory_equal(first.data + 4, "ftyp", 4);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    assert_int_equal(result.size_bytes, first.size);
    assert_int_equal(result.duration_us, 1000000);
    assert_true(calls >= 2);
    bytes_fini(&first);
    bytes_fini(&second);
    maker_none_free(&none);
    assert_null(none);
}

static void none_stops_when_told(void **state)
{
    (void)state;
    struct maker_none *none;
    struct maker_result result;
    struct stat st;
    struct task task = {.model = NULL};
    char path[SCRATCH_SIZE + 16];
    assert_int_equal(maker_none_open(&none, folder, NULL), ORATOR_OK);
    struct maker m = maker_none(none);
    snprintf(path, sizeof(path), "%s/a.mp4", folder);
    assert_int_equal(
        m.make(m.self,
               &(struct maker_job){.task = &task, .video_path = path, .progress = stop_here},
               &result, NULL),
        ORATOR_CANCELED);
    assert_int_not_equal(stat(path, &st), 0);
    maker_none_free(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(none_gives_everybody_the_same_whole_video, begin, end),
        cmocka_unit_test_setup_teardown(none_stops_when_told, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
