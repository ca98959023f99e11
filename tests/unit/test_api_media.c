#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api_fixture.h"
#include "server/tasks/keeper.h"

enum { LINK_DAY_MS = 24 * 3600 * 1000 };
static int64_t clock_ms = 1700000000000;
static int64_t test_clock(void) { return clock_ms; }

static json_t *job_of(const char *id)
{
    char path[128];
    snprintf(path, sizeof(path), "/v1/video/generations/%s", id);
    struct raw_answer a = ask("GET", path, key, "", NULL, 0);
    assert_int_equal(a.status, 200);
    return body_json(&a);
}

static void submit_and_complete(const char *body, char id[TASK_ID_SIZE])
{
    struct orator_error err;
    struct task t;
    bool found, kept;
    char name[BLOB_NAME_SIZE];
    store_set_clock(store, test_clock);
    struct raw_answer a = submit(body);
    if (a.status != 200)
        fail_msg("%s", a.text);
    raw_free(&a);
    assert_int_equal(queue_claim(store, "w", &t, &found, &err), ORATOR_OK);
    assert_true(found);
    snprintf(id, TASK_ID_SIZE, "%s", t.id);
    task_fini(&t);
    blob_name_new(name, "mp4");
    assert_int_equal(blob_put(blobs, name, "0123456789", 10, &err), ORATOR_OK);
    struct task_outcome outcome = {.video_name = name, .duration_ms = 12400, .size_bytes = 10};
    assert_int_equal(queue_finish(store, id, "w", &outcome, &kept, &err), ORATOR_OK);
    assert_true(kept);
}

static int status_of(const char *path)
{
    struct raw_answer a = ask("GET", path, "", "", NULL, 0);
    int status = a.status;
    raw_free(&a);
    return status;
}

static void an_address_opens_for_a_day_and_for_its_own_file_alone(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], other[TASK_ID_SIZE], path[400], wrong[512], v[128];
    submit_and_complete(GOOD, id);
    submit_and_complete(GOOD, other);
    json_t *job = job_of(id), *job2 = job_of(other);
    snprintf(path, sizeof(path), "%s", strstr(at(job, "video_url", NULL), "/media/"));
    assert_int_equal(status_of(path), 200);

    char *query = strchr(path, '?'), *exp = strstr(path, "exp="), *sig = strstr(path, "&sig=");
    assert_true(query && exp && sig);
    struct raw_answer a;
    snprintf(wrong, sizeof(wrong), "%.*s", (int)(query - path), path);
    a = ask("GET", wrong, key, "", NULL, 0);
    expect_error(1, &a, 403, "permission_denied", "exp");
    snprintf(wrong, sizeof(wrong), "%.*s", (int)(sig - path), path);
    a = ask("GET", wrong, "", "", NULL, 0);
    expect_error(2, &a, 403, "permission_denied", "sig");
    for (int i = 0; i < 22; i++) { /* each letter of the signature counts */
        snprintf(wrong, sizeof(wrong), "%s", path);
        char *letter = wrong + (sig - path) + 5 + i;
        *letter =
            *letter == 'A' ? 'Q' : 'A'; /* the last letter holds 2 bits: A and Q differ in them */
        a = ask("GET", wrong, "", "", NULL, 0);
        expect_error(3, &a, 403, "permission_denied", "sig");
    }
    snprintf(wrong, sizeof(wrong), "%.*sexp=9999999999%s", (int)(exp - path), path, sig);
    a = ask("GET", wrong, "", "", NULL, 0);
    expect_error(4, &a, 403, "permission_denied", "sig");
    const char *url2 = strstr(at(job2, "video_url", NULL), "/media/");
    snprintf(wrong, sizeof(wrong), "%.*s%s", (int)strcspn(url2, "?"), url2, query);
    a = ask("GET", wrong, "", "", NULL, 0);
    expect_error(5, &a, 403, "permission_denied", "sig");

    a = ask("HEAD", path, "", "", NULL, 0);
    assert_int_equal(a.status, 200);
    assert_string_equal(raw_header(&a, "Content-Length", v, sizeof(v)), "10");
    assert_true(text_starts(raw_header(&a, "Content-Disposition", v, sizeof(v)), "inline; "));
    assert_true(text_starts(raw_header(&a, "Cache-Control", v, sizeof(v)), "private, max-age="));
    raw_free(&a);
    snprintf(wrong, sizeof(wrong), "%s&download=1", path);
    a = ask("GET", wrong, "", "", NULL, 0);
    assert_true(text_starts(raw_header(&a, "Content-Disposition", v, sizeof(v)), "attachment; "));
    raw_free(&a);

    clock_ms += 600000; /* the same address for ten minutes: caches keep what is behind it */
    json_t *later = job_of(id);
    assert_string_equal(at(job, "video_url", NULL), at(later, "video_url", NULL));
    json_decref(later);
    clock_ms += LINK_DAY_MS - 600000;
    assert_int_equal(status_of(path), 200);
    clock_ms += 3600000;
    a = ask("GET", path, "", "", NULL, 0);
    expect_error(6, &a, 410, "expired", "exp");
    later = job_of(id);
    assert_int_equal(status_of(strstr(at(later, "video_url", NULL), "/media/")), 200);
    json_decref(later);
    json_decref(job);
    json_decref(job2);
}

