/* Files that are uploaded once and used in many submits: POST, GET and DELETE /v1/files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/api/deliver.h"
#include "server/api/files.h"
#include "server/api/form.h"
#include "server/api/inputs.h"
#include "server/api/limits.h"
#include "server/api/page.h"
#include "server/api/repeat.h"
#include "server/store/name.h"

json_t *file_json(const struct call *call, const struct stored_file *f)
{
    char base[300];
    call_base_url(call, base, sizeof(base));
    json_t *v = json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:s}", "id", f->id, "object",
                          "file", "bytes", (json_int_t)f->size_bytes, "created_at",
                          (json_int_t)(f->created_ms / 1000), "expires_at",
                          (json_int_t)(f->expires_ms / 1000), "filename", f->filename, "purpose",
                          f->purpose, "media_type", f->media_type, "status", "processed");
    if (v)
        json_object_set_new(v, "urls",
                            json_pack("{s:o}", "get", json_sprintf("%s/v1/files/%s", base, f->id)));
    if (v && f->duration_ms > 0)
        json_object_set_new(v, "duration_seconds", json_real((double)f->duration_ms / 1000));
    return v;
}

static const char *media_type_of(const char *extension)
{
    static const char *const rows[][2] = {
        {"jpg", "image/jpeg"}, {"png", "image/png"},  {"webp", "image/webp"},
        {"wav", "audio/wav"},  {"mp3", "audio/mpeg"}, {"m4a", "audio/mp4"},
        {"aac", "audio/aac"},  {"ogg", "audio/ogg"},  {"flac", "audio/flac"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i][0], extension) == 0)
            return rows[i][1];
    return "application/octet-stream";
}

/* What was uploaded, and how it is to be kept. Borrowed. */
struct wanted {
    struct upload bytes;
    const char *filename, *purpose, *expires_in; /* NULL: not said */
    char purpose_text[16], expires_text[16];
};

static const char *part_text(const struct multipart *form, const char *name, char out[16])
{
    const struct multipart_part *part = form_part(form, name);
    if (!part)
        return NULL;
    snprintf(out, 16, "%.*s", (int)(part->size < 15 ? part->size : 15), (const char *)part->data);
    return out;
}

static enum orator_status read_form(struct wanted *out, struct multipart *form,
                                    const struct http_request *request, struct orator_error *err)
{
    enum orator_status s = multipart_parse(form, http_header(request, "Content-Type"),
                                           request->body, request->body_size, err);
    if (s != ORATOR_OK)
        return s;
    const struct multipart_part *file = form_part(form, "file");
    if (!file)
        file = form_part(form, "content"); /* as Replicate's client calls it */
    if (!file)
        return orator_fail_param(err, ORATOR_MISSING_PARAMETER, "file",
                                 "file is missing: send a picture or a sound as the part \"file\"");
    out->bytes = (struct upload){file->data, file->size};
    out->filename = file->filename[0] ? file->filename : NULL;
    out->purpose = part_text(form, "purpose", out->purpose_text);
    out->expires_in = part_text(form, "expires_in", out->expires_text);
    if (!out->expires_in)
        out->expires_in = part_text(form, "expires_after[seconds]", out->expires_text);
    return ORATOR_OK;
}

/* Which of the two it is, by its bytes; what was said must not contradict them. */
static enum orator_status judge(struct stored_file *f, const struct wanted *w,
                                const char **extension, struct orator_error *err)
{
    const char *image = input_image_extension(&w->bytes);
    const char *audio = image ? NULL : input_audio_extension(&w->bytes);
    const char *purpose = w->purpose;
    if (purpose && strcmp(purpose, "vision") == 0)
        purpose = "image"; /* OpenAI's word */
    if (purpose && strcmp(purpose, "user_data") == 0)
        purpose = NULL; /* and its word for anything */
    if (purpose && strcmp(purpose, "image") != 0 && strcmp(purpose, "audio") != 0)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "purpose",
                                 "purpose must be image or audio");
    if (w->bytes.size == 0)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "file", "the file is empty");
    bool wants_image = purpose && strcmp(purpose, "image") == 0;
    if (wants_image ? !image : purpose && !audio)
        return orator_fail_param(
            err, wants_image ? ORATOR_UNSUPPORTED_IMAGE_FORMAT : ORATOR_UNSUPPORTED_AUDIO_FORMAT,
            "file", "the %zu bytes are no %s file", w->bytes.size,
            wants_image ? "JPEG, PNG or WebP" : "mp3, wav, m4a, aac, ogg or flac");
    if (!image && !audio)
        return orator_fail_param(err, ORATOR_UNSUPPORTED_IMAGE_FORMAT, "file",
                                 "the %zu bytes are neither a JPEG, PNG or WebP picture nor an "
                                 "mp3, wav, m4a, aac, ogg or flac sound",
                                 w->bytes.size);
    size_t limit = image ? LIMIT_IMAGE_BYTES : LIMIT_AUDIO_BYTES;
    if (w->bytes.size > limit)
        return orator_fail_param(err, image ? ORATOR_IMAGE_TOO_LARGE : ORATOR_AUDIO_TOO_LARGE,
                                 "file", "the file holds %zu bytes, the limit is %zu",
                                 w->bytes.size, limit);
    *extension = image ? image : audio;
    snprintf(f->purpose, sizeof(f->purpose), "%s", image ? "image" : "audio");
    snprintf(f->media_type, sizeof(f->media_type), "%s", media_type_of(*extension));
    if (w->filename)
        snprintf(f->filename, sizeof(f->filename), "%s", w->filename);
    else
        snprintf(f->filename, sizeof(f->filename), "%s.%s", f->purpose, *extension);
    return ORATOR_OK;
}

