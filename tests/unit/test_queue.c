#include <pthread.h>

#include "queue_bench.h"

static void a_submit_is_kept_as_asked(void **state)
{
    (void)state;
    struct task_request r = request;
    struct task t;
    char id[TASK_ID_SIZE];
    r.prompt = "friendly";
    r.options = (struct task_options){.resolution = "1080p",
                                      .fps = 30,
                                      .aspect_ratio = "9:16",
                                      .face_box = {-3.5, 2, 100, 120.25},
                                      .moves = true,
                                      .head = 0.6,
                                      .expression = 0,
                                      .blink = true,
                                      .label = true};
    r.external_task_id = "order-42";
    r.metadata = "{\"k\":\"v\"}";
    assert_int_equal(queue_submit(store, &r, &t, NULL), ORATOR_OK);
    strcpy(id, t.id);
    task_fini(&t);
    store_close(&store);
    open_store();

    t = get(id);
    assert_memory_equal(id, "task_", 5);
    assert_int_equal(strspn(id + 5, "0123456789abcdefghijklmnopqrstuvwxyz"), 20);
    assert_int_equal(strlen(id), 25);
    assert_int_equal(t.state, TASK_QUEUED);
    assert_string_equal(t.key_id, request.key_id);
    assert_string_equal(t.model, request.model);
    assert_string_equal(t.image_url, request.image_url);
    assert_string_equal(t.audio_url, request.audio_url);
    assert_string_equal(t.prompt, "friendly");
    assert_true(t.seed == request.seed);
    assert_int_equal(t.declared_ms, 10000);
    assert_int_equal(t.created_ms, now_ms);
    assert_int_equal(t.reserved_micro, 560000);
    assert_int_equal(t.attempt, 0);
    assert_string_equal(t.options.resolution, "1080p");
    assert_int_equal(t.options.fps, 30);
    assert_string_equal(t.options.aspect_ratio, "9:16");
    assert_true(t.options.face_box[0] == -3.5 && t.options.face_box[3] == 120.25);
    assert_true(t.options.moves && t.options.head == 0.6 && t.options.expression == 0);
    assert_true(t.options.blink && t.options.label);
    assert_string_equal(t.external_task_id, "order-42");
    assert_string_equal(t.metadata, "{\"k\":\"v\"}");
    task_fini(&t);

    submit(id); /* asks for nothing */
    t = get(id);
    assert_true(!t.options.resolution[0] && !t.options.fps && !t.options.aspect_ratio[0]);
    assert_true(t.options.face_box[2] == 0 && !t.options.moves && !t.options.label);
    assert_null(t.external_task_id);
    assert_null(t.metadata);
    task_fini(&t);
}

static void an_external_id_is_used_once_by_each_key(void **state)
{
    (void)state;
    struct task_request r = request;
    struct task t;
    struct orator_error err = {0};
    char id[TASK_ID_SIZE];
    r.external_task_id = "order-42";
    assert_int_equal(queue_submit(store, &r, &t, &err), ORATOR_OK);
    strcpy(id, t.id);
    task_fini(&t);
    assert_int_equal(queue_submit(store, &r, &t, &err), ORATOR_EXTERNAL_TASK_ID_EXISTS);
    assert_string_equal(err.param, "external_task_id");
    assert_non_null(strstr(err.text, id)); /* whoever lost the first answer finds the task again */
    assert_true(sums().micro[LEDGER_RESERVE] == 560000);
    r.external_task_id = "order-43";
    assert_int_equal(queue_submit(store, &r, &t, &err), ORATOR_OK);
    task_fini(&t);
    r.external_task_id = "order-42";
    r.key_id = "key_b";
    assert_int_equal(queue_submit(store, &r, &t, &err), ORATOR_OK);
    task_fini(&t);
    assert_books_balance();
}

static void only_the_owner_sees_a_task(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    struct task t;
    submit(id);
    assert_int_equal(queue_get(store, id, "key_a", &t, NULL), ORATOR_OK);
    task_fini(&t);
    assert_int_equal(queue_get(store, id, "key_b", &t, NULL), ORATOR_TASK_NOT_FOUND);
    assert_int_equal(queue_get(store, "task_none", NULL, &t, NULL), ORATOR_TASK_NOT_FOUND);
}

