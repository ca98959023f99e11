#include "queue_bench.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

#include "server/tasks/intake.h"

enum { MANY = 40 };

/* A list of submits that are all alike. */
static void line_up(struct submit *all, int count)
{
    for (int i = 0; i < count; i++)
        all[i] = (struct submit){.request = request, .next = i + 1 < count ? &all[i + 1] : NULL};
}

static void forget(struct submit *all, int count)
{
    for (int i = 0; i < count; i++)
        task_fini(&all[i].task);
}

static int64_t kept_seq(const char *id)
{
    struct task t = get(id);
    int64_t seq = t.seq;
    task_fini(&t);
    return seq;
}

static void those_of_a_batch_stand_in_line_behind_each_other(void **state)
{
    (void)state;
    struct submit all[MANY];
    line_up(all, MANY);
    submit_all(store, all);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(all[i].status, ORATOR_OK);
        assert_int_equal(all[i].task.position, i);
        assert_int_equal(all[i].task.ledger_entry, i + 1);
        if (i > 0) {
            assert_true(kept_seq(all[i].task.id) > kept_seq(all[i - 1].task.id));
            assert_true(all[i].outlook.eta_ms > all[i - 1].outlook.eta_ms);
        }
    }
    assert_int_equal(sums().micro[LEDGER_RESERVE], MANY * 560000);
    assert_books_balance();
    forget(all, MANY);
}

static void keys_take_turns_within_a_batch_too(void **state)
{
    (void)state;
    static const int order[] = {0, 3, 1, 4, 2}; /* of a a a b b */
    struct submit all[5];
    line_up(all, 5);
    all[3].request.key_id = all[4].request.key_id = "key_b";
    submit_all(store, all);
    assert_int_equal(all[3].outlook.position, 1);
    for (int i = 0; i < 5; i++) {
        char id[TASK_ID_SIZE];
        claim("w", id);
        assert_string_equal(id, all[order[i]].task.id);
    }
    forget(all, 5);
}

static void a_balance_for_two_lets_two_of_three_in(void **state)
{
    (void)state;
    struct submit all[3];
    struct account made, account;
    assert_int_equal(account_create(store, "shop", true, &made, NULL), ORATOR_OK);
    struct ledger_entry money = {
        .key_id = "", .account_id = made.id, .kind = LEDGER_CREDIT, .amount_micro = 2 * 560000 + 1};
    assert_int_equal(ledger_top_up(store, &money, &account, NULL), ORATOR_OK);
    line_up(all, 3);
    for (int i = 0; i < 3; i++)
        all[i].request.account_id = made.id;
    submit_all(store, all);
    assert_int_equal(all[0].status, ORATOR_OK);
    assert_int_equal(all[1].status, ORATOR_OK);
    assert_int_equal(all[2].status, ORATOR_INSUFFICIENT_BALANCE);
    assert_int_equal(account_get(store, made.id, &account, NULL), ORATOR_OK);
    assert_int_equal(account.balance_micro, 1);
    assert_int_equal(account.held_micro, 2 * 560000);
    assert_books_balance();
    forget(all, 3);
}

static void a_key_of_two_parallel_tasks_gets_two_of_three(void **state)
{
    (void)state;
    struct submit all[3];
    struct api_key made, key;
    char secret[KEY_SIZE];
    assert_int_equal(
        key_create(store, &(struct key_terms){.name = "k", .parallel = 2}, &made, secret, NULL),
        ORATOR_OK);
    line_up(all, 3);
    for (int i = 0; i < 3; i++)
        all[i].request.key_id = made.id;
    submit_all(store, all);
    assert_int_equal(all[1].status, ORATOR_OK);
    assert_int_equal(all[2].status, ORATOR_CONCURRENCY_LIMIT);
    assert_int_equal(key_get(store, made.id, &key, NULL), ORATOR_OK);
    assert_int_equal(key.open_tasks, 2);
    assert_int_equal(key.used_micro, 2 * 560000);
    assert_books_balance();
    forget(all, 3);
}

static void a_name_is_taken_within_the_batch_too(void **state)
{
    (void)state;
    struct submit all[2];
    line_up(all, 2);
    all[0].request.external_task_id = all[1].request.external_task_id = "order 7";
    submit_all(store, all);
    assert_int_equal(all[0].status, ORATOR_OK);
    assert_int_equal(all[1].status, ORATOR_EXTERNAL_TASK_ID_EXISTS);
    assert_books_balance();
    forget(all, 2);
}

