/* The signer against what AWS publishes: its signature test suite, and the examples of its S3 manual. */
#include "claims.h"

#include <stdio.h>
#include <string.h>

#include "server/objects/sigv4.h"

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SUITE_TIME   "20150830T123600Z"
#define S3_TIME      "20130524T000000Z"

static const struct sigv4_key suite = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                       "us-east-1", "service"};
static const struct sigv4_key s3 = {"AKIAIOSFODNN7EXAMPLE",
                                    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "s3"};

static void the_published_suite_is_signed_as_published(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *method, *path;
        struct sigv4_field query[3], headers[4];
        const char *body, *signature;
    } rows[] = {
        {"get-vanilla",
         "GET",
         "/",
         {{0}},
         {{0}},
         "",
         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"post-vanilla",
         "POST",
         "/",
         {{0}},
         {{0}},
         "",
         "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        {"get-unreserved",
         "GET",
         "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
         {{0}},
         {{0}},
         "",
         "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
        {"get-utf8",
         "GET",
         "/\341\210\264",
         {{0}},
         {{0}},
         "",
         "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
        {"get-vanilla-empty-query-key",
         "GET",
         "/",
         {{"Param1", "value1"}},
         {{0}},
         "",
         "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
        {"get-vanilla-query-order-key-case",
         "GET",
         "/",
         {{"Param2", "value2"}, {"Param1", "value1"}},
         {{0}},
         "",
         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        {"get-vanilla-query-order-value",
         "GET",
         "/",
         {{"Param1", "value2"}, {"Param1", "value1"}},
         {{0}},
         "",
         "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
        {"get-vanilla-query-order-key",
         "GET",
         "/",
         {{"Param1", "value2"}, {"Param1", "Value1"}},
         {{0}},
         "",
         "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
        {"get-vanilla-utf8-query",
         "GET",
         "/",
         {{"\341\210\264", "bar"}},
         {{0}},
         "",
         "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
        {"post-header-key-sort",
         "POST",
         "/",
         {{0}},
         {{"my-header1", "value1"}},
         "",
         "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[512], query[512], signature[SIGV4_HEX_SIZE] = "", hash[SIGV4_HEX_SIZE];
        struct sigv4_field headers[4] = {{"host", "example.amazonaws.com"}};
        int n = 1, fields = 0;
        while (rows[i].headers[n - 1].name) {
            headers[n] = rows[i].headers[n - 1];
            n++;
        }
        headers[n++] = (struct sigv4_field){"x-amz-date", SUITE_TIME};
        while (rows[i].query[fields].name)
            fields++;
        struct text p = text_over(path, sizeof(path)), q = text_over(query, sizeof(query));
        sigv4_encode(&p, rows[i].path, true);
        sigv4_query(&q, rows[i].query, fields);
        assert_true(sigv4_sha256(hash, rows[i].body, strlen(rows[i].body)));
        assert_true(sigv4_signature(signature, &suite,
                                    &(struct sigv4_request){.method = rows[i].method,
                                                            .path = path,
                                                            .query = query,
                                                            .headers = headers,
                                                            .headers_count = n,
                                                            .payload_sha256 = hash,
                                                            .time = SUITE_TIME}));
        if (strcmp(signature, rows[i].signature) != 0)
            print_error("%s\n", rows[i].claim);
        assert_string_equal(signature, rows[i].signature);
    }
}

static const struct sigv4_field host = {"host", "examplebucket.s3.amazonaws.com"};

static void the_examples_of_the_s3_manual_are_signed_as_printed(void **state)
{
    (void)state;
    char out[512];
    const struct {
        const char *method, *raw_path;
        struct sigv4_field query[2], headers[5];
        int query_count, headers_count;
        const char *payload, *signature;
    } rows[] = {
        {"GET",
         "/test.txt",
         {{0}},
         {host,
          {"range", "bytes=0-9"},
          {"x-amz-content-sha256", EMPTY_SHA256},
          {"x-amz-date", S3_TIME}},
         0,
         4,
         EMPTY_SHA256,
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        {"PUT",
         "/test$file.text",
         {{0}},
         {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
          host,
          {"x-amz-content-sha256",
           "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
          {"x-amz-date", S3_TIME},
          {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
         0,
         5,
         "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
        {"GET",
         "/",
         {{"lifecycle", ""}},
         {host, {"x-amz-content-sha256", EMPTY_SHA256}, {"x-amz-date", S3_TIME}},
         1,
         3,
         EMPTY_SHA256,
         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        {"GET",
         "/",
         {{"prefix", "J"}, {"max-keys", "2"}},
         {host, {"x-amz-content-sha256", EMPTY_SHA256}, {"x-amz-date", S3_TIME}},
         2,
         3,
         EMPTY_SHA256,
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[128], query[128], tail[128];
        struct text p = text_over(path, sizeof(path)), q = text_over(query, sizeof(query));
        struct text t = text_over(out, sizeof(out));
        sigv4_encode(&p, rows[i].raw_path, true);
        sigv4_query(&q, rows[i].query, rows[i].query_count);
        assert_true(
            sigv4_authorization(&t, &s3,
                                &(struct sigv4_request){.method = rows[i].method,
                                                        .path = path,
                                                        .query = query,
                                                        .headers = rows[i].headers,
                                                        .headers_count = rows[i].headers_count,
                                                        .payload_sha256 = rows[i].payload,
                                                        .time = S3_TIME}));
        snprintf(tail, sizeof(tail), ", Signature=%s", rows[i].signature);
        assert_true(text_starts(out, "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/"
                                     "us-east-1/s3/aws4_request, SignedHeaders="));
        assert_string_equal(strstr(out, ", Signature="), tail);
    }
}

static void an_address_is_signed_as_the_manual_prints_it(void **state)
{
    (void)state;
    char out[1024];
    struct text t = text_over(out, sizeof(out));
    assert_true(sigv4_presign(&t, &s3, "GET", host.value, "/test.txt", NULL, 0, S3_TIME, 86400));
    assert_string_equal(
        out, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"
             "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
             "&X-Amz-SignedHeaders=host"
             "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

static void a_query_is_sorted_as_it_is_sent(void **state)
{
    (void)state;
    char out[256];
    struct text t = text_over(out, sizeof(out));
    /* "a b" is a%20b when sent, which stands before "a-b": % is less than - */
    const struct sigv4_field fields[] = {
        {"b", "=&+ /"}, {"a-b", "2"}, {"a b", "1"}, {"uploads", ""}};
    sigv4_query(&t, fields, 4);
    assert_string_equal(out, "a%20b=1&a-b=2&b=%3D%26%2B%20%2F&uploads=");
}

static void what_does_not_fit_is_not_signed(void **state)
{
    (void)state;
    static char long_value[20000];
    char small[40], large[30000], signature[SIGV4_HEX_SIZE];
    memset(long_value, 'x', sizeof(long_value) - 1);
    const struct sigv4_field field = {"prefix", long_value};
    struct text t = text_over(large, sizeof(large));
    sigv4_query(&t, &field, 1);
    assert_true(t.cut);
    assert_false(sigv4_signature(signature, &s3,
                                 &(struct sigv4_request){.method = "GET",
                                                         .path = long_value,
                                                         .query = "",
                                                         .headers = &host,
                                                         .headers_count = 1,
                                                         .payload_sha256 = EMPTY_SHA256,
                                                         .time = S3_TIME}));
    t = text_over(small, sizeof(small));
    assert_false(sigv4_presign(&t, &s3, "GET", host.value, "/", NULL, 0, S3_TIME, 60));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_suite_is_signed_as_published),
        cmocka_unit_test(the_examples_of_the_s3_manual_are_signed_as_printed),
        cmocka_unit_test(an_address_is_signed_as_the_manual_prints_it),
        cmocka_unit_test(a_query_is_sorted_as_it_is_sent),
        cmocka_unit_test(what_does_not_fit_is_not_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