static void money_is_rounded_half_up_and_never_overflows(void **state)
{
    (void)state;
    static const struct {
        int64_t ms, price, micro; /* -1: refused */
    } cases[] = {
        {0, 56000, 0},
        {1, 56000, 56},
        {1, 499, 0},
        {1, 500, 1},
        {1, 1499, 1},
        {1, 1500, 2},
        {300000, 112000, 33600000},
        {12345, 56000, 691320},
        {1000, INT64_MAX / 1000, INT64_MAX / 1000},
        {INT64_MAX, 2, -1},
        {-1, 56000, -1},
        {5, -1, -1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct task_request r = request;
        struct task t;
        r.declared_ms = cases[i].ms;
        r.price_micro_per_s = cases[i].price;
        enum orator_status s = queue_submit(store, &r, &t, NULL);
        assert_int_equal(s, cases[i].micro < 0 ? ORATOR_INVALID_PARAMETER : ORATOR_OK);
        if (s == ORATOR_OK)
            assert_int_equal(t.reserved_micro, cases[i].micro);
        task_fini(&t);
    }
}

static void tasks_are_claimed_in_the_order_of_their_submits(void **state)
{
    (void)state;
    char id[3][TASK_ID_SIZE], got[TASK_ID_SIZE];
    struct outlook outlook;
    for (int i = 0; i < 3; i++)
        submit(id[i]);
    struct task t = get(id[2]);
    assert_int_equal(queue_outlook(store, &t, &outlook, NULL), ORATOR_OK);
    assert_int_equal(outlook.position, 2);
    for (int i = 0; i < 3; i++) {
        claim("w", got);
        assert_string_equal(got, id[i]);
    }
    assert_int_equal(queue_outlook(store, &t, &outlook, NULL), ORATOR_OK);
    assert_int_equal(outlook.position, 0);
    task_fini(&t);
    claim("w", got);
    assert_string_equal(got, "");
}

/* Another time at every look, so that no two threads agree on it. */
static int64_t clock_that_runs(void) { return atomic_fetch_add(&now_ms, 7); }

enum { CLAIMERS = 16, CLAIMS = 160 };
static atomic_int claimed, strangers;

static void *claim_all(void *name)
{
    struct task t;
    bool found = true;
    while (found && queue_claim(store, name, &t, &found, NULL) == ORATOR_OK) {
        bool kept = false;
        if (found) {
            claimed++;
            if (queue_finish(store, t.id, name, &outcome, &kept, NULL) != ORATOR_OK || !kept)
                strangers++;
        }
        task_fini(&t);
    }
    return NULL;
}

static void a_claim_is_exclusive(void **state)
{
    (void)state;
    pthread_t threads[CLAIMERS];
    char names[CLAIMERS][8], id[TASK_ID_SIZE];
    for (int i = 0; i < CLAIMS; i++)
        submit(id);
    store_set_clock(store, clock_that_runs);
    for (int i = 0; i < CLAIMERS; i++) {
        snprintf(names[i], sizeof(names[i]), "w%d", i);
        assert_int_equal(pthread_create(&threads[i], NULL, claim_all, names[i]), 0);
    }
    for (int i = 0; i < CLAIMERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(claimed, CLAIMS);
    assert_int_equal(strangers, 0);
    assert_books_balance();
}

static void a_lost_lease_is_claimed_again(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], got[TASK_ID_SIZE];
    submit(id);
    claim("first", got);
    now_ms += TASK_LEASE_MS - 1;
    claim("second", got);
    assert_string_equal(got, ""); /* still held */
    assert_true(beat(id, "first"));
    now_ms += TASK_LEASE_MS - 1;
    claim("second", got);
    assert_string_equal(got, ""); /* the beat counted */
    now_ms += 1;
    claim("second", got);
    assert_string_equal(got, id);

    assert_false(beat(id, "first"));
    assert_false(finish(id, "first"));
    assert_false(give_up(id, "first", &bad_face));
    assert_int_equal(queue_hand_back(store, id, "first", NULL), ORATOR_OK);
    struct task t = get(id);
    assert_int_equal(t.state, TASK_PROCESSING);
    assert_string_equal(t.worker, "second");
    assert_int_equal(t.attempt, 2);
    task_fini(&t);
    assert_true(finish(id, "second"));
}

static void a_lease_without_a_rival_is_still_held(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    submit(id);
    claim("w", id);
    now_ms += 10 * TASK_LEASE_MS;
    assert_true(beat(id, "w"));
    assert_true(finish(id, "w"));
}

static void a_clock_set_back_frees_what_was_leased(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], got[TASK_ID_SIZE];
    submit(id);
    claim("first", got);
    now_ms -= 3600 * 1000;
    claim("second", got);
    assert_string_equal(got, id);
}

