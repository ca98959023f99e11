#include "server/objects/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "server/objects/s3_wire.h"

enum { SMALL_BYTES = 1000, PART_BYTES = 5 << 20, LARGE_BYTES = PART_BYTES + 70000, OPEN_S = 60 };

struct rehearsal {
    struct s3 *s3;
    void (*done)(void *ctx, const char *step);
    void *ctx;
    const char *step;
    char small[64], copy[64], large[64];
    unsigned char bytes[SMALL_BYTES];
    int seen; /* of ours, in the list */
};

static enum orator_status differs(struct orator_error *err)
{
    return orator_fail(err, ORATOR_IO, "the media store gives other bytes than it was given");
}

static enum orator_status put_and_get(struct rehearsal *r, struct orator_error *err)
{
    struct bytes back = {0};
    struct s3_facts facts;
    enum orator_status s;
    TRY(s3_put(r->s3, r->small, r->bytes, SMALL_BYTES, err));
    TRY(s3_head(r->s3, r->small, &facts, err));
    TRY(s3_get(r->s3, r->small, SMALL_BYTES, &back, err));
    if (facts.size_bytes != SMALL_BYTES || back.size != SMALL_BYTES ||
        memcmp(back.data, r->bytes, SMALL_BYTES) != 0)
        s = differs(err);
done:
    bytes_fini(&back);
    return s;
}

static enum orator_status get_part(struct rehearsal *r, struct orator_error *err)
{
    struct bytes back;
    enum orator_status s = s3_get_range(r->s3, r->small, 100, 199, &back, err);
    if (s == ORATOR_OK && memcmp(back.data, r->bytes + 100, 100) != 0)
        s = differs(err);
    bytes_fini(&back);
    return s;
}

static enum orator_status copy(struct rehearsal *r, struct orator_error *err)
{
    struct bytes back = {0};
    enum orator_status s;
    TRY(s3_copy(r->s3, r->small, r->copy, err));
    TRY(s3_get(r->s3, r->copy, SMALL_BYTES, &back, err));
    if (back.size != SMALL_BYTES || memcmp(back.data, r->bytes, SMALL_BYTES) != 0)
        s = differs(err);
done:
    bytes_fini(&back);
    return s;
}

static enum orator_status put_large(struct rehearsal *r, struct orator_error *err)
{
    char path[] = "/tmp/orator-media-XXXXXX";
    struct s3_facts facts = {0};
    enum orator_status s;
    unsigned char *bytes = calloc(1, LARGE_BYTES);
    int fd = mkstemp(path);
    bool good = bytes && fd >= 0 && write(fd, bytes, LARGE_BYTES) == LARGE_BYTES;
    free(bytes);
    if (fd >= 0)
        close(fd);
    if (good) {
        TRY(s3_put_file(r->s3, r->large, path, NULL, err));
        TRY(s3_head(r->s3, r->large, &facts, err));
        if (facts.size_bytes != LARGE_BYTES)
            s = differs(err);
    } else {
        s = orator_fail(err, ORATOR_IO, "/tmp does not take a file of 5 MiB");
    }
done:
    unlink(path);
    return s;
}

static enum orator_status see(void *ctx, const char *name, int64_t modified_ms,
                              struct orator_error *err)
{
    struct rehearsal *r = ctx;
    (void)err;
    r->seen += modified_ms > 0 && (strcmp(name, r->small) == 0 || strcmp(name, r->copy) == 0 ||
                                   strcmp(name, r->large) == 0);
    return ORATOR_OK;
}

static enum orator_status list(struct rehearsal *r, struct orator_error *err)
{
    r->seen = 0;
    enum orator_status s = s3_list(r->s3, see, r, err);
    if (s == ORATOR_OK && r->seen != 3)
        s = orator_fail(err, ORATOR_IO, "the media store lists %d of 3 files", r->seen);
    return s;
}

static size_t drop(char *data, size_t one, size_t n, void *ctx)
{
    (void)data, (void)one;
    *(size_t *)ctx += n;
    return n;
}

