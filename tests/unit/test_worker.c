#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "scratch.h"
#include "server/store/ledger.h"
#include "server/worker/worker.h"

/* An engine that a test plays: so many frames, so slow, with such an end. */
static struct {
    int frames, frame_ms;
    int64_t voice_us;
    _Atomic enum orator_status end;
    atomic_int runs, at_frame;
    struct warnings warnings;
    char seen[256]; /* what it was given */
} play;

const char *engine_stage_name(enum engine_stage s)
{
    static const char *const names[] = {"inspect", "speech", "motion", "render"};
    return names[s];
}

enum orator_status engine_open(struct engine **out, const char *folder, struct orator_error *err)
{
    (void)folder, (void)err;
    *out = NULL;
    return ORATOR_OK;
}

void engine_free(struct engine **e) { *e = NULL; }

enum orator_status engine_run(const struct engine *e, const struct engine_job *job,
                              struct engine_result *result, struct orator_error *err)
{
    (void)e;
    play.runs++;
    snprintf(play.seen, sizeof(play.seen),
             "%s+%s tier=%d seed=%llu prompt=%s %s %d %s box=%g head=%g blink=%d",
             job->portrait->data, job->voice->data, job->tier, (unsigned long long)job->seed,
             job->prompt ? job->prompt : "-", job->resolution, job->fps, job->aspect_ratio,
             job->face_box ? (double)job->face_box[3] : -1,
             job->gains ? (double)job->gains->head : -1, job->gains ? job->gains->blink : -1);
    enum orator_status s = ORATOR_OK;
    for (int stage = 0; stage < ENGINE_STAGE_COUNT && s == ORATOR_OK; stage++)
        s = job->progress(job->ctx,
                          &(struct engine_progress){.stage = (enum engine_stage)stage,
                                                    .voice_us = stage ? play.voice_us : 0},
                          err);
    if (s == ORATOR_OK)
        s = file_write(job->preview_path, "live", 4, err);
    for (int i = 1; i <= play.frames && s == ORATOR_OK; i++) {
        usleep((useconds_t)play.frame_ms * 1000);
        play.at_frame = i;
        s = job->progress(job->ctx,
                          &(struct engine_progress){ENGINE_RENDER, i, play.frames, play.voice_us,
                                                    i * INT64_C(400000)},
                          err);
    }
    if (s != ORATOR_OK)
        return s;
    if (play.end != ORATOR_OK)
        return orator_fail(err, play.end, "as the test says");
    *result = (struct engine_result){.frames = play.frames,
                                     .size_bytes = 5,
                                     .voice_us = play.voice_us,
                                     .duration_us = play.voice_us,
                                     .width_px = 720,
                                     .height_px = 1280,
                                     .fps = 25,
                                     .face_box = {10, 20, 30.25f, 40},
                                     .face_yaw_rad = 0.1f,
                                     .face_confidence = 0.9f,
                                     .eye_distance_px = 61,
                                     .brightness = 0.5f,
                                     .contrast = 0.75f,
                                     .warnings = play.warnings};
    result->heard = (struct heard){{{"smile", "expression", "smile", 1}}, 1};
    s = file_write(job->thumbnail_path, "small", 5, err);
    if (s == ORATOR_OK && job->captions_path)
        s = file_write(job->captions_path, job->text, strlen(job->text), err);
    return s == ORATOR_OK ? file_write(job->output_path, "video", 5, err) : s;
}

static char folder[SCRATCH_SIZE], media[SCRATCH_SIZE + 8], voice_name[BLOB_NAME_SIZE];
static struct store *store;
static struct blobs *blobs;
static struct worker *worker;
static int64_t stage_ms, declared_ms;
static _Atomic int64_t ahead_ms;
static int64_t clock_of_test(void) { return clock_wall_ms() + ahead_ms; }

