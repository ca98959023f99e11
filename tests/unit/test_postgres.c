/* What only a database beside the program can do to it. Runs under with_postgres alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "place.h"
#include "scratch.h"
#include "server/store/keys.h"
#include "server/store/ledger.h"
#include "server/store/tasks_table.h"
#include "server/tasks/queue.h"

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

static struct store *open_store(void)
{
    struct store *s;
    struct orator_error err = {0};
    if (store_open(&s, place(folder), &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    return s;
}

static void cut_all_connections(void)
{
    assert_true(place_sql(folder,
                          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                          " WHERE pid <> pg_backend_pid() AND application_name = 'orator'"));
}

static enum orator_status reserve(struct connection *c, const char *task_id)
{
    struct ledger_entry e = {.task_id = task_id, .key_id = "key_a", .amount_micro = 5, .at_ms = 6};
    return ledger_add(c, &e, NULL, NULL);
}

static void servers_that_start_at_once_make_one_schema(void **state)
{
    (void)state;
    enum { SERVERS = 6 };
    const char *where = place(folder);
    pid_t child[SERVERS];
    for (int i = 0; i < SERVERS; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            struct store *s;
            _exit(store_open(&s, where, NULL) == ORATOR_OK ? 0 : 1);
        }
    }
    for (int i = 0; i < SERVERS; i++) {
        int status = -1;
        assert_int_equal(waitpid(child[i], &status, 0), child[i]);
        assert_int_equal(status, 0);
    }
    int64_t versions;
    assert_true(place_ask(folder, "SELECT count(*) - max(version) FROM orator_schema", &versions));
    assert_int_equal(versions, 0);
}

static void connections_that_were_cut_are_made_again(void **state)
{
    (void)state;
    struct store *s = open_store();
    for (int i = 0; i < 3; i++) {
        struct connection *c = NULL;
        char id[32];
        int64_t rows;
        snprintf(id, sizeof(id), "task_%d", i);
        assert_int_equal(store_write(s, &c, NULL), ORATOR_OK);
        assert_int_equal(store_end(&c, reserve(c, id), NULL), ORATOR_OK);
        assert_int_equal(ledger_verify_chains(s, &rows, NULL), ORATOR_OK);
        assert_int_equal(rows, i + 1);
        cut_all_connections();
    }
    store_close(&s);
}

static void a_transaction_that_is_cut_off_leaves_nothing_and_may_be_tried_again(void **state)
{
    (void)state;
    struct connection *c = NULL;
    struct orator_error err = {0};
    int64_t rows;
    struct store *s = open_store();
    assert_int_equal(store_write(s, &c, NULL), ORATOR_OK);
    assert_int_equal(reserve(c, "task_1"), ORATOR_OK);
    cut_all_connections();
    enum orator_status cut = store_end(&c, ORATOR_OK, &err);
    assert_int_equal(cut, ORATOR_IO);
    assert_true(orator_status_retryable(cut));
    assert_non_null(strstr(err.text, "database: "));
    assert_int_equal(ledger_verify_chains(s, &rows, NULL), ORATOR_OK);
    assert_int_equal(rows, 0);
    assert_int_equal(store_write(s, &c, NULL), ORATOR_OK);
    assert_int_equal(store_end(&c, reserve(c, "task_1"), NULL), ORATOR_OK);
    store_close(&s);
}

static void text_that_is_not_utf8_is_kept_as_far_as_it_is(void **state)
{
    (void)state;
    struct api_key key;
    char secret[KEY_SIZE], id[KEY_ID_SIZE];
    struct store *s = open_store();
    assert_int_equal(
        key_create(s, &(struct key_terms){.name = "caf\xc3\xa9 cut \xe2\x82"}, &key, secret, NULL),
        ORATOR_OK);
    assert_int_equal(key_get(s, strcpy(id, key.id), &key, NULL), ORATOR_OK);
    assert_string_equal(key.name, "caf\xc3\xa9 cut ??");
    store_close(&s);
}

static void count_call(void *calls) { ++*(atomic_int *)calls; }

static void one_process_hears_what_another_announces(void **state)
{
    (void)state;
    atomic_int calls = 0, own = 0;
    struct store *here = open_store(), *there = open_store();
    store_listen(here, count_call, &calls);
    store_listen(there, count_call, &own);
    for (int i = 0; i < 100 && calls == 0; i++) {
        store_announce(there);
        usleep(50000);
    }
    assert_true(calls > 0);
    assert_int_equal(own, 0); /* who announces knows already */
    store_listen(here, NULL, NULL);
    store_listen(there, NULL, NULL);
    store_close(&here);
    store_close(&there);
}

static void the_time_is_the_databases(void **state)
{
    (void)state;
    struct store *s = open_store();
    int64_t apart_ms = store_now_ms(s) - clock_wall_ms();
    assert_in_range(apart_ms + 2000, 0, 4000);
    store_close(&s);
}

static void claims_do_not_wait_for_each_other(void **state)
{
    (void)state;
    const struct task_request r = {.key_id = "key_a",
                                   .model = "kling-avatar-v2-standard",
                                   .image_url = "https://example.com/a.png",
                                   .audio_url = "https://example.com/a.mp3",
                                   .declared_ms = 1000};
    struct store *s = open_store();
    struct connection *c = NULL;
    struct task t, first, second;
    bool found;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(queue_submit(s, &r, &t, NULL), ORATOR_OK);
        task_fini(&t);
    }
    assert_int_equal(store_write(s, &c, NULL), ORATOR_OK);
    assert_int_equal(tasks_next(c, store_now_ms(s), INT64_MAX, &first, &found, NULL), ORATOR_OK);
    assert_true(found);
    assert_int_equal(queue_claim(s, "w", &second, &found, NULL),
                     ORATOR_OK); /* while that one is open */
    assert_true(found && second.seq == first.seq + 1);
    assert_int_equal(store_end(&c, ORATOR_OK, NULL), ORATOR_OK);
    task_fini(&first);
    task_fini(&second);
    store_close(&s);
}

static void a_database_that_is_not_there_is_a_sentence(void **state)
{
    (void)state;
    struct store *s;
    struct orator_error err = {0};
    assert_int_equal(store_open(&s, "postgresql://me:hidden@/none?host=/nowhere", &err), ORATOR_IO);
    assert_null(s);
    assert_non_null(strstr(err.text, "cannot connect"));
    assert_null(strstr(err.text, "hidden"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(claim) cmocka_unit_test_setup_teardown(claim, begin, end)
        T(servers_that_start_at_once_make_one_schema),
        T(connections_that_were_cut_are_made_again),
        T(a_transaction_that_is_cut_off_leaves_nothing_and_may_be_tried_again),
        T(text_that_is_not_utf8_is_kept_as_far_as_it_is),
        T(one_process_hears_what_another_announces),
        T(the_time_is_the_databases),
        T(claims_do_not_wait_for_each_other),
        T(a_database_that_is_not_there_is_a_sentence),
    };
    return on_postgres() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
