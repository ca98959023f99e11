#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api_fixture.h"

static void prompts_are_counted_in_characters(void **state)
{
    (void)state;
    for (int over = 0; over < 2; over++) {
        char *body = malloc(20000);
        struct text t = text_over(body, 20000);
        text_add(&t, FIRST "\"audio_duration_seconds\":2,\"prompt\":\"");
        for (int i = 0; i < TASK_PROMPT_MAX + over; i++)
            text_add(&t, "\xe2\x82\xac");
        text_add(&t, "\"}");
        struct raw_answer a = submit(body);
        if (over) {
            expect_error(0, &a, 400, "invalid_parameter", "prompt");
        } else {
            assert_int_equal(a.status, 200);
            raw_free(&a);
            assert_true(any_task());
        }
        free(body);
    }
}

static void every_listed_format_is_known_by_its_first_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *image, *audio, *image_end, *audio_end;
    } rows[] = {
        {"iVBORw0KGgo=", "UklGRgAAAABXQVZF", ".png", ".wav"},
        {"/9j/", "SUQz", ".jpg", ".mp3"},
        {"UklGRgAAAABXRUJQ", "//s=", ".webp", ".mp3"},
        {"/9j/", "//E=", ".jpg", ".aac"},
        {"/9j/", "AAAAIGZ0eXA=", ".jpg", ".m4a"},
        {"/9j/", "T2dnUw==", ".jpg", ".ogg"},
        {"/9j/", "ZkxhQw==", ".jpg", ".flac"},
    };
    struct orator_error err;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char body[600];
        struct task task;
        bool found;
        snprintf(body, sizeof(body),
                 "{\"model\":\"" PRO "\",\"image_url\":\"data:;base64,%s\","
                 "\"audio_url\":\"data:;base64,%s\",\"audio_duration_seconds\":3}",
                 rows[i].image, rows[i].audio);
        struct raw_answer a = submit(body);
        if (a.status != 200)
            fail_msg("row %zu: %s", i, a.text);
        raw_free(&a);
        assert_int_equal(queue_claim(store, "test", &task, &found, &err), ORATOR_OK);
        assert_true(found && text_starts(task.image_url, "blob:"));
        assert_non_null(strstr(task.image_url, rows[i].image_end));
        assert_non_null(strstr(task.audio_url, rows[i].audio_end));
        assert_int_equal(count_blobs(true), 2);
        task_fini(&task);
    }
}

