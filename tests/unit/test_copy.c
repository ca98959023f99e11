/* A SQLite installation moves to PostgreSQL. Runs under with_postgres alone. */
#include "queue_bench.h"
#include "server/store/copy.h"
#include "server/store/keys.h"
#include "server/store/secrets.h"

static struct store *target;

/* The target's tables live in the schema of another folder. */
static char there[SCRATCH_SIZE];

static int begin_both(void **state)
{
    (void)state;
    struct orator_error err = {0};
    scratch_new(folder);
    scratch_new(there);
    now_ms = 1700000000000;
    if (store_open(&store, folder, &err) != ORATOR_OK ||
        store_open(&target, place(there), &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    store_set_clock(store, clock_of_test);
    store_set_clock(target, clock_of_test);
    return 0;
}

static int end_both(void **state)
{
    (void)state;
    store_close(&store);
    store_close(&target);
    scratch_remove(folder);
    scratch_remove(there);
    return 0;
}

static void every_task_key_and_row_of_the_ledger_arrives(void **state)
{
    (void)state;
    enum { TASKS = 1200 };
    static char ids[TASKS][TASK_ID_SIZE];
    struct copied copied;
    struct orator_error err = {0};
    struct api_key key, same;
    struct task was, is;
    char secret[KEY_SIZE], id[TASK_ID_SIZE];
    unsigned char signs[SECRET_BYTES], signed_before[SECRET_BYTES];
    int64_t rows;
    assert_int_equal(
        key_create(store, &(struct key_terms){.name = "a", .priority = 3}, &key, secret, NULL),
        ORATOR_OK);
    assert_int_equal(secret_get(store, "media", signed_before, NULL), ORATOR_OK);
    for (int i = 0; i < TASKS; i++)
        submit(ids[i]);
    for (int i = 0; i < 30; i++) {
        claim("w", id);
        if (i % 3 == 0)
            assert_true(finish(id, "w"));
        else if (i % 3 == 1)
            assert_true(give_up(id, "w", &bad_face));
    }
    struct task_request r = request;
    r.prompt = "gr\xc3\xbc\xc3\x9f dich";
    r.options =
        (struct task_options){.fps = 30, .face_box = {1, 2, 3.5, 4}, .moves = true, .head = 0.25};
    assert_int_equal(queue_submit(store, &r, &was, NULL), ORATOR_OK);
    strcpy(id, was.id);
    task_fini(&was);

    if (store_copy(store, target, true, &copied, &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(copied.tasks, TASKS + 1);
    assert_int_equal(ledger_verify(target, &rows, NULL), ORATOR_OK);
    assert_int_equal(rows, copied.ledger_rows);
    assert_true(rows > TASKS);
    for (int i = 0; i < TASKS; i++) {
        assert_int_equal(queue_get(store, ids[i], NULL, &was, NULL), ORATOR_OK);
        assert_int_equal(queue_get(target, ids[i], NULL, &is, NULL), ORATOR_OK);
        assert_int_equal(was.state, is.state);
        assert_true(was.seq == is.seq && was.turn == is.turn && was.seed == is.seed);
        assert_int_equal(was.charged_micro, is.charged_micro);
        assert_int_equal(was.failure, is.failure);
        task_fini(&was);
        task_fini(&is);
    }
    assert_int_equal(queue_get(target, id, NULL, &is, NULL), ORATOR_OK);
    assert_string_equal(is.prompt, r.prompt);
    assert_true(is.options.face_box[2] == 3.5 && is.options.head == 0.25);
    task_fini(&is);
    assert_int_equal(key_check(target, secret, &same, NULL), ORATOR_OK);
    assert_string_equal(same.id, key.id);
    assert_int_equal(same.priority, 3);
    assert_int_equal(secret_get(target, "media", signs, NULL), ORATOR_OK);
    assert_memory_equal(signs, signed_before, sizeof(signs));

    /* and life goes on there */
    assert_int_equal(queue_submit(target, &request, &is, NULL), ORATOR_OK);
    task_fini(&is);
    int64_t waiting, summed, last;
    assert_true(place_ask(there, "SELECT max(seq) FROM tasks", &last));
    assert_true(last > TASKS);
    assert_true(place_ask(there, "SELECT count(*) FROM tasks WHERE state = 0", &waiting));
    assert_true(place_ask(there, "SELECT sum(tasks) FROM queue_sums", &summed));
    assert_int_equal(waiting, summed);
}

static void a_store_that_moved_takes_no_more_work(void **state)
{
    (void)state;
    struct copied copied;
    struct orator_error err = {0};
    struct store *again;
    struct task t;
    char id[TASK_ID_SIZE];
    submit(id);
    assert_int_equal(store_copy(store, target, true, &copied, NULL), ORATOR_OK);
    assert_int_equal(queue_submit(store, &request, &t, &err),
                     ORATOR_IO); /* by a server that runs still */
    assert_non_null(strstr(err.text, "moved"));
    assert_int_equal(store_open(&again, folder, &err), ORATOR_IO);
    assert_non_null(strstr(err.text, "moved"));
}

static void a_copy_leaves_the_source_at_work_and_fills_no_database_twice(void **state)
{
    (void)state;
    struct copied copied;
    struct orator_error err = {0};
    char id[TASK_ID_SIZE];
    submit(id);
    assert_int_equal(store_copy(store, target, false, &copied, NULL), ORATOR_OK);
    submit(id);
    assert_int_equal(store_copy(store, target, false, &copied, &err), ORATOR_INVALID_PARAMETER);
    assert_non_null(strstr(err.text, "empty"));
    assert_int_equal(store_copy(target, store, false, &copied, &err), ORATOR_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(claim) cmocka_unit_test_setup_teardown(claim, begin_both, end_both)
        T(every_task_key_and_row_of_the_ledger_arrives),
        T(a_store_that_moved_takes_no_more_work),
        T(a_copy_leaves_the_source_at_work_and_fills_no_database_twice),
    };
    (void)begin, (void)end, (void)beat, (void)get, (void)sums, (void)assert_books_balance,
        (void)hiccup;
    return on_postgres() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
