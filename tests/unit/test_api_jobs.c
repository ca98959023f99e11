#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api_fixture.h"

enum { JOBS = 5 };
static char ids[JOBS][TASK_ID_SIZE]; /* the order of their submits; [1] and [3] are Pro */
static int64_t clock_ms;
static int64_t test_clock(void) { return clock_ms; }

static json_t *get(const char *path, int status)
{
    struct raw_answer a = ask("GET", path, key, "", NULL, 0);
    if (a.status != status)
        fail_msg("%s: %.500s", path, a.text);
    return body_json(&a);
}

static void submit_jobs(void)
{
    clock_ms = 1700000000000;
    store_set_clock(store, test_clock);
    for (int i = 0; i < JOBS; i++, clock_ms += 10000) {
        char body[400];
        snprintf(body, sizeof(body),
                 "{\"model\":\"%s\"," IMAGE AUDIO "\"audio_duration_seconds\":10}",
                 i % 2 ? PRO : STANDARD);
        struct raw_answer a = submit(body);
        assert_int_equal(a.status, 200);
        json_t *job = body_json(&a);
        snprintf(ids[i], sizeof(ids[i]), "%s", at(job, "id", NULL));
        json_decref(job);
    }
}

/* "0 3 4": the numbers of the jobs in a list, in its order. */
static void expect_list(const char *query, const char *numbers, bool more)
{
    char path[256], seen[64];
    struct text t = text_over(seen, sizeof(seen));
    snprintf(path, sizeof(path), "/v1/video/generations%s", query);
    json_t *list = get(path, 200), *data = json_object_get(list, "data"), *job;
    size_t k;
    json_array_foreach(data, k, job)
    {
        for (int i = 0; i < JOBS; i++)
            if (strcmp(at(job, "id", NULL), ids[i]) == 0)
                text_addf(&t, "%s%d", k ? " " : "", i);
        assert_string_equal(at(job, "object", NULL), "video.generation.job");
    }
    if (strcmp(seen, numbers) != 0)
        fail_msg("%s lists %s, want %s", query, seen, numbers);
    assert_string_equal(at(list, "object", NULL), "list");
    assert_int_equal(json_is_true(json_object_get(list, "has_more")), more);
    size_t n = json_array_size(data);
    assert_string_equal(at(list, "first_id", NULL),
                        n ? at(json_array_get(data, 0), "id", NULL) : "(none)");
    assert_string_equal(at(list, "last_id", NULL),
                        n ? at(json_array_get(data, n - 1), "id", NULL) : "(none)");
    json_decref(list);
}

static void lists_are_filtered_ordered_and_read_page_by_page(void **state)
{
    (void)state;
    char query[100];
    submit_jobs();
    expect_list("", "4 3 2 1 0", false);
    expect_list("?order=asc", "0 1 2 3 4", false);
    expect_list("?limit=2", "4 3", true);
    snprintf(query, sizeof(query), "?limit=2&after=%s", ids[3]);
    expect_list(query, "2 1", true);
    snprintf(query, sizeof(query), "?limit=2&after=%s", ids[1]);
    expect_list(query, "0", false);
    snprintf(query, sizeof(query), "?order=asc&limit=3&after=%s", ids[1]);
    expect_list(query, "2 3 4", false);
    expect_list("?model=" PRO, "3 1", false);
    expect_list("?status=queued&limit=5", "4 3 2 1 0", false);
    expect_list("?status=completed", "", false);
    expect_list("?created_after=1700000020", "4 3", false);
    expect_list("?created_after=1700000019&order=asc", "2 3 4", false);

    struct raw_answer a = ask("GET", "/v1/video/generations", other_key, "", NULL, 0);
    json_t *list = body_json(&a);
    assert_int_equal(json_array_size(json_object_get(list, "data")), 0);
    json_decref(list);

    static const char *const wrong[][2] = {
        {"limit=0", "limit"},
        {"limit=101", "limit"},
        {"limit=x", "limit"},
        {"order=up", "order"},
        {"status=done", "status"},
        {"created_after=soon", "created_after"},
        {"after=task_none", "after"},
        {"created_after=-1", "created_after"},
        {"created_after=9223372036854775807", "created_after"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        snprintf(query, sizeof(query), "/v1/video/generations?%s", wrong[i][0]);
        a = ask("GET", query, key, "", NULL, 0);
        expect_error(i, &a, 400, "invalid_parameter", wrong[i][1]);
    }
    a = ask("GET", "/v1/video/generations?model=gpt", key, "", NULL, 0);
    expect_error(0, &a, 404, "model_not_found", "model");
}

static void a_cancel_releases_the_reserve_and_may_be_said_twice(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof(path), "/v1/video/generations/%s/cancel", ids[4]);
    struct raw_answer a = ask("POST", path, other_key, "", "", 0);
    expect_error(0, &a, 404, "task_not_found", NULL);
    for (int i = 0; i < 2; i++) {
        a = ask("POST", path, key, "", i ? "{}" : "", i ? 2 : 0);
        assert_int_equal(a.status, 200);
        json_t *job = body_json(&a);
        assert_string_equal(at(job, "status", NULL), "failed");
        assert_string_equal(at(job, "error", "code"), "canceled");
        assert_true(json_is_false(json_object_get(json_object_get(job, "error"), "retryable")));
        assert_string_equal(at(job, "billing", "state"), "released");
        assert_string_equal(at(job, "billing", "charged"), "0.00");
        json_decref(job);
    }
    expect_list("?status=failed", "4", false);
}

