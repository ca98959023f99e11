#include "server/objects/s3_wire.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"

enum {
    CONNECT_MS = 5000,
    SLOW_BYTES_PER_S = 1024, /* less than this for SLOW_S is a store that hangs */
    SLOW_S = 15,
    HURRIED_SLOW_S = 5,
    HURRIED_TRIES = 3,
    SHUT_MS = 3000,   /* between looks at a store that is away */
    PROBE_MS = 20000, /* no look takes longer */
    USUAL_PAUSE_MS = 200,
    SKEW_WORTH_SAYING_S = 60,
};

bool s3_path(const struct s3 *s3, const char *name, struct text *out)
{
    text_add(out, s3->bucket_path);
    text_add(out, "/");
    if (name) {
        sigv4_encode(out, s3->folder, true);
        sigv4_encode(out, name, true);
    }
    return !out->cut;
}

static CURL *take_handle(struct s3 *s3)
{
    CURL *h = NULL;
    pthread_mutex_lock(&s3->lock);
    for (int i = 0; i < S3_IDLE_MAX && !h; i++) {
        h = s3->idle[i];
        s3->idle[i] = NULL;
    }
    pthread_mutex_unlock(&s3->lock);
    if (h)
        curl_easy_reset(h); /* its connection stays */
    return h ? h : curl_easy_init();
}

static void give_handle(struct s3 *s3, CURL *h)
{
    pthread_mutex_lock(&s3->lock);
    for (int i = 0; i < S3_IDLE_MAX && h; i++)
        if (!s3->idle[i]) {
            s3->idle[i] = h;
            h = NULL;
        }
    pthread_mutex_unlock(&s3->lock);
    curl_easy_cleanup(h); /* NULL is fine */
}

/* One attempt; what the callbacks see. */
struct attempt {
    struct s3_exchange *x;
    CURL *handle;
    size_t room;
    bool over, no_memory;
};

static size_t take(char *data, size_t one, size_t n, void *ctx)
{
    struct attempt *a = ctx;
    struct bytes *b = &a->x->answer;
    size_t limit = a->x->limit_bytes ? a->x->limit_bytes : S3_ANSWER_MAX_BYTES;
    long status = 0;
    (void)one; /* always 1 */
    curl_easy_getinfo(a->handle, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 300)
        limit = S3_ANSWER_MAX_BYTES; /* an error's words */
    if (n > limit - b->size) {
        a->over = true;
        return 0;
    }
    a->no_memory = !bytes_add(b, &a->room, data, n);
    return a->no_memory ? 0 : n;
}

static int keep_going(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                      curl_off_t up)
{
    const struct attempt *a = ctx;
    (void)down_total, (void)down, (void)up_total, (void)up;
    return a->x->stop && *a->x->stop;
}

static void add_header(struct curl_slist **list, bool *good, const char *name, const char *value)
{
    char line[1400];
    int n = snprintf(line, sizeof(line), "%s: %s", name, value);
    struct curl_slist *more =
        n > 0 && n < (int)sizeof(line) ? curl_slist_append(*list, line) : NULL;
    *good = *good && more;
    if (more)
        *list = more;
}

/* What is sent besides the body: signed now, for a signature is good for some minutes only. */
static struct curl_slist *sign(const struct s3 *s3, const struct s3_exchange *x, const char *path,
                               const char *query)
{
    char hash[SIGV4_HEX_SIZE], authorization[768];
    struct sigv4_field headers[SIGV4_FIELDS_MAX];
    struct sigv4_request r = {.method = x->method,
                              .path = path,
                              .query = query,
                              .headers = headers,
                              .payload_sha256 = hash};
    int n = 0;
    bool good = sigv4_sha256(hash, x->body ? x->body : "", x->body_size);
    sigv4_time(r.time, clock_wall_ms() / 1000);
    headers[n++] = (struct sigv4_field){"host", s3->host};
    headers[n++] = (struct sigv4_field){"x-amz-content-sha256", hash};
    if (x->copy_source)
        headers[n++] = (struct sigv4_field){"x-amz-copy-source", x->copy_source};
    headers[n++] = (struct sigv4_field){"x-amz-date", r.time};
    r.headers_count = n;
    struct text t = text_over(authorization, sizeof(authorization));
    good = good && sigv4_authorization(&t, &s3->key, &r);

    struct curl_slist *list = NULL;
    for (int i = 1; i < n; i++) /* Host is libcurl's */
        add_header(&list, &good, headers[i].name, headers[i].value);
    add_header(&list, &good, "Authorization", authorization);
    if (x->body || strcmp(x->method, "PUT") == 0 || strcmp(x->method, "POST") == 0)
        add_header(&list, &good, "Content-Type",
                   x->content_type ? x->content_type : "application/octet-stream");
    if (good) {
        struct curl_slist *more = curl_slist_append(list, "Expect:");
        good = more != NULL;
    }
    if (!good) {
        curl_slist_free_all(list);
        return NULL;
    }
    return list;
}

