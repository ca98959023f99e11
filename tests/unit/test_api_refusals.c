#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>

#include "api_fixture.h"

static void wrong_bodies_are_refused_with_the_field_and_leave_nothing(void **state)
{
    (void)state;
#define DURATION            "audio_duration_seconds"
#define WITH_DURATION(text) FIRST "\"" DURATION "\":" text "}", 400
#define WITH(text)          FIRST "\"" DURATION "\":12.5," text "}"
#define X64                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define URLS(image, audio)                                                            \
    "{\"model\":\"" PRO "\",\"image_url\":\"" image "\",\"audio_url\":\"" audio "\"," \
    "\"audio_duration_seconds\":3}"
    static const struct {
        const char *body;
        int status;
        const char *code, *param;
    } rows[] = {
        {"", 400, "invalid_json", NULL},
        {"{", 400, "invalid_json", NULL},
        {"null", 400, "invalid_json", NULL},
        {"[]", 400, "invalid_json", NULL},
        {"\"text\"", 400, "invalid_json", NULL},
        {"12", 400, "invalid_json", NULL},
        {GOOD "x", 400, "invalid_json", NULL},
        {GOOD GOOD, 400, "invalid_json", NULL},
        {"{\"model\":\"a\",\"model\":\"" STANDARD "\"}", 400, "invalid_json", NULL},
        {"{'model':1}", 400, "invalid_json", NULL},
        {"{\"model\":\"\xff\"}", 400, "invalid_json", NULL},
        {"{\"model\":\"\xc0\xaf\"}", 400, "invalid_json", NULL},
        {"{\"model\":\"\\ud800\"}", 400, "invalid_json", NULL},
        {"{\"model\":\"a\\u0000b\"}", 400, "invalid_json", NULL},
        {"{\"model\":\"a\nb\"}", 400, "invalid_json", NULL},
        {"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", 400,
         "invalid_json", NULL},
        {"\xef\xbb\xbf" GOOD, 400, "invalid_json", NULL},
        {"{}", 400, "missing_required_parameter", "model"},
        {"{\"model\":null}", 400, "missing_required_parameter", "model"},
        {"{\"model\":1}", 400, "invalid_parameter", "model"},
        {"{\"model\":[\"" STANDARD "\"]}", 400, "invalid_parameter", "model"},
        {"{\"model\":\"\"}", 404, "model_not_found", "model"},
        {"{\"model\":\"kling-avatar-v2\"}", 404, "model_not_found", "model"},
        {"{\"model\":\"Kling-Avatar-V2-Standard\"}", 404, "model_not_found", "model"},
        {"{\"model\":\"" STANDARD " \"}", 404, "model_not_found", "model"},
        {"{\"model\":\"" STANDARD "\"}", 400, "missing_required_parameter", "image_url"},
        {"{\"model\":\"" PRO "\",\"image_url\":null}", 400, "missing_required_parameter",
         "image_url"},
        {"{\"model\":\"" PRO "\",\"image_url\":7}", 400, "invalid_parameter", "image_url"},
        {"{\"model\":\"" PRO "\",\"image_url\":{\"url\":\"https://x.example/a\"}}", 400,
         "invalid_parameter", "image_url"},
        {"{\"model\":\"" PRO "\",\"image_url\":\"\"}", 400, "invalid_url", "image_url"},
        {"{\"model\":\"" PRO "\",\"image_url\":\"ftp://x.example/a\"}", 400, "invalid_url",
         "image_url"},
        {"{\"model\":\"" PRO "\",\"image_url\":\"file:///etc/passwd\"}", 400, "invalid_url",
         "image_url"},
        {"{\"model\":\"" PRO "\",\"image_url\":\"blob:abc.png\"}", 400, "invalid_url", "image_url"},
        {"{\"model\":\"" PRO "\",\"image_url\":\"javascript:alert(1)\"}", 400, "invalid_url",
         "image_url"},
        {"{\"model\":\"" PRO "\",\"image_url\":\"http://127.0.0.1/a.png\"}", 403, "url_forbidden",
         "image_url"},
        {"{\"model\":\"" PRO "\"," IMAGE "\"audio\":1}", 400, "missing_required_parameter",
         "audio_url"},
        {"{\"model\":\"" PRO "\"," IMAGE "\"audio_url\":false}", 400, "invalid_parameter",
         "audio_url"},
        {"{\"model\":\"" PRO "\"," IMAGE "\"audio_url\":\"http://10.0.0.1/a.mp3\"}", 403,
         "url_forbidden", "audio_url"},
        {FIRST "\"x\":1}", 400, "missing_required_parameter", DURATION},
        {WITH_DURATION("null"), "missing_required_parameter", DURATION},
        {WITH_DURATION("\"12.5\""), "invalid_parameter", DURATION},
        {WITH_DURATION("\"12\""), "invalid_parameter", DURATION},
        {WITH_DURATION("true"), "invalid_parameter", DURATION},
        {WITH_DURATION("[12]"), "invalid_parameter", DURATION},
        {WITH_DURATION("{}"), "invalid_parameter", DURATION},
        {WITH_DURATION("0"), "invalid_parameter", DURATION},
        {WITH_DURATION("-12"), "invalid_parameter", DURATION},
        {WITH_DURATION("-0.0"), "invalid_parameter", DURATION},
        {WITH_DURATION("1.999"), "invalid_parameter", DURATION},
        {WITH_DURATION("300.001"), "invalid_parameter", DURATION},
        {WITH_DURATION("9223372036854775807"), "invalid_parameter", DURATION},
        {WITH_DURATION("1e308"), "invalid_parameter", DURATION},
        {WITH_DURATION("1e-400"), "invalid_parameter", DURATION},
        {WITH_DURATION("1e309"), "invalid_json", NULL},
        {WITH_DURATION("-1e309"), "invalid_json", NULL},
        {WITH_DURATION("NaN"), "invalid_json", NULL},
        {WITH_DURATION("Infinity"), "invalid_json", NULL},
        {WITH_DURATION("99999999999999999999"), "invalid_json", NULL},
        {WITH_DURATION("0x10"), "invalid_json", NULL},
        {WITH_DURATION("012"), "invalid_json", NULL},
        {WITH("\"prompt\":7"), 400, "invalid_parameter", "prompt"},
        {WITH("\"prompt\":[\"a\"]"), 400, "invalid_parameter", "prompt"},
        {WITH("\"seed\":-1"), 400, "invalid_parameter", "seed"},
        {WITH("\"seed\":7.5"), 400, "invalid_parameter", "seed"},
        {WITH("\"seed\":\"7\""), 400, "invalid_parameter", "seed"},
        {WITH("\"seed\":9007199254740992"), 400, "invalid_parameter", "seed"},
        {WITH("\"resolution\":\"4k\""), 400, "invalid_parameter", "resolution"},
        {WITH("\"resolution\":720"), 400, "invalid_parameter", "resolution"},
        {WITH("\"resolution\":\"\""), 400, "invalid_parameter", "resolution"},
        {WITH("\"resolution\":\"720P\""), 400, "invalid_parameter", "resolution"},
        {WITH("\"resolution\":[\"720p\"]"), 400, "invalid_parameter", "resolution"},
        {WITH("\"fps\":11"), 400, "invalid_parameter", "fps"},
        {WITH("\"fps\":61"), 400, "invalid_parameter", "fps"},
        {WITH("\"fps\":25.5"), 400, "invalid_parameter", "fps"},
        {WITH("\"fps\":\"25\""), 400, "invalid_parameter", "fps"},
        {WITH("\"fps\":true"), 400, "invalid_parameter", "fps"},
        {WITH("\"fps\":-9223372036854775808"), 400, "invalid_parameter", "fps"},
        {WITH("\"aspect_ratio\":\"21:9\""), 400, "invalid_parameter", "aspect_ratio"},
        {WITH("\"aspect_ratio\":1.5"), 400, "invalid_parameter", "aspect_ratio"},
        {WITH("\"aspect_ratio\":{}"), 400, "invalid_parameter", "aspect_ratio"},
        {WITH("\"face_box\":[1,2,3]"), 400, "invalid_parameter", "face_box"},
        {WITH("\"face_box\":[1,2,3,4,5]"), 400, "invalid_parameter", "face_box"},
        {WITH("\"face_box\":[1,2,0,4]"), 400, "invalid_parameter", "face_box"},
        {WITH("\"face_box\":[1,2,3,\"4\"]"), 400, "invalid_parameter", "face_box"},
        {WITH("\"face_box\":[9000,2,3,4]"), 400, "invalid_parameter", "face_box"},
        {WITH("\"face_box\":{\"x\":1}"), 400, "invalid_parameter", "face_box"},
        {WITH("\"captions\":\"srt\""), 400, "invalid_parameter", "captions"},
        {WITH("\"captions\":true"), 400, "invalid_parameter", "captions"},
        {WITH("\"text\":[]"), 400, "invalid_parameter", "text"},
        {WITH("\"watermark_info\":true"), 400, "invalid_parameter", "watermark_info"},
        {WITH("\"watermark_info\":{\"enabled\":1}"), 400, "invalid_parameter", "watermark_info"},
        {WITH("\"motion\":1"), 400, "invalid_parameter", "motion"},
        {WITH("\"motion\":{\"head\":2.1}"), 400, "invalid_parameter", "motion.head"},
        {WITH("\"motion\":{\"head\":-0.1}"), 400, "invalid_parameter", "motion.head"},
        {WITH("\"motion\":{\"head\":\"1\"}"), 400, "invalid_parameter", "motion.head"},
        {WITH("\"motion\":{\"expression\":3}"), 400, "invalid_parameter", "motion.expression"},
        {WITH("\"motion\":{\"expression\":true}"), 400, "invalid_parameter", "motion.expression"},
        {WITH("\"motion\":{\"blink\":1}"), 400, "invalid_parameter", "motion.blink"},
        {WITH("\"motion\":{\"blink\":\"yes\"}"), 400, "invalid_parameter", "motion.blink"},
        {WITH("\"external_task_id\":\"\""), 400, "invalid_parameter", "external_task_id"},
        {WITH("\"external_task_id\":42"), 400, "invalid_parameter", "external_task_id"},
        {WITH("\"external_task_id\":\"" X64 "x\""), 400, "invalid_parameter", "external_task_id"},
        {WITH("\"metadata\":\"k\""), 400, "invalid_parameter", "metadata"},
        {WITH("\"metadata\":[]"), 400, "invalid_parameter", "metadata"},
        {WITH("\"metadata\":{\"k\":1}"), 400, "invalid_parameter", "metadata"},
        {WITH("\"metadata\":{\"k\":null}"), 400, "invalid_parameter", "metadata"},
        {WITH("\"metadata\":{\"k\":{\"a\":\"b\"}}"), 400, "invalid_parameter", "metadata"},
        {WITH("\"metadata\":{\"\":\"v\"}"), 400, "invalid_parameter", "metadata"},
        {WITH("\"metadata\":{\"" X64 "x\":\"v\"}"), 400, "invalid_parameter", "metadata"},
        {WITH("\"metadata\":{\"k\":\"" X64 X64 X64 X64 X64 X64 X64 X64 "v\"}"), 400,
         "invalid_parameter", "metadata"},
        {WITH("\"metadata\":{\"k0\":\"\",\"k1\":\"\",\"k2\":\"\",\"k3\":\"\",\"k4\":\"\",\"k5\":"
              "\"\",\"k6\":\"\",\"k7\":\"\",\"k8\":\"\",\"k9\":\"\",\"k10\":\"\",\"k11\":\"\","
              "\"k12\":\"\",\"k13\":\"\",\"k14\":\"\",\"k15\":\"\",\"k16\":\"\"}"),
         400, "invalid_parameter", "metadata"},
        {WITH("\"dry_run\":1"), 400, "invalid_parameter", "dry_run"},
        {WITH("\"max_cost\":\"0.10\""), 402, "max_cost_exceeded", "max_cost"},
        {WITH("\"max_cost\":\"0.1679\""), 402, "max_cost_exceeded", "max_cost"},
        {WITH("\"max_cost\":\"0\""), 402, "max_cost_exceeded", "max_cost"},
        {WITH("\"max_cost\":0.9"), 400, "invalid_parameter", "max_cost"},
        {WITH("\"max_cost\":\"-1\""), 400, "invalid_parameter", "max_cost"},
        {WITH("\"max_cost\":\"1e9\""), 400, "invalid_parameter", "max_cost"},
        {WITH("\"max_cost\":\"NaN\""), 400, "invalid_parameter", "max_cost"},
        {WITH("\"max_cost\":\"99999999999999999999\""), 400, "invalid_parameter", "max_cost"},
        {WITH("\"expires_in\":59"), 400, "invalid_parameter", "expires_in"},
        {WITH("\"expires_in\":60.5"), 400, "invalid_parameter", "expires_in"},
        {WITH("\"expires_in\":\"3600\""), 400, "invalid_parameter", "expires_in"},
        {WITH("\"expires_in\":99999999999"), 400, "invalid_parameter", "expires_in"},
        {URLS("data:image/png;base64,R0lGODlh", WAV), 415, "unsupported_image_format", "image_url"},
        {URLS("data:image/png;base64,", WAV), 400, "invalid_url", "image_url"},
        {URLS("data:image/svg+xml;base64,PHN2Zz4=", WAV), 415, "unsupported_image_format",
         "image_url"},
        {URLS(WAV, WAV), 415, "unsupported_image_format", "image_url"},
        {URLS("data:image/png;base64,@@@@", WAV), 400, "invalid_url", "image_url"},
        {URLS(PNG, PNG), 415, "unsupported_audio_format", "audio_url"},
        {URLS(PNG, "data:audio/wav;base64,I0VYVE0zVQ=="), 415, "unsupported_audio_format",
         "audio_url"},
        {URLS(PNG, "data:audio/mpeg;base64,/+s="), 415, "unsupported_audio_format", "audio_url"},
        {URLS(PNG, "data:audio/wav,RIFF"), 415, "unsupported_audio_format", "audio_url"},
        {URLS(PNG, "data:audio/wav;base64,U"), 400, "invalid_url", "audio_url"},
        {URLS("https://user:secret@cdn.example.com/a.png", WAV), 400, "invalid_url", "image_url"},
        {URLS("https://0x7f.1/a.png", WAV), 400, "invalid_url", "image_url"},
        {URLS("https://[::1]/a.png", WAV), 403, "url_forbidden", "image_url"},
    };
    assert_true(sizeof(rows) / sizeof(rows[0]) >= 60);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct raw_answer a = submit(rows[i].body);
        expect_error(i, &a, rows[i].status, rows[i].code, rows[i].param);
    }
    assert_int_equal(count_blobs(false), 0);
    assert_false(any_task());
    assert_int_equal(woken, 0);
}

