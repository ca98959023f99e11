#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api_fixture.h"
#include "server/api/measure.h"

static struct measures *measures;
static struct facts told;    /* what the examination says */
static bool saw_box, forget; /* forget: it fails */

static enum orator_status examine(void *ctx, const struct bytes *portrait,
                                  const struct bytes *voice, const double *face_box, int64_t max_ms,
                                  struct facts *out, struct orator_error *err)
{
    (void)ctx, (void)max_ms;
    assert_true(portrait && voice && portrait->size == 8 && voice->size == 12);
    saw_box = face_box != NULL;
    *out = told;
    return forget ? orator_fail(err, ORATOR_NO_MEMORY, "no memory left to look") : ORATOR_OK;
}

static int start_examining(void **state)
{
    struct orator_error err;
    if (measures_open(&measures, &err) != ORATOR_OK)
        return 1;
    api.measures = measures;
    api.examine = examine;
    return start(state);
}

static int stop_examining(void **state)
{
    measures_close(&measures);
    return stop(state);
}

#define SOURCES "{\"model\":\"" STANDARD "\",\"image_url\":\"" PNG "\",\"audio_url\":\"" WAV "\""

static void tell_of_a_good_pair(void)
{
    told = (struct facts){.width_px = 640,
                          .height_px = 480,
                          .face_count = 1,
                          .voice_ms = 10000,
                          .codec = "pcm_s16le",
                          .rate_hz = 16000,
                          .channels = 1,
                          .speech_ratio = .75,
                          .clipping = 0};
    told.faces[0].box[2] = 99;
    told.faces[0].usable = true;
    told.faces[0].confidence = .9;
    told.faces[0].yaw_degrees = -3.5;
}

static json_t *estimate(const char *body)
{
    struct raw_answer a =
        ask("POST", "/v1/video/generations/estimate", key, "", body, strlen(body));
    if (a.status != 200)
        fail_msg("%s", a.text);
    return body_json(&a);
}

static void expect_problem(const char *body, const char *code, const char *param)
{
    json_t *v = estimate(body), *problem = json_array_get(json_object_get(v, "problems"), 0);
    assert_true(json_is_false(json_object_get(v, "ok")));
    assert_string_equal(at(problem, "code", NULL), code);
    assert_string_equal(at(problem, "param", NULL), param);
    json_decref(v);
}

static void an_estimate_says_everything_and_keeps_nothing(void **state)
{
    (void)state;
    struct orator_error err;
    struct account before, after;
    tell_of_a_good_pair();
    assert_int_equal(account_get(store, ACCOUNT_DEFAULT, &before, &err), ORATOR_OK);
    json_t *v = estimate(SOURCES "}"); /* without a length too */
    assert_true(json_is_true(json_object_get(v, "ok")));
    assert_string_equal(at(v, "price", "unit_price_per_second"), "0.056");
    assert_string_equal(at(v, "price", "reserved"), "0.56");
    assert_string_equal(at(v, "price", "expected"), "0.56");
    assert_true(json_is_null(json_object_get(v, "declared_seconds")));
    assert_true(json_real_value(json_object_get(v, "measured_seconds")) == 10);
    assert_int_equal(json_integer_value(json_object_get(v, "eta_seconds")), 20);
    json_t *face = json_array_get(json_object_get(v, "faces"), 0);
    assert_true(json_is_true(json_object_get(face, "usable")));
    assert_true(json_real_value(json_object_get(face, "yaw")) == -3.5);
    assert_string_equal(at(v, "audio", "codec"), "pcm_s16le");
    assert_int_equal(json_array_size(json_object_get(v, "problems")), 0);
    assert_false(saw_box);
    json_decref(v);
    v = estimate(SOURCES ",\"audio_duration_seconds\":10.2,\"face_box\":[1,2,3,4]}");
    assert_string_equal(at(v, "price", "reserved"), "0.5712");
    assert_string_equal(at(v, "price", "expected"), "0.56");
    assert_true(saw_box);
    json_decref(v);
    assert_int_equal(count_blobs(false), 0);
    assert_false(any_task());
    assert_int_equal(account_get(store, ACCOUNT_DEFAULT, &after, &err), ORATOR_OK);
    assert_int_equal(after.ledger_rows, before.ledger_rows);
}

