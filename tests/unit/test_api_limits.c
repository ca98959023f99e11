#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api_fixture.h"
#include "server/api/rates.h"

static struct raw_answer submit_once(const char *name, const char *body)
{
    char headers[400];
    snprintf(headers, sizeof(headers), "Idempotency-Key: %s\r\n", name);
    return ask("POST", "/v1/video/generations", key, headers, body, strlen(body));
}

static int count_tasks(void)
{
    int n = 0;
    while (any_task())
        n++;
    return n;
}

static void the_same_request_again_gets_the_first_answer(void **state)
{
    (void)state;
    char first[4000], v[64], location[100], again[100];
    struct raw_answer a = submit_once("order-1", GOOD);
    assert_int_equal(a.status, 200);
    assert_string_equal(raw_header(&a, "Idempotency-Replayed", v, sizeof(v)), "");
    raw_header(&a, "Location", location, sizeof(location));
    snprintf(first, sizeof(first), "%s", raw_body(&a));
    raw_free(&a);
    for (int i = 0; i < 3; i++) {
        a = submit_once("order-1", GOOD);
        assert_int_equal(a.status, 200);
        assert_string_equal(raw_header(&a, "Idempotency-Replayed", v, sizeof(v)), "true");
        assert_string_equal(raw_header(&a, "Location", again, sizeof(again)), location);
        assert_string_equal(raw_body(&a), first);
        raw_free(&a);
    }
    assert_non_null(strstr(first, strrchr(location, '/') + 1));
    assert_int_equal(count_tasks(), 1);
}

static void another_request_under_the_same_name_is_refused(void **state)
{
    (void)state;
    char headers[100];
    struct raw_answer a =
        submit_once("order-1", FIRST "\"audio_duration_seconds\":12.5,\"prompt\":\"x\"}");
    expect_error(0, &a, 422, "idempotency_key_reused", "Idempotency-Key");
    snprintf(headers, sizeof(headers), "Idempotency-Key: order-1\r\n");
    a = ask("POST", "/v1/video/generations", other_key, headers, GOOD, strlen(GOOD));
    assert_int_equal(a.status, 200); /* names belong to a key */
    raw_free(&a);
    assert_int_equal(count_tasks(), 1);
}

static void a_refused_request_may_be_mended_under_its_name(void **state)
{
    (void)state;
    struct raw_answer a = submit_once("order-2", FIRST "\"audio_duration_seconds\":-1}");
    expect_error(0, &a, 400, "invalid_parameter", "audio_duration_seconds");
    a = submit_once("order-2", GOOD);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    assert_int_equal(count_tasks(), 1);
}

static void names_that_are_none_are_refused(void **state)
{
    (void)state;
    char longest[300];
    memset(longest, 'x', sizeof(longest));
    longest[256] = '\0';
    struct raw_answer a = submit_once(longest, GOOD);
    expect_error(0, &a, 400, "invalid_parameter", "Idempotency-Key");
    a = submit_once("caf\xc3\xa9", GOOD);
    expect_error(1, &a, 400, "invalid_parameter", "Idempotency-Key");
    longest[255] = '\0';
    a = submit_once(longest, GOOD);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    assert_int_equal(count_tasks(), 1);
}