static int begin(void **state)
{
    (void)state;
    scratch_new(folder);
    snprintf(media, sizeof(media), "%s/media", folder);
    ahead_ms = 0;
    stage_ms = 0;
    declared_ms = 10000;
    play.frames = 3;
    play.frame_ms = 1;
    play.voice_us = 9950000;
    play.end = ORATOR_OK;
    play.runs = play.at_frame = 0;
    play.warnings = (struct warnings){0};
    if (store_open(&store, folder, NULL) != ORATOR_OK ||
        blobs_open(&blobs, media, NULL) != ORATOR_OK)
        return -1;
    store_set_clock(store, clock_of_test);
    return 0;
}

static int end(void **state)
{
    (void)state;
    worker_stop(&worker);
    blobs_close(&blobs);
    store_close(&store);
    scratch_remove(folder);
    return 0;
}

static void start(void)
{
    assert_int_equal(worker_start(&worker,
                                  &(struct worker_setup){.store = store,
                                                         .blobs = blobs,
                                                         .standard = maker_orator(NULL),
                                                         .pro = maker_orator(NULL),
                                                         .max_voice_ms = 300000,
                                                         .stage_ms = stage_ms},
                                  NULL),
                     ORATOR_OK);
}

/* A task whose voice was uploaded. */
static void submit(char id[TASK_ID_SIZE])
{
    char url[BLOB_NAME_SIZE + 8];
    struct task t;
    blob_name_new(voice_name, "wav");
    assert_int_equal(blob_put(blobs, voice_name, "voice", 5, NULL), ORATOR_OK);
    snprintf(url, sizeof(url), "blob:%s", voice_name);
    assert_int_equal(queue_submit(store,
                                  &(struct task_request){
                                      .key_id = "key_a",
                                      .model = "kling-avatar-v2-pro",
                                      .image_url = "data:image/png;base64,ZmFjZQ==",
                                      .audio_url = url,
                                      .prompt = "smile",
                                      .text = "Cheese.",
                                      .declared_ms = declared_ms,
                                      .seed = 7,
                                      .options = {.resolution = "480p",
                                                  .fps = 30,
                                                  .aspect_ratio = "1:1",
                                                  .face_box = {10, 20, 30, 40},
                                                  .captions = true,
                                                  .moves = true,
                                                  .head = 0.5},
                                      .price_micro_per_s = 100000,
                                  },
                                  &t, NULL),
                     ORATOR_OK);
    strcpy(id, t.id);
    task_fini(&t);
}

static enum task_state state_of(const char *id)
{
    struct task t;
    assert_int_equal(queue_get(store, id, NULL, &t, NULL), ORATOR_OK);
    enum task_state s = t.state;
    task_fini(&t);
    return s;
}

/* The task once it is in `wanted`; half a minute is more than any test needs. */
static struct task wait_until(const char *id, enum task_state wanted)
{
    struct task t;
    for (int i = 0; state_of(id) != wanted; i++) {
        if (i > 3000)
            fail_msg("still %s", task_state_word(state_of(id)));
        usleep(10000);
    }
    assert_int_equal(queue_get(store, id, NULL, &t, NULL), ORATOR_OK);
    return t;
}

static void wait_for_frame(int frame)
{
    for (int i = 0; play.at_frame < frame; i++) {
        assert_true(i < 3000);
        usleep(10000);
    }
}

