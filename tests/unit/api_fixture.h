/* api_fixture.h - the whole API on a loopback port, over a store and a media folder of its own. */
#pragma once

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>

#include "base/text.h"
#include "place.h"
#include "raw_http.h"
#include "server/api/api.h"
#include "server/store/keys.h"
#include "server/store/ledger.h"
#include "server/store/secrets.h"

#define STANDARD "kling-avatar-v2-standard"
#define PRO      "kling-avatar-v2-pro"
#define PNG      "data:image/png;base64,iVBORw0KGgo="
#define WAV      "data:audio/wav;base64,UklGRgAAAABXQVZF"
#define IMAGE    "\"image_url\":\"https://cdn.example.com/a.png\","
#define AUDIO    "\"audio_url\":\"https://cdn.example.com/a.mp3\","
#define FIRST    "{\"model\":\"" STANDARD "\"," IMAGE AUDIO
#define GOOD     FIRST "\"audio_duration_seconds\":12.5}"

static char folder[] = "/tmp/test_api.XXXXXX", media_folder[64];
static struct store *store;
static struct blobs *blobs;
static struct http_server *server;
static char key[KEY_SIZE], other_key[KEY_SIZE];
static int woken;

static void count_wake(void *ctx) { (*(int *)ctx)++; }
static struct api_setup api = {.price_standard_micro = 56000,
                               .price_pro_micro = 112000,
                               .currency = "USD",
                               .submitted = count_wake,
                               .ctx = &woken};

static inline int start(void **state)
{
    (void)state;
    struct orator_error err = {0};
    struct api_key made;
    assert_non_null(mkdtemp(folder));
    snprintf(media_folder, sizeof(media_folder), "%s/media", folder);
    assert_int_equal(store_open(&store, place(folder), &err), ORATOR_OK);
    assert_int_equal(blobs_open(&blobs, media_folder, &err), ORATOR_OK);
    assert_int_equal(key_create(store, &(struct key_terms){.name = "test"}, &made, key, &err),
                     ORATOR_OK);
    assert_int_equal(
        key_create(store, &(struct key_terms){.name = "other"}, &made, other_key, &err), ORATOR_OK);
    assert_int_equal(secret_get(store, "media", api.link_key, &err), ORATOR_OK);
    api.store = store;
    api.blobs = blobs;
    struct http_setup setup = {.address = "127.0.0.1",
                               .threads = 2,
                               .body_limit_bytes = API_BODY_MAX_BYTES,
                               .admit = api_admit,
                               .handle = api_handle,
                               .ctx = &api};
    assert_int_equal(http_start(&server, &setup, &err), ORATOR_OK);
    return 0;
}

static inline int count_blobs(bool remove)
{
    int n = 0;
    DIR *d = opendir(media_folder);
    for (struct dirent *e; (e = readdir(d));) {
        char path[400];
        if (e->d_name[0] == '.')
            continue;
        n++;
        snprintf(path, sizeof(path), "%s/%s", media_folder, e->d_name);
        if (remove)
            unlink(path);
    }
    closedir(d);
    return n;
}

static inline int stop(void **state)
{
    (void)state;
    http_stop(&server);
    blobs_close(&blobs);
    store_close(&store);
    count_blobs(true);
    rmdir(media_folder);
    static const char *const names[] = {"orator.db", "orator.db-wal", "orator.db-shm"};
    for (int i = 0; i < 3; i++) {
        char path[100];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    return 0;
}

/* `auth`: a key, "" for none, or a whole "Authorization: ..." line. */
static inline struct raw_answer ask(const char *method, const char *path, const char *auth,
                                    const char *headers, const char *body, size_t body_size)
{
    size_t room = body_size + 4096;
    char *text = malloc(room);
    int n = snprintf(text, room, "%s %s HTTP/1.1\r\nHost: api.test:8080\r\nConnection: close\r\n%s",
                     method, path, headers);
    if (strchr(auth, ':'))
        n += snprintf(text + n, room - (size_t)n, "%s\r\n", auth);
    else if (*auth)
        n += snprintf(text + n, room - (size_t)n, "Authorization: Bearer %s\r\n", auth);
    if (body)
        n += snprintf(text + n, room - (size_t)n, "Content-Length: %zu\r\n", body_size);
    n += snprintf(text + n, room - (size_t)n, "\r\n");
    if (body)
        memcpy(text + n, body, body_size);
    struct raw_answer a = raw_exchange(http_port(server), text, (size_t)n + body_size, 60000);
    free(text);
    return a;
}

static inline struct raw_answer submit(const char *body)
{
    return ask("POST", "/v1/video/generations", key, "Content-Type: application/json\r\n", body,
               strlen(body));
}

static inline const char *at(const json_t *root, const char *a, const char *b)
{
    const json_t *v = json_object_get(root, a);
    const char *s = json_string_value(b ? json_object_get(v, b) : v);
    return s ? s : "(none)";
}

static inline json_t *body_json(struct raw_answer *a)
{
    json_error_t where;
    json_t *root = json_loads(raw_body(a), JSON_REJECT_DUPLICATES, &where);
    if (!root)
        fail_msg("not JSON (%s): %.300s", where.text, a->text);
    raw_free(a);
    return root;
}

static inline bool any_task(void)
{
    struct orator_error err;
    struct task task;
    bool found;
    assert_int_equal(queue_claim(store, "test", &task, &found, &err), ORATOR_OK);
    if (found)
        task_fini(&task);
    return found;
}

static inline void expect_error(size_t row, struct raw_answer *a, int status, const char *code,
                                const char *param)
{
    char id[64];
    raw_header(a, "x-request-id", id, sizeof(id));
    if (a->status != status)
        fail_msg("row %zu: answered %d, want %d: %.600s", row, a->status, status, a->text);
    json_t *root = body_json(a);
    if (strcmp(at(root, "error", "code"), code) != 0 ||
        strcmp(at(root, "error", "param"), param ? param : "(none)") != 0 ||
        strcmp(at(root, "error", "request_id"), id) != 0 ||
        strlen(at(root, "error", "message")) < 10)
        fail_msg("row %zu: %s", row, json_dumps(root, 0));
    json_decref(root);
}
