#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "server/objects/s3_multipart.h"
#include "server/objects/s3_wire.h"

enum { ADDRESS_MAX_S = 7 * 86400 /* the most that stores take */, NAME_SIZE = 256 };

/* "https://host:9000" -> url and host; a default port is not part of a Host header. */
static enum orator_status read_url(struct s3 *s3, const char *given, struct orator_error *err)
{
    const char *host = text_starts(given, "https://")  ? given + 8
                       : text_starts(given, "http://") ? given + 7
                                                       : NULL;
    size_t n = host ? strlen(host) : 0;
    if (n > 0 && host[n - 1] == '/')
        n--;
    if (!host || n == 0 || n > 255 || strcspn(host, "/?#@ \t") < n)
        return orator_fail(err, ORATOR_BAD_SETTING,
                           "media_store is %.80s, it must be like https://s3.example.com:9000",
                           given);
    const char *usual = given[4] == 's' ? ":443" : ":80";
    size_t tail = strlen(usual), host_length = n;
    if (n > tail && strncmp(host + n - tail, usual, tail) == 0)
        host_length = n - tail;
    s3->url = strndup(given, (size_t)(host - given) + n);
    s3->host = strndup(host, host_length);
    return ORATOR_OK;
}

static bool is_bucket_letter(char c)
{
    return strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/", c) != NULL;
}

/* "videos/a/b" -> "/videos" and "a/b/". */
static enum orator_status read_bucket(struct s3 *s3, const char *given, struct orator_error *err)
{
    size_t n = strlen(given), bucket = strcspn(given, "/");
    bool good = n < 200 && given[0] != '/' && !strstr(given, "//") && !strstr(given, "..");
    for (size_t i = 0; i < n; i++)
        good = good && is_bucket_letter(given[i]);
    if (!good)
        return orator_fail(err, ORATOR_BAD_SETTING,
                           "media_bucket is %.80s, it must be the name of a bucket, or "
                           "bucket/folder",
                           given);
    const char *folder = given[bucket] ? given + bucket + 1 : "";
    size_t length = strlen(folder);
    bool closed = length == 0 || folder[length - 1] == '/';
    if (asprintf(&s3->bucket_path, "%s%.*s", n ? "/" : "", (int)bucket, given) < 0)
        s3->bucket_path = NULL;
    if (asprintf(&s3->folder, "%s%s", folder, closed ? "" : "/") < 0)
        s3->folder = NULL;
    return ORATOR_OK;
}

enum orator_status s3_open(struct s3 **out, const struct s3_place *p, struct orator_error *err)
{
    enum orator_status s;
    *out = NULL;
    struct s3 *s3 = calloc(1, sizeof(*s3));
    if (!s3)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the media store");
    pthread_mutex_init(&s3->lock, NULL);
    if (!*p->access_key || !*p->secret_key || !*p->region) {
        s = orator_fail(err, ORATOR_BAD_SETTING,
                        "media_store needs media_access_key, media_secret_key and media_region");
        goto done;
    }
    TRY(read_url(s3, p->url, err));
    TRY(read_bucket(s3, p->bucket, err));
    s3->region = strdup(p->region);
    s3->access_key = strdup(p->access_key);
    s3->secret_key = strdup(p->secret_key);
    s3->part_bytes = p->part_bytes > 0 ? p->part_bytes : S3_PART_BYTES;
    s3->single_max_bytes = p->single_max_bytes > 0 ? p->single_max_bytes : S3_SINGLE_MAX_BYTES;
    s3->pause_ms = p->pause_ms;
    if (!s3->url || !s3->host || !s3->bucket_path || !s3->folder || !s3->region ||
        !s3->access_key || !s3->secret_key)
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the media store");
    s3->key = (struct sigv4_key){s3->access_key, s3->secret_key, s3->region, "s3"};
done:
    if (s != ORATOR_OK)
        s3_close(&s3);
    *out = s3;
    return s;
}

void s3_close(struct s3 **s3)
{
    struct s3 *it = *s3;
    if (!it)
        return;
    for (int i = 0; i < S3_IDLE_MAX; i++)
        curl_easy_cleanup(it->idle[i]);
    pthread_mutex_destroy(&it->lock);
    free(it->url);
    free(it->host);
    free(it->bucket_path);
    free(it->folder);
    free(it->region);
    free(it->access_key);
    free(it->secret_key);
    free(it);
    *s3 = NULL;
}