static void set_up(CURL *h, struct attempt *a)
{
    const struct s3_exchange *x = a->x;
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L); /* a signature is for one place */
    curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "orator/" ORATOR_VERSION);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_S);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)(x->hurried ? HURRIED_SLOW_S : SLOW_S));
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, keep_going);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, a);
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, x->method);
    if (strcmp(x->method, "HEAD") == 0)
        curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
    if (strcmp(x->method, "PUT") == 0 || strcmp(x->method, "POST") == 0) {
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->body_size);
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, x->body ? x->body : "");
    }
}

static void read_head(CURL *h, struct s3_exchange *x, int64_t *skew_s)
{
    struct curl_header *header;
    curl_off_t length = -1;
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &x->http_status);
    curl_easy_getinfo(h, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    x->facts = (struct s3_facts){.size_bytes = length};
    if (curl_easy_header(h, "ETag", 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
        strlen(header->value) < sizeof(x->facts.etag))
        snprintf(x->facts.etag, sizeof(x->facts.etag), "%s", header->value);
    if (curl_easy_header(h, "Date", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
        time_t at = curl_getdate(header->value, NULL);
        *skew_s = at > 0 ? clock_wall_ms() / 1000 - at : 0;
    }
    const char *at = x->answer.data ? (const char *)x->answer.data : "";
    x->code[0] = '\0';
    if (x->http_status >= 300 && !xml_next(&at, "Code", x->code, sizeof(x->code)))
        x->code[0] = '\0';
    for (char *c = x->code; *c; c++)
        *c = (char)(isalnum((unsigned char)*c) ? *c : '_');
}

static const char *why_broken(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OPERATION_TIMEDOUT:
        return "did not answer in time";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "has a host name that is unknown";
    case CURLE_COULDNT_CONNECT:
        return "does not take connections";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "has a TLS certificate that is not good";
    case CURLE_SSL_CONNECT_ERROR:
        return "does not speak TLS as it should";
    default:
        return "broke off the transfer";
    }
}

static bool is_full(const struct s3_exchange *x)
{
    return x->http_status == 507 || strstr(x->code, "StorageFull") ||
           strstr(x->code, "QuotaExceeded") || strcmp(x->code, "InsufficientStorage") == 0;
}

/* Sentences for whoever runs the store: what was seen, and which setting it may be. */
static enum orator_status refusal(const struct s3_exchange *x, int64_t skew_s,
                                  struct orator_error *err)
{
    const struct {
        const char *code, *text;
    } rows[] = {
        {"SignatureDoesNotMatch", "the media store does not accept the signature: look at "
                                  "media_secret_key and media_region"},
        {"InvalidAccessKeyId", "the media store does not know the key media_access_key"},
        {"NoSuchBucket", "the media store has no such bucket: make it, or look at media_bucket"},
        {"AuthorizationHeaderMalformed", "the media store expects another media_region"},
        {"PermanentRedirect", "the bucket lives at another address: look at media_store and "
                              "media_region"},
    };
    bool late = strcmp(x->code, "RequestTimeTooSkewed") == 0 ||
                (x->http_status == 403 && llabs((long long)skew_s) > 900);
    if (late && llabs((long long)skew_s) > SKEW_WORTH_SAYING_S)
        return orator_fail(err, ORATOR_IO,
                           "this machine's clock is %lld seconds %s the media store's, which "
                           "therefore refuses its signatures: set the clock",
                           llabs((long long)skew_s), skew_s > 0 ? "ahead of" : "behind");
    if (late)
        return orator_fail(err, ORATOR_IO,
                           "the media store says that this machine's clock is wrong: set it");
    if (is_full(x))
        return orator_fail(err, ORATOR_IO, "the media store is full");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(x->code, rows[i].code) == 0)
            return orator_fail(err, ORATOR_IO, "%s", rows[i].text);
    if (x->http_status == 404)
        return orator_fail(err, ORATOR_NOT_FOUND, "no media file has this name");
    if (x->http_status == 403 || x->http_status == 401)
        return orator_fail(err, ORATOR_IO,
                           "the media store does not allow %s to the key media_access_key (%s)",
                           x->method, x->code[0] ? x->code : "HTTP 403");
    if (x->http_status >= 500 || x->http_status == 429)
        return orator_fail(err, ORATOR_IO,
                           "the media store has a fault of its own (HTTP %ld), %d times",
                           x->http_status, x->tries);
    return orator_fail(err, ORATOR_IO, "the media store refuses %s (HTTP %ld %s)", x->method,
                       x->http_status, x->code);
}