static void a_beat_shows_how_far_it_is(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    submit(id);
    claim("w", id);
    struct task t = get(id);
    assert_string_equal(t.stage, "fetch");
    assert_int_equal(t.attempt, 1);
    task_fini(&t);
    assert_true(beat(id, "w"));
    t = get(id);
    assert_string_equal(t.stage, "render");
    assert_int_equal(t.frames_done, 5);
    assert_int_equal(t.frames_total, 250);
    assert_int_equal(t.measured_ms, 9950);
    task_fini(&t);
}

static void a_finish_charges_once(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    submit(id);
    claim("w", id);
    assert_true(finish(id, "w"));
    assert_false(finish(id, "w"));
    assert_false(give_up(id, "w", &bad_face));
    struct task t = get(id);
    assert_int_equal(t.state, TASK_COMPLETED);
    assert_int_equal(t.charged_micro, 557760); /* 9.96 s x 0.056 */
    assert_string_equal(t.video_name, "v.mp4");
    assert_string_equal(t.thumbnail_name, "t.jpg");
    assert_string_equal(t.sha256, "ab12");
    assert_string_equal(t.quality, "{}");
    assert_int_equal(t.duration_ms, 9960);
    assert_int_equal(t.size_bytes, 1234);
    assert_int_equal(t.width_px, 720);
    assert_int_equal(t.height_px, 1280);
    assert_int_equal(t.fps, 25);
    assert_int_equal(t.completed_ms, now_ms);
    task_fini(&t);
    assert_int_equal(sums().micro[LEDGER_CHARGE], 557760);
    assert_books_balance();
}

static void a_charge_stays_within_the_reserve(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    bool kept;
    struct task_outcome longer = outcome;
    longer.duration_ms = 10040; /* the last frame outlasts the voice */
    submit(id);
    claim("w", id);
    assert_int_equal(queue_finish(store, id, "w", &longer, &kept, NULL), ORATOR_OK);
    assert_int_equal(sums().micro[LEDGER_CHARGE], 560000);
    assert_int_equal(sums().micro[LEDGER_RELEASE], 0);
    assert_books_balance();
}

static void a_failure_of_the_request_is_final_and_free(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], got[TASK_ID_SIZE];
    submit(id);
    claim("w", id);
    assert_true(beat(id, "w"));
    assert_true(give_up(id, "w", &bad_face));
    struct task t = get(id);
    assert_int_equal(t.state, TASK_FAILED);
    assert_int_equal(t.failure, ORATOR_FACE_NOT_FOUND);
    assert_string_equal(t.failure_text, "no face");
    assert_string_equal(t.failure_param, "image_url");
    assert_string_equal(t.stage, "render"); /* where it happened */
    assert_int_equal(t.charged_micro, 0);
    task_fini(&t);
    claim("w", got);
    assert_string_equal(got, "");
    assert_int_equal(sums().micro[LEDGER_RELEASE], 560000);
    assert_books_balance();
}

static void a_disk_that_is_full_costs_a_new_task_no_attempt(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], got[TASK_ID_SIZE];
    const struct orator_error full = {.status = ORATOR_IO, .text = "no space left"};
    submit(id);
    for (int i = 0; i < 10 + TASK_ATTEMPTS_MAX; i++) {
        if (i == 10)
            now_ms += 3600000; /* it is not new any more */
        claim("w", got);
        assert_string_equal(got, id);
        struct task t = get(id);
        assert_int_equal(t.attempt, i < 10 ? 1 : i - 9);
        task_fini(&t);
        assert_true(give_up(id, "w", &full));
        claim("w", got);
        assert_string_equal(got, ""); /* not at once */
        now_ms += 10000;
    }
    struct task t = get(id);
    assert_int_equal(t.state, TASK_FAILED);
    assert_int_equal(t.failure, ORATOR_IO);
    task_fini(&t);
    assert_books_balance();
}