static void every_door_knows_the_header(void **state)
{
    (void)state;
    static const struct {
        const char *path, *headers, *body;
        int status;
    } rows[] = {
        {"/v1/videos", "", "{\"prompt\":\"p\"," IMAGE AUDIO "\"audio_duration_seconds\":10}", 200},
        {"/v1/videos/avatar/image2video", "",
         "{\"image\":\"https://cdn.example.com/a.png\",\"sound_file\":"
         "\"https://cdn.example.com/a.mp3\",\"audio_duration_seconds\":10}",
         200},
        {"/fal/proxy",
         "x-fal-target-url: https://queue.fal.run/fal-ai/kling-video/ai-avatar/v2/pro\r\n",
         "{" IMAGE AUDIO "\"audio_duration_seconds\":10}", 200},
        {"/v1/predictions", "",
         "{\"version\":\"kling-avatar-v2-standard\",\"input\":{" IMAGE AUDIO
         "\"audio_duration_seconds\":10}}",
         201},
        {"/v1/accounts", "", "{\"name\":\"twice\"}", 200},
        {"/v1/accounts/acct_default/credit", "", "{\"amount\":\"1\"}", 200},
    };
    struct orator_error err;
    struct api_key made;
    struct account before, after;
    char root[KEY_SIZE], headers[300], first[4000], v[32];
    assert_int_equal(key_create(store, &(struct key_terms){.scopes = SCOPE_USUAL | SCOPE_ADMIN},
                                &made, root, &err),
                     ORATOR_OK);
    assert_int_equal(account_get(store, ACCOUNT_DEFAULT, &before, &err), ORATOR_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(headers, sizeof(headers), "Idempotency-Key: door-%zu\r\n%s", i, rows[i].headers);
        for (int k = 0; k < 2; k++) {
            struct raw_answer a =
                ask("POST", rows[i].path, root, headers, rows[i].body, strlen(rows[i].body));
            if (a.status != rows[i].status)
                fail_msg("row %zu: %s", i, a.text);
            assert_string_equal(raw_header(&a, "Idempotency-Replayed", v, sizeof(v)),
                                k ? "true" : "");
            if (k)
                assert_string_equal(raw_body(&a), first);
            snprintf(first, sizeof(first), "%s", raw_body(&a));
            raw_free(&a);
        }
    }
    assert_int_equal(count_tasks(), 4);
    assert_int_equal(account_get(store, ACCOUNT_DEFAULT, &after, &err), ORATOR_OK);
    assert_int_equal(after.ledger_rows, before.ledger_rows + 4 + 1); /* four reserves, one credit */
}

static void a_key_makes_as_many_requests_as_it_may(void **state)
{
    (void)state;
    struct orator_error err;
    struct api_key made;
    struct rates *rates;
    char slow[KEY_SIZE], v[64];
    assert_int_equal(rates_open(&rates, &err), ORATOR_OK);
    assert_int_equal(
        key_create(store, &(struct key_terms){.rate_per_minute = 3}, &made, slow, &err), ORATOR_OK);
    api.rates = rates;
    for (int i = 0; i < 3; i++) {
        struct raw_answer a = ask("GET", "/v1/models", slow, "", NULL, 0);
        assert_int_equal(a.status, 200);
        assert_string_equal(raw_header(&a, "RateLimit-Policy", v, sizeof(v)), "\"key\";q=3;w=60");
        char want[32];
        snprintf(want, sizeof(want), "\"key\";r=%d;t=", 2 - i);
        assert_true(text_starts(raw_header(&a, "RateLimit", v, sizeof(v)), want));
        raw_free(&a);
    }
    /* refused before the body: a large one is not even waited for */
    struct raw_answer a = ask("POST", "/v1/video/generations", slow,
                              "Expect: 100-continue\r\nContent-Length: 80000000\r\n", NULL, 0);
    int wait_s = atoi(raw_header(&a, "Retry-After", v, sizeof(v)));
    assert_true(wait_s >= 19 && wait_s <= 20);
    expect_error(0, &a, 429, "rate_limit_exceeded", NULL);
    a = ask("GET", "/v1/models", key, "", NULL, 0); /* others have their own */
    assert_int_equal(a.status, 200);
    assert_string_equal(raw_header(&a, "RateLimit", v, sizeof(v)), "");
    raw_free(&a);
    api.rate_per_minute = 1; /* the server's for keys without */
    a = ask("GET", "/v1/models", key, "", NULL, 0);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    a = ask("GET", "/v1/models", key, "", NULL, 0);
    expect_error(0, &a, 429, "rate_limit_exceeded", NULL);
    api.rate_per_minute = 0;
    api.rates = NULL;
    rates_close(&rates);
}

