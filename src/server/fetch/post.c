#include "server/fetch/post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "server/fetch/guard.h"

enum {
    TOTAL_TIMEOUT_MS = 15000, /* as docs/webhooks.md promises */
    ANSWER_MAX_BYTES = 64 << 10
};

struct transfer {
    CURL *handle; /* NULL: free */
    struct curl_slist *headers;
    char *body;
    struct guard guard;
    size_t received_bytes;
    int64_t began_ms;
    void *ctx;
};

struct poster {
    CURLM *multi;
    struct fetch_policy policy;
    post_done *done;
    struct transfer transfers[POSTER_AT_ONCE];
};

enum orator_status poster_open(struct poster **out, const struct fetch_policy *policy,
                               post_done *done, struct orator_error *err)
{
    struct poster *p = calloc(1, sizeof(*p));
    if (p)
        p->multi = curl_multi_init();
    if (!p || !p->multi) {
        free(p);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the sender of webhooks");
    }
    p->policy = *policy;
    p->done = done;
    *out = p;
    return ORATOR_OK;
}

static void release(struct poster *p, struct transfer *t)
{
    if (t->handle) {
        curl_multi_remove_handle(p->multi, t->handle);
        curl_easy_cleanup(t->handle);
    }
    curl_slist_free_all(t->headers);
    free(t->body);
    *t = (struct transfer){0};
}

void poster_close(struct poster **poster)
{
    struct poster *p = *poster;
    if (!p)
        return;
    for (int i = 0; i < POSTER_AT_ONCE; i++) {
        struct transfer *t = &p->transfers[i];
        void *ctx = t->ctx;
        bool cut = t->handle != NULL;
        release(p, t);
        if (cut)
            p->done(ctx, -1, "", 0);
    }
    curl_multi_cleanup(p->multi);
    free(p);
    *poster = NULL;
}

int poster_room(const struct poster *p)
{
    int room = 0;
    for (int i = 0; i < POSTER_AT_ONCE; i++)
        room += !p->transfers[i].handle;
    return room;
}

bool poster_host_is_busy(const struct poster *p, const char *text)
{
    struct url url;
    int same = 0;
    if (url_parse(&url, text, &p->policy, "", NULL) != ORATOR_OK)
        return false;
    for (int i = 0; i < POSTER_AT_ONCE; i++) {
        const struct transfer *t = &p->transfers[i];
        same +=
            t->handle && t->guard.url.port == url.port && strcmp(t->guard.url.host, url.host) == 0;
    }
    return same >= POSTER_PER_HOST;
}

/* The answer is of no interest; who sends much of it is cut, and its status counts. */
static size_t drop(char *data, size_t one, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    (void)data, (void)one;
    t->received_bytes += n;
    return t->received_bytes > ANSWER_MAX_BYTES ? 0 : n;
}

static bool set_up(struct poster *p, struct transfer *t, const struct post *post)
{
    CURL *h = t->handle;
    int64_t total_ms =
        p->policy.total_timeout_ms > 0 ? p->policy.total_timeout_ms : TOTAL_TIMEOUT_MS;
    /* Expect: 100-continue would cost a small body a second of waiting */
    static const char *const standing[] = {"Content-Type: application/json", "Expect:", "Accept:"};
    for (size_t i = 0; i < sizeof(standing) / sizeof(standing[0]) + POSTER_HEADERS; i++) {
        const size_t n = sizeof(standing) / sizeof(standing[0]);
        const char *line = i < n ? standing[i] : post->headers[i - n];
        if (!line)
            break;
        struct curl_slist *longer = curl_slist_append(t->headers, line);
        if (!longer)
            return false;
        t->headers = longer;
    }
    t->body = malloc(post->body_size + 1);
    if (!t->body)
        return false;
    memcpy(t->body, post->body, post->body_size);
    guard_set_up(h, &t->guard, &p->policy);
    curl_easy_setopt(h, CURLOPT_PRIVATE, t);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)total_ms);
    curl_easy_setopt(h, CURLOPT_POST, 1L);
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, t->body);
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body_size);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, t);
    return curl_easy_setopt(h, CURLOPT_URL, post->url) == CURLE_OK;
}

enum orator_status poster_add(struct poster *p, const struct post *post, struct orator_error *err)
{
    struct url url;
    enum orator_status s = url_parse(&url, post->url, &p->policy, "url", err);
    if (s != ORATOR_OK)
        return s;
    struct transfer *t = p->transfers;
    while (t < p->transfers + POSTER_AT_ONCE && t->handle)
        t++;
    if (t == p->transfers + POSTER_AT_ONCE)
        return orator_fail(err, ORATOR_QUEUE_FULL, "%d posts are under way", POSTER_AT_ONCE);
    t->handle = curl_easy_init();
    t->guard.url = url;
    t->ctx = post->ctx;
    t->began_ms = clock_steady_ms();
    if (!t->handle || !set_up(p, t, post) ||
        curl_multi_add_handle(p->multi, t->handle) != CURLM_OK) {
        release(p, t);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a webhook");
    }
    return ORATOR_OK;
}

static void finish(struct poster *p, struct transfer *t, CURLcode code)
{
    long status = 0;
    char why[96] = "";
    curl_easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &status);
    bool over = code == CURLE_WRITE_ERROR && t->received_bytes > ANSWER_MAX_BYTES;
    if (t->guard.forbidden) {
        status = 0;
        snprintf(why, sizeof(why), "the URL leads to an address that is not public");
    } else if (code != CURLE_OK && !over) {
        status = 0;
        snprintf(why, sizeof(why), "the receiver %s", guard_explain(code));
    }
    void *ctx = t->ctx;
    int64_t took_ms = clock_steady_ms() - t->began_ms;
    release(p, t);
    p->done(ctx, (int)status, why, took_ms);
}

void poster_run(struct poster *p, int wait_ms)
{
    int running = 0, left;
    curl_multi_perform(p->multi, &running);
    CURLMsg *m = curl_multi_info_read(p->multi, &left);
    if (!m) {
        curl_multi_poll(p->multi, NULL, 0, wait_ms, NULL);
        curl_multi_perform(p->multi, &running);
        m = curl_multi_info_read(p->multi, &left);
    }
    for (; m; m = curl_multi_info_read(p->multi, &left)) {
        struct transfer *t = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        finish(p, t, m->data.result);
    }
}

void poster_wake(struct poster *p) { curl_multi_wakeup(p->multi); }
