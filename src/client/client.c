#include "client/client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"

enum {
    ANSWER_MAX_BYTES = 16 << 20,
    FILE_MAX_BYTES = 64 << 20, /* servers take less */
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

/* What an HTTP status says by itself. */
static enum orator_status by_http(long status, struct orator_error *err)
{
    if (status < 400)
        return orator_fail(err, ORATOR_INVALID_URL,
                           "the server redirects (HTTP %ld): use the address that it leads to",
                           status);
    return orator_fail(err,
                       status == 401 || status == 403                    ? ORATOR_PERMISSION_DENIED
                       : status == 404                                   ? ORATOR_NOT_FOUND
                       : status == 429                                   ? ORATOR_RATE_LIMIT
                       : status == 502 || status == 503 || status == 504 ? ORATOR_IO
                       : status >= 500                                   ? ORATOR_INTERNAL
                                                                         : ORATOR_INVALID_PARAMETER,
                       "the server answers with HTTP %ld", status);
}

/* The server's own words where it has some. */
static enum orator_status refused(long status, const struct bytes *body, struct orator_error *err)
{
    json_t *root = body->data ? json_loadb((const char *)body->data, body->size, 0, NULL) : NULL;
    const json_t *error = json_object_get(root, "error");
    const char *word = json_string_value(json_object_get(error, "code"));
    const char *message = json_string_value(json_object_get(error, "message"));
    const char *param = json_string_value(json_object_get(error, "param"));
    enum orator_status s = by_http(status, err), told = word ? orator_status_from_word(word) : s;
    if (word && message) {
        /* a code of a later version means what its HTTP status does */
        if (told != ORATOR_INTERNAL || strcmp(word, orator_status_word(told)) == 0)
            s = told;
        s = orator_fail_param(err, s, param ? param : "", "%s", message);
    }
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
    return orator_fail(err, ORATOR_IO, "%.100s cannot be reached: %s", url,
                       curl_easy_strerror(code));
}

/* What is posted. */
struct body {
    const void *data;
    size_t size;
    struct curl_slist *headers;
};

/* `body` NULL: GET. */
static enum orator_status exchange(struct client *c, struct exchange *x, const char *path,
                                   const struct body *body, struct orator_error *err)
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
    if (body) {
        curl_easy_setopt(h, CURLOPT_HTTPHEADER, body->headers);
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, body->data);
    }
    CURLcode code = curl_easy_perform(h);
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK)
        return unreachable(x, code, err);
    return status < 300 ? ORATOR_OK : refused(status, &x->body, err);
}

