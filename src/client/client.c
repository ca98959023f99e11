#include "client/client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum {
    ANSWER_MAX_BYTES = 16 << 20,
    CONNECT_TIMEOUT_S = 10,
    SILENT_S = 120, /* a server that says nothing for so long is gone */
};

struct client {
    CURL *curl;
    struct client_place place;
    struct curl_slist *headers, *json_headers; /* the second for a body of JSON */
    bool (*stop)(void);
};

/* One exchange: the answer's body into memory, or into `file`. */
struct exchange {
    struct bytes body;
    size_t room;
    FILE *file; /* NULL: into memory */
    const struct client *client;
    bool broken; /* no memory, too large, or the file cannot be written */
};

static size_t take(char *data, size_t one, size_t n, void *ctx)
{
    struct exchange *x = ctx;
    long status = 0;
    (void)one; /* always 1 */
    curl_easy_getinfo(x->client->curl, CURLINFO_RESPONSE_CODE, &status);
    if (x->file && status < 300) {
        x->broken = fwrite(data, 1, n, x->file) != n;
        return x->broken ? 0 : n;
    }
    if (x->body.size + n > x->room) {
        size_t room = (x->body.size + n) * 2;
        unsigned char *larger = room > ANSWER_MAX_BYTES ? NULL : realloc(x->body.data, room + 1);
        if (!larger) {
            x->broken = true;
            return 0;
        }
        x->body.data = larger;
        x->room = room;
    }
    memcpy(x->body.data + x->body.size, data, n);
    x->body.size += n;
    x->body.data[x->body.size] = '\0';
    return n;
}

static int keep_going(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                      curl_off_t up)
{
    const struct exchange *x = ctx;
    (void)down_total, (void)down, (void)up_total, (void)up;
    return x->client->stop && x->client->stop();
}

/* The server's own words, or its status where it has none. */
static enum orator_status refused(long status, const struct bytes *body, struct orator_error *err)
{
    const char *word = NULL, *message = NULL, *param = NULL;
    json_t *root = body->data ? json_loadb((const char *)body->data, body->size, 0, NULL) : NULL;
    enum orator_status s;
    if (json_unpack(root, "{s:{s:s, s:s, s?s}}", "error", "code", &word, "message", &message,
                    "param", &param) != 0 &&
        (!word || !message))
        s = orator_fail(err, status >= 500 ? ORATOR_INTERNAL : ORATOR_INVALID_PARAMETER,
                        "the server answers with HTTP %ld", status);
    else
        s = orator_fail_param(err, orator_status_from_word(word), param ? param : "", "%s",
                              message);
    json_decref(root);
    return s;
}

static enum orator_status unreachable(const struct exchange *x, CURLcode code,
                                      struct orator_error *err)
{
    const char *url = x->client->place.url;
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return orator_fail(err, ORATOR_CANCELED, "stopped");
    if (x->broken)
        return orator_fail(err, ORATOR_IO,
                           x->file ? "the file cannot be written" : "no memory for the answer");
    if (code == CURLE_READ_ERROR)
        return orator_fail(err, ORATOR_NOT_FOUND, "a file to send cannot be read");
    return orator_fail(err, ORATOR_IO, "%.100s cannot be reached: %s", url,
                       curl_easy_strerror(code));
}

/* `mime` NULL: GET, or a POST of an empty object where `post` is set. */
static enum orator_status exchange(struct client *c, struct exchange *x, const char *path,
                                   bool post, curl_mime *mime, struct orator_error *err)
{
    char url[CLIENT_URL_SIZE + 512];
    long status = 0;
    CURL *h = c->curl;
    snprintf(url, sizeof(url), "%s%s", c->place.url, path);
    x->client = c;
    curl_easy_reset(h);
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "orator-client/" ORATOR_VERSION);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)SILENT_S);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, keep_going);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, x);
    if (mime)
        curl_easy_setopt(h, CURLOPT_MIMEPOST, mime);
    else if (post) {
        curl_easy_setopt(h, CURLOPT_HTTPHEADER, c->json_headers);
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, "{}");
    }
    CURLcode code = curl_easy_perform(h);
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK)
        return unreachable(x, code, err);
    return status < 300 ? ORATOR_OK : refused(status, &x->body, err);
}

static enum orator_status exchange_json(struct client *c, const char *path, bool post,
                                        curl_mime *mime, json_t **out, struct orator_error *err)
{
    struct exchange x = {0};
    enum orator_status s = exchange(c, &x, path, post, mime, err);
    *out = NULL;
    if (s == ORATOR_OK) {
        *out = x.body.data ? json_loadb((const char *)x.body.data, x.body.size, 0, NULL) : NULL;
        if (!json_is_object(*out)) {
            json_decref(*out);
            *out = NULL;
            s = orator_fail(err, ORATOR_INTERNAL, "%.100s does not answer as an Orator does",
                            c->place.url);
        }
    }
    bytes_fini(&x.body);
    return s;
}