static void the_contract_holds_from_submit_to_video(void **state)
{
    (void)state;
    struct orator_error err;
    char path[512], v[128], id[TASK_ID_SIZE], url[400];
    int woken_before = woken;
    struct raw_answer a = submit(
        FIRST "\"audio_duration_seconds\":12.5,\"prompt\":\"kind\",\"seed\":7,\"captions\":\"vtt\","
              "\"text\":\"Hello.\",\"unknown\":{\"a\":[1]}}");
    assert_int_equal(a.status, 200);
    raw_header(&a, "Location", v, sizeof(v));
    json_t *job = body_json(&a);
    assert_true(text_starts(at(job, "id", NULL), "task_"));
    assert_string_equal(at(job, "id", NULL), at(job, "task_id", NULL));
    assert_string_equal(at(job, "object", NULL), "video.generation.job");
    assert_string_equal(at(job, "status", NULL), "queued");
    assert_string_equal(at(job, "model", NULL), STANDARD);
    assert_string_equal(at(job, "billing", "reserved"), "0.70");
    assert_string_equal(at(job, "billing", "charged"), "0.00");
    assert_string_equal(at(job, "billing", "unit_price_per_second"), "0.056");
    assert_string_equal(at(job, "billing", "state"), "reserved");
    assert_int_equal(json_integer_value(json_object_get(job, "queue_position")), 0);
    assert_int_equal(json_array_size(json_object_get(job, "warnings")), 0);
    assert_null(json_object_get(job, "video_url"));
    snprintf(id, sizeof(id), "%s", at(job, "id", NULL));
    snprintf(path, sizeof(path), "/v1/video/generations/%s", id);
    assert_string_equal(v, path);
    snprintf(url, sizeof(url), "http://api.test:8080/v1/video/generations/%s", id);
    assert_string_equal(at(job, "urls", "get"), url);
    assert_int_equal(woken, woken_before + 1);
    json_decref(job);

    /* nobody else's business */
    a = ask("GET", path, other_key, "", NULL, 0);
    expect_error(0, &a, 404, "task_not_found", NULL);

    struct task task;
    bool found, kept;
    assert_int_equal(queue_claim(store, "w", &task, &found, &err), ORATOR_OK);
    assert_true(found);
    assert_string_equal(task.id, id);
    assert_string_equal(task.prompt, "kind");
    assert_string_equal(task.text, "Hello.");
    assert_true(task.options.captions);
    assert_int_equal(task.declared_ms, 12500);
    task_fini(&task);
    assert_int_equal(queue_beat(store, id, "w", "render", 50, 100, 12400, &kept, &err), ORATOR_OK);
    a = ask("GET", path, key, "", NULL, 0);
    job = body_json(&a);
    assert_string_equal(at(job, "status", NULL), "processing");
    assert_string_equal(at(job, "stage", NULL), "render");
    assert_int_equal(json_integer_value(json_object_get(job, "progress")), 54);
    assert_int_equal(json_integer_value(json_object_get(job, "frames_total")), 100);
    assert_int_equal(json_integer_value(json_object_get(job, "attempt")), 1);
    json_decref(job);

    char name[BLOB_NAME_SIZE];
    blob_name_new(name, "mp4");
    assert_int_equal(blob_put(blobs, name, "0123456789", 10, &err), ORATOR_OK);
    struct task_outcome outcome = {.video_name = name,
                                   .duration_ms = 12400,
                                   .size_bytes = 10,
                                   .width_px = 1280,
                                   .height_px = 720,
                                   .fps = 25,
                                   .warnings =
                                       "[{\"code\": \"small_face\", \"message\": \"31 px\"}]",
                                   .thumbnail_name = "t.jpg",
                                   .captions_name = "c.vtt",
                                   .sha256 = "ab12",
                                   .direction = "[{\"phrase\": \"kind\"}]",
                                   .quality = "{\"face\":{\"yaw\":-3.5}}"};
    assert_int_equal(queue_finish(store, id, "w", &outcome, &kept, &err), ORATOR_OK);
    snprintf(path, sizeof(path), "/v1/videos/%s", id);
    a = ask("GET", path, key, "", NULL, 0);
    job = body_json(&a);
    snprintf(url, sizeof(url), "http://api.test:8080/media/%s?exp=", name);
    assert_string_equal(at(job, "status", NULL), "completed");
    assert_true(text_starts(at(job, "video_url", NULL), url));
    snprintf(url, sizeof(url), "%s", at(job, "video_url", NULL));
    json_t *result = json_object_get(job, "result");
    assert_string_equal(json_string_value(json_array_get(json_object_get(result, "outputs"), 0)),
                        url);
    assert_int_equal(json_integer_value(json_object_get(result, "width")), 1280);
    assert_true(
        text_starts(at(result, "thumbnail_url", NULL), "http://api.test:8080/media/t.jpg?exp="));
    assert_string_equal(at(result, "sha256", NULL), "ab12");
    assert_true(
        text_starts(at(result, "captions_url", NULL), "http://api.test:8080/media/c.vtt?exp="));
    json_t *understood = json_array_get(json_object_get(job, "direction"), 0);
    assert_string_equal(at(understood, "phrase", NULL), "kind");
    json_t *face = json_object_get(json_object_get(result, "quality"), "face");
    assert_true(json_real_value(json_object_get(face, "yaw")) == -3.5);
    assert_int_equal(json_integer_value(json_object_get(job, "seed")), 7);
    assert_true(text_starts(at(job, "engine", NULL), "orator/"));
    json_t *warned = json_array_get(json_object_get(job, "warnings"), 0);
    assert_string_equal(at(warned, "code", NULL), "small_face");
    assert_string_equal(at(warned, "message", NULL), "31 px");
    assert_string_equal(at(job, "billing", "charged"), "0.6944");
    assert_string_equal(at(job, "billing", "state"), "settled");
    json_decref(job);

    snprintf(path, sizeof(path), "%s", strstr(url, "/media/"));
    a = ask("GET", path, "", "Range: bytes=2-4\r\n", NULL, 0);
    assert_int_equal(a.status, 206);
    assert_string_equal(raw_body(&a), "234");
    assert_string_equal(raw_header(&a, "Content-Type", v, sizeof(v)), "video/mp4");
    assert_string_equal(raw_header(&a, "Access-Control-Allow-Origin", v, sizeof(v)), "*");
    raw_free(&a);
    a = ask("OPTIONS", path, "", "Origin: https://x.example\r\n", NULL, 0);
    assert_int_equal(a.status, 204);
    assert_string_equal(raw_header(&a, "Allow", v, sizeof(v)), "GET, HEAD, OPTIONS");
    raw_free(&a);
}

