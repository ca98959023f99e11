/* Claims about webhooks: signatures, the schedule, and deliveries that share a task's transactions. */
#include "claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "place.h"
#include "scratch.h"
#include "server/store/connection.h"
#include "server/store/webhooks_table.h"
#include "server/tasks/queue.h"
#include "server/webhooks/endpoints.h"
#include "server/webhooks/schedule.h"
#include "server/webhooks/signature.h"

static struct orator_error err;

static void the_published_vector_is_signed_as_published(void **state)
{
    (void)state;
    static const char body[] = "{\"id\":\"1234567890\",\"status\":\"succeeded\",\"message\":\"\","
                               "\"create_time\":1781080778802,\"update_time\":1781080794151}";
    char out[WEBHOOK_SIGNATURE_SIZE];
    assert_int_equal(webhook_sign(out, "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=",
                                  "9876543210", 1781080794, body, strlen(body), &err),
                     ORATOR_OK);
    assert_string_equal(out, "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=");
}

static void what_is_no_secret_signs_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "whsec_",
        "dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=",
        "whsec_dGVzdA==",                                    /* 4 bytes */
        "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI", /* no padding */
        "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0M*I=",
        "whsec_"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AA"
        "AAAA",
    };
    char out[WEBHOOK_SIGNATURE_SIZE];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (webhook_sign(out, rows[i], "a", 1, "b", 1, &err) != ORATOR_INVALID_PARAMETER)
            fail_msg("row %zu", i);
}

static void a_new_secret_signs_and_is_new(void **state)
{
    (void)state;
    char a[WEBHOOK_SECRET_SIZE], b[WEBHOOK_SECRET_SIZE], out[WEBHOOK_SIGNATURE_SIZE];
    webhook_secret_new(a);
    webhook_secret_new(b);
    assert_string_not_equal(a, b);
    assert_int_equal(strlen(a), 6 + 44);
    assert_int_equal(webhook_sign(out, a, "a", 1, "b", 1, &err), ORATOR_OK);
    assert_int_equal(strlen(out), 3 + 44);
}