enum orator_status client_open(struct client **out, const struct client_place *place,
                               bool (*stop)(void), struct orator_error *err)
{
    char header[CLIENT_KEY_SIZE + 32];
    struct client *c = *out = calloc(1, sizeof(*c));
    if (c && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        c->curl = curl_easy_init();
    snprintf(header, sizeof(header), "Authorization: Bearer %s", place->key);
    if (c && c->curl) {
        c->headers = curl_slist_append(NULL, header);
        c->json_headers = curl_slist_append(NULL, header);
    }
    if (!c || !c->headers || !c->json_headers ||
        !curl_slist_append(c->json_headers, "Content-Type: application/json")) {
        client_close(out);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a client");
    }
    c->place = *place;
    c->stop = stop;
    return ORATOR_OK;
}

void client_close(struct client **c)
{
    if (!*c)
        return;
    curl_slist_free_all((*c)->headers);
    curl_slist_free_all((*c)->json_headers);
    if ((*c)->curl)
        curl_easy_cleanup((*c)->curl);
    free(*c);
    *c = NULL;
}

enum orator_status client_submit(struct client *c, const struct client_part *parts, int count,
                                 json_t **job, struct orator_error *err)
{
    json_t *video = NULL;
    const char *id = NULL;
    enum orator_status s = ORATOR_OK;
    *job = NULL;
    curl_mime *mime = curl_mime_init(c->curl);
    for (int i = 0; mime && i < count && s == ORATOR_OK; i++) {
        curl_mimepart *part = curl_mime_addpart(mime);
        if (!part || curl_mime_name(part, parts[i].name) != CURLE_OK)
            s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
        else if (parts[i].file
                     ? curl_mime_filedata(part, parts[i].value) != CURLE_OK
                     : curl_mime_data(part, parts[i].value, CURL_ZERO_TERMINATED) != CURLE_OK)
            s = orator_fail_param(err, ORATOR_NOT_FOUND, parts[i].name, "%.150s cannot be read",
                                  parts[i].value);
    }
    if (!mime)
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
    /* this door measures a voice whose length nobody has said */
    if (s == ORATOR_OK)
        s = exchange_json(c, "/v1/videos", true, mime, &video, err);
    curl_mime_free(mime);
    TRY(s);
    if (json_unpack(video, "{s:s}", "task_id", &id) != 0)
        s = orator_fail(err, ORATOR_INTERNAL, "the answer names no task");
    else
        s = client_job(c, id, 0, job, err);
done:
    json_decref(video);
    return s;
}

/* "/v1/video/generations/ID" with what is not a letter of an id encoded. */
static void job_path(char *out, size_t size, const char *id, const char *rest)
{
    struct text t = text_over(out, size);
    text_add(&t, "/v1/video/generations/");
    for (; *id; id++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", *id))
            text_addf(&t, "%c", *id);
        else
            text_addf(&t, "%%%02X", (unsigned)(unsigned char)*id);
    text_add(&t, rest);
}

enum orator_status client_job(struct client *c, const char *id, int wait_s, json_t **job,
                              struct orator_error *err)
{
    char path[400], rest[32] = "";
    if (wait_s > 0)
        snprintf(rest, sizeof(rest), "?wait=%d", wait_s);
    job_path(path, sizeof(path), id, rest);
    return exchange_json(c, path, false, NULL, job, err);
}

enum orator_status client_cancel(struct client *c, const char *id, json_t **job,
                                 struct orator_error *err)
{
    char path[400];
    job_path(path, sizeof(path), id, "/cancel");
    return exchange_json(c, path, true, NULL, job, err);
}

enum orator_status client_list(struct client *c, int limit, const char *status, const char *after,
                               json_t **list, struct orator_error *err)
{
    char path[400];
    struct text t = text_over(path, sizeof(path));
    text_addf(&t, "/v1/video/generations?limit=%d", limit);
    if (status)
        text_addf(&t, "&status=%.20s", status);
    if (after)
        text_addf(&t, "&after=%.60s", after);
    return exchange_json(c, path, false, NULL, list, err);
}

enum orator_status client_download(struct client *c, const char *id, const char *path,
                                   struct orator_error *err)
{
    char from[400], part[4200];
    struct exchange x = {0};
    job_path(from, sizeof(from), id, "/content");
    snprintf(part, sizeof(part), "%s.part", path);
    x.file = fopen(part, "wb");
    if (!x.file)
        return orator_fail(err, ORATOR_IO, "%.150s cannot be written", path);
    enum orator_status s = exchange(c, &x, from, false, NULL, err);
    bool written = fflush(x.file) == 0 && fsync(fileno(x.file)) == 0;
    written = fclose(x.file) == 0 && written;
    if (s == ORATOR_OK && (!written || rename(part, path) != 0))
        s = orator_fail(err, ORATOR_IO, "%.150s cannot be written", path);
    if (s != ORATOR_OK)
        unlink(part);
    bytes_fini(&x.body);
    return s;
}
