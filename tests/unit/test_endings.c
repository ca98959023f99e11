#include "queue_bench.h"

#include "server/store/keys.h"

/* A submit with a retention of its own. */
static void submit_for(int64_t retention_ms, char id[TASK_ID_SIZE])
{
    struct task_request r = request;
    struct task t;
    r.retention_ms = retention_ms;
    assert_int_equal(queue_submit(store, &r, &t, NULL), ORATOR_OK);
    strcpy(id, t.id);
    task_fini(&t);
}

static enum orator_status cancel(const char *id, const char *key)
{
    struct task t;
    enum orator_status s = queue_cancel(store, id, key, &t, NULL);
    task_fini(&t);
    return s;
}

static bool expire_one(void)
{
    struct task t;
    bool found;
    assert_int_equal(queue_expire(store, &t, &found, NULL), ORATOR_OK);
    task_fini(&t);
    return found;
}

static void a_cancel_gives_everything_back_once(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], other[TASK_ID_SIZE];
    submit(id);
    assert_int_equal(cancel(id, "key_b"), ORATOR_TASK_NOT_FOUND);
    assert_int_equal(cancel(id, "key_a"), ORATOR_OK);
    assert_int_equal(cancel(id, "key_a"), ORATOR_OK);
    struct task t = get(id);
    assert_int_equal(t.state, TASK_FAILED);
    assert_int_equal(t.failure, ORATOR_CANCELED);
    assert_int_equal(t.billing, BILLING_RELEASED);
    task_fini(&t);
    claim("w", other);
    assert_string_equal(other, "");
    assert_int_equal(sums().micro[LEDGER_RELEASE], 560000);
    assert_books_balance();
}

static void who_works_on_a_canceled_task_loses_it(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    submit(id);
    claim("w", id);
    assert_int_equal(cancel(id, "key_a"), ORATOR_OK);
    assert_false(beat(id, "w"));
    assert_false(finish(id, "w"));
    assert_false(give_up(id, "w", &bad_face));
    assert_int_equal(sums().micro[LEDGER_CHARGE], 0);
    assert_books_balance();
}

static void what_is_over_cannot_be_canceled(void **state)
{
    (void)state;
    char done[TASK_ID_SIZE], bad[TASK_ID_SIZE];
    submit(done);
    claim("w", done);
    assert_true(finish(done, "w"));
    submit(bad);
    claim("w", bad);
    assert_true(give_up(bad, "w", &bad_face));
    assert_int_equal(cancel(done, "key_a"), ORATOR_TASK_NOT_CANCELABLE);
    assert_int_equal(cancel(bad, "key_a"), ORATOR_TASK_NOT_CANCELABLE);
    assert_books_balance();
}

static void what_is_deleted_is_gone_but_for_its_money(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    struct task t;
    submit(id);
    claim("w", id);
    assert_true(finish(id, "w"));
    assert_int_equal(queue_delete(store, id, "key_b", &t, NULL), ORATOR_TASK_NOT_FOUND);
    assert_int_equal(queue_delete(store, id, "key_a", &t, NULL), ORATOR_OK);
    assert_string_equal(t.video_name, "v.mp4"); /* for who removes the files */
    task_fini(&t);
    assert_int_equal(queue_delete(store, id, "key_a", &t, NULL), ORATOR_TASK_NOT_FOUND);
    assert_int_equal(queue_get(store, id, NULL, &t, NULL), ORATOR_TASK_NOT_FOUND);
    assert_int_equal(sums().micro[LEDGER_CHARGE], 557760);
    assert_books_balance();

    submit(id); /* one that runs is canceled first */
    claim("w", id);
    assert_int_equal(queue_delete(store, id, "key_a", &t, NULL), ORATOR_OK);
    task_fini(&t);
    bool kept = true;
    assert_int_equal(queue_beat(store, id, "w", "render", 1, 2, 0, &kept, NULL), ORATOR_OK);
    assert_false(kept);
    assert_books_balance();
}

static void a_video_is_kept_as_long_as_was_agreed(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    submit_for(60000, id);
    now_ms += 30000;
    claim("w", id);
    assert_true(finish(id, "w"));
    now_ms += 59999;
    assert_false(expire_one());
    now_ms += 1;
    assert_true(expire_one());
    assert_false(expire_one());
    struct task t = get(id);
    assert_int_equal(t.state, TASK_FAILED);
    assert_int_equal(t.failure, ORATOR_EXPIRED);
    assert_null(t.video_name);
    assert_null(t.thumbnail_name);
    assert_int_equal(t.billing, BILLING_SETTLED); /* it was made and could be fetched */
    assert_int_equal(t.charged_micro, 557760);
    task_fini(&t);
    int64_t rows;
    assert_int_equal(ledger_verify(store, &rows, NULL), ORATOR_OK);
}

