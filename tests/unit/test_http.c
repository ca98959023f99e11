#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "raw_http.h"
#include "server/http/http.h"

enum { BODY_LIMIT = 300000, FILE_SIZE = 100000, TIMEOUT_S = 1 };

static char folder[] = "/tmp/test_http.XXXXXX", file_path[128];
static struct http_server *server;
static int port;
static int handled; /* requests that reached the handler; guarded by the one listener thread */

static enum orator_status admit(void *ctx, struct http_request *r, struct http_answer *answer,
                                struct orator_error *err)
{
    (void)ctx;
    if (strcmp(r->path, "/forbidden") != 0)
        return ORATOR_OK;
    http_answer_header(answer, "WWW-Authenticate", "Bearer");
    return orator_fail(err, ORATOR_MISSING_API_KEY, "no key");
}

static enum orator_status handle(void *ctx, const struct http_request *r, struct http_answer *a,
                                 struct orator_error *err)
{
    (void)ctx;
    handled++;
    if (strcmp(r->path, "/file") == 0) {
        a->file_path = strdup(file_path);
    } else if (strcmp(r->path, "/gone") == 0) {
        a->file_path = strdup("/nonexistent/file.mp4");
    } else if (strcmp(r->path, "/slow") == 0) {
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
        a->body = strdup("{\"slow\":true}");
        a->body_size = strlen(a->body);
    } else if (strcmp(r->path, "/busy") == 0) {
        return orator_fail(err, ORATOR_QUEUE_FULL, "full");
    } else if (strcmp(r->path, "/wrong") == 0) {
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "colour", "is \"mauve\"\n");
    } else { /* tells what came: method, path, ?q, length and sum of the body */
        unsigned sum = 0;
        for (size_t i = 0; i < r->body_size; i++)
            sum += ((const unsigned char *)r->body)[i];
        const char *q = http_query(r, "q");
        a->body = malloc(1000);
        a->body_size = (size_t)snprintf(a->body, 1000, "%s|%.200s|%.200s|%zu|%u", r->method,
                                        r->path, q ? q : "-", r->body_size, sum);
        a->content_type = "text/plain";
    }
    return ORATOR_OK;
}

