/* queue_bench.h - what the tests of the queue share: a store of its own for each test, a clock that the
 * test sets, short forms of the calls, and the audit of the books. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "place.h"
#include "scratch.h"
#include "server/store/ledger.h"
#include "server/tasks/queue.h"

static char folder[SCRATCH_SIZE];
static struct store *store;
static _Atomic int64_t now_ms;
static inline int64_t clock_of_test(void) { return now_ms; }

static inline void open_store(void)
{
    struct orator_error err = {0};
    if (store_open(&store, place(folder), &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    store_set_clock(store, clock_of_test);
}

static inline int begin(void **state)
{
    (void)state;
    scratch_new(folder);
    now_ms = 1700000000000;
    open_store();
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    store_close(&store);
    scratch_remove(folder);
    return 0;
}

static const struct task_request request = {
    .key_id = "key_a",
    .model = "kling-avatar-v2-standard",
    .image_url = "https://example.com/a.png",
    .audio_url = "blob:abc.wav",
    .declared_ms = 10000,
    .seed = UINT64_MAX - 6,
    .price_micro_per_s = 56000,
};
static const struct task_outcome outcome = {.video_name = "v.mp4",
                                            .duration_ms = 9960,
                                            .size_bytes = 1234,
                                            .width_px = 720,
                                            .height_px = 1280,
                                            .fps = 25,
                                            .thumbnail_name = "t.jpg",
                                            .sha256 = "ab12",
                                            .quality = "{}"};
static const struct orator_error bad_face = {ORATOR_FACE_NOT_FOUND, "no face", "image_url"};
static const struct orator_error hiccup = {ORATOR_DOWNLOAD_TIMEOUT, "slow", "audio_url"};

static inline void submit(char id[TASK_ID_SIZE])
{
    struct task t;
    assert_int_equal(queue_submit(store, &request, &t, NULL), ORATOR_OK);
    strcpy(id, t.id);
    task_fini(&t);
}

/* The id that `worker` got, "" if there was nothing. */
static inline void claim(const char *worker, char id[TASK_ID_SIZE])
{
    struct task t;
    bool found;
    assert_int_equal(queue_claim(store, worker, &t, &found, NULL), ORATOR_OK);
    strcpy(id, t.id);
    assert_int_equal(found, id[0] != '\0');
    task_fini(&t);
}

static inline struct task get(const char *id)
{
    struct task t;
    assert_int_equal(queue_get(store, id, NULL, &t, NULL), ORATOR_OK);
    return t;
}

static inline bool beat(const char *id, const char *worker)
{
    bool kept;
    assert_int_equal(queue_beat(store, id, worker, "render", 5, 250, 9950, &kept, NULL), ORATOR_OK);
    return kept;
}

static inline bool finish(const char *id, const char *worker)
{
    bool kept;
    assert_int_equal(queue_finish(store, id, worker, &outcome, &kept, NULL), ORATOR_OK);
    return kept;
}

static inline bool give_up(const char *id, const char *worker, const struct orator_error *why)
{
    bool kept;
    assert_int_equal(queue_fail(store, id, worker, why, &kept, NULL), ORATOR_OK);
    return kept;
}

static inline struct ledger_sums sums(void)
{
    struct ledger_sums s;
    assert_int_equal(ledger_sum(store, "key_a", &s, NULL), ORATOR_OK);
    return s;
}

/* Every task over: reserve = charge + release. Every other: only a reserve. And the chain holds, and what waits is
 * summed up right. */
static inline void assert_books_balance(void)
{
    static const char *const wrong[] = {
        "SELECT count(*) FROM tasks t WHERE reserved_micro IS DISTINCT FROM (SELECT amount_micro"
        " FROM ledger l WHERE l.task_id = t.id AND kind = 'reserve') OR (SELECT sum(CASE kind WHEN"
        " 'reserve' THEN amount_micro ELSE -amount_micro END) FROM ledger l WHERE l.task_id = t.id)"
        " IS DISTINCT FROM CASE WHEN state >= 2 THEN 0 ELSE reserved_micro END OR charged_micro <>"
        " coalesce((SELECT amount_micro FROM ledger l WHERE l.task_id = t.id AND kind = 'charge'),"
        " 0) OR (charged_micro > 0) <> (state = 2)",
        "SELECT count(*) FROM (SELECT coalesce(sum(tasks), 0) AS n, coalesce(sum(declared_ms), 0)"
        " AS ms FROM queue_sums) AS q WHERE n <> (SELECT count(*) FROM tasks WHERE state = 0) OR ms"
        " <> (SELECT coalesce(sum(declared_ms), 0) FROM tasks WHERE state = 0)"};
    int64_t rows;
    struct orator_error err = {0};
    if (ledger_verify(store, &rows, &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    for (int i = 0; i < 2; i++) {
        int64_t count = -1;
        assert_true(place_ask(folder, wrong[i], &count));
        assert_int_equal(count, 0);
    }
}