static void options_are_kept_and_shown(void **state)
{
    (void)state;
    static const char *const sent[] = {
        "\"resolution\":\"480p\"",
        "\"fps\":30",
        "\"fps\":12",
        "\"fps\":60",
        "\"aspect_ratio\":\"9:16\"",
        "\"aspect_ratio\":\"source\"",
        "\"face_box\":[10.0,20.5,30.0,40.0]",
        "\"motion\":{\"head\":0.6,\"expression\":2.0,\"blink\":false}",
        "\"motion\":{\"head\":0.0,\"expression\":1.0,\"blink\":true}",
        "\"watermark_info\":{\"enabled\":true}",
        "\"external_task_id\":\"order \xe2\x82\xac 42\"",
        "\"metadata\":{\"k\":\"v\",\"\xe2\x82\xac\":\"\"}",
        "\"metadata\":{}",
    };
    for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
        char body[600], path[128];
        snprintf(body, sizeof(body), FIRST "\"audio_duration_seconds\":12.5,%s}", sent[i]);
        struct raw_answer a = submit(body);
        if (a.status != 200)
            fail_msg("row %zu: %s", i, a.text);
        json_t *job = body_json(&a), *want = json_loads(body, 0, NULL);
        snprintf(path, sizeof(path), "/v1/video/generations/%s", at(job, "id", NULL));
        a = ask("GET", path, key, "", NULL, 0);
        json_t *again = body_json(&a), *value;
        const char *name;
        json_object_foreach(want, name, value)
        {
            if (!json_object_get(job, name))
                continue; /* sources are not shown */
            assert_true(json_equal(json_object_get(job, name), value));
            assert_true(json_equal(json_object_get(again, name), value));
        }
        char first[32];
        snprintf(first, sizeof(first), "%.*s", (int)strcspn(sent[i] + 1, "\""), sent[i] + 1);
        assert_non_null(json_object_get(job, first));
        assert_int_equal(json_array_size(json_object_get(job, "warnings")), 0);
        json_decref(job);
        json_decref(again);
        json_decref(want);
        assert_true(any_task());
    }
}