/* Completes the oldest job with `bytes`; its number is 0. */
static void complete_oldest(const char *bytes, char name[BLOB_NAME_SIZE])
{
    struct orator_error err;
    struct task t;
    bool found, kept;
    blob_name_new(name, "mp4");
    assert_int_equal(queue_claim(store, "w", &t, &found, &err), ORATOR_OK);
    assert_true(found);
    assert_string_equal(t.id, ids[0]);
    assert_int_equal(blob_put(blobs, name, bytes, strlen(bytes), &err), ORATOR_OK);
    char thumbnail[BLOB_NAME_SIZE];
    blob_name_new(thumbnail, BLOB_THUMBNAIL);
    assert_int_equal(blob_put(blobs, thumbnail, "small", 5, &err), ORATOR_OK);
    char captions[BLOB_NAME_SIZE];
    blob_name_new(captions, BLOB_CAPTIONS);
    assert_int_equal(blob_put(blobs, captions, "WEBVTT", 6, &err), ORATOR_OK);
    struct task_outcome outcome = {.video_name = name,
                                   .thumbnail_name = thumbnail,
                                   .captions_name = captions,
                                   .duration_ms = 10000,
                                   .size_bytes = (int64_t)strlen(bytes),
                                   .width_px = 1280,
                                   .height_px = 720,
                                   .fps = 25};
    assert_int_equal(queue_finish(store, t.id, "w", &outcome, &kept, &err), ORATOR_OK);
    assert_true(kept);
    task_fini(&t);
}