enum orator_status file_keep(const struct api_setup *api, struct stored_file *f, const void *data,
                             size_t size, const char *extension, struct call *answered,
                             struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    int64_t count, held;
    f->size_bytes = (int64_t)size;
    name_new(f->id, "file_", 20);
    blob_name_new(f->blob_name, extension);
    TRY(blob_put(api->blobs, f->blob_name, data, size, err));
    TRY(store_write(api->store, &c, err));
    TRY(files_usage(c, f->account_id, &count, &held, err));
    if (count >= LIMIT_FILES || held + f->size_bytes > LIMIT_FILES_BYTES) {
        s = orator_fail_param(err, ORATOR_REQUEST_TOO_LARGE, "file",
                              "your account holds %lld files of %lld bytes; %d files of %lld "
                              "bytes fit: delete some",
                              (long long)count, (long long)held, LIMIT_FILES, LIMIT_FILES_BYTES);
        goto done;
    }
    f->created_ms = store_now_ms(api->store);
    f->expires_ms += f->created_ms;
    TRY(files_insert(c, f, err));
    if (answered)
        TRY(repeat_answer(answered, c, file_json(answered, f), err));
done:
    s = store_end(&c, s, err);
    if (s != ORATOR_OK)
        blob_remove(api->blobs, f->blob_name);
    return s;
}

enum orator_status files_create(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    const struct http_request *request = call->request;
    struct multipart *form = NULL;
    const char *extension = NULL;
    int64_t seconds = LIMIT_FILE_DAYS * 86400LL;
    struct stored_file f = {0};
    struct wanted w = {.bytes = {request->body, request->body_size},
                       .filename = http_query(request, "filename"),
                       .purpose = http_query(request, "purpose"),
                       .expires_in = http_query(request, "expires_in")};
    if (multipart_is(http_header(request, "Content-Type"))) {
        form = malloc(sizeof(*form));
        if (!form)
            return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the form");
        TRY(read_form(&w, form, request, err));
    }
    if (w.expires_in && !text_to_i64(w.expires_in, 3600, LIMIT_FILE_DAYS * 86400LL, &seconds)) {
        s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "expires_in",
                              "expires_in must be a number of seconds from 3600 to %d",
                              LIMIT_FILE_DAYS * 86400);
        goto done;
    }
    TRY(judge(&f, &w, &extension, err));
    snprintf(f.account_id, sizeof(f.account_id), "%s", call->key->account_id);
    snprintf(f.key_id, sizeof(f.key_id), "%s", call->key->id);
    f.expires_ms = seconds * 1000;
    TRY(file_keep(call->api, &f, w.bytes.data, w.bytes.size, extension, call, err));
done:
    free(form);
    return s;
}

enum orator_status files_list(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    json_t *data = json_array();
    struct page page;
    struct stored_file f;
    bool found = true;
    int64_t before = 0, now_ms = store_now_ms(call->api->store);
    TRY(page_read(&page, call, err));
    TRY(store_read(call->api->store, &c, err));
    if (page.after) {
        TRY(files_get(c, page.after, call->key->account_id, now_ms, &f, err));
        TRY(files_row(c, page.after, &before, err));
    }
    for (int n = 0; n <= page.limit; n++) {
        TRY(files_next(c, call->key->account_id, http_query(call->request, "purpose"), now_ms,
                       &before, &f, &found, err));
        if (!found || n == page.limit)
            break;
        json_array_append_new(data, file_json(call, &f));
    }
    s = call_answer_json(call, page_json(data, found), err);
    data = NULL;
done:
    json_decref(data);
    return store_end(&c, s, err);
}

static enum orator_status find(struct call *call, struct stored_file *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    TRY(store_read(call->api->store, &c, err));
    TRY(files_get(c, call->name, call->key->account_id, store_now_ms(call->api->store), out, err));
done:
    return store_end(&c, s, err);
}

enum orator_status files_show(struct call *call, struct orator_error *err)
{
    struct stored_file f;
    enum orator_status s = find(call, &f, err);
    return s == ORATOR_OK ? call_answer_json(call, file_json(call, &f), err) : s;
}

enum orator_status files_content(struct call *call, struct orator_error *err)
{
    struct stored_file f;
    enum orator_status s;
    TRY(find(call, &f, err));
    TRY(deliver(call, f.blob_name, NULL, err));
    http_answer_header(call->answer, "Cache-Control", "private, no-store");
done:
    return s;
}

enum orator_status files_remove(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct stored_file f = {0};
    TRY(store_write(call->api->store, &c, err));
    TRY(files_get(c, call->name, call->key->account_id, store_now_ms(call->api->store), &f, err));
    TRY(files_delete(c, f.id, err));
done:
    s = store_end(&c, s, err);
    if (s != ORATOR_OK)
        return s;
    blob_remove(call->api->blobs, f.blob_name);
    return call_answer_json(
        call, json_pack("{s:s, s:s, s:b}", "id", f.id, "object", "file", "deleted", 1), err);
}
