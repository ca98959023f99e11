#include "queue_bench.h"

#include <stdlib.h>

#include "server/store/queue_table.h"

static struct outlook outlook_of(const char *id)
{
    struct outlook o;
    struct task t = get(id);
    assert_int_equal(queue_outlook(store, &t, &o, NULL), ORATOR_OK);
    task_fini(&t);
    return o;
}

static void cancel(const char *id)
{
    struct task t;
    assert_int_equal(queue_cancel(store, id, NULL, &t, NULL), ORATOR_OK);
    task_fini(&t);
}

static int64_t depth(void)
{
    struct connection *c = NULL;
    int64_t n = -1;
    assert_int_equal(store_read(store, &c, NULL), ORATOR_OK);
    enum orator_status s = queue_depth(c, &n, NULL);
    assert_int_equal(store_end(&c, s, NULL), ORATOR_OK);
    return n;
}

static void the_depth_follows_every_step_of_a_life(void **state)
{
    (void)state;
    char id[4][TASK_ID_SIZE], got[TASK_ID_SIZE];
    struct task t;
    assert_int_equal(depth(), 0);
    for (int i = 0; i < 4; i++)
        submit(id[i]);
    assert_int_equal(depth(), 4);
    claim("w", got);
    assert_int_equal(depth(), 3);
    assert_true(give_up(got, "w", &hiccup)); /* waits again */
    assert_int_equal(depth(), 4);
    cancel(id[3]);
    assert_int_equal(depth(), 3);
    assert_int_equal(queue_delete(store, id[2], NULL, &t, NULL), ORATOR_OK);
    task_fini(&t);
    assert_int_equal(depth(), 2);
    claim("w", got);
    assert_string_equal(got, id[1]);
    assert_true(finish(got, "w"));
    assert_int_equal(depth(), 1);
    assert_books_balance();
}

static void a_deep_queue_is_reckoned_not_counted(void **state)
{
    (void)state;
    enum { MANY = 900 };
    static char id[MANY][TASK_ID_SIZE];
    for (int i = 0; i < MANY; i++)
        submit(id[i]);
    assert_int_equal(outlook_of(id[200]).position, 200);
    assert_int_equal(outlook_of(id[700]).position, 700);
    for (int i = 1; i < MANY; i += 2) /* every other one goes */
        cancel(id[i]);
    assert_int_equal(outlook_of(id[200]).position, 100);
    int64_t position = outlook_of(id[700]).position;
    assert_true(labs((long)(position - 350)) <= 2);
}

static void a_forecast_follows_the_speed_of_late(void **state)
{
    (void)state;
    char id[3][TASK_ID_SIZE], got[TASK_ID_SIZE];
    bool kept;
    struct outlook o;
    for (int i = 0; i < 3; i++)
        submit(id[i]);
    /* nothing is known yet: two seconds for one of ten that were declared */
    assert_int_equal(outlook_of(id[0]).eta_ms, 20000);
    assert_int_equal(outlook_of(id[2]).eta_ms, 60000);
    claim("w", got);
    now_ms += 9960; /* as long as the video is */
    assert_true(finish(got, "w"));
    assert_int_equal(outlook_of(id[1]).eta_ms, 10000);
    assert_int_equal(outlook_of(id[2]).eta_ms, 20000);
    assert_int_equal(outlook_of(id[2]).position, 1);

    claim("w", got); /* one that runs is counted by the clock, then by its frames */
    now_ms += 4000;
    assert_int_equal(outlook_of(id[1]).eta_ms, 6000);
    assert_int_equal(outlook_of(id[1]).position, -1);
    assert_int_equal(outlook_of(id[2]).eta_ms, 16000);
    assert_int_equal(queue_forecast(store, request.model, 5000, &o, NULL), ORATOR_OK);
    assert_int_equal(o.eta_ms, 6000 + 10000 + 5000);
    assert_int_equal(o.position, 1);
    assert_int_equal(queue_beat(store, got, "w", "render", 50, 250, 9950, &kept, NULL), ORATOR_OK);
    assert_int_equal(outlook_of(id[1]).eta_ms, 16000);
    now_ms += 100000; /* slower than ever: never less than nothing */
    assert_true(outlook_of(id[1]).eta_ms > 0);
    assert_true(finish(got, "w"));
    /* 104 s for 9.96 s are 10.44 times real time; a quarter of the way from 1 */
    int64_t eta_ms = outlook_of(id[2]).eta_ms;
    assert_true(eta_ms > 33500 && eta_ms < 33700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_depth_follows_every_step_of_a_life, begin, end),
        cmocka_unit_test_setup_teardown(a_deep_queue_is_reckoned_not_counted, begin, end),
        cmocka_unit_test_setup_teardown(a_forecast_follows_the_speed_of_late, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