static void a_hiccup_is_tried_again_later_and_not_forever(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], got[TASK_ID_SIZE];
    submit(id);
    for (int attempt = 1; attempt <= TASK_ATTEMPTS_MAX; attempt++) {
        claim("w", got);
        assert_string_equal(got, id);
        struct task t = get(id);
        assert_int_equal(t.attempt, attempt);
        task_fini(&t);
        assert_true(give_up(id, "w", &hiccup));
        claim("w", got);
        assert_string_equal(got, ""); /* not at once */
        now_ms += 10000;
    }
    struct task t = get(id);
    assert_int_equal(t.state, TASK_FAILED);
    assert_int_equal(t.failure, ORATOR_DOWNLOAD_TIMEOUT);
    task_fini(&t);
    assert_books_balance();
}

static void a_task_that_kills_its_workers_is_given_up(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], next[TASK_ID_SIZE], got[TASK_ID_SIZE];
    submit(id);
    for (int i = 0; i < TASK_ATTEMPTS_MAX; i++) {
        claim("w", got);
        assert_string_equal(got, id);
        now_ms += TASK_LEASE_MS;
    }
    submit(next);
    claim("w", got);
    assert_string_equal(got, next); /* the same call fails the first and goes on */
    struct task t = get(id);
    assert_int_equal(t.state, TASK_FAILED);
    assert_int_equal(t.failure, ORATOR_RENDER_FAILED);
    assert_string_equal(t.failure_text, "the worker was lost 3 times");
    task_fini(&t);
    assert_books_balance();
}

static void handing_back_costs_no_attempt(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], got[TASK_ID_SIZE];
    submit(id);
    for (int i = 0; i < 2 * TASK_ATTEMPTS_MAX; i++) {
        claim("w", got);
        assert_string_equal(got, id); /* at once */
        assert_int_equal(queue_hand_back(store, id, "w", NULL), ORATOR_OK);
    }
    struct task t = get(id);
    assert_int_equal(t.state, TASK_QUEUED);
    assert_int_equal(t.attempt, 0);
    task_fini(&t);
}

static void inputs_are_spent_when_the_task_is_over(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    struct task t;
    bool found;
    submit(id);
    assert_int_equal(queue_spent(store, &t, &found, NULL), ORATOR_OK);
    assert_false(found);
    assert_int_equal(queue_forget_inputs(store, id, NULL), ORATOR_OK); /* too early */
    claim("w", id);
    assert_true(finish(id, "w"));
    assert_int_equal(queue_spent(store, &t, &found, NULL), ORATOR_OK);
    assert_true(found);
    assert_string_equal(t.id, id);
    assert_string_equal(t.audio_url, "blob:abc.wav");
    task_fini(&t);
    assert_int_equal(queue_forget_inputs(store, id, NULL), ORATOR_OK);
    assert_int_equal(queue_spent(store, &t, &found, NULL), ORATOR_OK);
    assert_false(found);
    t = get(id);
    assert_string_equal(t.audio_url, "blob:");
    assert_string_equal(t.image_url, request.image_url);
    task_fini(&t);
    assert_int_equal(queue_forget_inputs(store, "task_none", NULL), ORATOR_TASK_NOT_FOUND);
}

/* Whose task `worker` gets. */
static char claim_of(const char *worker)
{
    struct task t;
    bool found;
    assert_int_equal(queue_claim(store, worker, &t, &found, NULL), ORATOR_OK);
    char key = found ? t.key_id[4] : '-';
    task_fini(&t);
    return key;
}

static int64_t submit_of(const char *key_id)
{
    struct task t;
    struct task_request r = request;
    r.key_id = key_id;
    assert_int_equal(queue_submit(store, &r, &t, NULL), ORATOR_OK);
    int64_t position = t.position;
    task_fini(&t);
    return position;
}

