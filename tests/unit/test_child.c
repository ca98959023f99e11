/* Claims about programs that are run and watched. */
#include "claims.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"

struct heard {
    char text[300];
    size_t size, total;
    enum orator_status answer;
};

static enum orator_status hear(void *ctx, const char *data, size_t size, struct orator_error *err)
{
    struct heard *h = ctx;
    size_t n = size < sizeof(h->text) - 1 - h->size ? size : sizeof(h->text) - 1 - h->size;
    memcpy(h->text + h->size, data, n);
    h->size += n;
    h->total += size;
    return h->answer == ORATOR_OK ? ORATOR_OK : orator_fail(err, h->answer, "enough");
}

static struct heard heard;
static struct child_end ending;
static struct orator_error err;

static enum orator_status shell(const char *script, const char *input, int64_t limit_ms,
                                const atomic_int *stop)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const char *const env[] = {"TOLD=yes", NULL};
    enum orator_status answer = heard.answer;
    heard = (struct heard){.answer = answer};
    return child_run(&(struct child_order){.argv = argv,
                                           .env = env,
                                           .input = input,
                                           .input_size = strlen(input),
                                           .limit_ms = limit_ms,
                                           .stop = stop,
                                           .out = hear,
                                           .ctx = &heard},
                     &ending, &err);
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    size_t size = 3 << 20; /* more than any pipe holds */
    char *input = malloc(size + 1);
    memset(input, 'x', size);
    input[size] = '\0';
    assert_int_equal(shell("cat; echo done >&2; exit 3", input, 10000, NULL), ORATOR_OK);
    assert_int_equal(heard.total, size);
    assert_int_equal(ending.exit_code, 3);
    assert_string_equal(ending.complaint, "done\n");
    free(input);
}

static void it_sees_its_own_environment_and_none_of_our_secrets(void **state)
{
    (void)state;
    setenv("ORATOR_SECRET", "s", 1);
    assert_int_equal(
        shell("echo \"$TOLD $ORATOR_SECRET $(ls /proc/self/fd | wc -l)\"", "", 5000, NULL),
        ORATOR_OK);
    assert_string_equal(heard.text, "yes  4\n"); /* the three, and ls's own */
}

static void one_that_does_not_read_is_no_failure(void **state)
{
    (void)state;
    char input[100001];
    memset(input, 'x', sizeof(input) - 1);
    input[sizeof(input) - 1] = '\0';
    assert_int_equal(shell("exec <&-; sleep .1; exit 0", input, 5000, NULL), ORATOR_OK);
    assert_int_equal(ending.exit_code, 0);
}

static void its_last_complaints_are_kept(void **state)
{
    (void)state;
    assert_int_equal(
        shell("i=0; while [ $i -lt 1000 ]; do echo line $i >&2; i=$((i+1)); done", "", 5000, NULL),
        ORATOR_OK);
    assert_int_equal(strlen(ending.complaint), CHILD_COMPLAINT_SIZE - 1);
    assert_non_null(strstr(ending.complaint, "line 999\n"));
}

static int64_t took_ms(const char *script, int64_t limit_ms, const atomic_int *stop,
                       enum orator_status want)
{
    int64_t start_ms = clock_steady_ms();
    assert_int_equal(shell(script, "", limit_ms, stop), want);
    return clock_steady_ms() - start_ms;
}

/* Whoever inherits it may leave its entry in the table of processes for a while. */
static bool is_running(const char *pid)
{
    char path[64], state = 'Z';
    snprintf(path, sizeof(path), "/proc/%d/stat", atoi(pid));
    usleep(20000);
    FILE *f = fopen(path, "r");
    if (f) {
        assert_int_equal(fscanf(f, "%*d %*s %c", &state), 1);
        fclose(f);
    }
    return state != 'Z';
}

static void its_time_ends_it_with_all_it_started(void **state)
{
    (void)state;
    int64_t ms = took_ms("sleep 60 & echo $!; sleep 60", 200, NULL, ORATOR_STAGE_TIMEOUT);
    assert_in_range(ms, 200, 1500);
    assert_int_equal(ending.signal, SIGTERM);
    assert_false(is_running(heard.text));
    /* one that will not listen */
    ms = took_ms("trap '' TERM; while true; do sleep .01; done", 100, NULL, ORATOR_STAGE_TIMEOUT);
    assert_in_range(ms, 2000, 4000);
    assert_int_equal(ending.signal, SIGKILL);
}

static void a_stop_ends_it(void **state)
{
    (void)state;
    atomic_int stop = 1;
    assert_true(took_ms("sleep 60", 60000, &stop, ORATOR_CANCELED) < 1000);
}

static void who_hears_it_may_end_it(void **state)
{
    (void)state;
    heard.answer = ORATOR_FACE_NOT_FOUND;
    assert_true(took_ms("echo a; sleep 60", 60000, NULL, ORATOR_FACE_NOT_FOUND) < 1000);
    heard.answer = ORATOR_OK;
}

static void what_it_leaves_behind_is_not_waited_for(void **state)
{
    (void)state;
    assert_true(took_ms("sleep 60 & echo $!", 60000, NULL, ORATOR_OK) < 1000);
    assert_int_equal(ending.exit_code, 0);
    assert_false(is_running(heard.text));
}

static void one_that_is_not_there_says_so(void **state)
{
    (void)state;
    const char *const argv[] = {"/nowhere/at/all", NULL};
    assert_int_equal(
        child_run(&(struct child_order){.argv = argv, .limit_ms = 1000}, &ending, &err),
        ORATOR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(it_sees_its_own_environment_and_none_of_our_secrets),
        cmocka_unit_test(one_that_does_not_read_is_no_failure),
        cmocka_unit_test(its_last_complaints_are_kept),
        cmocka_unit_test(its_time_ends_it_with_all_it_started),
        cmocka_unit_test(a_stop_ends_it),
        cmocka_unit_test(who_hears_it_may_end_it),
        cmocka_unit_test(what_it_leaves_behind_is_not_waited_for),
        cmocka_unit_test(one_that_is_not_there_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