static void a_job_shows_what_was_not_asked_too(void **state)
{
    (void)state;
    struct raw_answer a = submit(GOOD);
    json_t *job = body_json(&a);
    assert_string_equal(at(job, "resolution", NULL), "720p");
    assert_int_equal(json_integer_value(json_object_get(job, "fps")), 25);
    assert_string_equal(at(job, "aspect_ratio", NULL), "source");
    assert_true(json_is_null(json_object_get(job, "face_box")));
    assert_true(json_is_null(json_object_get(job, "external_task_id")));
    assert_int_equal(json_object_size(json_object_get(job, "metadata")), 0);
    assert_true(json_is_object(json_object_get(job, "metadata")));
    assert_true(json_is_true(json_object_get(json_object_get(job, "motion"), "blink")));
    json_decref(job);
    assert_true(any_task());

    a = ask("GET", "/v1/models/" PRO, key, "", NULL, 0);
    json_t *model = body_json(&a), *options = json_object_get(model, "options");
    assert_string_equal(at(json_object_get(options, "resolution"), "default", NULL), "1080p");
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(options, "aspect_ratio"), "values")), 6);
    json_decref(model);
}

static void an_external_task_id_is_taken_once(void **state)
{
    (void)state;
    static const char body[] =
        FIRST "\"audio_duration_seconds\":12.5,\"external_task_id\":\"order-7\"}";
    struct raw_answer a = submit(body);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    a = submit(body);
    expect_error(0, &a, 409, "external_task_id_exists", "external_task_id");
    a = ask("POST", "/v1/video/generations", other_key, "", body, strlen(body));
    assert_int_equal(a.status, 200);
    raw_free(&a);
    assert_true(any_task() && any_task() && !any_task());
}

static void inputs_are_not_served_even_to_who_knows_their_name(void **state)
{
    (void)state;
    struct orator_error err;
    char path[128], name[BLOB_NAME_SIZE];
    static const char *const extensions[] = {"png", "jpg", "wav"};
    for (int i = 0; i < 3; i++) {
        blob_name_new(name, extensions[i]);
        assert_int_equal(blob_put(blobs, name, "x", 1, &err), ORATOR_OK);
        snprintf(path, sizeof(path), "/media/%s", name);
        struct raw_answer a = ask("GET", path, key, "", NULL, 0);
        expect_error(0, &a, 404, "not_found", NULL);
    }
    count_blobs(true);
}

static void a_failed_job_says_why(void **state)
{
    (void)state;
    struct orator_error err;
    struct task task;
    bool found, kept;
    char path[128];
    struct raw_answer a = submit(GOOD);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    assert_int_equal(queue_claim(store, "w", &task, &found, &err), ORATOR_OK);
    assert_true(found);
    assert_int_equal(queue_beat(store, task.id, "w", "inspect", 0, 0, 0, &kept, &err), ORATOR_OK);
    struct orator_error why = {ORATOR_FACE_NOT_FOUND, "no face in 640 x 480 px", "image_url"};
    assert_int_equal(queue_fail(store, task.id, "w", &why, &kept, &err), ORATOR_OK);
    snprintf(path, sizeof(path), "/v1/video/generations/%s", task.id);
    task_fini(&task);
    a = ask("GET", path, key, "", NULL, 0);
    assert_int_equal(a.status, 200);
    json_t *job = body_json(&a);
    assert_string_equal(at(job, "status", NULL), "failed");
    assert_string_equal(at(job, "error", "code"), "face_not_found");
    assert_string_equal(at(job, "error", "type"), "invalid_request_error");
    assert_string_equal(at(job, "error", "message"), "no face in 640 x 480 px");
    assert_string_equal(at(job, "error", "param"), "image_url");
    assert_string_equal(at(job, "error", "stage"), "inspect");
    assert_string_equal(at(job, "error", "doc_url"), "/docs/errors#face_not_found");
    assert_string_equal(at(job, "billing", "state"), "released");
    json_decref(job);
}