static int files_in_media(void)
{
    int n = 0;
    DIR *d = opendir(media);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static int64_t sum(enum ledger_kind kind)
{
    struct ledger_sums s;
    assert_int_equal(ledger_sum(store, NULL, &s, NULL), ORATOR_OK);
    return s.micro[kind];
}

static void a_task_becomes_a_video_and_is_charged(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    struct bytes b;
    start();
    usleep(50000); /* it sleeps on an empty queue */
    int64_t start_ms = clock_steady_ms();
    submit(id);
    worker_wake(worker);
    struct task t = wait_until(id, TASK_COMPLETED);
    assert_true(clock_steady_ms() - start_ms < 800); /* it did not sleep on */
    assert_string_equal(
        play.seen, "face+voice tier=1 seed=7 prompt=smile 480p 30 1:1 box=40 head=0.5 blink=0");
    assert_int_equal(t.charged_micro, 995000);
    assert_int_equal(t.duration_ms, 9950);
    assert_int_equal(t.size_bytes, 5);
    assert_int_equal(t.fps, 25);
    assert_int_equal(blob_get(blobs, t.video_name, 5, &b, NULL), ORATOR_OK);
    assert_string_equal((char *)b.data, "video");
    bytes_fini(&b);
    assert_int_equal(blob_get(blobs, t.thumbnail_name, 5, &b, NULL), ORATOR_OK);
    assert_string_equal((char *)b.data, "small");
    bytes_fini(&b);
    assert_int_equal(blob_get(blobs, t.captions_name, 9, &b, NULL), ORATOR_OK);
    assert_string_equal((char *)b.data, "Cheese.");
    bytes_fini(&b);
    assert_string_equal(t.direction, "[{\"phrase\": \"smile\", \"aspect\": \"expression\", "
                                     "\"means\": \"smile\", \"amount\": 1}]");
    assert_string_equal(t.sha256, /* of "video" */
                        "0cab1c9617404faf2b24e221e189ca5945813e14d3f766345b09ca13bbe28ffc");
    assert_string_equal(t.quality,
                        "{\"face\":{\"box\":[10.0,20.0,30.2,40.0],\"yaw\":5.7,"
                        "\"confidence\":0.900,\"eye_distance\":61.0},\"brightness\":0.50,"
                        "\"contrast\":0.75}");
    task_fini(&t);
    assert_int_equal(sum(LEDGER_CHARGE), 995000);
}

static void the_first_second_can_be_watched_until_it_is_over(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    struct task t;
    struct bytes b;
    play.frames = 8;
    play.frame_ms = 60;
    submit(id);
    start();
    wait_for_frame(1);
    assert_int_equal(queue_get(store, id, NULL, &t, NULL), ORATOR_OK);
    assert_string_equal(t.preview_name, ""); /* .4 of a second */
    task_fini(&t);
    wait_for_frame(4);
    assert_int_equal(queue_get(store, id, NULL, &t, NULL), ORATOR_OK);
    assert_int_equal(blob_get(blobs, t.preview_name, 5, &b, NULL), ORATOR_OK);
    assert_string_equal((char *)b.data, "live");
    bytes_fini(&b);
    task_fini(&t);
    t = wait_until(id, TASK_COMPLETED);
    assert_string_equal(t.preview_name, "");
    task_fini(&t);
    worker_stop(&worker);
    assert_int_equal(files_in_media(), 3); /* the video, its thumbnail, its captions */
}

static void what_the_engine_warns_of_is_kept_with_the_task(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    warnings_add(&play.warnings, "small_face", "the face is %d px between the \"eyes\"", 31);
    warnings_add(&play.warnings, "beard", "hair at the lips");
    submit(id);
    start();
    struct task t = wait_until(id, TASK_COMPLETED);
    assert_string_equal(t.warnings, "[{\"code\": \"small_face\", \"message\": \"the face is 31 px "
                                    "between the \\\"eyes\\\"\"}, {\"code\": \"beard\", "
                                    "\"message\": \"hair at the lips\"}]");
    task_fini(&t);
}

static void a_task_without_warnings_keeps_none(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    submit(id);
    start();
    struct task t = wait_until(id, TASK_COMPLETED);
    assert_null(t.warnings);
    task_fini(&t);
}

static void uploads_go_when_their_task_is_over(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE], lost[TASK_ID_SIZE];
    struct task t;
    bool found, kept;
    /* one that failed while nobody looked */
    submit(lost);
    assert_int_equal(queue_claim(store, "other", &t, &found, NULL), ORATOR_OK);
    task_fini(&t);
    assert_int_equal(queue_fail(store, lost, "other",
                                &(struct orator_error){.status = ORATOR_FACE_NOT_FOUND}, &kept,
                                NULL),
                     ORATOR_OK);
    submit(id);
    assert_int_equal(files_in_media(), 2);
    start();
    t = wait_until(id, TASK_COMPLETED);
    task_fini(&t);
    worker_stop(&worker);
    assert_int_equal(files_in_media(), 3); /* the video, its thumbnail, its captions */
}

