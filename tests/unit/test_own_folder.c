#include "claims.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own_folder.h"
#include "scratch.h"

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

static void put(const struct own_folder *f)
{
    char path[OWN_FOLDER_SIZE + 8];
    snprintf(path, sizeof(path), "%s/file", f->path);
    assert_int_equal(file_write(path, "x", 1, NULL), ORATOR_OK);
}

static void nobody_s_folder_but_one_s_own_is_removed(void **state)
{
    (void)state;
    struct own_folder a, b;
    assert_int_equal(own_folder_open(&a, folder, NULL), ORATOR_OK);
    put(&a);
    assert_int_equal(own_folder_open(&b, folder, NULL), ORATOR_OK);
    put(&b);
    assert_string_not_equal(a.path, b.path);
    own_folder_close(&b);
    assert_int_equal(access(a.path, F_OK), 0);
    own_folder_close(&a);
    own_folder_close(&a);
    assert_int_equal(rmdir(folder), 0); /* nothing is left in it */
    assert_int_equal(own_folder_open(&a, folder, NULL), ORATOR_OK);
    own_folder_close(&a);
}

static void what_a_killed_process_left_is_removed_by_the_next(void **state)
{
    (void)state;
    struct own_folder mine;
    char left[OWN_FOLDER_SIZE] = "";
    int pipe_fds[2], status;
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t child = fork();
    if (child == 0) {
        struct own_folder its;
        if (own_folder_open(&its, folder, NULL) != ORATOR_OK ||
            write(pipe_fds[1], its.path, strlen(its.path) + 1) < 0)
            _exit(1);
        pause();
    }
    assert_true(read(pipe_fds[0], left, sizeof(left)) > 0);
    assert_int_equal(own_folder_open(&mine, folder, NULL), ORATOR_OK);
    assert_int_equal(access(left, F_OK), 0); /* it lives */
    own_folder_close(&mine);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_int_equal(access(left, F_OK), 0);
    assert_int_equal(own_folder_open(&mine, folder, NULL), ORATOR_OK);
    assert_int_not_equal(access(left, F_OK), 0);
    own_folder_close(&mine);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_s_folder_but_one_s_own_is_removed, begin, end),
        cmocka_unit_test_setup_teardown(what_a_killed_process_left_is_removed_by_the_next, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