static void lists_and_health_are_answered(void **state)
{
    (void)state;
    static const struct {
        const char *path, *field;
        bool open;
    } rows[] = {
        {"/v1/models", "data", false},   {"/v1/models/" PRO, "pricing", false},
        {"/v1/errors", "data", true},    {"/v1/limits", "image", true},
        {"/healthz", "status", true},    {"/readyz", "status", true},
        {"/readyz?x=1", "status", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct raw_answer a = ask("GET", rows[i].path, rows[i].open ? "" : key, "", NULL, 0);
        assert_int_equal(a.status, 200);
        json_t *root = body_json(&a);
        assert_non_null(json_object_get(root, rows[i].field));
        json_decref(root);
        a = ask("HEAD", rows[i].path, rows[i].open ? "" : key, "", NULL, 0);
        assert_int_equal(a.status, 200);
        assert_string_equal(raw_body(&a), "");
        raw_free(&a);
    }
}

static void a_configured_public_url_is_used(void **state)
{
    (void)state;
    api.public_url = "https://api.example.com";
    struct raw_answer a = submit(GOOD);
    json_t *job = body_json(&a);
    assert_true(text_starts(at(job, "urls", "get"), "https://api.example.com/v1/video/"));
    json_decref(job);
    api.public_url = NULL;
    assert_true(any_task());
}

static void the_log_has_one_line_a_request_and_no_secret(void **state)
{
    (void)state;
    struct orator_error err;
    struct http_server *logging;
    char name[BLOB_NAME_SIZE], text[1000], lines[4000] = "";
    const struct log log = {.level = LOG_INFO};
    const struct http_setup setup = {.address = "127.0.0.1",
                                     .threads = 1,
                                     .body_limit_bytes = 1000,
                                     .admit = api_admit,
                                     .handle = api_handle,
                                     .ctx = &api,
                                     .log = &log};
    FILE *file = tmpfile();
    int usual = dup(STDERR_FILENO);
    blob_name_new(name, "mp4");
    snprintf(text, sizeof(text),
             "GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n"
             "GET /media/%s?sig=s3cret HTTP/1.1\r\nHost: x\r\n\r\n"
             "GET /a%%20status=200%%22 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             key, name);
    dup2(fileno(file), STDERR_FILENO);
    enum orator_status s = http_start(&logging, &setup, &err);
    if (s == ORATOR_OK) {
        struct raw_answer a = raw_exchange(http_port(logging), text, strlen(text), 3000);
        raw_free(&a);
        http_stop(&logging);
    }
    dup2(usual, STDERR_FILENO);
    close(usual);
    rewind(file);
    size_t n = fread(lines, 1, sizeof(lines) - 1, file);
    fclose(file);
    assert_int_equal(s, ORATOR_OK);
    assert_true(n > 0);
    assert_null(strstr(lines, key));
    assert_null(strstr(lines, name));
    assert_null(strstr(lines, "s3cret"));
    static const char *const parts[] = {
        "\"method\":\"GET\",\"path\":\"/v1/models\",\"status\":\"200\"", "\"caller\":\"key_",
        "\"path\":\"/media/{name}\",\"status\":\"403\"",
        "\"path\":\"/a?status?200\\\"\",\"status\":\"404\""};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (!strstr(lines, parts[i]))
            fail_msg("no %s in\n%s", parts[i], lines);
    int count = 0;
    for (const char *p = lines; (p = strchr(p, '\n')); p++)
        count++;
    assert_int_equal(count, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prompts_are_counted_in_characters),
        cmocka_unit_test(every_listed_format_is_known_by_its_first_bytes),
        cmocka_unit_test(the_contract_holds_from_submit_to_video),
        cmocka_unit_test(options_are_kept_and_shown),
        cmocka_unit_test(a_job_shows_what_was_not_asked_too),
        cmocka_unit_test(an_external_task_id_is_taken_once),
        cmocka_unit_test(inputs_are_not_served_even_to_who_knows_their_name),
        cmocka_unit_test(a_failed_job_says_why),
        cmocka_unit_test(lists_and_health_are_answered),
        cmocka_unit_test(a_configured_public_url_is_used),
        cmocka_unit_test(the_log_has_one_line_a_request_and_no_secret),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