static void retries_come_as_the_standard_recommends_and_end(void **state)
{
    (void)state;
    static const int64_t seconds[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
    for (int i = 0; i < 9; i++) {
        assert_int_equal(webhook_retry_ms(i + 1, 0), seconds[i] * 1000);
        int64_t late = webhook_retry_ms(i + 1, 0.999f);
        assert_true(late > seconds[i] * 1000 && late < seconds[i] * 1100 + 1);
    }
    assert_int_equal(webhook_retry_ms(10, 0), -1);
    assert_int_equal(webhook_retry_ms(-1, 0), -1);
}

/* --- deliveries in the store --- */

static char folder[] = "/tmp/test_webhooks.XXXXXX";
static struct store *store;
static int64_t now_ms = 1000000;
static int64_t read_clock(void) { return now_ms; }

static int open_store(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(store_open(&store, place(folder), &err), ORATOR_OK);
    store_set_clock(store, read_clock);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    store_close(&store);
    scratch_remove(folder);
    return 0;
}

static void submit(struct task *out, const struct webhook_callback *callback)
{
    assert_int_equal(queue_submit(store,
                                  &(struct task_request){.key_id = "key_a",
                                                         .model = "kling-avatar-v2-standard",
                                                         .image_url = "https://a.example/a.png",
                                                         .audio_url = "https://a.example/a.mp3",
                                                         .declared_ms = 5000,
                                                         .price_micro_per_s = 1,
                                                         .callback = callback},
                                  out, &err),
                     ORATOR_OK);
}

static void count(void *ctx, const struct delivery_log *log)
{
    (void)log;
    ++*(int *)ctx;
}

static int deliveries_of(const char *task_id, int state)
{
    int n = 0;
    bool more;
    assert_int_equal(delivery_list(store,
                                   &(struct delivery_filter){.account_id = "acct_default",
                                                             .task_id = task_id,
                                                             .state = state},
                                   NULL, 100, count, &n, &more, &err),
                     ORATOR_OK);
    assert_false(more);
    return n;
}

static void a_finished_task_tells_its_callback_and_the_endpoints_that_asked(void **state)
{
    (void)state;
    struct webhook_endpoint asked, silent, own;
    struct endpoint_request r = {"acct_default", "https://a.example/hook", " video.completed ", "",
                                 ""};
    assert_int_equal(endpoint_create(store, &r, &asked, &err), ORATOR_OK);
    r.events = " video.failed ";
    assert_int_equal(endpoint_create(store, &r, &silent, &err), ORATOR_OK);
    assert_int_equal(endpoint_get(store, "acct_default", "default", &own, &err), ORATOR_OK);

    struct task t, claimed;
    bool kept, found;
    submit(&t, &(struct webhook_callback){"https://a.example/cb", " video.completed video.failed ",
                                          "https://us.example", "job"});
    assert_int_equal(deliveries_of(t.id, -1), 0);
    assert_int_equal(queue_claim(store, "w", &claimed, &found, &err), ORATOR_OK);
    /* nobody who lost the lease makes a delivery */
    const struct task_outcome o = {.video_name = "a.mp4", .duration_ms = 5000, .fps = 25};
    assert_int_equal(queue_finish(store, t.id, "another", &o, &kept, &err), ORATOR_OK);
    assert_int_equal(deliveries_of(t.id, -1), 0);
    assert_int_equal(queue_finish(store, t.id, "w", &o, &kept, &err), ORATOR_OK);
    assert_true(kept);
    assert_int_equal(deliveries_of(t.id, DELIVERY_WAITING), 2); /* the callback and `asked` */
    assert_int_equal(queue_finish(store, t.id, "w", &o, &kept, &err), ORATOR_OK);
    assert_int_equal(deliveries_of(t.id, -1), 2);

    assert_int_equal(endpoint_delete(store, "acct_default", asked.id, &err), ORATOR_OK);
    assert_int_equal(deliveries_of(t.id, -1), 1);
    assert_int_equal(endpoint_delete(store, "acct_default", asked.id, &err), ORATOR_NOT_FOUND);
    assert_int_equal(endpoint_delete(store, "acct_b", silent.id, &err), ORATOR_NOT_FOUND);
    assert_int_equal(endpoint_delete(store, "acct_default", silent.id, &err), ORATOR_OK);
    webhook_endpoint_fini(&asked);
    webhook_endpoint_fini(&silent);
    webhook_endpoint_fini(&own);
    task_fini(&claimed);
    task_fini(&t);
}

/* The delivery that is due at the store's time; "" if none is. Then it is planned for `next_ms`, after `attempt` tries. */
static void take_due(char id[WEBHOOK_ID_SIZE], int attempt, int64_t next_ms)
{
    struct connection *c = NULL;
    struct webhook_delivery d = {0};
    bool found;
    assert_int_equal(store_write(store, &c, &err), ORATOR_OK);
    assert_int_equal(deliveries_due(c, now_ms, &d, &found, &err), ORATOR_OK);
    snprintf(id, WEBHOOK_ID_SIZE, "%s", found ? d.id : "");
    d.attempt = attempt;
    d.next_ms = next_ms;
    if (found)
        assert_int_equal(deliveries_update(c, &d, &err), ORATOR_OK);
    assert_int_equal(store_end(&c, ORATOR_OK, &err), ORATOR_OK);
    webhook_delivery_fini(&d);
}

static void a_clock_that_is_set_back_holds_no_delivery_up(void **state)
{
    enum { HOUR = 3600000 };
    char first[WEBHOOK_ID_SIZE], due[WEBHOOK_ID_SIZE];
    struct connection *c = NULL;
    struct task t, claimed;
    bool kept, found;
    (void)state;
    do /* the other tests' */
        take_due(due, 9, now_ms + 20 * HOUR);
    while (due[0]);
    submit(&t, &(struct webhook_callback){"https://a.example/cb", " video.completed ",
                                          "https://us.example", "job"});
    assert_int_equal(queue_claim(store, "w", &claimed, &found, &err), ORATOR_OK);
    const struct task_outcome o = {.video_name = "b.mp4", .duration_ms = 5000, .fps = 25};
    assert_int_equal(queue_finish(store, t.id, "w", &o, &kept, &err), ORATOR_OK);
    for (int tried = 0; tried < 2; tried++) {
        take_due(first, tried, now_ms + HOUR);
        assert_string_not_equal(first, "");
        assert_int_equal(store_write(store, &c, &err), ORATOR_OK);
        assert_int_equal(deliveries_hasten(c, now_ms, now_ms + 50000, now_ms + 25 * HOUR, &err),
                         ORATOR_OK);
        assert_int_equal(store_end(&c, ORATOR_OK, &err), ORATOR_OK);
        take_due(due, tried, now_ms);
        assert_string_equal(due, tried ? "" : first); /* the wait after a try is as planned */
    }
    task_fini(&claimed);
    task_fini(&t);
}

static void a_callback_hears_only_what_it_asked_for(void **state)
{
    (void)state;
    struct task t, claimed;
    bool kept, found;
    submit(&t, &(struct webhook_callback){"https://a.example/cb", " video.completed ", "", "job"});
    assert_int_equal(queue_claim(store, "w", &claimed, &found, &err), ORATOR_OK);
    struct orator_error why = {.status = ORATOR_FACE_NOT_FOUND};
    assert_int_equal(queue_fail(store, t.id, "w", &why, &kept, &err), ORATOR_OK);
    assert_int_equal(deliveries_of(t.id, -1), 0);
    task_fini(&claimed);
    task_fini(&t);
}

static void a_replaced_secret_signs_beside_the_new_one_for_a_day(void **state)
{
    (void)state;
    struct webhook_endpoint e, rotated;
    char secrets[2][WEBHOOK_KEY_SIZE];
    int n;
    struct endpoint_request r = {"acct_default", "https://a.example/hook", " video.failed ", "",
                                 ""};
    assert_int_equal(endpoint_create(store, &r, &e, &err), ORATOR_OK);
    assert_int_equal(webhook_secrets(store, "acct_default", e.id, secrets, &n, &err), ORATOR_OK);
    assert_int_equal(n, 1);
    assert_int_equal(endpoint_rotate(store, "acct_default", e.id, &rotated, &err), ORATOR_OK);
    assert_int_equal(webhook_secrets(store, "acct_default", e.id, secrets, &n, &err), ORATOR_OK);
    assert_int_equal(n, 2);
    assert_string_equal(secrets[0], rotated.secret);
    assert_string_equal(secrets[1], e.secret);
    now_ms += WEBHOOK_OLD_MS;
    assert_int_equal(webhook_secrets(store, "acct_default", e.id, secrets, &n, &err), ORATOR_OK);
    assert_int_equal(n, 1);
    webhook_endpoint_fini(&e);
    webhook_endpoint_fini(&rotated);
}

static void an_account_has_a_bounded_number_of_endpoints(void **state)
{
    (void)state;
    struct endpoint_request r = {"acct_many", "https://a.example/hook", " video.failed ", "", ""};
    for (int i = 0; i <= WEBHOOK_ENDPOINTS_MAX; i++) {
        struct webhook_endpoint e;
        assert_int_equal(endpoint_create(store, &r, &e, &err),
                         i < WEBHOOK_ENDPOINTS_MAX ? ORATOR_OK : ORATOR_INVALID_PARAMETER);
        webhook_endpoint_fini(&e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vector_is_signed_as_published),
        cmocka_unit_test(what_is_no_secret_signs_nothing),
        cmocka_unit_test(a_new_secret_signs_and_is_new),
        cmocka_unit_test(retries_come_as_the_standard_recommends_and_end),
        cmocka_unit_test(a_finished_task_tells_its_callback_and_the_endpoints_that_asked),
        cmocka_unit_test(a_clock_that_is_set_back_holds_no_delivery_up),
        cmocka_unit_test(a_callback_hears_only_what_it_asked_for),
        cmocka_unit_test(a_replaced_secret_signs_beside_the_new_one_for_a_day),
        cmocka_unit_test(an_account_has_a_bounded_number_of_endpoints),
    };
    return cmocka_run_group_tests(tests, open_store, close_store);
}
