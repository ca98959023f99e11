#include "server/objects/s3_multipart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/objects/s3_wire.h"

enum { PARTS_MAX = 10000, UPLOAD_ID_SIZE = 512, PART_TEXT_BYTES = 160 };

struct upload {
    struct s3 *s3;
    const char *name;
    const atomic_int *stop;
    char id[UPLOAD_ID_SIZE];
    char *done; /* what ends it: the parts with their ETags, as XML */
    size_t done_size;
    int64_t sent_bytes;
};

static enum orator_status begin(struct upload *u, const char *content_type,
                                struct orator_error *err)
{
    const struct sigv4_field field = {"uploads", ""};
    struct s3_exchange x = {.method = "POST",
                            .name = u->name,
                            .fields = &field,
                            .field_count = 1,
                            .content_type = content_type,
                            .stop = u->stop};
    enum orator_status s = s3_exchange(u->s3, &x, err);
    const char *at = x.answer.data ? (const char *)x.answer.data : "";
    if (s == ORATOR_OK && (!xml_next(&at, "UploadId", u->id, sizeof(u->id)) || !u->id[0])) {
        u->id[0] = '\0';
        s = orator_fail(err, ORATOR_IO, "the media store does not name an upload in parts");
    }
    bytes_fini(&x.answer);
    return s;
}

static enum orator_status send_part(struct upload *u, int number, const void *data, size_t size,
                                    char *etag, size_t etag_size, struct orator_error *err)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    const struct sigv4_field fields[] = {{"partNumber", text}, {"uploadId", u->id}};
    struct s3_exchange x = {.method = "PUT",
                            .name = u->name,
                            .fields = fields,
                            .field_count = 2,
                            .body = data,
                            .body_size = size,
                            .stop = u->stop};
    enum orator_status s = s3_exchange(u->s3, &x, err);
    if (s == ORATOR_OK && !x.facts.etag[0])
        s = orator_fail(err, ORATOR_IO, "the media store does not say what it took of a file");
    if (s == ORATOR_OK)
        snprintf(etag, etag_size, "%s", x.facts.etag);
    bytes_fini(&x.answer);
    return s;
}

static enum orator_status send_parts(struct upload *u, FILE *f, void *part, struct text *done,
                                     struct orator_error *err)
{
    char etag[sizeof(((struct s3_facts *)0)->etag)];
    for (int number = 1; number <= PARTS_MAX; number++) {
        size_t n = fread(part, 1, (size_t)u->s3->part_bytes, f);
        if (ferror(f))
            return orator_fail(err, ORATOR_IO, "a media file cannot be read");
        if (n == 0)
            return done->cut ? orator_fail(err, ORATOR_IO, "the media file has too many parts")
                             : ORATOR_OK;
        enum orator_status s = send_part(u, number, part, n, etag, sizeof(etag), err);
        if (s != ORATOR_OK)
            return s;
        u->sent_bytes += (int64_t)n;
        text_addf(done, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", number, etag);
    }
    return orator_fail(err, ORATOR_IO, "the media file has more than %d parts", PARTS_MAX);
}

/* True if the object stands as it was meant to: an end whose answer was lost has ended all the same. */
static bool stands(struct upload *u)
{
    struct s3_facts facts;
    return s3_head(u->s3, u->name, &facts, NULL) == ORATOR_OK && facts.size_bytes == u->sent_bytes;
}

static enum orator_status end(struct upload *u, const struct text *done, struct orator_error *err)
{
    const struct sigv4_field field = {"uploadId", u->id};
    struct s3_exchange x = {.method = "POST",
                            .name = u->name,
                            .fields = &field,
                            .field_count = 1,
                            .body = done->start,
                            .body_size = done->length,
                            .content_type = "application/xml",
                            .stop = u->stop};
    enum orator_status s = s3_exchange(u->s3, &x, err);
    /* a store may answer 200 first and find the fault later */
    if (s == ORATOR_OK && x.answer.data && strstr((char *)x.answer.data, "<Error>"))
        s = orator_fail(err, ORATOR_IO,
                        "the media store could not put the parts of a file together");
    if (s != ORATOR_OK && s != ORATOR_CANCELED && stands(u))
        s = ORATOR_OK;
    bytes_fini(&x.answer);
    return s;
}

static enum orator_status give_up(struct s3 *s3, const char *name, const char *id,
                                  struct orator_error *err)
{
    const struct sigv4_field field = {"uploadId", id};
    struct s3_exchange x = {.method = "DELETE", .name = name, .fields = &field, .field_count = 1};
    enum orator_status s = s3_exchange(s3, &x, err);
    bytes_fini(&x.answer);
    return s == ORATOR_NOT_FOUND ? ORATOR_OK : s;
}

enum orator_status s3_put_parts(struct s3 *s3, const char *name, const char *content_type,
                                const char *path, const atomic_int *stop, struct orator_error *err)
{
    enum orator_status s;
    struct upload u = {.s3 = s3, .name = name, .stop = stop};
    size_t room = (size_t)PARTS_MAX * PART_TEXT_BYTES;
    FILE *f = fopen(path, "rbe");
    void *part = malloc((size_t)s3->part_bytes);
    char *memory = malloc(room);
    if (!f || !part || !memory) {
        s = orator_fail(err, f ? ORATOR_NO_MEMORY : ORATOR_IO, "a media file cannot be read");
        goto done;
    }
    struct text done = text_over(memory, room);
    text_add(&done, "<CompleteMultipartUpload>");
    TRY(begin(&u, content_type, err));
    TRY(send_parts(&u, f, part, &done, err));
    text_add(&done, "</CompleteMultipartUpload>");
    TRY(end(&u, &done, err));
done:
    if (s != ORATOR_OK && u.id[0])
        give_up(s3, name, u.id, NULL); /* what that does not reach, s3_abort_stale() does */
    free(memory);
    free(part);
    if (f)
        fclose(f);
    return s;
}

enum orator_status s3_abort_stale(struct s3 *s3, int64_t before_ms, int64_t *count,
                                  struct orator_error *err)
{
    const struct sigv4_field fields[] = {{"uploads", ""}, {"prefix", s3->folder}};
    struct s3_exchange x = {.method = "GET", .fields = fields, .field_count = 2};
    char key[512], id[UPLOAD_ID_SIZE], when[40];
    *count = 0;
    enum orator_status s = s3_exchange(s3, &x, err);
    const char *at = x.answer.data ? (const char *)x.answer.data : "";
    while (s == ORATOR_OK && xml_next(&at, "Key", key, sizeof(key))) {
        if (!xml_next(&at, "UploadId", id, sizeof(id)) ||
            !xml_next(&at, "Initiated", when, sizeof(when)) || !text_starts(key, s3->folder))
            continue;
        int64_t begun_ms = xml_time_ms(when);
        if (begun_ms < 0 || begun_ms >= before_ms)
            continue;
        s = give_up(s3, key + strlen(s3->folder), id, err);
        *count += s == ORATOR_OK;
    }
    bytes_fini(&x.answer);
    return s;
}