static void what_a_job_would_fail_with_is_listed(void **state)
{
    (void)state;
    struct orator_error none = {0};
    tell_of_a_good_pair();
    expect_problem(SOURCES ",\"audio_duration_seconds\":12}", "audio_duration_mismatch",
                   "audio_duration_seconds");
    expect_problem(SOURCES ",\"audio_duration_seconds\":10,\"max_cost\":\"0.5\"}",
                   "max_cost_exceeded", "max_cost");
    facts_add(&told, ORATOR_FACE_NOT_FOUND, &none, "image_url");
    expect_problem(SOURCES ",\"audio_duration_seconds\":10}", "face_not_found", "image_url");
    tell_of_a_good_pair();

    struct orator_error err;
    struct account a;
    struct api_key made;
    char poor[KEY_SIZE];
    assert_int_equal(account_create(store, "poor", true, &a, &err), ORATOR_OK);
    assert_int_equal(key_create(store, &(struct key_terms){.account_id = a.id}, &made, poor, &err),
                     ORATOR_OK);
    const char *body = SOURCES ",\"audio_duration_seconds\":10}";
    struct raw_answer answer =
        ask("POST", "/v1/video/generations/estimate", poor, "", body, strlen(body));
    json_t *v = body_json(&answer), *problem = json_array_get(json_object_get(v, "problems"), 0);
    assert_string_equal(at(problem, "code", NULL), "insufficient_balance");
    json_decref(v);
}

static void a_dry_run_is_an_estimate_of_a_submit(void **state)
{
    (void)state;
    tell_of_a_good_pair();
    struct raw_answer a = submit(SOURCES ",\"audio_duration_seconds\":10,\"dry_run\":true}");
    json_t *v = body_json(&a);
    assert_string_equal(at(v, "object", NULL), "video.generation.estimate");
    json_decref(v);
    assert_false(any_task());
    a = submit(SOURCES ",\"dry_run\":true}"); /* what a submit needs, its dry run needs */
    expect_error(0, &a, 400, "missing_required_parameter", "audio_duration_seconds");
    a = submit(SOURCES ",\"audio_duration_seconds\":10,\"dry_run\":\"yes\"}");
    expect_error(1, &a, 400, "invalid_parameter", "dry_run");
    a = submit(SOURCES ",\"audio_duration_seconds\":10,\"dry_run\":false}");
    assert_int_equal(a.status, 200);
    raw_free(&a);
    assert_true(any_task());
    count_blobs(true);
}

static void what_cannot_be_read_is_refused_as_in_a_submit(void **state)
{
    (void)state;
    tell_of_a_good_pair();
    const char *body = "{\"model\":\"gpt\"}";
    struct raw_answer a =
        ask("POST", "/v1/video/generations/estimate", key, "", body, strlen(body));
    expect_error(0, &a, 404, "model_not_found", "model");
    forget = true;
    body = SOURCES "}";
    a = ask("POST", "/v1/video/generations/estimate", key, "", body, strlen(body));
    expect_error(1, &a, 503, "out_of_memory", NULL);
    forget = false;
    assert_int_equal(count_blobs(false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_estimate_says_everything_and_keeps_nothing),
        cmocka_unit_test(what_a_job_would_fail_with_is_listed),
        cmocka_unit_test(a_dry_run_is_an_estimate_of_a_submit),
        cmocka_unit_test(what_cannot_be_read_is_refused_as_in_a_submit),
    };
    return cmocka_run_group_tests(tests, start_examining, stop_examining);
}