static void content_is_the_video_under_the_jobs_name(void **state)
{
    (void)state;
    char path[128], name[BLOB_NAME_SIZE], v[128], want[128];
    snprintf(path, sizeof(path), "/v1/video/generations/%s/content", ids[0]);
    struct raw_answer a = ask("GET", path, key, "", NULL, 0);
    expect_error(0, &a, 404, "not_found", NULL);
    complete_oldest("0123456789", name);
    a = ask("GET", path, key, "Accept: application/binary\r\nRange: bytes=3-5\r\n", NULL, 0);
    assert_int_equal(a.status, 206);
    assert_string_equal(raw_body(&a), "345");
    snprintf(want, sizeof(want), "attachment; filename=\"%s.mp4\"", ids[0]);
    assert_string_equal(raw_header(&a, "Content-Disposition", v, sizeof(v)), want);
    raw_free(&a);
    a = ask("HEAD", path, key, "", NULL, 0);
    assert_int_equal(a.status, 200);
    assert_string_equal(raw_header(&a, "Content-Length", v, sizeof(v)), "10");
    raw_free(&a);
    a = ask("GET", path, other_key, "", NULL, 0);
    expect_error(0, &a, 404, "task_not_found", NULL);
    strcat(path, "?variant=");
    size_t end = strlen(path);
    strcpy(path + end, "video");
    a = ask("GET", path, key, "", NULL, 0);
    assert_string_equal(raw_body(&a), "0123456789");
    raw_free(&a);
    strcpy(path + end, "thumbnail");
    a = ask("GET", path, key, "", NULL, 0);
    assert_string_equal(raw_body(&a), "small");
    snprintf(want, sizeof(want), "attachment; filename=\"%s.jpg\"", ids[0]);
    assert_string_equal(raw_header(&a, "Content-Disposition", v, sizeof(v)), want);
    assert_string_equal(raw_header(&a, "Content-Type", v, sizeof(v)), "image/jpeg");
    raw_free(&a);
    strcpy(path + end, "captions");
    a = ask("GET", path, key, "", NULL, 0);
    assert_string_equal(raw_body(&a), "WEBVTT");
    assert_string_equal(raw_header(&a, "Content-Type", v, sizeof(v)), "text/vtt; charset=utf-8");
    raw_free(&a);
    strcpy(path + end, "sound");
    a = ask("GET", path, key, "", NULL, 0);
    expect_error(0, &a, 400, "invalid_parameter", "variant");

    snprintf(path, sizeof(path), "/v1/video/generations/%s/cancel", ids[0]);
    a = ask("POST", path, key, "", "", 0);
    expect_error(0, &a, 409, "task_not_cancelable", NULL);
}

static void a_deleted_job_is_gone_with_its_files_and_stays_charged(void **state)
{
    (void)state;
    struct orator_error err;
    char path[128];
    int64_t rows;
    struct raw_answer a = submit("{\"model\":\"" STANDARD "\",\"image_url\":\"" PNG
                                 "\",\"audio_url\":\"" WAV "\",\"audio_duration_seconds\":10}");
    json_t *job = body_json(&a);
    assert_int_equal(count_blobs(false), 5); /* two uploads, a video, its thumbnail and captions */
    const char *const gone[] = {at(job, "id", NULL), ids[0]};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "/v1/video/generations/%s", gone[i]);
        a = ask("DELETE", path, other_key, "", NULL, 0);
        expect_error(0, &a, 404, "task_not_found", NULL);
        a = ask("DELETE", path, key, "", NULL, 0);
        assert_int_equal(a.status, 200);
        json_t *answer = body_json(&a);
        assert_string_equal(at(answer, "id", NULL), gone[i]);
        assert_true(json_is_true(json_object_get(answer, "deleted")));
        json_decref(answer);
        assert_int_equal(count_blobs(false), i ? 0 : 3);
        a = ask("GET", path, key, "", NULL, 0);
        expect_error(0, &a, 404, "task_not_found", NULL);
        a = ask("DELETE", path, key, "", NULL, 0);
        expect_error(0, &a, 404, "task_not_found", NULL);
    }
    json_decref(job);
    expect_list("", "4 3 2 1", false);
    assert_int_equal(ledger_verify(store, &rows, &err), ORATOR_OK);
}

static void a_job_that_is_deleted_while_it_is_made_is_lost_to_its_worker(void **state)
{
    (void)state;
    struct orator_error err;
    struct task t;
    bool found, kept = true;
    char path[128];
    assert_int_equal(queue_claim(store, "w", &t, &found, &err), ORATOR_OK);
    assert_string_equal(t.id, ids[1]);
    snprintf(path, sizeof(path), "/v1/video/generations/%s", t.id);
    task_fini(&t);
    struct raw_answer a = ask("DELETE", path, key, "", NULL, 0);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    assert_int_equal(queue_beat(store, ids[1], "w", "render", 1, 2, 0, &kept, &err), ORATOR_OK);
    assert_false(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_filtered_ordered_and_read_page_by_page),
        cmocka_unit_test(a_cancel_releases_the_reserve_and_may_be_said_twice),
        cmocka_unit_test(content_is_the_video_under_the_jobs_name),
        cmocka_unit_test(a_deleted_job_is_gone_with_its_files_and_stays_charged),
        cmocka_unit_test(a_job_that_is_deleted_while_it_is_made_is_lost_to_its_worker),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