static int count_descriptors(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static int start(void **state)
{
    (void)state;
    struct orator_error err = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(file_path, sizeof(file_path), "%s/film.mp4", folder);
    unsigned char *content = malloc(FILE_SIZE);
    for (int i = 0; i < FILE_SIZE; i++)
        content[i] = (unsigned char)('a' + i % 23);
    assert_int_equal(file_write(file_path, content, FILE_SIZE, &err), ORATOR_OK);
    free(content);
    struct http_setup setup = {.address = "127.0.0.1",
                               .threads = 1,
                               .body_limit_bytes = BODY_LIMIT,
                               .timeout_s = TIMEOUT_S,
                               .admit = admit,
                               .handle = handle};
    assert_int_equal(http_start(&server, &setup, &err), ORATOR_OK);
    port = http_port(server);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_stop(&server);
    unlink(file_path);
    rmdir(folder);
    return 0;
}

/* Sends a text, with "Connection: close" already in it or in what the server answers. */
static struct raw_answer say(const char *text)
{
    return raw_exchange(port, text, strlen(text), 1500);
}

/* The n bytes after the head, made of a body of `body_size` 'x'. */
static struct raw_answer say_with_body(const char *head, size_t body_size)
{
    size_t n = strlen(head);
    char *all = malloc(n + body_size);
    memcpy(all, head, n);
    memset(all + n, 'x', body_size);
    struct raw_answer a = raw_exchange(port, all, n + body_size, 1500);
    free(all);
    return a;
}

static void a_request_comes_through_whole(void **state)
{
    (void)state;
    struct raw_answer a = say("POST /a%20b/%c3%a9?q=1%2B1&z=2 HTTP/1.1\r\nHost: x\r\n"
                              "Connection: close\r\nContent-Length: 3\r\n\r\nABC");
    assert_int_equal(a.status, 200);
    assert_string_equal(raw_body(&a), "POST|/a b/\xc3\xa9|1+1|3|198");
    char v[128];
    assert_memory_equal(raw_header(&a, "x-request-id", v, sizeof(v)), "req_", 4);
    assert_int_equal(strlen(v), 24);
    assert_string_equal(raw_header(&a, "X-Content-Type-Options", v, sizeof(v)), "nosniff");
    raw_free(&a);
}

static void two_requests_never_share_an_id(void **state)
{
    (void)state;
    char first[64], second[64];
    struct raw_answer a = say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    struct raw_answer b = say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_string_not_equal(raw_header(&a, "x-request-id", first, sizeof(first)),
                            raw_header(&b, "x-request-id", second, sizeof(second)));
    raw_free(&a);
    raw_free(&b);
}

static void smuggling_is_refused_before_the_handler(void **state)
{
    (void)state;
#define POST "POST / HTTP/1.1\r\n"
#define HOST "Host: x\r\n"
    static const struct {
        const char *request;
        int status; /* 0: no answer, or any that is not 2xx */
    } rows[] = {
        {POST HOST "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {POST HOST "Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n0\r\n\r\n", 400},
        {POST HOST "Content-Length: 7\r\nContent-Length: 3\r\n\r\n1234567", 400},
        {POST HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n123", 400},
        {POST HOST "Content-Length: 3, 3\r\n\r\n123", 400},
        {POST HOST "Content-Length: -7\r\n\r\n1234567", 400},
        {POST HOST "Content-Length: +7\r\n\r\n1234567", 400},
        {POST HOST "Content-Length: 0x7\r\n\r\n1234567", 400},
        {POST HOST "Content-Length: 7 \r\nX: y\r\nContent-Length : 3\r\n\r\n1234567", 400},
        {POST HOST "Content-Length: 99999999999999999999\r\n\r\n1234567", 0},
        {POST HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
        {POST HOST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400},
        {POST HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 400},
        {POST HOST "Transfer-Encoding: chunked\r\n\r\nzz\r\nABC", 0},
        {POST HOST "Transfer-Encoding: chunked\r\n\r\n-1\r\nABC", 0},
        {POST HOST "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nABC", 0},
        {POST HOST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", 0},
        {POST "Content-Length: 0\r\n\r\n", 400},
        {POST HOST "Host: y\r\nContent-Length: 0\r\n\r\n", 400},
        {POST "Host: a/b\r\nContent-Length: 0\r\n\r\n", 400},
        {POST "Host: a@b\r\nContent-Length: 0\r\n\r\n", 400},
        {POST "Host: a:0\r\nContent-Length: 0\r\n\r\n", 400},
        {POST "Host: a:99999\r\nContent-Length: 0\r\n\r\n", 400},
        {POST "Host: \"><script>\r\nContent-Length: 0\r\n\r\n", 400},
        {POST "Host: [::1\r\nContent-Length: 0\r\n\r\n", 400},
        {POST HOST "Authorization: a\r\nAuthorization: b\r\nContent-Length: 0\r\n\r\n", 400},
        {"GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET /a%0d%0ab HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET /a% HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 0},
        {"\x16\x03\x01\x02\x01\x01\xfc\x03\x03\r\n\r\n", 0},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0},
        {"\r\n\r\n\r\n", 0},
        {"GET\r\n\r\n", 0},
        {"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int before = handled;
        struct raw_answer a = raw_exchange(port, rows[i].request, strlen(rows[i].request), 2500);
        if (handled != before || (rows[i].status && a.status != rows[i].status) ||
            a.status / 100 == 2 || !a.closed)
            fail_msg("row %zu, answered %d, closed %d, handled %d:\n%s", i, a.status, a.closed,
                     handled - before, rows[i].request);
        raw_free(&a);
    }
}

static void a_good_host_passes(void **state)
{
    (void)state;
    static const char *const hosts[] = {"x", "api.example.com:8443", "127.0.0.1:80", "[::1]:8080"};
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        char text[200];
        snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
                 hosts[i]);
        struct raw_answer a = say(text);
        assert_int_equal(a.status, 200);
        raw_free(&a);
    }
}

static void errors_have_the_envelope(void **state)
{
    (void)state;
    char v[64];
    struct raw_answer a = say("GET /wrong HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_int_equal(a.status, 400);
    char expected[400];
    snprintf(
        expected, sizeof(expected),
        "{\"error\":{\"message\":\"is \\\"mauve\\\"\\u000a\",\"type\":\"invalid_request_error\","
        "\"code\":\"invalid_parameter\",\"doc_url\":\"/docs/errors#invalid_parameter\","
        "\"param\":\"colour\",\"request_id\":\"%s\"}}",
        raw_header(&a, "x-request-id", v, sizeof(v)));
    assert_string_equal(raw_body(&a), expected);
    assert_string_equal(raw_header(&a, "x-should-retry", v, sizeof(v)), "false");
    raw_free(&a);

    a = say("GET /wrong HTTP/1.1\r\nHost: x\r\nAccept: application/problem+json\r\n"
            "Connection: close\r\n\r\n");
    assert_string_equal(raw_header(&a, "Content-Type", v, sizeof(v)), "application/problem+json");
    assert_non_null(strstr(raw_body(&a), "\"status\":400"));
    raw_free(&a);

    a = say("GET /busy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_int_equal(a.status, 503);
    assert_string_equal(raw_header(&a, "Retry-After", v, sizeof(v)), "5");
    assert_string_equal(raw_header(&a, "x-should-retry", v, sizeof(v)), "");
    raw_free(&a);
}

static void ranges_give_the_bytes_they_name(void **state)
{
    (void)state;
    static const struct {
        const char *range;
        int status;
        int64_t first, last;
    } rows[] = {
        {"bytes=0-9", 206, 0, 9},         {"bytes=99990-", 206, 99990, 99999},
        {"bytes=-5", 206, 99995, 99999},  {"bytes=99999-200000", 206, 99999, 99999},
        {"bytes=0-99999", 206, 0, 99999}, {"bytes=100000-", 416, 0, -1},
        {"bytes=0-1,5-6", 200, 0, 99999}, {"lines=0-1", 200, 0, 99999},
        {"bytes=9-1", 200, 0, 99999},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[300], v[64], expected[64];
        snprintf(text, sizeof(text),
                 "GET /file HTTP/1.1\r\nHost: x\r\nRange: %s\r\nConnection: close\r\n\r\n",
                 rows[i].range);
        struct raw_answer a = say(text);
        assert_int_equal(a.status, rows[i].status);
        size_t n = (size_t)(rows[i].last - rows[i].first + 1);
        assert_int_equal(a.size - (size_t)(raw_body(&a) - a.text), n);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(raw_body(&a)[k], 'a' + (rows[i].first + (int64_t)k) % 23);
        snprintf(expected, sizeof(expected), "bytes %lld-%lld/%d", (long long)rows[i].first,
                 (long long)rows[i].last, FILE_SIZE);
        raw_header(&a, "Content-Range", v, sizeof(v));
        assert_string_equal(v, a.status == 206   ? expected
                               : a.status == 416 ? "bytes */100000"
                                                 : "");
        raw_free(&a);
    }
}

static void a_known_file_is_not_sent_again(void **state)
{
    (void)state;
    char etag[64], v[200], text[500];
    struct raw_answer a = say("HEAD /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_int_equal(a.status, 200);
    assert_string_equal(raw_body(&a), "");
    assert_string_equal(raw_header(&a, "Content-Length", v, sizeof(v)), "100000");
    assert_string_equal(raw_header(&a, "Content-Type", v, sizeof(v)), "video/mp4");
    assert_string_equal(raw_header(&a, "Accept-Ranges", v, sizeof(v)), "bytes");
    assert_string_equal(raw_header(&a, "Content-Disposition", v, sizeof(v)),
                        "inline; filename=\"film.mp4\"");
    raw_header(&a, "ETag", etag, sizeof(etag));
    raw_free(&a);

    static const struct {
        const char *format;
        int status;
    } rows[] = {
        {"If-None-Match: %s", 304},
        {"If-None-Match: \"other\", W/%s", 304},
        {"If-None-Match: *\r\nX-Other: %s", 304},
        {"If-None-Match: \"other\"\r\nX-Other: %s", 200},
        {"Range: bytes=0-9\r\nIf-Range: %s", 206},
        {"Range: bytes=0-9\r\nIf-Range: \"other\"\r\nX-Other: %s", 200},
        {"Range: bytes=0-9\r\nIf-Range: W/%s", 200},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char header[200];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(header, sizeof(header), rows[i].format, etag);
#pragma GCC diagnostic pop
        snprintf(text, sizeof(text),
                 "GET /file HTTP/1.1\r\nHost: x\r\n%s\r\nConnection: close\r\n\r\n", header);
        a = say(text);
        assert_int_equal(a.status, rows[i].status);
        if (a.status == 304)
            assert_string_equal(raw_body(&a), "");
        raw_free(&a);
    }
    a = say("GET /gone HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_int_equal(a.status, 404);
    assert_null(strstr(a.text, "nonexistent"));
    raw_free(&a);
}

static void a_body_over_the_limit_is_refused_unread(void **state)
{
    (void)state;
    /* said beforehand: answered though not one byte of it has come */
    struct raw_answer a = say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300001\r\n\r\n");
    assert_int_equal(a.status, 413);
    assert_non_null(strstr(a.text, "request_too_large"));
    raw_free(&a);
    /* a client that sends on before it looks up still finds the answer: no reset overtakes it */
    static const char head[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n";
    static const char more[10000];
    int fd = raw_connect(port);
    assert_true(raw_send(fd, head, sizeof(head) - 1));
    for (int i = 0; i < 5; i++) {
        assert_true(raw_send(fd, more, sizeof(more)));
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    a = raw_receive(fd, 1500, false, false);
    assert_int_equal(a.status, 413);
    raw_free(&a);
    close(fd);
    /* chunked: nobody says how long it will be */
    a = say_with_body("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400000\r\n",
                      4000000);
    assert_true(a.status == 0 || a.status == 413);
    assert_true(a.closed);
    raw_free(&a);
    /* exactly the limit */
    a = say_with_body(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n",
        BODY_LIMIT);
    assert_string_equal(raw_body(&a), "POST|/|-|300000|36000000");
    raw_free(&a);
}

static void a_chunked_body_comes_through(void **state)
{
    (void)state;
    struct raw_answer a =
        say("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            "Transfer-Encoding: chunked\r\n\r\n2\r\nAB\r\n1;x=y\r\nC\r\n0\r\n\r\n");
    assert_string_equal(raw_body(&a), "POST|/|-|3|198");
    raw_free(&a);
}

static void a_refused_request_costs_little_and_keeps_the_connection(void **state)
{
    (void)state;
    char v[64];
    int before = handled;
    struct raw_answer a = say("POST /forbidden HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nABC"
                              "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_int_equal(a.status, 401);
    assert_string_equal(raw_header(&a, "WWW-Authenticate", v, sizeof(v)), "Bearer");
    assert_non_null(strstr(a.text, "GET|/|-|0|0"));
    assert_int_equal(handled, before + 1);
    raw_free(&a);

    a = say("POST /forbidden HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n");
    assert_int_equal(a.status, 401);
    assert_true(a.closed);
    raw_free(&a);
    a = say("POST /forbidden HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
            "Expect: 100-continue\r\n\r\n");
    assert_int_equal(a.status, 401); /* and no "100 Continue" before it */
    raw_free(&a);
}

static void a_client_that_asks_to_continue_may(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    static const char head[] = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                               "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n";
    assert_true(raw_send(fd, head, sizeof(head) - 1));
    struct raw_answer a = raw_receive(fd, 1000, true, true);
    assert_int_equal(a.status, 100);
    raw_free(&a);
    assert_true(raw_send(fd, "ABC", 3));
    a = raw_receive(fd, 1000, false, false);
    assert_string_equal(raw_body(&a), "POST|/|-|3|198");
    raw_free(&a);
    close(fd);
}

static void a_head_too_large_is_431(void **state)
{
    (void)state;
    static const size_t sizes[] = {17000, 40000, 100000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *text = malloc(sizes[i] + 100);
        int n = sprintf(text, "GET / HTTP/1.1\r\nHost: x\r\nX: ");
        memset(text + n, 'a', sizes[i]);
        memcpy(text + n + sizes[i], "\r\n\r\n", 4);
        struct raw_answer a = raw_exchange(port, text, (size_t)n + sizes[i] + 4, 1500);
        assert_int_equal(a.status, 431);
        if (sizes[i] < 60000)
            assert_non_null(strstr(a.text, "\"code\":\"request_too_large\""));
        raw_free(&a);
        free(text);
    }
}

/* One byte every 100 ms: each is news to the library, none gets nearer to an end. */
static int64_t drip(const char *head, char byte)
{
    int fd = raw_connect(port);
    int64_t start_ms = clock_steady_ms();
    raw_send(fd, head, strlen(head));
    while (clock_steady_ms() - start_ms < 6000) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 100) > 0)
            break;
        if (!raw_send(fd, &byte, 1))
            break;
    }
    close(fd);
    return clock_steady_ms() - start_ms;
}

static void a_dripping_head_or_body_is_cut(void **state)
{
    (void)state;
    assert_in_range(drip("GET / HTTP/1.1\r\nHost: x\r\nX: ", 'a'), 900, 3000);
    assert_in_range(drip("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", 'a'), 900,
                    3000);
}

static void a_silent_connection_is_cut(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    struct raw_answer a = raw_receive(fd, 4000, false, false);
    assert_true(a.closed);
    raw_free(&a);
    close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    struct raw_answer a = say("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
                              "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nA"
                              "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const char *one = strstr(a.text, "GET|/1"), *two = strstr(a.text, "POST|/2|-|1|65"),
               *three = strstr(a.text, "GET|/3");
    assert_true(one && two && three && one < two && two < three);
    raw_free(&a);
}

static void *stop_soon(void *ctx)
{
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    http_stop(ctx);
    return NULL;
}

static void a_stop_lets_answers_in_hand_be_sent(void **state)
{
    (void)state;
    struct orator_error err = {0};
    int before = count_descriptors();
    struct http_server *other;
    struct http_setup setup = {
        .address = "127.0.0.1", .threads = 3, .body_limit_bytes = 1000, .handle = handle};
    assert_int_equal(http_start(&other, &setup, &err), ORATOR_OK);
    int other_port = http_port(other);
    pthread_t thread;
    pthread_create(&thread, NULL, stop_soon, &other);
    static const char text[] = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
    struct raw_answer a = raw_exchange(other_port, text, sizeof(text) - 1, 3000);
    assert_string_equal(raw_body(&a), "{\"slow\":true}");
    assert_true(a.closed);
    raw_free(&a);
    pthread_join(thread, NULL);
    assert_null(other);
    assert_int_equal(raw_connect(other_port), -1);
    assert_true(count_descriptors() <= before); /* less, if one of an earlier test lingered */
}

static void a_port_in_use_is_said_in_words(void **state)
{
    (void)state;
    struct orator_error err = {0};
    struct http_server *other;
    struct http_setup setup = {.address = "127.0.0.1", .port = port, .handle = handle};
    assert_int_equal(http_start(&other, &setup, &err), ORATOR_IO);
    assert_non_null(strstr(err.text, "Address already in use"));
    setup = (struct http_setup){.address = "localhost", .handle = handle};
    assert_int_equal(http_start(&other, &setup, &err), ORATOR_BAD_SETTING);
    assert_null(other);
}

static void nothing_is_left_open(void **state)
{
    (void)state;
    /* what lingered is gone after two seconds; then: the listener, its helpers, and no more */
    int now = 0;
    for (int i = 0; i < 40; i++, nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL)) {
        now = count_descriptors();
        if (now == *(int *)*state)
            break;
    }
    assert_int_equal(now, *(int *)*state);
}

static int at_rest;
static int note_descriptors(void **state)
{
    at_rest = count_descriptors();
    *state = &at_rest;
    return 0;
}
static int hand_over(void **state)
{
    *state = &at_rest;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_request_comes_through_whole, note_descriptors),
        cmocka_unit_test(two_requests_never_share_an_id),
        cmocka_unit_test(smuggling_is_refused_before_the_handler),
        cmocka_unit_test(a_good_host_passes),
        cmocka_unit_test(errors_have_the_envelope),
        cmocka_unit_test(ranges_give_the_bytes_they_name),
        cmocka_unit_test(a_known_file_is_not_sent_again),
        cmocka_unit_test(a_body_over_the_limit_is_refused_unread),
        cmocka_unit_test(a_chunked_body_comes_through),
        cmocka_unit_test(a_refused_request_costs_little_and_keeps_the_connection),
        cmocka_unit_test(a_client_that_asks_to_continue_may),
        cmocka_unit_test(a_head_too_large_is_431),
        cmocka_unit_test(a_dripping_head_or_body_is_cut),
        cmocka_unit_test(a_silent_connection_is_cut),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(a_stop_lets_answers_in_hand_be_sent),
        cmocka_unit_test(a_port_in_use_is_said_in_words),
        cmocka_unit_test_setup(nothing_is_left_open, hand_over),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