static enum orator_status exchange_json(struct client *c, const char *path, const struct body *body,
                                        json_t **out, struct orator_error *err)
{
    struct exchange x = {0};
    enum orator_status s = exchange(c, &x, path, body, err);
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
        !curl_slist_append(c->json_headers, "Content-Type: application/json") ||
        !curl_slist_append(c->json_headers, "Accept: application/json")) {
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

/* A name drawn for one request: its Idempotency-Key and what stands between its parts. A repeated
 * request has the same bytes. */
enum { NAME_SIZE = 33 };

static void draw_name(char out[NAME_SIZE])
{
    unsigned char bytes[NAME_SIZE / 2];
    random_secret(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static enum orator_status add_bytes(struct bytes *out, size_t *room, const void *data, size_t n,
                                    struct orator_error *err)
{
    if (!bytes_add(out, room, data, n))
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
    return ORATOR_OK;
}

static enum orator_status add_part(struct bytes *out, size_t *room, const char *boundary,
                                   const struct client_part *p, struct orator_error *err)
{
    enum orator_status s;
    char head[256];
    struct bytes file = {0};
    const char *slash = strrchr(p->value, '/');
    struct text t = text_over(head, sizeof(head));
    text_addf(&t, "--%s\r\nContent-Disposition: form-data; name=\"%s\"", boundary, p->name);
    if (p->file) {
        text_add(&t, "; filename=\"");
        for (const char *c = slash ? slash + 1 : p->value; *c && t.length < 200; c++)
            text_addf(&t, "%c", *c == '"' || *c == '\\' || (unsigned char)*c < 32 ? '_' : *c);
        text_add(&t, "\"");
        s = file_read(&file, p->value, FILE_MAX_BYTES, err);
        if (s != ORATOR_OK) {
            if (err)
                snprintf(err->param, sizeof(err->param), "%s", p->name);
            return s;
        }
    }
    text_add(&t, "\r\n\r\n");
    TRY(add_bytes(out, room, head, t.length, err));
    TRY(add_bytes(out, room, p->file ? (const char *)file.data : p->value,
                  p->file ? file.size : strlen(p->value), err));
    TRY(add_bytes(out, room, "\r\n", 2, err));
done:
    bytes_fini(&file);
    return s;
}

static enum orator_status form_of(struct bytes *out, const char *boundary,
                                  const struct client_part *parts, int count,
                                  struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    size_t room = 0;
    char end[64];
    *out = (struct bytes){0};
    for (int i = 0; i < count; i++)
        TRY(add_part(out, &room, boundary, &parts[i], err));
    snprintf(end, sizeof(end), "--%s--\r\n", boundary);
    TRY(add_bytes(out, &room, end, strlen(end), err));
done:
    return s;
}

static struct curl_slist *form_headers(const struct client *c, const char *name)
{
    char once[64], type[96];
    snprintf(once, sizeof(once), "Idempotency-Key: %s", name);
    snprintf(type, sizeof(type), "Content-Type: multipart/form-data; boundary=%s", name);
    struct curl_slist *list = curl_slist_append(NULL, c->headers->data);
    if (!list || !curl_slist_append(list, once) || !curl_slist_append(list, type)) {
        curl_slist_free_all(list);
        return NULL;
    }
    return list;
}

/* The form, three times if need be, as one request. */
static enum orator_status send_form(struct client *c, const char *path,
                                    const struct client_part *parts, int count, json_t **out,
                                    struct orator_error *err)
{
    enum { TRIES = 3 };
    enum orator_status s;
    struct bytes form = {0};
    char name[NAME_SIZE];
    draw_name(name);
    struct body body = {.headers = form_headers(c, name)};
    if (!body.headers)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
    TRY(form_of(&form, name, parts, count, err));
    body.data = form.data;
    body.size = form.size;
    for (int i = 1;; i++) {
        s = exchange_json(c, path, &body, out, err);
        if (s == ORATOR_OK || !orator_status_retryable(s) || i == TRIES || (c->stop && c->stop()))
            break;
        sleep(1);
    }
done:
    curl_slist_free_all(body.headers);
    bytes_fini(&form);
    return s;
}

enum orator_status client_submit(struct client *c, const struct client_part *parts, int count,
                                 json_t **job, struct orator_error *err)
{
    json_t *video = NULL;
    const char *id = NULL;
    enum orator_status s;
    *job = NULL;
    /* this door measures a voice whose length nobody has said */
    TRY(send_form(c, "/v1/videos", parts, count, &video, err));
    if (json_unpack(video, "{s:s}", "task_id", &id) != 0)
        s = orator_fail(err, ORATOR_INTERNAL, "the answer names no task");
    else
        s = client_job(c, id, 0, job, err);
done:
    json_decref(video);
    return s;
}

enum orator_status client_estimate(struct client *c, const struct client_part *parts, int count,
                                   json_t **estimate, struct orator_error *err)
{
    return send_form(c, "/v1/video/generations/estimate", parts, count, estimate, err);
}

enum orator_status client_speak(struct client *c, const char *text, const char *voice,
                                const char *speed, char id[CLIENT_FILE_ID_SIZE],
                                struct orator_error *err)
{
    enum orator_status s;
    double factor = 1;
    json_t *file = NULL;
    char *body = NULL;
    if (speed && !text_to_f64(speed, 0, 100, &factor))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "speed",
                                 "speed is %.40s, need a number", speed);
    json_t *order = json_pack("{s:s, s:s, s:s, s:s, s:f}", "model", "tts-1", "input", text, "voice",
                              voice ? voice : "en-us", "response_format", "mp3", "speed", factor);
    if (!order || !(body = json_dumps(order, JSON_COMPACT))) {
        s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "say", "the text is not UTF-8");
        goto done;
    }
    TRY(exchange_json(c, "/v1/audio/speech", &(struct body){body, strlen(body), c->json_headers},
                      &file, err));
    const char *name = json_string_value(json_object_get(file, "id"));
    snprintf(id, CLIENT_FILE_ID_SIZE, "%s", name ? name : "");
    if (!*id)
        s = orator_fail(err, ORATOR_INTERNAL, "the server has spoken, but names no file");
done:
    json_decref(file);
    json_decref(order);
    free(body);
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
    return exchange_json(c, path, NULL, job, err);
}

enum orator_status client_cancel(struct client *c, const char *id, json_t **job,
                                 struct orator_error *err)
{
    char path[400];
    job_path(path, sizeof(path), id, "/cancel");
    return exchange_json(c, path, &(struct body){"{}", 2, c->json_headers}, job, err);
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
    return exchange_json(c, path, NULL, list, err);
}

enum orator_status client_download(struct client *c, const char *id, const char *variant,
                                   const char *path, struct orator_error *err)
{
    char from[400], part[4200], rest[64];
    struct exchange x = {0};
    snprintf(rest, sizeof(rest), "/content?variant=%s", variant);
    job_path(from, sizeof(from), id, rest);
    snprintf(part, sizeof(part), "%s.part", path);
    x.file = fopen(part, "wb");
    if (!x.file)
        return orator_fail(err, ORATOR_IO, "%.150s cannot be written", path);
    enum orator_status s = exchange(c, &x, from, NULL, err);
    bool written = fflush(x.file) == 0 && fsync(fileno(x.file)) == 0;
    written = fclose(x.file) == 0 && written;
    if (s == ORATOR_OK && (!written || rename(part, path) != 0))
        s = orator_fail(err, ORATOR_IO, "%.150s cannot be written", path);
    if (s != ORATOR_OK)
        unlink(part);
    bytes_fini(&x.body);
    return s;
}