static void a_task_that_waits_too_long_costs_nothing(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    submit_for(60000, id);
    now_ms += 60000;
    assert_true(expire_one());
    struct task t = get(id);
    assert_int_equal(t.failure, ORATOR_EXPIRED);
    assert_int_equal(t.billing, BILLING_RELEASED);
    task_fini(&t);
    assert_int_equal(sums().micro[LEDGER_RELEASE], 560000);
    assert_books_balance();
}

static enum orator_status answer(void *ctx, const struct task *t, const struct outlook *outlook,
                                 const char **text, struct orator_error *err)
{
    (void)err, (void)t, (void)outlook;
    *text = ctx;
    return ORATOR_OK;
}

static void an_answer_is_kept_with_its_submit_for_a_day(void **state)
{
    (void)state;
    char text[] = "the answer", id[TASK_ID_SIZE], *kept;
    bool same;
    struct idempotency i = {"order-1", {1, 2, 3}}, other = {"order-1", {9}};
    struct task_request r = request;
    struct task t;
    r.idempotency = &i;
    r.answer = answer;
    r.ctx = text;
    assert_int_equal(idempotency_find(store, "key_a", &i, &kept, id, &same, NULL), ORATOR_OK);
    assert_null(kept);
    assert_int_equal(queue_submit(store, &r, &t, NULL), ORATOR_OK);
    store_close(&store);
    open_store();
    assert_int_equal(idempotency_find(store, "key_a", &i, &kept, id, &same, NULL), ORATOR_OK);
    assert_true(same);
    assert_string_equal(kept, text);
    assert_string_equal(id, t.id);
    free(kept);
    task_fini(&t);
    assert_int_equal(idempotency_find(store, "key_a", &other, &kept, id, &same, NULL), ORATOR_OK);
    assert_false(same);
    free(kept);
    assert_int_equal(idempotency_find(store, "key_b", &i, &kept, id, &same, NULL), ORATOR_OK);
    assert_null(kept);

    /* the second of two that raced leaves nothing */
    assert_int_equal(queue_submit(store, &r, &t, NULL), ORATOR_IDEMPOTENCY_IN_PROGRESS);
    assert_int_equal(sums().micro[LEDGER_RESERVE], 560000);

    now_ms += IDEMPOTENCY_MS;
    assert_int_equal(idempotency_find(store, "key_a", &i, &kept, id, &same, NULL), ORATOR_OK);
    assert_null(kept);
    assert_int_equal(idempotency_forget_old(store, NULL), ORATOR_OK);
    assert_int_equal(queue_submit(store, &r, &t, NULL), ORATOR_OK);
    task_fini(&t);
    assert_books_balance();
}

static void a_list_is_walked_by_its_last_id(void **state)
{
    (void)state;
    char ids[5][TASK_ID_SIZE], other[TASK_ID_SIZE];
    struct task page[5];
    int count;
    for (int i = 0; i < 5; i++, now_ms += 1000)
        submit(ids[i]);
    claim("w", other);
    struct tasks_filter f = {.key_id = "key_a", .state = -1, .limit = 2};
    assert_int_equal(queue_list(store, &f, NULL, page, &count, NULL), ORATOR_OK);
    assert_int_equal(count, 2);
    assert_string_equal(page[0].id, ids[4]);
    assert_string_equal(page[1].id, ids[3]);
    task_fini(&page[0]), task_fini(&page[1]);
    f.limit = 5;
    assert_int_equal(queue_list(store, &f, ids[3], page, &count, NULL), ORATOR_OK);
    assert_int_equal(count, 3);
    assert_string_equal(page[0].id, ids[2]);
    while (count > 0)
        task_fini(&page[--count]);
    f.oldest_first = true;
    f.state = TASK_QUEUED;
    f.created_from_ms = now_ms - 3000;
    assert_int_equal(queue_list(store, &f, NULL, page, &count, NULL), ORATOR_OK);
    assert_int_equal(count, 3);
    assert_string_equal(page[0].id, ids[2]);
    while (count > 0)
        task_fini(&page[--count]);
    f.model = "another";
    assert_int_equal(queue_list(store, &f, NULL, page, &count, NULL), ORATOR_OK);
    assert_int_equal(count, 0);
    f.key_id = "key_b";
    assert_int_equal(queue_list(store, &f, ids[3], page, &count, NULL), ORATOR_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cancel_gives_everything_back_once, begin, end),
        cmocka_unit_test_setup_teardown(who_works_on_a_canceled_task_loses_it, begin, end),
        cmocka_unit_test_setup_teardown(what_is_over_cannot_be_canceled, begin, end),
        cmocka_unit_test_setup_teardown(what_is_deleted_is_gone_but_for_its_money, begin, end),
        cmocka_unit_test_setup_teardown(a_video_is_kept_as_long_as_was_agreed, begin, end),
        cmocka_unit_test_setup_teardown(a_task_that_waits_too_long_costs_nothing, begin, end),
        cmocka_unit_test_setup_teardown(an_answer_is_kept_with_its_submit_for_a_day, begin, end),
        cmocka_unit_test_setup_teardown(a_list_is_walked_by_its_last_id, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