static void a_thousand_tasks_of_one_key_do_not_keep_anothers_first_waiting(void **state)
{
    (void)state;
    char seen[16] = "";
    for (int i = 0; i < 40; i++)
        submit_of("key_a");
    assert_int_equal(claim_of("w"), 'a');
    assert_in_range(submit_of("key_b"), 0, 1);
    submit_of("key_b");
    submit_of("key_b");
    assert_in_range(submit_of("key_c"), 0, 2);
    for (int i = 0; i < 8; i++)
        seen[i] = claim_of("w");
    assert_string_equal(seen, "abcababa");
}

static void the_queue_is_fair_after_it_was_empty(void **state)
{
    (void)state;
    char seen[8] = "";
    for (int i = 0; i < 20; i++)
        submit_of("key_a");
    for (int i = 0; i < 20; i++)
        assert_int_equal(claim_of("w"), 'a');
    assert_int_equal(claim_of("w"), '-');
    for (int i = 0; i < 5; i++)
        submit_of("key_b");
    submit_of("key_a");
    for (int i = 0; i < 3; i++)
        seen[i] = claim_of("w");
    assert_string_equal(seen, "bab");
}

static void a_key_of_a_higher_priority_goes_before_all_others(void **state)
{
    (void)state;
    struct api_key key;
    char secret[KEY_SIZE];
    struct task t;
    bool found;
    assert_int_equal(
        key_create(store, &(struct key_terms){.name = "a", .priority = 2}, &key, secret, NULL),
        ORATOR_OK);
    submit_of("key_a");
    submit_of("key_b");
    submit_of(key.id);
    submit_of(key.id);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(queue_claim(store, "w", &t, &found, NULL), ORATOR_OK);
        assert_string_equal(t.key_id, key.id);
        task_fini(&t);
    }
    assert_int_equal(claim_of("w"), 'a');
}

static void a_full_queue_says_so(void **state)
{
    (void)state;
    char many[512], id[TASK_ID_SIZE];
    struct task t;
    struct orator_error err;
    snprintf(
        many, sizeof(many),
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
        " INSERT INTO tasks (id, key_id, state, model, image_url, audio_url, declared_ms, seed,"
        " created_ms, updated_ms, price_micro_per_s, reserved_micro)"
        " SELECT 'task_' || i, 'k', 0, 'm', 'i', 'a', 1, 1, 1, 1, 0, 0 FROM n",
        QUEUE_MAX);
    assert_true(place_sql(folder, many));
    snprintf(many, sizeof(many),
             "INSERT INTO queue_sums (model, tasks, declared_ms%s) VALUES ('m', %d, 1%s)",
             on_postgres() ? ", part" : "", QUEUE_MAX, on_postgres() ? ", 0" : "");
    assert_true(place_sql(folder, many));
    assert_int_equal(queue_submit(store, &request, &t, &err), ORATOR_QUEUE_FULL);
    assert_string_equal(t.id, "");
    assert_int_equal(sums().micro[LEDGER_RESERVE], 0);
    claim("w", id);
    submit(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(claim) cmocka_unit_test_setup_teardown(claim, begin, end)
        T(a_submit_is_kept_as_asked),
        T(an_external_id_is_used_once_by_each_key),
        T(only_the_owner_sees_a_task),
        T(money_is_rounded_half_up_and_never_overflows),
        T(tasks_are_claimed_in_the_order_of_their_submits),
        T(a_thousand_tasks_of_one_key_do_not_keep_anothers_first_waiting),
        T(the_queue_is_fair_after_it_was_empty),
        T(a_key_of_a_higher_priority_goes_before_all_others),
        T(a_claim_is_exclusive),
        T(a_lost_lease_is_claimed_again),
        T(a_lease_without_a_rival_is_still_held),
        T(a_clock_set_back_frees_what_was_leased),
        T(a_beat_shows_how_far_it_is),
        T(a_finish_charges_once),
        T(a_charge_stays_within_the_reserve),
        T(a_failure_of_the_request_is_final_and_free),
        T(a_disk_that_is_full_costs_a_new_task_no_attempt),
        T(a_hiccup_is_tried_again_later_and_not_forever),
        T(a_task_that_kills_its_workers_is_given_up),
        T(handing_back_costs_no_attempt),
        T(inputs_are_spent_when_the_task_is_over),
        T(a_full_queue_says_so),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
