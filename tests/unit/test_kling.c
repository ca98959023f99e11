/* Claims about what is said to Kling's API and what is made of its answers. */
#include "claims.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/maker/kling_words.h"

/* The bytes of a part of a token. */
static int decode(const char *part, size_t n, unsigned char *out)
{
    char padded[400];
    memcpy(padded, part, n);
    for (size_t i = 0; i < n; i++)
        padded[i] = (char)(padded[i] == '-' ? '+' : padded[i] == '_' ? '/' : padded[i]);
    size_t pads = (4 - n % 4) % 4;
    memset(padded + n, '=', pads);
    return EVP_DecodeBlock(out, (unsigned char *)padded, (int)(n + pads)) - (int)pads;
}

static void a_token_says_who_and_until_when(void **state)
{
    (void)state;
    char token[KLING_TOKEN_SIZE];
    unsigned char bytes[400], mac[32];
    assert_true(kling_sign(token, "AK\"1", "secret", 1700000000));
    char *first = strchr(token, '.'), *second = strchr(first + 1, '.');
    assert_int_equal(
        strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."),
        strlen(token));
    int n = decode(token, (size_t)(first - token), bytes);
    assert_memory_equal(bytes, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", (size_t)n);
    n = decode(first + 1, (size_t)(second - first - 1), bytes);
    json_t *claims = json_loadb((char *)bytes, (size_t)n, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(claims, "iss")), "AK\"1");
    assert_int_equal(json_integer_value(json_object_get(claims, "exp")), 1700001800);
    assert_int_equal(json_integer_value(json_object_get(claims, "nbf")), 1699999995);
    json_decref(claims);
    HMAC(EVP_sha256(), "secret", 6, (unsigned char *)token, (size_t)(second - token), mac, NULL);
    assert_int_equal(decode(second + 1, strlen(second + 1), bytes), 32);
    assert_memory_equal(bytes, mac, 32);
    char much[600];
    memset(much, 'a', sizeof(much) - 1);
    much[sizeof(much) - 1] = '\0';
    assert_false(kling_sign(token, much, "secret", 1700000000));
}

static void a_submit_carries_bare_base64(void **state)
{
    (void)state;
    char prompt[] = "warm \"smile\"";
    struct task task = {.prompt = prompt, .options.label = true};
    struct bytes portrait = {(unsigned char *)(uintptr_t) "face!", 5},
                 voice = {(unsigned char *)(uintptr_t) "\xff\xfb", 2};
    struct maker_job job = {.task = &task, .pro = true, .portrait = &portrait};
    char *text = kling_submit_body(&job, &voice, "task_1_1");
    json_t *v = json_loads(text, JSON_REJECT_DUPLICATES, NULL),
           *want = json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:b}}", "image",
                             "ZmFjZSE=", "sound_file", "//s=", "mode", "pro", "prompt", prompt,
                             "external_task_id", "task_1_1", "watermark_info", "enabled", 1);
    assert_true(json_equal(v, want));
    json_decref(v);
    json_decref(want);
    free(text);
    task.prompt = NULL;
    job.pro = false;
    text = kling_submit_body(&job, &voice, "x");
    assert_null(strstr(text, "prompt"));
    assert_non_null(strstr(text, "\"mode\":\"std\""));
    free(text);
}

#define DATA(rest)                                                                                \
    "{\"code\":0,\"message\":\"SUCCEED\",\"request_id\":\"r\",\"data\":{\"task_id\":\"k1\"," rest \
    "}}"

static void each_answer_is_understood(void **state)
{
    (void)state;
    static const struct {
        int http;
        const char *body;
        enum kling_state want;
        enum orator_status status;
        const char *text;
    } rows[] = {
        {200, DATA("\"task_status\":\"submitted\",\"created_at\":1"), KLING_WAITING, ORATOR_OK, ""},
        {200, DATA("\"task_status\":\"processing\",\"task_status_msg\":\"\""), KLING_WAITING,
         ORATOR_OK, ""},
        {200,
         DATA("\"task_status\":\"succeed\",\"task_result\":{\"videos\":[{\"id\":\"v\",\"url\":"
              "\"https://c/v.mp4\",\"duration\":\"5.1\"}]}"),
         KLING_DONE, ORATOR_OK, ""},
        {200, DATA("\"task_status\":\"succeed\",\"task_result\":{\"videos\":[]}"), KLING_FAILED,
         ORATOR_RENDER_FAILED, "names no video"},
        {200, DATA("\"task_status\":\"failed\",\"task_status_msg\":\"risk control\""), KLING_FAILED,
         ORATOR_RENDER_FAILED, "risk control"},
        {200, DATA("\"task_status\":\"failed\""), KLING_FAILED, ORATOR_RENDER_FAILED, "no reason"},
        {401, "{\"code\":1002,\"message\":\"access key not found\"}", KLING_REFUSED,
         ORATOR_RENDER_FAILED, "operator's key"},
        {401, "<html>", KLING_REFUSED, ORATOR_RENDER_FAILED, "operator's key"},
        {429, "{\"code\":1102,\"message\":\"resource pack depleted\"}", KLING_REFUSED,
         ORATOR_RENDER_FAILED, "no more work"},
        {400, "{\"code\":1201,\"message\":\"sound_file is invalid\"}", KLING_REFUSED,
         ORATOR_INVALID_PARAMETER, "sound_file is invalid"},
        {400, "{\"code\":1301,\"message\":\"forbidden\"}", KLING_REFUSED, ORATOR_INVALID_PARAMETER,
         "rules on content"},
        {429, "{\"code\":1304,\"message\":\"ip\"}", KLING_REFUSED, ORATOR_RENDER_FAILED, "address"},
        {429, "{\"code\":1302,\"message\":\"too fast\"}", KLING_BUSY, ORATOR_RENDER_FAILED, "busy"},
        {429, "{\"code\":1303,\"message\":\"slots\"}", KLING_BUSY, ORATOR_RENDER_FAILED, "busy"},
        {500, "{\"code\":5000,\"message\":\"oops\"}", KLING_BUSY, ORATOR_RENDER_FAILED, "busy"},
        {502, "<html>bad gateway", KLING_BUSY, ORATOR_RENDER_FAILED, "busy"},
        {200, "", KLING_BUSY, ORATOR_RENDER_FAILED, "busy"},
        {200, "{\"code\":\"0\"}", KLING_BUSY, ORATOR_RENDER_FAILED, "busy"},
        {200, "{\"code\":0,\"data\":{}}", KLING_BUSY, ORATOR_OK, ""},
        {200, "[0]", KLING_BUSY, ORATOR_RENDER_FAILED, "busy"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct kling_answer a;
        struct bytes body = {(unsigned char *)(uintptr_t)rows[i].body, strlen(rows[i].body)};
        kling_read(&a, rows[i].http, &body);
        if (a.state != rows[i].want || a.status != rows[i].status || !strstr(a.text, rows[i].text))
            fail_msg("row %zu: %d %s \"%s\"", i, a.state, orator_status_word(a.status), a.text);
        if (a.state == KLING_DONE)
            assert_string_equal(a.video_url, "https://c/v.mp4");
        if (a.state == KLING_WAITING)
            assert_string_equal(a.task_id, "k1");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_says_who_and_until_when),
        cmocka_unit_test(a_submit_carries_bare_base64),
        cmocka_unit_test(each_answer_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
