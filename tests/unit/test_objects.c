/* What a store answers, as it may come: whole, cut, odd. */
#include "claims.h"

#include <string.h>

#include "server/objects/s3_wire.h"

static void elements_are_found_by_name_in_order(void **state)
{
    (void)state;
    char text[32];
    const char *at =
        "<?xml version='1.0'?><List xmlns=\"x\"><KeyCount>2</KeyCount><Contents><Key>a.mp4</Key>"
        "<Owner><Key x=\"1\">inner</Key></Owner></Contents><Key>b&amp;&lt;&#34;c</Key></List>";
    assert_true(xml_next(&at, "Key", text, sizeof(text)));
    assert_string_equal(text, "a.mp4");
    assert_true(xml_next(&at, "Key", text, sizeof(text)));
    assert_string_equal(text, "inner");
    assert_true(xml_next(&at, "Key", text, sizeof(text)));
    assert_string_equal(text, "b&<\"c");
    assert_false(xml_next(&at, "Key", text, sizeof(text)));
    at = "<List><Key>a</Key></List>";
    assert_false(xml_next(&at, "Missing", text, sizeof(text)));
    assert_true(xml_next(&at, "Key", text, sizeof(text))); /* what was not found moves nothing */
}

static void what_is_cut_or_too_long_is_not_taken(void **state)
{
    (void)state;
    static const char *const odd[] = {"",
                                      "<",
                                      "<Key",
                                      "<Key>",
                                      "<Key>a",
                                      "<Key>a<",
                                      "<Key><b>c</b></Key>",
                                      "<Key >",
                                      "Key>a</Key>",
                                      "<Key>0123456789abcdef</Key>",
                                      "<Keys>a</Keys>"};
    char text[16];
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        const char *at = odd[i];
        assert_false(xml_next(&at, "Key", text, sizeof(text)));
        assert_true(memchr(text, '\0', sizeof(text)) || text[0] != 'K');
    }
}

static void times_are_read(void **state)
{
    (void)state;
    assert_int_equal(xml_time_ms("2009-10-12T17:50:30.000Z"), 1255369830000);
    assert_int_equal(xml_time_ms("yesterday"), -1);
    assert_int_equal(xml_time_ms(""), -1);
}

static enum orator_status open_at(const char *url, const char *bucket)
{
    struct s3 *s3;
    enum orator_status s = s3_open(
        &s3,
        &(struct s3_place){
            .url = url, .bucket = bucket, .region = "r", .access_key = "a", .secret_key = "s"},
        NULL);
    s3_close(&s3);
    return s;
}

static void an_address_is_the_bucket_s_and_the_object_s_encoded(void **state)
{
    (void)state;
    static const struct {
        const char *url, *bucket, *begins;
    } rows[] = {
        {"https://s3.example.com", "videos", "https://s3.example.com/videos/a%20b.mp4?"},
        {"https://s3.example.com:443/", "videos/x/y",
         "https://s3.example.com:443/videos/x/y/a%20b.mp4?"},
        {"http://videos.local:9000", "", "http://videos.local:9000/a%20b.mp4?"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct s3 *s3;
        char url[S3_URL_SIZE];
        assert_int_equal(s3_open(&s3,
                                 &(struct s3_place){.url = rows[i].url,
                                                    .bucket = rows[i].bucket,
                                                    .region = "r",
                                                    .access_key = "a",
                                                    .secret_key = "secret"},
                                 NULL),
                         ORATOR_OK);
        assert_int_equal(s3_address(s3, "a b.mp4", 999999999, NULL, url, NULL), ORATOR_OK);
        assert_true(text_starts(url, rows[i].begins));
        assert_non_null(strstr(url, "X-Amz-Expires=604800&")); /* a week at most */
        assert_null(strstr(url, "secret"));
        s3_close(&s3);
    }
    static const char *const bad[][2] = {
        {"s3.example.com", "b"},  {"ftp://s3", "b"},        {"https://", "b"},
        {"https:///", "b"},       {"https://s3/path", "b"}, {"https://u:p@s3", "b"},
        {"https://s3?x", "b"},    {"https://s3", "/b"},     {"https://s3", "b//c"},
        {"https://s3", "b/../c"}, {"https://s3", "b c"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(open_at(bad[i][0], bad[i][1]), ORATOR_BAD_SETTING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_found_by_name_in_order),
        cmocka_unit_test(what_is_cut_or_too_long_is_not_taken),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(an_address_is_the_bucket_s_and_the_object_s_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