/* More keys and accounts than a batch remembers at a time. */
static void many_customers_share_a_batch(void **state)
{
    (void)state;
    struct submit all[MANY];
    static char accounts[MANY][ACCOUNT_ID_SIZE], keys[MANY][KEY_ID_SIZE];
    line_up(all, MANY);
    for (int i = 0; i < MANY; i++) {
        struct account account;
        struct api_key key;
        char secret[KEY_SIZE];
        assert_int_equal(account_create(store, "a", false, &account, NULL), ORATOR_OK);
        strcpy(accounts[i], account.id);
        assert_int_equal(
            key_create(store, &(struct key_terms){.account_id = account.id}, &key, secret, NULL),
            ORATOR_OK);
        strcpy(keys[i], key.id);
    }
    for (int i = 0; i < MANY; i++) {
        all[i].request.account_id = accounts[i * 7 % (MANY / 2)];
        all[i].request.key_id = keys[i * 7 % (MANY / 2)];
    }
    submit_all(store, all);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(all[i].status, ORATOR_OK);
    assert_books_balance();
    forget(all, MANY);
}

static void one_that_cannot_be_kept_does_not_take_the_others_with_it(void **state)
{
    (void)state;
    struct submit all[5];
    assert_true(place_sql(
        folder, on_postgres()
                    ? "ALTER TABLE tasks ADD CONSTRAINT poison CHECK (prompt <> 'poison')"
                    : "CREATE TRIGGER poison BEFORE INSERT ON tasks WHEN new.prompt = 'poison'"
                      " BEGIN SELECT RAISE(ABORT, 'poison'); END"));
    line_up(all, 5);
    all[1].request.prompt = all[3].request.prompt = "poison";
    submit_all(store, all);
    for (int i = 0; i < 5; i++)
        assert_int_equal(all[i].status, i % 2 ? ORATOR_IO : ORATOR_OK);
    assert_non_null(strstr(all[1].err.text, "poison"));
    assert_int_equal(sums().micro[LEDGER_RESERVE], 3 * 560000);
    assert_books_balance();
    forget(all, 5);
}

/* --- the intake --- */

static sem_t over;
static void tell(struct submit *x)
{
    (void)x;
    sem_post(&over);
}

static struct intake *intake;
static struct submit crowd[4][MANY];

static void *add_many(void *mine)
{
    struct submit *all = mine;
    for (int i = 0; i < MANY; i++) {
        all[i] = (struct submit){.request = request, .done = tell};
        intake_add(intake, &all[i]);
    }
    return NULL;
}

static void a_crowd_is_taken_in_and_each_is_told(void **state)
{
    (void)state;
    pthread_t threads[4];
    sem_init(&over, 0, 0);
    assert_int_equal(intake_start(&intake, store, NULL), ORATOR_OK);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, add_many, crowd[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 4 * MANY; i++)
        sem_wait(&over);
    intake_stop(&intake);
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < MANY; k++) {
            assert_int_equal(crowd[i][k].status, ORATOR_OK);
            struct task kept = get(crowd[i][k].task.id);
            task_fini(&kept);
        }
        forget(crowd[i], MANY);
    }
    assert_books_balance();
}

static void what_was_added_is_done_before_a_stop(void **state)
{
    (void)state;
    sem_init(&over, 0, 0);
    assert_int_equal(intake_start(&intake, store, NULL), ORATOR_OK);
    add_many(crowd[0]);
    intake_stop(&intake);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(sem_trywait(&over), 0);
    forget(crowd[0], MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(those_of_a_batch_stand_in_line_behind_each_other, begin,
                                        end),
        cmocka_unit_test_setup_teardown(keys_take_turns_within_a_batch_too, begin, end),
        cmocka_unit_test_setup_teardown(a_balance_for_two_lets_two_of_three_in, begin, end),
        cmocka_unit_test_setup_teardown(a_key_of_two_parallel_tasks_gets_two_of_three, begin, end),
        cmocka_unit_test_setup_teardown(a_name_is_taken_within_the_batch_too, begin, end),
        cmocka_unit_test_setup_teardown(many_customers_share_a_batch, begin, end),
        cmocka_unit_test_setup_teardown(one_that_cannot_be_kept_does_not_take_the_others_with_it,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_crowd_is_taken_in_and_each_is_told, begin, end),
        cmocka_unit_test_setup_teardown(what_was_added_is_done_before_a_stop, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