static void wrong_heads_are_refused_before_their_body(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *auth, *headers;
        int status;
        const char *code, *param;
    } rows[] = {
        {"POST", "/v1/video/generations", "", "", 401, "missing_api_key", NULL},
        {"POST", "/v1/video/generations", "sk-wrong", "", 401, "invalid_api_key", NULL},
        {"POST", "/v1/video/generations", "Authorization: ", "", 401, "invalid_api_key", NULL},
        {"POST", "/v1/video/generations", "Authorization: Bearer", "", 401, "invalid_api_key",
         NULL},
        {"POST", "/v1/video/generations", "Authorization: Basic c2s6eA==", "", 401,
         "invalid_api_key", NULL},
        {"POST", "/v1/video/generations", "Authorization: Bearer ' OR 1=1 --", "", 401,
         "invalid_api_key", NULL},
        {"POST", "/v1/video/generations", "k", "Content-Type: text/plain\r\n", 415,
         "unsupported_media_type", "Content-Type"},
        {"POST", "/v1/video/generations", "k",
         "Content-Type: application/x-www-form-urlencoded\r\n", 415, "unsupported_media_type",
         "Content-Type"},
        {"POST", "/v1/video/generations", "k", "Content-Type: application/jsonx\r\n", 415,
         "unsupported_media_type", "Content-Type"},
        {"POST", "/v1/video/generations", "k",
         "Content-Type: application/json\r\n"
         "Content-Type: text/plain\r\n",
         400, "invalid_parameter", "Content-Type"},
        {"POST", "/v1/video/generations/task_1", "k", "", 405, "method_not_allowed", NULL},
        {"PUT", "/v1/video/generations", "k", "", 405, "method_not_allowed", NULL},
        {"DELETE", "/v1/models", "k", "", 405, "method_not_allowed", NULL},
        {"BREW", "/healthz", "k", "", 405, "method_not_allowed", NULL},
        {"GET", "/v1/video/generations/", "k", "", 404, "not_found", NULL},
        {"GET", "/v1/video/generations/a/b", "k", "", 404, "not_found", NULL},
        {"GET", "/v1/video/generations/a%2Fb", "k", "", 404, "not_found", NULL},
        {"GET", "/v1/video/generations/task_unknown", "k", "", 404, "task_not_found", NULL},
        {"GET", "/v1/videos/'%20OR%201=1", "k", "", 404, "task_not_found", NULL},
        {"GET", "/v1/video/generations/task_unknown", "", "", 401, "missing_api_key", NULL},
        {"GET", "/v1/models", "", "", 401, "missing_api_key", NULL},
        {"GET", "/v1/models/gpt-4", "k", "", 404, "model_not_found", "model"},
        {"GET", "/nowhere", "k", "", 404, "not_found", NULL},
        {"GET", "/v1", "k", "", 404, "not_found", NULL},
        {"GET", "//v1/models", "k", "", 404, "not_found", NULL},
        {"GET", "/v1/../v1/models", "k", "", 404, "not_found", NULL},
        {"GET", "/media/../orator.db", "k", "", 404, "not_found", NULL},
        {"GET", "/media/..%2forator.db", "k", "", 404, "not_found", NULL},
        {"GET", "/media/%2e%2e", "k", "", 404, "not_found", NULL},
        {"GET", "/media/unknown.mp4", "k", "", 403, "permission_denied", "exp"},
        {"GET", "/media/UPPER.mp4", "k", "", 404, "not_found", NULL},
        {"GET", "/media/unknown.mp4?exp=9999999999&sig=AAAAAAAAAAAAAAAAAAAAAA", "k", "", 403,
         "permission_denied", "sig"},
        {"GET", "/media/unknown.mp4?exp=1e9&sig=", "k", "", 403, "permission_denied", "sig"},
        {"GET", "/media/", "k", "", 404, "not_found", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *auth = strcmp(rows[i].auth, "k") == 0 ? key : rows[i].auth;
        const bool post = strcmp(rows[i].method, "POST") == 0;
        struct raw_answer a = ask(rows[i].method, rows[i].path, auth, rows[i].headers,
                                  post ? GOOD : NULL, post ? strlen(GOOD) : 0);
        char v[100];
        if (a.status == 401)
            assert_true(text_starts(raw_header(&a, "WWW-Authenticate", v, sizeof(v)), "Bearer"));
        if (a.status == 405)
            assert_non_null(strstr(raw_header(&a, "Allow", v, sizeof(v)), "OPTIONS"));
        expect_error(i, &a, rows[i].status, rows[i].code, rows[i].param);
    }
    /* a stranger's 50 MB are not waited for */
    static const char head[] = "POST /v1/video/generations HTTP/1.1\r\nHost: x\r\n"
                               "Content-Length: 50000000\r\n\r\n";
    struct raw_answer a = raw_exchange(http_port(server), head, sizeof(head) - 1, 2000);
    assert_int_equal(a.status, 401);
    raw_free(&a);
    assert_false(any_task());
}