enum orator_status s3_check(struct s3 *s3, struct orator_error *err)
{
    const struct sigv4_field fields[] = {
        {"list-type", "2"}, {"max-keys", "1"}, {"prefix", s3->folder}};
    struct s3_exchange x = {.method = "GET", .fields = fields, .field_count = 3};
    enum orator_status s = s3_exchange(s3, &x, err);
    bytes_fini(&x.answer);
    if (s == ORATOR_NOT_FOUND)
        s = orator_fail(err, ORATOR_IO, "there is no S3 object store, or not this bucket");
    return s == ORATOR_OK ? s : orator_within(err, s, s3->url);
}

/* As the store shall say it to whoever has an address. */
static const char *content_type(const char *name)
{
    static const char *const rows[][2] = {
        {".mp4", "video/mp4"},   {".jpg", "image/jpeg"},  {".png", "image/png"},
        {".webp", "image/webp"}, {".vtt", "text/vtt"},    {".mp3", "audio/mpeg"},
        {".wav", "audio/wav"},   {".m4a", "audio/mp4"},   {".aac", "audio/aac"},
        {".ogg", "audio/ogg"},   {".flac", "audio/flac"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(dot, rows[i][0]) == 0)
            return rows[i][1];
    return "application/octet-stream";
}

enum orator_status s3_put(struct s3 *s3, const char *name, const void *data, size_t size,
                          struct orator_error *err)
{
    struct s3_exchange x = {.method = "PUT",
                            .name = name,
                            .hurried = true,
                            .body = data,
                            .body_size = size,
                            .content_type = content_type(name)};
    enum orator_status s = s3_exchange(s3, &x, err);
    bytes_fini(&x.answer);
    return s;
}

enum orator_status s3_put_file(struct s3 *s3, const char *name, const char *path,
                               const atomic_int *stop, struct orator_error *err)
{
    struct bytes file = {0};
    enum orator_status s = file_read(&file, path, (size_t)s3->single_max_bytes, err);
    if (s == ORATOR_REQUEST_TOO_LARGE)
        return s3_put_parts(s3, name, content_type(name), path, stop, err);
    if (s == ORATOR_OK) {
        struct s3_exchange x = {.method = "PUT",
                                .name = name,
                                .body = file.data,
                                .body_size = file.size,
                                .content_type = content_type(name),
                                .stop = stop};
        s = s3_exchange(s3, &x, err);
        bytes_fini(&x.answer);
    }
    bytes_fini(&file);
    return s;
}

static enum orator_status get(struct s3 *s3, struct s3_exchange *x, struct bytes *out,
                              struct orator_error *err)
{
    x->method = "GET";
    *out = (struct bytes){0};
    enum orator_status s = s3_exchange(s3, x, err);
    if (s == ORATOR_OK && !x->answer.data && !(x->answer.data = calloc(1, 1)))
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a media file");
    if (s == ORATOR_OK) {
        *out = x->answer;
        x->answer = (struct bytes){0};
    }
    bytes_fini(&x->answer);
    return s;
}

enum orator_status s3_get(struct s3 *s3, const char *name, size_t limit_bytes, struct bytes *out,
                          struct orator_error *err)
{
    struct s3_exchange x = {.name = name, .limit_bytes = limit_bytes};
    return get(s3, &x, out, err);
}

enum orator_status s3_get_range(struct s3 *s3, const char *name, int64_t first, int64_t last,
                                struct bytes *out, struct orator_error *err)
{
    struct s3_exchange x = {.name = name,
                            .hurried = true,
                            .ranged = true,
                            .first = first,
                            .last = last,
                            .limit_bytes = (size_t)(last - first + 1)};
    enum orator_status s = get(s3, &x, out, err);
    if (s == ORATOR_OK && out->size != (size_t)(last - first + 1)) {
        bytes_fini(out);
        *out = (struct bytes){0};
        s = orator_fail(err, ORATOR_IO,
                        "the media store does not give the part of a file that was asked for");
    }
    return s;
}

enum orator_status s3_head(struct s3 *s3, const char *name, struct s3_facts *out,
                           struct orator_error *err)
{
    struct s3_exchange x = {.method = "HEAD", .name = name, .hurried = true};
    enum orator_status s = s3_exchange(s3, &x, err);
    bytes_fini(&x.answer);
    *out = x.facts;
    if (s == ORATOR_OK && out->size_bytes < 0)
        s = orator_fail(err, ORATOR_IO, "the media store does not say how large a file is");
    return s;
}

enum orator_status s3_copy(struct s3 *s3, const char *name, const char *new_name,
                           struct orator_error *err)
{
    char source[1024];
    struct text t = text_over(source, sizeof(source));
    if (!s3->bucket_path[0]) /* a source is named with its bucket, here the host's first part */
        text_addf(&t, "/%.*s", (int)strcspn(s3->host, "."), s3->host);
    if (!s3_path(s3, name, &t))
        return orator_fail(err, ORATOR_IO, "the name of a media file is too long");
    struct s3_exchange x = {
        .method = "PUT", .name = new_name, .hurried = true, .copy_source = source};
    enum orator_status s = s3_exchange(s3, &x, err);
    /* a copy may fail behind its 200 */
    if (s == ORATOR_OK && x.answer.data && strstr((char *)x.answer.data, "<Error>"))
        s = orator_fail(err, ORATOR_IO, "the media store could not copy a file");
    bytes_fini(&x.answer);
    return s;
}

enum orator_status s3_remove(struct s3 *s3, const char *name, struct orator_error *err)
{
    struct s3_exchange x = {.method = "DELETE", .name = name, .hurried = true};
    enum orator_status s = s3_exchange(s3, &x, err);
    bytes_fini(&x.answer);
    return s == ORATOR_NOT_FOUND ? ORATOR_OK : s;
}

/* The objects of one page; *next stays "" behind the last. */
static enum orator_status
one_page(const struct s3 *s3, const char *page,
         enum orator_status (*each)(void *, const char *, int64_t, struct orator_error *),
         void *ctx, char *next, size_t next_size, struct orator_error *err)
{
    char key[NAME_SIZE + 256], when[40];
    const char *at = page, *start = page;
    while (xml_next(&at, "Key", key, sizeof(key))) {
        const char *here = at;
        if (!xml_next(&here, "LastModified", when, sizeof(when)) || !text_starts(key, s3->folder))
            continue;
        const char *name = key + strlen(s3->folder);
        enum orator_status s =
            *name && !strchr(name, '/') ? each(ctx, name, xml_time_ms(when), err) : ORATOR_OK;
        if (s != ORATOR_OK)
            return s;
    }
    if (!xml_next(&start, "NextContinuationToken", next, next_size))
        next[0] = '\0';
    return ORATOR_OK;
}

enum orator_status s3_list(struct s3 *s3,
                           enum orator_status (*each)(void *ctx, const char *name,
                                                      int64_t modified_ms,
                                                      struct orator_error *err),
                           void *ctx, struct orator_error *err)
{
    char token[640] = "", next[640];
    for (;;) {
        const struct sigv4_field fields[] = {
            {"list-type", "2"}, {"prefix", s3->folder}, {"continuation-token", token}};
        struct s3_exchange x = {.method = "GET", .fields = fields, .field_count = *token ? 3 : 2};
        enum orator_status s = s3_exchange(s3, &x, err);
        if (s == ORATOR_OK)
            s = one_page(s3, x.answer.data ? (char *)x.answer.data : "", each, ctx, next,
                         sizeof(next), err);
        bytes_fini(&x.answer);
        if (s != ORATOR_OK || !*next || strcmp(next, token) == 0)
            return s;
        memcpy(token, next, sizeof(token));
    }
}

enum orator_status s3_address(struct s3 *s3, const char *name, int seconds, const char *disposition,
                              char out[S3_URL_SIZE], struct orator_error *err)
{
    char path[1024], time[SIGV4_TIME_SIZE];
    struct text p = text_over(path, sizeof(path)), t = text_over(out, S3_URL_SIZE);
    const struct sigv4_field field = {"response-content-disposition", disposition};
    bool good = s3_path(s3, name, &p);
    sigv4_time(time, clock_wall_ms() / 1000);
    text_addf(&t, "%s%s?", s3->url, path);
    good = good && sigv4_presign(&t, &s3->key, "GET", s3->host, path, &field, disposition != NULL,
                                 time, seconds < ADDRESS_MAX_S ? seconds : ADDRESS_MAX_S);
    return good ? ORATOR_OK
                : orator_fail(err, ORATOR_IO, "the address of a media file is too long");
}
