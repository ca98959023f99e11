/* Claims about watching a video while it is made. */
#include "claims.h"

#include <pthread.h>
#include <time.h>

#include "api_fixture.h"
#include "server/api/link.h"

static char name[BLOB_NAME_SIZE], path[200];

static void nap(int ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

static void append(const char *text)
{
    FILE *f = fopen(path, "a");
    fputs(text, f);
    fclose(f);
}

static void *make_the_rest(void *arg)
{
    (void)arg;
    nap(200);
    append("<second>");
    nap(200);
    append("<last>");
    unlink(path);
    return NULL;
}

static void begin_preview(void)
{
    blob_name_new(name, BLOB_PREVIEW);
    snprintf(path, sizeof(path), "%s/%s", media_folder, name);
    append("<first>");
}

static void a_watcher_is_given_all_of_it_as_it_comes(void **state)
{
    (void)state;
    pthread_t maker;
    char url[LINK_SIZE], v[64];
    begin_preview();
    link_make(url, &api, "", name, 0);
    assert_int_equal(pthread_create(&maker, NULL, make_the_rest, NULL), 0);

    int fd = raw_connect(http_port(server));
    char text[700];
    int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                     url);
    assert_true(raw_send(fd, text, (size_t)n));
    struct raw_answer early = raw_receive(fd, 120, false, false); /* a pause of the maker's */
    assert_int_equal(early.status, 200);
    assert_string_equal(raw_header(&early, "Content-Type", v, sizeof(v)), "video/mp4");
    assert_string_equal(raw_header(&early, "Access-Control-Allow-Origin", v, sizeof(v)), "*");
    assert_non_null(strstr(early.text, "<first>"));
    assert_null(strstr(early.text, "<second>"));
    assert_false(early.closed);
    raw_free(&early);

    struct raw_answer rest = raw_receive(fd, 2000, false, false);
    assert_non_null(strstr(rest.text, "<second>"));
    assert_non_null(strstr(rest.text, "<last>"));
    assert_non_null(strstr(rest.text, "\r\n0\r\n")); /* a whole answer, not a cut one */
    assert_true(rest.closed);
    raw_free(&rest);
    close(fd);
    pthread_join(maker, NULL);

    struct raw_answer late = ask("GET", url, "", "", NULL, 0);
    assert_int_equal(late.status, 404);
    assert_non_null(strstr(late.text, "video_url"));
    raw_free(&late);
}

/* The job of a task as its owner sees it. */
static json_t *job_of(const char *id)
{
    char url[100];
    snprintf(url, sizeof(url), "/v1/video/generations/%s", id);
    struct raw_answer a = ask("GET", url, key, "", NULL, 0);
    return body_json(&a);
}

static void a_job_names_it_while_it_is_processed(void **state)
{
    (void)state;
    struct task t;
    bool found, kept;
    char want[100];
    struct raw_answer a = submit(GOOD);
    raw_free(&a);
    assert_int_equal(queue_claim(store, "w", &t, &found, NULL), ORATOR_OK);
    assert_true(found);
    json_t *job = job_of(t.id);
    assert_null(json_object_get(job, "preview_url"));
    json_decref(job);

    assert_int_equal(queue_preview(store, t.id, "another", "a.live.mp4", &kept, NULL), ORATOR_OK);
    assert_false(kept);
    assert_int_equal(queue_preview(store, t.id, "w", "b.live.mp4", &kept, NULL), ORATOR_OK);
    assert_true(kept);
    job = job_of(t.id);
    snprintf(want, sizeof(want), "http://api.test:8080/media/b.live.mp4?exp=");
    assert_true(text_starts(at(job, "preview_url", NULL), want));
    json_decref(job);

    /* another try makes another preview */
    assert_int_equal(queue_hand_back(store, t.id, "w", NULL), ORATOR_OK);
    task_fini(&t);
    assert_int_equal(queue_claim(store, "w", &t, &found, NULL), ORATOR_OK);
    job = job_of(t.id);
    assert_string_equal(at(job, "status", NULL), "processing");
    assert_null(json_object_get(job, "preview_url"));
    json_decref(job);

    assert_int_equal(queue_preview(store, t.id, "w", "c.live.mp4", &kept, NULL), ORATOR_OK);
    struct task_outcome outcome = {.video_name = "v.mp4", .duration_ms = 12500};
    assert_int_equal(queue_finish(store, t.id, "w", &outcome, &kept, NULL), ORATOR_OK);
    job = job_of(t.id);
    assert_string_equal(at(job, "status", NULL), "completed");
    assert_null(json_object_get(job, "preview_url"));
    json_decref(job);
    task_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watcher_is_given_all_of_it_as_it_comes),
        cmocka_unit_test(a_job_names_it_while_it_is_processed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