static void a_failure_releases_and_says_why(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    play.end = ORATOR_FACE_NOT_FOUND;
    submit(id);
    start();
    struct task t = wait_until(id, TASK_FAILED);
    assert_int_equal(t.failure, ORATOR_FACE_NOT_FOUND);
    assert_string_equal(t.failure_text, "as the test says");
    assert_string_equal(t.stage, "fetch"); /* the run was over before the first beat */
    task_fini(&t);
    assert_int_equal(sum(LEDGER_CHARGE), 0);
    assert_int_equal(sum(LEDGER_RELEASE), 1000000);
    worker_stop(&worker);
    assert_int_equal(files_in_media(), 0);
}

static void a_hiccup_is_tried_again(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    play.end = ORATOR_RENDER_FAILED;
    submit(id);
    start();
    while (play.runs < 1)
        usleep(1000);
    struct task t = wait_until(id, TASK_QUEUED);
    play.end = ORATOR_OK;
    assert_int_equal(files_in_media(), 1); /* its voice is needed again */
    task_fini(&t);
    ahead_ms = 5000;
    t = wait_until(id, TASK_COMPLETED);
    assert_int_equal(t.attempt, 2);
    task_fini(&t);
}

static void a_wrong_duration_fails_with_both_numbers(void **state)
{
    (void)state;
    static const struct {
        int64_t declared_ms, voice_us;
        bool fits;
    } cases[] = {{10000, 10500000, true},  {10000, 10501000, false}, {10000, 9500000, true},
                 {10000, 9499000, false},  {10000, 3000000, false},  {2000, 2500000, true},
                 {2000, 2501000, false},   {2000, 1500000, true},    {20000, 21000000, true},
                 {20000, 21001000, false}, {20000, 19000000, true},  {10000, 10000000, true}};
    start();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char id[TASK_ID_SIZE], number[32], other[32];
        declared_ms = cases[i].declared_ms;
        play.voice_us = cases[i].voice_us;
        submit(id);
        worker_wake(worker);
        struct task t = wait_until(id, cases[i].fits ? TASK_COMPLETED : TASK_FAILED);
        if (!cases[i].fits) {
            snprintf(number, sizeof(number), "%.3f", (double)cases[i].voice_us * 1e-6);
            assert_int_equal(t.failure, ORATOR_AUDIO_DURATION_MISMATCH);
            assert_string_equal(t.failure_param, "audio_duration_seconds");
            snprintf(other, sizeof(other), "%.3f", (double)declared_ms / 1000);
            assert_non_null(strstr(t.failure_text, other));
            assert_non_null(strstr(t.failure_text, number));
        }
        task_fini(&t);
    }
}

static void a_missing_upload_names_its_field(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    submit(id);
    blob_remove(blobs, voice_name);
    start();
    struct task t = wait_until(id, TASK_FAILED);
    assert_int_equal(t.failure, ORATOR_DOWNLOAD_FAILED);
    assert_string_equal(t.failure_param, "audio_url");
    assert_int_equal(play.runs, 0);
    task_fini(&t);
}

static void how_far_it_is_can_be_read(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    struct task t;
    play.frames = 120;
    play.frame_ms = 20;
    submit(id);
    start();
    wait_for_frame(80); /* 1.6 s: at least one beat */
    assert_int_equal(queue_get(store, id, NULL, &t, NULL), ORATOR_OK);
    assert_string_equal(t.stage, "render");
    assert_in_range(t.frames_done, 20, 80);
    assert_int_equal(t.frames_total, 120);
    assert_int_equal(t.measured_ms, 9950);
    task_fini(&t);
}

static void a_stop_hands_the_task_back(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    struct task t;
    play.frames = 100000;
    play.frame_ms = 5;
    submit(id);
    start();
    wait_for_frame(3);
    int64_t start_ms = clock_steady_ms();
    worker_stop(&worker);
    assert_null(worker);
    assert_true(clock_steady_ms() - start_ms < 1000);
    assert_int_equal(queue_get(store, id, NULL, &t, NULL), ORATOR_OK);
    assert_int_equal(t.state, TASK_QUEUED);
    assert_int_equal(t.attempt, 0);
    task_fini(&t);
    assert_int_equal(files_in_media(), 1); /* the voice, for the next server */
}