static void inputs_over_their_limits_are_413(void **state)
{
    (void)state;
    /* the format is right, the size is one group of base64 over the limit */
    static const struct {
        const char *before, *after, *param, *code;
        size_t letters;
    } rows[] = {
        {"{\"model\":\"" PRO "\",\"image_url\":\"data:image/jpeg;base64,/9j/",
         "\",\"audio_url\":\"" WAV "\",\"audio_duration_seconds\":3}", "image_url",
         "image_too_large", (10 << 20) / 3 * 4 + 4},
        {"{\"model\":\"" PRO "\",\"image_url\":\"" PNG "\",\"audio_url\":\"data:a/b;base64,SUQz",
         "\",\"audio_duration_seconds\":3}", "audio_url", "audio_too_large",
         (50 << 20) / 3 * 4 + 4},
    };
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(rows[i].before), m = strlen(rows[i].after);
        char *body = malloc(n + rows[i].letters + m + 1);
        memcpy(body, rows[i].before, n);
        memset(body + n, 'A', rows[i].letters);
        memcpy(body + n + rows[i].letters, rows[i].after, m + 1);
        struct raw_answer a = submit(body);
        expect_error(i, &a, 413, rows[i].code, rows[i].param);
        free(body);
    }
    assert_int_equal(count_blobs(false), 0);
    assert_false(any_task());
}

static void a_refusal_after_storing_leaves_no_blob(void **state)
{
    (void)state;
    static const char body[] =
        URLS(PNG, "data:;base64,SUQzAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    /* the disk is full between the picture and the sound */
    struct rlimit usual;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &usual);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){32, usual.rlim_max});
    struct raw_answer a = submit(body);
    setrlimit(RLIMIT_FSIZE, &usual);
    expect_error(0, &a, 503, "storage_failed", NULL);
    assert_int_equal(count_blobs(false), 0);

    /* the queue says no: a price beyond all numbers */
    api.price_pro_micro = INT64_MAX;
    a = submit(body);
    api.price_pro_micro = 112000;
    expect_error(1, &a, 400, "invalid_parameter", NULL);
    assert_int_equal(count_blobs(false), 0);
    assert_false(any_task());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_bodies_are_refused_with_the_field_and_leave_nothing),
        cmocka_unit_test(wrong_heads_are_refused_before_their_body),
        cmocka_unit_test(inputs_over_their_limits_are_413),
        cmocka_unit_test(a_refusal_after_storing_leaves_no_blob),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