static void a_job_says_what_may_be_done_with_it_and_until_when(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], want[200];
    submit_and_complete(FIRST "\"audio_duration_seconds\":12.5,\"expires_in\":7200,\"max_cost\":"
                              "\"0.7\",\"external_task_id\":\"o-1\",\"metadata\":{\"a\":\"b\"}}",
                        id);
    json_t *job = job_of(id);
    static const char *const urls[][2] = {
        {"get", ""}, {"cancel", "/cancel"}, {"events", "/events"}, {"content", "/content"}};
    for (int i = 0; i < 4; i++) {
        snprintf(want, sizeof(want), "http://api.test:8080/v1/video/generations/%s%s", id,
                 urls[i][1]);
        assert_string_equal(at(job, "urls", urls[i][0]), want);
    }
    assert_string_equal(at(job, "external_task_id", NULL), "o-1");
    assert_string_equal(at(job, "metadata", "a"), "b");
    assert_int_equal(json_integer_value(json_object_get(job, "expires_at")),
                     clock_ms / 1000 + 7200);
    assert_int_equal(json_array_size(json_object_get(job, "warnings")), 0);
    int64_t entry =
        json_integer_value(json_object_get(json_object_get(job, "billing"), "ledger_entry"));
    assert_true(entry > 0);
    assert_string_equal(at(job, "billing", "state"), "settled");
    json_decref(job);
}

static void an_expired_video_is_gone_and_stays_charged(void **state)
{
    (void)state;
    struct orator_error err;
    char id[TASK_ID_SIZE], path[400];
    int64_t expired, rows;
    count_blobs(true);
    submit_and_complete(FIRST "\"audio_duration_seconds\":12.5,\"expires_in\":7200}", id);
    json_t *job = job_of(id);
    snprintf(path, sizeof(path), "%s", strstr(at(job, "video_url", NULL), "/media/"));
    json_decref(job);
    clock_ms += 7199000;
    assert_int_equal(keeper_pass(store, blobs, &expired, &err), ORATOR_OK);
    assert_int_equal(expired, 0);
    assert_int_equal(count_blobs(false), 1);
    assert_int_equal(status_of(path), 200);
    clock_ms += 2000;
    assert_int_equal(status_of(path), 410); /* no address outlasts its job */
    assert_int_equal(keeper_pass(store, blobs, &expired, &err), ORATOR_OK);
    assert_int_equal(expired, 2); /* and the one of the test before */
    assert_int_equal(count_blobs(false), 0);
    job = job_of(id);
    assert_string_equal(at(job, "status", NULL), "failed");
    assert_string_equal(at(job, "error", "code"), "expired");
    assert_string_equal(at(job, "billing", "state"), "settled");
    assert_string_equal(at(job, "billing", "charged"), "0.6944");
    assert_null(json_object_get(job, "video_url"));
    json_decref(job);
    snprintf(path, sizeof(path), "/v1/video/generations/%s/content", id);
    struct raw_answer a = ask("GET", path, key, "", NULL, 0);
    expect_error(0, &a, 410, "expired", NULL);
    assert_int_equal(ledger_verify(store, &rows, &err), ORATOR_OK);
}

static void a_job_that_waited_too_long_costs_nothing_and_its_uploads_go(void **state)
{
    (void)state;
    struct orator_error err;
    int64_t expired;
    struct raw_answer a =
        submit("{\"model\":\"" STANDARD "\",\"image_url\":\"" PNG "\",\"audio_url\":\"" WAV
               "\",\"audio_duration_seconds\":10,\"expires_in\":60}");
    json_t *job = body_json(&a);
    assert_int_equal(count_blobs(false), 2);
    clock_ms += 61000;
    assert_int_equal(keeper_pass(store, blobs, &expired, &err), ORATOR_OK);
    assert_int_equal(expired, 1);
    assert_int_equal(count_blobs(false), 0);
    json_t *after = job_of(at(job, "id", NULL));
    assert_string_equal(at(after, "error", "code"), "expired");
    assert_string_equal(at(after, "billing", "state"), "released");
    json_decref(after);
    json_decref(job);
    assert_false(any_task());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_opens_for_a_day_and_for_its_own_file_alone),
        cmocka_unit_test(a_job_says_what_may_be_done_with_it_and_until_when),
        cmocka_unit_test(an_expired_video_is_gone_and_stays_charged),
        cmocka_unit_test(a_job_that_waited_too_long_costs_nothing_and_its_uploads_go),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