static void a_lost_lease_publishes_nothing(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    struct task t;
    bool found;
    play.frames = 100000;
    play.frame_ms = 5;
    submit(id);
    start();
    wait_for_frame(3);
    ahead_ms = TASK_LEASE_MS + 5000; /* as if this process had been frozen */
    assert_int_equal(queue_claim(store, "thief", &t, &found, NULL), ORATOR_OK);
    assert_true(found);
    task_fini(&t);
    int last;
    do { /* the render ends by itself */
        last = play.at_frame;
        usleep(100000);
    } while (play.at_frame != last && last < 2000);
    assert_true(last < 1000);
    assert_int_equal(queue_get(store, id, NULL, &t, NULL), ORATOR_OK);
    assert_int_equal(t.state, TASK_PROCESSING);
    assert_string_equal(t.worker, "thief");
    task_fini(&t);
    assert_int_equal(files_in_media(), 1); /* the voice, for the thief */
    assert_int_equal(sum(LEDGER_CHARGE), 0);
}

static void a_lease_lost_at_the_last_moment_publishes_nothing(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    struct task t;
    bool found;
    play.frames = 20;
    play.frame_ms = 10; /* over before the next beat could notice */
    submit(id);
    start();
    wait_for_frame(3);
    ahead_ms = TASK_LEASE_MS + 5000;
    assert_int_equal(queue_claim(store, "thief", &t, &found, NULL), ORATOR_OK);
    assert_true(found);
    task_fini(&t);
    wait_for_frame(20);
    usleep(100000);
    assert_int_equal(state_of(id), TASK_PROCESSING);
    assert_int_equal(files_in_media(), 1);
}

static void a_stage_that_takes_too_long_is_ended(void **state)
{
    (void)state;
    char id[TASK_ID_SIZE];
    struct task t;
    play.frames = 100000;
    play.frame_ms = 5;
    play.voice_us = 10000; /* 20 times the voice is less than stage_ms */
    stage_ms = 500;
    assert_int_equal(queue_submit(store,
                                  &(struct task_request){.key_id = "key_a",
                                                         .model = "kling-avatar-v2-standard",
                                                         .image_url = "data:,face",
                                                         .audio_url = "data:,voice",
                                                         .declared_ms = 10,
                                                         .price_micro_per_s = 100000},
                                  &t, NULL),
                     ORATOR_OK);
    strcpy(id, t.id);
    task_fini(&t);
    start();
    wait_for_frame(3);
    t = wait_until(id, TASK_QUEUED); /* worth another try */
    task_fini(&t);
    for (int i = 0; i < TASK_ATTEMPTS_MAX - 1; i++) {
        ahead_ms += 10000;
        worker_wake(worker);
        t = wait_until(id, TASK_PROCESSING);
        task_fini(&t);
        t = wait_until(id, i + 2 < TASK_ATTEMPTS_MAX ? TASK_QUEUED : TASK_FAILED);
        if (i + 2 == TASK_ATTEMPTS_MAX) {
            assert_int_equal(t.failure, ORATOR_STAGE_TIMEOUT);
            assert_string_equal(t.failure_text, "the render stage took too long");
        }
        task_fini(&t);
    }
    assert_int_equal(files_in_media(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(claim) cmocka_unit_test_setup_teardown(claim, begin, end)
        T(a_task_becomes_a_video_and_is_charged),
        T(the_first_second_can_be_watched_until_it_is_over),
        T(what_the_engine_warns_of_is_kept_with_the_task),
        T(a_task_without_warnings_keeps_none),
        T(uploads_go_when_their_task_is_over),
        T(a_failure_releases_and_says_why),
        T(a_hiccup_is_tried_again),
        T(a_wrong_duration_fails_with_both_numbers),
        T(a_missing_upload_names_its_field),
        T(how_far_it_is_can_be_read),
        T(a_stop_hands_the_task_back),
        T(a_lost_lease_publishes_nothing),
        T(a_lease_lost_at_the_last_moment_publishes_nothing),
        T(a_stage_that_takes_too_long_is_ended),
#undef T
    };
    if (fetch_setup(NULL) != ORATOR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
