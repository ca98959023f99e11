/* Claims about answers that come later, and bodies that come piece by piece. */
#include "claims.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "raw_http.h"
#include "server/http/http.h"

static struct http_server *server;
static int port;
static atomic_int alive; /* streams begun and not freed */
static atomic_int calls;

struct counter {
    int sent;
};

/* Three pieces, the second of them long, then the end. */
static enum http_next count_to_three(void *ctx, const struct http_request *r, char **piece,
                                     size_t *size)
{
    struct counter *c = ctx;
    assert_non_null(http_header(r, "Host"));
    if (c->sent == 3)
        return HTTP_STREAM_END;
    c->sent++;
    *size = c->sent == 2 ? 100000 : 1;
    *piece = malloc(*size);
    memset(*piece, '0' + c->sent, *size);
    return c->sent == 2 ? HTTP_STREAM_LATER : HTTP_STREAM_MORE;
}

static enum http_next say_little(void *ctx, const struct http_request *r, char **piece,
                                 size_t *size)
{
    struct counter *c = ctx;
    (void)r;
    if (c->sent++ % 2 == 0)
        return HTTP_STREAM_LATER;
    *piece = strdup(":\n");
    *size = 2;
    return HTTP_STREAM_LATER;
}

static void free_counter(void *ctx)
{
    free(ctx);
    alive--;
}

static void nap(int ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

/* Somebody else's work, after which the request goes on. */
static void *let_go(void *request)
{
    nap(100);
    http_go_on(request);
    return NULL;
}

static void free_held(void *memory)
{
    free(memory);
    alive--;
}

static enum orator_status hold(const struct http_request *r, struct http_answer *a)
{
    pthread_t thread;
    if (a->memory) {
        a->body = strdup(r->body ? "body" : "went on");
        a->body_size = strlen(a->body);
        return ORATOR_OK;
    }
    alive++;
    a->memory = malloc(1);
    a->free_memory = free_held;
    http_hold(r);
    assert_int_equal(pthread_create(&thread, NULL, let_go, (void *)(uintptr_t)r), 0);
    pthread_detach(thread);
    return ORATOR_OK;
}

static enum orator_status handle(void *ctx, const struct http_request *r, struct http_answer *a,
                                 struct orator_error *err)
{
    (void)ctx, (void)err;
    calls++;
    if (strcmp(r->path, "/count") == 0 || strcmp(r->path, "/forever") == 0) {
        alive++;
        a->content_type = "text/event-stream";
        a->stream = (struct http_stream){
            .next = strcmp(r->path, "/count") == 0 ? count_to_three : say_little,
            .free = free_counter,
            .ctx = calloc(1, sizeof(struct counter)),
            .wait_ms = 30,
        };
    } else if (strcmp(r->path, "/held") == 0) {
        return hold(r, a);
    } else if (strcmp(r->path, "/later") == 0) {
        int n = a->note[0] ? atoi(a->note) : 0;
        if (n == 0 ? r->body_size != 5 : r->body != NULL)
            return ORATOR_INTERNAL;
        if (http_elapsed_ms(r) < 300 && !http_is_stopping(r)) {
            snprintf(a->note, sizeof(a->note), "%d", n + 1);
            a->again_ms = 100;
            return ORATOR_OK;
        }
        a->body = strdup(n >= 2 ? "waited" : "hurried");
        a->body_size = strlen(a->body);
    }
    return ORATOR_OK;
}

static int start(void **state)
{
    (void)state;
    struct orator_error err = {0};
    struct http_setup setup = {.address = "127.0.0.1",
                               .threads = 1,
                               .body_limit_bytes = 1000,
                               .timeout_s = 1,
                               .handle = handle};
    assert_int_equal(http_start(&server, &setup, &err), ORATOR_OK);
    port = http_port(server);
    alive = calls = 0;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_stop(&server);
    return 0;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
#define LATER \
    "POST /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"

static int send_text(const char *text)
{
    int fd = raw_connect(port);
    assert_true(fd >= 0 && raw_send(fd, text, strlen(text)));
    return fd;
}

static void a_stream_comes_whole_and_in_pieces(void **state)
{
    (void)state;
    struct raw_answer a = raw_exchange(port, GET("/count"), strlen(GET("/count")), 2000);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.text, "chunked"));
    assert_non_null(strstr(a.text, "text/event-stream"));
    size_t ones = 0, twos = 0, threes = 0;
    for (const char *p = strstr(a.text, "\r\n\r\n") + 4; *p;) {
        size_t n = strtoul(p, NULL, 16);
        p = strchr(p, '\n') + 1;
        for (size_t i = 0; i < n; i++, p++) {
            ones += *p == '1';
            twos += *p == '2';
            threes += *p == '3';
        }
        p += 2;
    }
    assert_int_equal(ones, 1);
    assert_int_equal(twos, 100000);
    assert_int_equal(threes, 1);
    raw_free(&a);
    for (int i = 0; i < 100 && alive > 0; i++)
        nap(10);
    assert_int_equal(alive, 0);
}