/* One attempt. *again: another may go better. */
static enum orator_status attempt(struct s3 *s3, struct s3_exchange *x, const char *path,
                                  const char *query, bool *again, struct orator_error *err)
{
    char url[S3_URL_SIZE], range[64];
    int64_t skew_s = 0;
    struct curl_slist *headers = sign(s3, x, path, query);
    struct attempt a = {.x = x, .handle = headers ? take_handle(s3) : NULL};
    *again = false;
    x->http_status = 0;
    x->code[0] = '\0';
    bytes_fini(&x->answer);
    x->answer = (struct bytes){0};
    if (!a.handle) {
        curl_slist_free_all(headers);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a request to the media store");
    }
    snprintf(url, sizeof(url), "%s%s%s%s", s3->url, path, *query ? "?" : "", query);
    set_up(a.handle, &a);
    curl_easy_setopt(a.handle, CURLOPT_URL, url);
    curl_easy_setopt(a.handle, CURLOPT_HTTPHEADER, headers);
    if (x->ranged) {
        snprintf(range, sizeof(range), "%lld-%lld", (long long)x->first, (long long)x->last);
        curl_easy_setopt(a.handle, CURLOPT_RANGE, range);
    }
    CURLcode code = curl_easy_perform(a.handle);
    if (code == CURLE_OK)
        read_head(a.handle, x, &skew_s);
    curl_slist_free_all(headers);
    if (code == CURLE_OK)
        give_handle(s3, a.handle);
    else
        curl_easy_cleanup(a.handle);

    if (x->stop && *x->stop)
        return orator_fail(err, ORATOR_CANCELED, "the transfer was stopped");
    if (a.no_memory)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a media file");
    if (a.over)
        return orator_fail(err, ORATOR_REQUEST_TOO_LARGE, "the media file is over %zu bytes",
                           x->limit_bytes ? x->limit_bytes : (size_t)S3_ANSWER_MAX_BYTES);
    if (code != CURLE_OK) {
        *again = code != CURLE_PEER_FAILED_VERIFICATION;
        return orator_fail(err, ORATOR_IO, "the media store %s", why_broken(code));
    }
    if (x->http_status >= 200 && x->http_status < 300)
        return ORATOR_OK;
    *again = (x->http_status >= 500 && x->http_status != 501 && !is_full(x)) ||
             x->http_status == 429 || x->http_status == 408 ||
             strcmp(x->code, "RequestTimeout") == 0;
    return refusal(x, skew_s, err);
}

static bool is_stopped(const struct s3_exchange *x) { return x->stop && *x->stop; }

/* Half to all of the pause, so that many who were cut off together do not come back together. */
static void pause_before(const struct s3 *s3, const struct s3_exchange *x)
{
    uint32_t chance;
    random_secret(&chance, sizeof(chance));
    int64_t pause_ms = (int64_t)(s3->pause_ms > 0 ? s3->pause_ms : USUAL_PAUSE_MS)
                       << (x->tries - 1);
    int64_t until_ms = clock_steady_ms() + pause_ms / 2 + chance % (pause_ms / 2 + 1);
    for (int64_t left_ms; !is_stopped(x) && (left_ms = until_ms - clock_steady_ms()) > 0;)
        nanosleep(&(struct timespec){.tv_nsec = 1000000L * (left_ms < 50 ? left_ms : 50)}, NULL);
}

/* Of those in a hurry one alone looks whether a store that was away is back, so that it holds up one thread of a
 * server and not all. */
static bool may_try(struct s3 *s3)
{
    long long until_ms = s3->shut_until_ms, now_ms = clock_steady_ms();
    return until_ms == 0 ||
           (now_ms >= until_ms &&
            atomic_compare_exchange_strong(&s3->shut_until_ms, &until_ms, now_ms + PROBE_MS));
}

enum orator_status s3_exchange(struct s3 *s3, struct s3_exchange *x, struct orator_error *err)
{
    char path[1024], query[1024];
    struct text p = text_over(path, sizeof(path)), q = text_over(query, sizeof(query));
    sigv4_query(&q, x->fields, x->field_count);
    if (!s3_path(s3, x->name, &p) || q.cut)
        return orator_fail(err, ORATOR_IO, "the name of a media file is too long");
    if (x->hurried && !may_try(s3))
        return orator_fail(err, ORATOR_IO, "the media store did not answer a moment ago");
    for (x->tries = 1;; x->tries++) {
        bool again;
        enum orator_status s = attempt(s3, x, path, query, &again, err);
        bool last = !again || x->tries >= (x->hurried ? HURRIED_TRIES : S3_TRIES);
        if (x->http_status != 0)
            s3->shut_until_ms = 0; /* whatever it said, it answers */
        else if (again && last)
            s3->shut_until_ms = clock_steady_ms() + SHUT_MS;
        if (last)
            return s;
        pause_before(s3, x);
        if (is_stopped(x))
            return orator_fail(err, ORATOR_CANCELED, "the transfer was stopped");
    }
}