/* What anybody gets who has the address. */
static long visit(const char *url, size_t *got_bytes)
{
    long status = 0;
    CURL *h = curl_easy_init();
    *got_bytes = 0;
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_RANGE, "10-109");
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, 15000L);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, got_bytes);
    if (curl_easy_perform(h) == CURLE_OK)
        curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(h);
    return status;
}

static enum orator_status open_address(struct rehearsal *r, struct orator_error *err)
{
    char url[S3_URL_SIZE];
    size_t n;
    enum orator_status s =
        s3_address(r->s3, r->small, OPEN_S, "attachment; filename=\"a b.mp4\"", url, err);
    if (s != ORATOR_OK)
        return s;
    long status = visit(url, &n);
    if (status != 206 || n != 100)
        return orator_fail(err, ORATOR_IO,
                           "the media store answers HTTP %ld with %zu bytes, not 206 with 100, to "
                           "who has the address",
                           status, n);
    char *last = url + strlen(url) - 1; /* of the signature */
    *last = *last == '0' ? '1' : '0';
    status = visit(url, &n);
    return status == 403 ? ORATOR_OK
                         : orator_fail(err, ORATOR_IO,
                                       "the media store answers HTTP %ld, not 403, to a wrong "
                                       "signature: anybody may read it",
                                       status);
}

static enum orator_status remove_all(struct rehearsal *r, struct orator_error *err)
{
    struct s3_facts facts;
    enum orator_status s;
    TRY(s3_remove(r->s3, r->large, err));
    TRY(s3_remove(r->s3, r->copy, err));
    TRY(s3_remove(r->s3, r->small, err));
    TRY(s3_remove(r->s3, r->small, err)); /* missing is fine */
    s = s3_head(r->s3, r->small, &facts, err);
    s = s == ORATOR_NOT_FOUND ? ORATOR_OK
        : s == ORATOR_OK ? orator_fail(err, ORATOR_IO, "the media store keeps what was removed")
                         : s;
done:
    return s;
}

enum orator_status s3_rehearse(const struct s3_place *place,
                               void (*done)(void *ctx, const char *step), void *ctx,
                               struct orator_error *err)
{
    static const struct {
        const char *step;
        enum orator_status (*run)(struct rehearsal *, struct orator_error *err);
    } rows[] = {
        {"put and get", put_and_get},
        {"get a part", get_part},
        {"copy", copy},
        {"put a large file in parts", put_large},
        {"list", list},
        {"an address for others", open_address},
        {"remove", remove_all},
    };
    struct rehearsal r = {.done = done, .ctx = ctx};
    struct s3_place small_parts = *place;
    unsigned char chance[12];
    char name[sizeof(chance) * 2 + 1];
    random_secret(chance, sizeof(chance));
    random_secret(r.bytes, sizeof(r.bytes));
    for (size_t i = 0; i < sizeof(chance); i++)
        snprintf(name + 2 * i, 3, "%02x", chance[i]);
    snprintf(r.small, sizeof(r.small), "check.%s.a.mp4", name);
    snprintf(r.copy, sizeof(r.copy), "check.%s.b.mp4", name);
    snprintf(r.large, sizeof(r.large), "check.%s.c.mp4", name);
    small_parts.part_bytes = small_parts.single_max_bytes = PART_BYTES;

    enum orator_status s = s3_open(&r.s3, &small_parts, err);
    if (s == ORATOR_OK)
        s = s3_check(r.s3, err);
    if (s == ORATOR_OK)
        done(ctx, "the bucket is there, and opens to the key");
    bool began = s == ORATOR_OK;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && s == ORATOR_OK; i++) {
        s = rows[i].run(&r, err);
        if (s == ORATOR_OK)
            done(ctx, rows[i].step);
        else
            orator_within(err, s, rows[i].step);
    }
    for (int i = 0; i < 3 && began && s != ORATOR_OK; i++)
        if (s3_remove(r.s3, (const char *[]){r.small, r.copy, r.large}[i], NULL) != ORATOR_OK)
            break; /* it does not let us */
    s3_close(&r.s3);
    return s;
}
