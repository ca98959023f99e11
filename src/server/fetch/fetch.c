#include "server/fetch/fetch.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "server/fetch/call.h"
#include "server/fetch/data_url.h"
#include "server/fetch/guard.h"

enum {
    REDIRECTS_MAX = 3,
    TOTAL_TIMEOUT_MS = 60000,
    SLOW_BYTES_PER_S =
        1024,    /* slower than this for SLOW_S is somebody who holds us up on purpose: */
    SLOW_S = 15, /* a voice at 8 kbit/s would still play in real time */
};

/* One download; what the callbacks see. */
struct transfer {
    struct bytes body;
    size_t limit_bytes, room_bytes;
    const atomic_int *stop;
    struct guard guard;
    bool over, no_memory;
};

enum orator_status fetch_setup(struct orator_error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return orator_fail(err, ORATOR_INTERNAL, "libcurl does not start");
    return ORATOR_OK;
}

static size_t take(char *data, size_t one, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    struct bytes *b = &t->body;
    (void)one; /* always 1 */
    if (n > t->limit_bytes - b->size) {
        t->over = true;
        return 0;
    }
    t->no_memory = !bytes_add(b, &t->room_bytes, data, n);
    return t->no_memory ? 0 : n;
}

static int keep_going(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                      curl_off_t up)
{
    const struct transfer *t = ctx;
    (void)down_total, (void)down, (void)up_total, (void)up;
    return t->stop && *t->stop;
}

static int64_t or_default(int64_t ms, int64_t usual_ms) { return ms > 0 ? ms : usual_ms; }

static void set_up(CURL *h, struct transfer *t, const struct fetch_policy *policy)
{
    guard_set_up(h, &t->guard, policy);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_S);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
    curl_easy_setopt(h, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->limit_bytes);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, keep_going);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, t);
}

/* Why a hop failed. Says nothing that the other side said. */
static enum orator_status explain(CURLcode code, const struct transfer *t,
                                  enum orator_status too_large, struct orator_error *err)
{
    if (t->stop && *t->stop)
        return orator_fail(err, ORATOR_CANCELED, "the download was stopped");
    if (t->guard.forbidden)
        return orator_fail(err, ORATOR_URL_FORBIDDEN,
                           "the URL leads to an address that is not public");
    if (t->no_memory || code == CURLE_OUT_OF_MEMORY)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the download");
    if (t->over || code == CURLE_FILESIZE_EXCEEDED)
        return orator_fail(err, too_large, "the source sends more than the %zu bytes allowed",
                           t->limit_bytes);
    return orator_fail(
        err, code == CURLE_OPERATION_TIMEDOUT ? ORATOR_DOWNLOAD_TIMEOUT : ORATOR_DOWNLOAD_FAILED,
        "the source %s", guard_explain(code));
}

/* One request. *next is where it redirects to, to be freed with free(); NULL: the body is here. */
static enum orator_status hop(CURL *h, struct transfer *t, const char *url,
                              enum orator_status too_large, char **next, struct orator_error *err)
{
    long status = 0;
    const char *location = NULL;
    *next = NULL;
    t->body.size = 0; /* of an answer that redirected */
    curl_easy_setopt(h, CURLOPT_URL, url);
    CURLcode code = curl_easy_perform(h);
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK)
        return explain(code, t, too_large, err);
    if (status >= 300 && status < 400) {
        curl_easy_getinfo(h, CURLINFO_REDIRECT_URL, &location);
        *next = location ? strdup(location) : NULL;
        if (location && !*next)
            return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a redirect");
    }
    if (*next)
        return ORATOR_OK;
    if (status >= 400)
        return orator_fail(err, ORATOR_DOWNLOAD_FAILED, "the source %s",
                           status >= 500 ? "has a fault of its own (HTTP 5xx)"
                                         : "refuses to give the file (HTTP 4xx)");
    if (status != 200)
        return orator_fail(err, ORATOR_DOWNLOAD_FAILED, "the source does not answer with the file");
    if (t->body.size == 0)
        return orator_fail(err, ORATOR_DOWNLOAD_FAILED, "the source sent an empty file");
    return ORATOR_OK;
}

enum orator_status fetch_url(struct bytes *out, const char *url, const struct fetch_policy *policy,
                             size_t limit_bytes, enum orator_status too_large,
                             const atomic_int *stop, struct orator_error *err)
{
    enum orator_status s;
    *out = (struct bytes){0};
    if (url_is_data(url))
        return data_url_read(out, url, limit_bytes, too_large, err);

    struct transfer t = {.limit_bytes = limit_bytes, .stop = stop};
    char *next = NULL, *at = strdup(url);
    int64_t end_ms = clock_steady_ms() + or_default(policy->total_timeout_ms, TOTAL_TIMEOUT_MS);
    CURL *h = curl_easy_init();
    if (!h || !at) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the download");
        goto done;
    }
    set_up(h, &t, policy);
    for (int redirects = 0;; redirects++) {
        int64_t left_ms = end_ms - clock_steady_ms();
        if (redirects > REDIRECTS_MAX) {
            s = orator_fail(err, ORATOR_DOWNLOAD_FAILED, "the source redirects more than %d times",
                            REDIRECTS_MAX);
            goto done;
        }
        if (left_ms <= 0) {
            s = orator_fail(err, ORATOR_DOWNLOAD_TIMEOUT, "the source took too long");
            goto done;
        }
        TRY(url_parse(&t.guard.url, at, policy, "", err));
        curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)left_ms);
        TRY(hop(h, &t, at, too_large, &next, err));
        if (!next)
            break;
        free(at);
        at = next;
        next = NULL;
    }
    *out = t.body;
    t.body = (struct bytes){0};
done:
    bytes_fini(&t.body);
    curl_easy_cleanup(h);
    free(at);
    return s;
}

enum orator_status fetch_call(struct bytes *out, int *http_status, const struct fetch_call *call,
                              const struct fetch_policy *policy, const atomic_int *stop,
                              struct orator_error *err)
{
    enum orator_status s;
    long status = 0;
    struct transfer t = {.limit_bytes = call->limit_bytes, .stop = stop};
    struct curl_slist *headers = NULL;
    CURL *h = curl_easy_init();
    *out = (struct bytes){0};
    *http_status = 0;
    for (int i = 0; h && call->headers && call->headers[i]; i++) {
        struct curl_slist *more = curl_slist_append(headers, call->headers[i]);
        if (!more) {
            curl_easy_cleanup(h);
            h = NULL;
            break;
        }
        headers = more;
    }
    if (!h) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a request");
        goto done;
    }
    set_up(h, &t, policy);
    TRY(url_parse(&t.guard.url, call->url, policy, "", err));
    curl_easy_setopt(h, CURLOPT_URL, call->url);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS,
                     (long)or_default(policy->total_timeout_ms, TOTAL_TIMEOUT_MS));
    if (call->body) {
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, call->body);
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_size);
    }
    CURLcode code = curl_easy_perform(h);
    if (code != CURLE_OK) {
        s = explain(code, &t, ORATOR_DOWNLOAD_FAILED, err);
        goto done;
    }
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    *http_status = (int)status;
    *out = t.body;
    t.body = (struct bytes){0};
done:
    bytes_fini(&t.body);
    curl_slist_free_all(headers);
    curl_easy_cleanup(h);
    return s;
}
