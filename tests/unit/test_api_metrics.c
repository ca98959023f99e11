#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <regex.h>

#include "api_fixture.h"
#include "server/api/metrics.h"

static struct metrics *counters;

static int start_counting(void **state)
{
    struct orator_error err;
    api.local = true;
    if (metrics_open(&counters, &err) != ORATOR_OK)
        return 1;
    api.metrics = counters;
    return start(state);
}

static int stop_counting(void **state)
{
    int r = stop(state);
    metrics_close(&counters);
    return r;
}

static char *scrape(void)
{
    struct raw_answer a = ask("GET", "/metrics", "", "", NULL, 0);
    assert_int_equal(a.status, 200);
    char type[80], *text = strdup(raw_body(&a));
    assert_string_equal(raw_header(&a, "Content-Type", type, sizeof(type)),
                        "text/plain; version=0.0.4; charset=utf-8");
    raw_free(&a);
    return text;
}

/* The value of a line, -1 if there is none. */
static double value(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
        if (strncmp(p, name, n) == 0 && p[n] == ' ')
            return atof(p + n + 1);
    return -1;
}

static void every_line_is_what_prometheus_reads(void **state)
{
    (void)state;
    regex_t sample, comment;
    const char *const number = " [-+]?([0-9]+(\\.[0-9]+)?(e[-+][0-9]+)?)$";
    char pattern[300];
    snprintf(pattern, sizeof(pattern),
             "^[a-z_]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\\})?%s", number);
    assert_int_equal(regcomp(&sample, pattern, REG_EXTENDED | REG_NOSUB), 0);
    assert_int_equal(regcomp(&comment, "^# (HELP|TYPE) [a-z_]+ .+$", REG_EXTENDED | REG_NOSUB), 0);
    struct raw_answer a = submit(GOOD);
    raw_free(&a);
    char *text = scrape(), *rest = NULL;
    int samples = 0;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        bool is_sample = regexec(&sample, line, 0, NULL, 0) == 0;
        if (!is_sample && regexec(&comment, line, 0, NULL, 0) != 0)
            fail_msg("%s", line);
        samples += is_sample;
    }
    assert_true(samples > 20);
    regfree(&sample);
    regfree(&comment);
    free(text);
    assert_true(any_task());
}

static void requests_jobs_and_money_are_counted(void **state)
{
    (void)state;
    struct orator_error err;
    static const char good[] =
        "orator_http_requests_total{method=\"POST\",route=\"/v1/video/generations\",code=\"2xx\"}";
    static const char bad[] =
        "orator_http_requests_total{method=\"POST\",route=\"/v1/video/generations\",code=\"4xx\"}";
    static const char nowhere[] = "orator_http_requests_total{method=\"\",route=\"\",code=\"4xx\"}";
    static const char queued[] = "orator_jobs_queued{model=\"" STANDARD "\"}";
    static const char completed[] =
        "orator_jobs_ended_total{model=\"" STANDARD "\",result=\"completed\"}";
    static const char canceled[] =
        "orator_jobs_ended_total{model=\"" STANDARD "\",result=\"canceled\"}";
    char *before = scrape();
    struct raw_answer a;
    char id[2][TASK_ID_SIZE], path[128];
    for (int i = 0; i < 2; i++) {
        a = submit(GOOD);
        json_t *job = body_json(&a);
        snprintf(id[i], sizeof(id[i]), "%s", at(job, "id", NULL));
        json_decref(job);
    }
    a = submit("{");
    raw_free(&a);
    a = ask("POST", "/v1/video/generations", "", "", GOOD, strlen(GOOD));
    raw_free(&a);
    a = ask("GET", "/nowhere", "", "", NULL, 0);
    raw_free(&a);
    char *after = scrape();
    assert_true(value(after, good) == value(before, good) + 2);
    assert_true(value(after, bad) == (value(before, bad) < 0 ? 0 : value(before, bad)) + 2);
    assert_true(value(after, nowhere) ==
                (value(before, nowhere) < 0 ? 0 : value(before, nowhere)) + 1);
    assert_true(value(after, queued) == 2);
    double held = value(after, "orator_money_held") - value(before, "orator_money_held");
    assert_true(held > 1.399999 && held < 1.400001);
    free(before);
    free(after);

    struct task t;
    bool found, kept;
    assert_int_equal(queue_claim(store, "w", &t, &found, &err), ORATOR_OK);
    struct task_outcome outcome = {.video_name = "v.mp4", .duration_ms = 12500};
    assert_int_equal(queue_finish(store, t.id, "w", &outcome, &kept, &err), ORATOR_OK);
    task_fini(&t);
    snprintf(path, sizeof(path), "/v1/video/generations/%s/cancel", id[1]);
    a = ask("POST", path, key, "", "", 0);
    raw_free(&a);
    after = scrape();
    assert_true(value(after, queued) == 0);
    assert_true(value(after, completed) == 1);
    assert_true(value(after, canceled) == 1);
    assert_true(value(after, "orator_money_spent_total") == 0.7);
    assert_true(value(after, "process_resident_memory_bytes") > 1e6);
    assert_true(value(after, "process_open_fds") > 3);
    free(after);
}

static void strangers_do_not_see_the_numbers(void **state)
{
    (void)state;
    struct orator_error err;
    struct api_key made;
    char root[KEY_SIZE];
    struct raw_answer a = ask("GET", "/metrics", "", "X-Forwarded-For: 192.0.2.1\r\n", NULL, 0);
    expect_error(0, &a, 401, "missing_api_key", NULL);
    api.local = false;
    a = ask("GET", "/metrics", "", "", NULL, 0);
    expect_error(1, &a, 401, "missing_api_key", NULL);
    a = ask("GET", "/metrics", key, "", NULL, 0);
    expect_error(2, &a, 403, "permission_denied", NULL);
    assert_int_equal(
        key_create(store, &(struct key_terms){.scopes = SCOPE_ADMIN}, &made, root, &err),
        ORATOR_OK);
    a = ask("GET", "/metrics", root, "", NULL, 0);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    api.local = true;
}

static void a_program_that_reads_finds_its_way(void **state)
{
    (void)state;
    char type[80];
    struct raw_answer a = ask("GET", "/llms.txt", "", "", NULL, 0);
    assert_int_equal(a.status, 200);
    assert_string_equal(raw_header(&a, "Content-Type", type, sizeof(type)),
                        "text/plain; charset=utf-8");
    const char *text = raw_body(&a);
    assert_true(text_starts(text, "# Orator\n\n> "));
    assert_non_null(strstr(text, "POST /v1/video/generations"));
    raw_free(&a);
    a = ask("GET", "/v1/limits", "", "", NULL, 0);
    json_t *limits = body_json(&a);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(limits, "image"), "max_bytes")),
        10 << 20);
    assert_non_null(json_object_get(limits, "idempotency_key"));
    assert_true(
        json_is_null(json_object_get(json_object_get(limits, "key"), "requests_per_minute")));
    json_decref(limits);
    a = ask("GET", "/v1/models", key, "", NULL, 0);
    json_t *models = body_json(&a);
    assert_true(json_array_size(json_object_get(json_array_get(json_object_get(models, "data"), 0),
                                                "capabilities")) > 3);
    json_decref(models);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_what_prometheus_reads),
        cmocka_unit_test(requests_jobs_and_money_are_counted),
        cmocka_unit_test(strangers_do_not_see_the_numbers),
        cmocka_unit_test(a_program_that_reads_finds_its_way),
    };
    return cmocka_run_group_tests(tests, start_counting, stop_counting);
}