static void a_bucket_fills_evenly_and_only_to_its_brim(void **state)
{
    (void)state;
    struct rates *r;
    struct rate rate;
    assert_int_equal(rates_open(&r, NULL), ORATOR_OK);
    int64_t now_ms = 1000;
    for (int i = 0; i < 60; i++)
        assert_true(rates_take(r, "k", 60, now_ms, &rate));
    assert_int_equal(rate.left, 0);
    assert_int_equal(rate.full_s, 60);
    assert_false(rates_take(r, "k", 60, now_ms + 999, &rate));
    assert_int_equal(rate.again_s, 1);
    assert_true(rates_take(r, "k", 60, now_ms + 1000, &rate));
    assert_false(rates_take(r, "k", 60, now_ms + 1001, &rate));
    now_ms += 3600000; /* an hour later it holds a minute's worth, not an hour's */
    int taken = 0;
    while (rates_take(r, "k", 60, now_ms, &rate))
        taken++;
    assert_int_equal(taken, 60);
    /* more keys than are remembered: each finds at worst a full bucket */
    for (int i = 0; i < 3 * RATES_MAX; i++) {
        char name[32];
        snprintf(name, sizeof(name), "key_%d", i);
        assert_true(rates_take(r, name, 1, now_ms + i, &rate));
    }
    rates_close(&r);
}

static void a_key_has_as_many_open_jobs_as_it_may(void **state)
{
    (void)state;
    api.parallel = 2;
    struct raw_answer a = submit(GOOD);
    json_t *job = body_json(&a);
    a = submit(GOOD);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    a = submit(GOOD);
    expect_error(0, &a, 429, "concurrency_limit_exceeded", NULL);
    char path[128];
    snprintf(path, sizeof(path), "/v1/video/generations/%s/cancel", at(job, "id", NULL));
    json_decref(job);
    a = ask("POST", path, key, "", "", 0);
    raw_free(&a);
    a = submit(GOOD);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    api.parallel = 0;
    assert_int_equal(count_tasks(), 2);
}

/* A door says what was refused in its own words, and a client that knows no others stops asking. */
static void doors_say_limits_in_their_own_words(void **state)
{
    (void)state;
    static const char body[] = "{\"image\":\"https://cdn.example.com/a.png\",\"sound_file\":"
                               "\"https://cdn.example.com/a.mp3\",\"audio_duration_seconds\":10}";
    static const char path[] = "/v1/videos/avatar/image2video";
    struct orator_error err;
    struct account poor;
    struct api_key made;
    struct rates *rates;
    char slow[KEY_SIZE], broke[KEY_SIZE], one[KEY_SIZE], v[64];
    assert_int_equal(rates_open(&rates, &err), ORATOR_OK);
    assert_int_equal(account_create(store, "poor", true, &poor, &err), ORATOR_OK);
    assert_int_equal(
        key_create(store, &(struct key_terms){.rate_per_minute = 1}, &made, slow, &err), ORATOR_OK);
    assert_int_equal(
        key_create(store, &(struct key_terms){.account_id = poor.id}, &made, broke, &err),
        ORATOR_OK);
    assert_int_equal(key_create(store, &(struct key_terms){.parallel = 1}, &made, one, &err),
                     ORATOR_OK);
    api.rates = rates;
    const struct {
        const char *key;
        int first, second, code;
    } rows[] = {{slow, 200, 429, 1302}, {broke, 402, 402, 1102}, {one, 200, 429, 1303}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct raw_answer a = ask("POST", path, rows[i].key, "", body, strlen(body));
        assert_int_equal(a.status, rows[i].first);
        raw_free(&a);
        a = ask("POST", path, rows[i].key, "", body, strlen(body));
        assert_int_equal(a.status, rows[i].second);
        raw_header(&a, rows[i].second == 402 ? "x-should-retry" : "Retry-After", v, sizeof(v));
        assert_true(rows[i].second == 402 ? strcmp(v, "false") == 0 : atoi(v) >= 1);
        json_t *root = body_json(&a);
        assert_int_equal(json_integer_value(json_object_get(root, "code")), rows[i].code);
        assert_true(strlen(at(root, "message", NULL)) > 10);
        json_decref(root);
    }
    api.rates = NULL;
    rates_close(&rates);
    assert_int_equal(count_tasks(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_as_many_open_jobs_as_it_may),
        cmocka_unit_test(the_same_request_again_gets_the_first_answer),
        cmocka_unit_test(another_request_under_the_same_name_is_refused),
        cmocka_unit_test(a_refused_request_may_be_mended_under_its_name),
        cmocka_unit_test(names_that_are_none_are_refused),
        cmocka_unit_test(every_door_knows_the_header),
        cmocka_unit_test(a_key_makes_as_many_requests_as_it_may),
        cmocka_unit_test(doors_say_limits_in_their_own_words),
        cmocka_unit_test(a_bucket_fills_evenly_and_only_to_its_brim),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