static void a_hundred_that_wait_leave_the_one_thread_free(void **state)
{
    (void)state;
    enum { WAITERS = 100 };
    int fds[WAITERS];
    int64_t begin_ms = clock_steady_ms();
    for (int i = 0; i < WAITERS; i++)
        fds[i] = send_text(i % 2 ? LATER : GET("/forever"));
    struct raw_answer quick = raw_exchange(port, GET("/"), strlen(GET("/")), 2000);
    assert_int_equal(quick.status, 200);
    assert_true(clock_steady_ms() - begin_ms < 290); /* before any of the others was done */
    raw_free(&quick);
    for (int i = 0; i < WAITERS; i++) {
        if (i % 2) {
            struct raw_answer a = raw_receive(fds[i], 2000, false, false);
            assert_int_equal(a.status, 200);
            assert_string_equal(raw_body(&a), "waited");
            raw_free(&a);
        }
        close(fds[i]);
    }
    assert_true(clock_steady_ms() - begin_ms < 2000);
    for (int i = 0; i < 300 && alive > 0; i++) /* who hung up is noticed at the next piece */
        nap(10);
    assert_int_equal(alive, 0);
}

static void who_is_held_costs_no_thread_and_goes_on_when_told(void **state)
{
    (void)state;
    enum { HELD = 40 };
    int fds[HELD];
    int64_t begin_ms = clock_steady_ms();
    for (int i = 0; i < HELD; i++)
        fds[i] = send_text(GET("/held"));
    for (int i = 0; i < HELD; i++) {
        struct raw_answer a = raw_receive(fds[i], 2000, false, false);
        assert_int_equal(a.status, 200);
        assert_string_equal(raw_body(&a), "went on");
        raw_free(&a);
        close(fds[i]);
    }
    assert_true(clock_steady_ms() - begin_ms <
                HELD * 100 / 2); /* one by one it would be the double */
    for (int i = 0; i < 100 && alive > 0; i++)
        nap(10);
    assert_int_equal(alive, 0);
}

static void who_waits_longer_than_the_timeout_is_not_cut(void **state)
{
    (void)state;
    int fd = send_text(GET("/forever"));
    nap(1500); /* the listener's timeout is 1 s */
    struct raw_answer a = raw_receive(fd, 200, true, true);
    assert_int_equal(a.status, 200);
    assert_false(a.closed);
    raw_free(&a);
    close(fd);
}

static void listeners_leave_room_for_those_who_ask(void **state)
{
    (void)state;
    enum { LISTENERS = 350 }; /* HTTP_STREAMS_MAX */
    static int fds[LISTENERS];
    for (int i = 0; i < LISTENERS; i++)
        fds[i] = send_text(GET("/forever"));
    while (alive < LISTENERS)
        nap(5);
    struct raw_answer a = raw_exchange(port, GET("/forever"), strlen(GET("/forever")), 2000);
    assert_int_equal(a.status, 503);
    assert_non_null(strstr(a.text, "queue_full"));
    raw_free(&a);
    a = raw_exchange(port, GET("/"), strlen(GET("/")), 2000);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    for (int i = 0; i < LISTENERS; i++)
        close(fds[i]);
    for (int i = 0; i < 300 && alive > 0; i++)
        nap(10);
    a = raw_exchange(port, GET("/count"), strlen(GET("/count")), 2000);
    assert_int_equal(a.status, 200); /* their places are free again */
    raw_free(&a);
}

static void a_stop_answers_those_who_wait(void **state)
{
    (void)state;
    int stream = send_text(GET("/forever")), later = send_text(LATER);
    while (calls < 2)
        nap(5);
    int64_t begin_ms = clock_steady_ms();
    http_stop(&server);
    assert_true(clock_steady_ms() - begin_ms < 250);
    struct raw_answer a = raw_receive(later, 500, false, false);
    assert_string_equal(raw_body(&a), "hurried");
    raw_free(&a);
    a = raw_receive(stream, 500, false, false);
    assert_true(a.closed && strstr(a.text, "0\r\n\r\n"));
    raw_free(&a);
    close(stream);
    close(later);
    assert_int_equal(alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_stream_comes_whole_and_in_pieces, start, stop),
        cmocka_unit_test_setup_teardown(a_hundred_that_wait_leave_the_one_thread_free, start, stop),
        cmocka_unit_test_setup_teardown(who_is_held_costs_no_thread_and_goes_on_when_told, start,
                                        stop),
        cmocka_unit_test_setup_teardown(who_waits_longer_than_the_timeout_is_not_cut, start, stop),
        cmocka_unit_test_setup_teardown(listeners_leave_room_for_those_who_ask, start, stop),
        cmocka_unit_test_setup_teardown(a_stop_answers_those_who_wait, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
