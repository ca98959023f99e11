#include "server/api/inputs.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/api/limits.h"
#include "server/store/files_table.h"

static bool has(const struct upload *b, size_t at, const char *bytes, size_t size)
{
    return b->size >= at + size && memcmp((const char *)b->data + at, bytes, size) == 0;
}
#define HAS(b, at, literal) has((b), (at), (literal), sizeof(literal) - 1)

bool input_is_file(const char *url) { return text_starts(url, "file_"); }

const char *input_image_extension(const struct upload *b)
{
    if (HAS(b, 0, "\xFF\xD8\xFF"))
        return "jpg";
    if (HAS(b, 0, "\x89PNG\r\n\x1A\n"))
        return "png";
    return HAS(b, 0, "RIFF") && HAS(b, 8, "WEBP") ? "webp" : NULL;
}

const char *input_audio_extension(const struct upload *b)
{
    const unsigned char *bytes = b->data;
    if (HAS(b, 0, "RIFF") && HAS(b, 8, "WAVE"))
        return "wav";
    if (HAS(b, 0, "OggS"))
        return "ogg";
    if (HAS(b, 0, "fLaC"))
        return "flac";
    if (HAS(b, 4, "ftyp"))
        return "m4a";
    if (HAS(b, 0, "ID3"))
        return "mp3";
    /* an MPEG audio frame: 11 bits of sync, 2 of version, 2 of layer: 1 is MP3's, 0 is ADTS AAC */
    if (b->size >= 2 && bytes[0] == 0xFF && (bytes[1] & 0xE0) == 0xE0) {
        int version = bytes[1] >> 3 & 3, layer = bytes[1] >> 1 & 3;
        if (layer == 1 && version != 1)
            return "mp3";
        if (layer == 0 && version >= 2)
            return "aac";
    }
    return NULL;
}

/* One of the two inputs: what differs between them. */
struct kind {
    const char *param, *purpose, *formats;
    size_t limit_bytes;
    enum orator_status too_large, unsupported;
    const char *(*extension)(const struct upload *);
};
static const struct kind image = {"image_url",
                                  "image",
                                  "JPEG, PNG or WebP",
                                  LIMIT_IMAGE_BYTES,
                                  ORATOR_IMAGE_TOO_LARGE,
                                  ORATOR_UNSUPPORTED_IMAGE_FORMAT,
                                  input_image_extension};
static const struct kind audio = {"audio_url",
                                  "audio",
                                  "mp3, wav, m4a, aac, ogg or flac",
                                  LIMIT_AUDIO_BYTES,
                                  ORATOR_AUDIO_TOO_LARGE,
                                  ORATOR_UNSUPPORTED_AUDIO_FORMAT,
                                  input_audio_extension};

/* What the request brings of one input. */
struct source {
    struct upload bytes;     /* none: the URL is one of the network, or a file's id */
    struct bytes decoded;    /* behind `bytes` where it was a data: URL */
    const char *extension;   /* of `bytes` */
    struct stored_file file; /* id "": the URL is no file's id */
};

static enum orator_status find_file(struct stored_file *out, const char *id, const struct kind *k,
                                    const struct api_setup *api, const char *account_id,
                                    struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    TRY(store_read(api->store, &c, err));
    TRY(files_get(c, id, account_id, store_now_ms(api->store), out, err));
done:
    s = store_end(&c, s, err);
    if (s == ORATOR_NOT_FOUND)
        return orator_fail_param(err, s, k->param, "no file of yours has the id %.40s", id);
    if (s == ORATOR_OK && strcmp(out->purpose, k->purpose) != 0)
        return orator_fail_param(err, k->unsupported, k->param, "the file %s is no %s file", id,
                                 k->formats);
    return s;
}

static enum orator_status judge(struct source *out, const char *url, const struct upload *upload,
                                const struct kind *k, const struct api_setup *api,
                                const char *account_id, struct orator_error *err)
{
    static const atomic_int never;
    enum orator_status s = ORATOR_OK;
    out->bytes = *upload;
    if (!upload->data && !url)
        return ORATOR_OK; /* an estimate may do without */
    if (!upload->data && input_is_file(url))
        return find_file(&out->file, url, k, api, account_id, err);
    if (!upload->data && !url_is_data(url))
        return ORATOR_OK;
    if (!upload->data) {
        s = fetch_url(&out->decoded, url, &api->fetch, k->limit_bytes, k->too_large, &never, err);
        out->bytes = (struct upload){out->decoded.data, out->decoded.size};
    }
    if (s == k->too_large || out->bytes.size > k->limit_bytes)
        return orator_fail_param(err, k->too_large, k->param,
                                 "%s holds more than %zu bytes, the limit", k->param,
                                 k->limit_bytes);
    if (s != ORATOR_OK) {
        if (err)
            snprintf(err->param, sizeof(err->param), "%s", k->param);
        return s;
    }
    out->extension = k->extension(&out->bytes);
    if (!out->extension)
        return orator_fail_param(err, k->unsupported, k->param,
                                 "the %zu bytes of %s are no %s file", out->bytes.size, k->param,
                                 k->formats);
    return ORATOR_OK;
}

/* A copy that belongs to the task: an upload that is deleted later is none of its business. */
static enum orator_status put(struct blobs *blobs, char out[INPUT_URL_SIZE], const char **url,
                              const struct source *from, struct orator_error *err)
{
    enum orator_status s;
    char name[BLOB_NAME_SIZE];
    if (!from->extension && !from->file.id[0])
        return ORATOR_OK;
    if (from->extension) {
        blob_name_new(name, from->extension);
        s = blob_put(blobs, name, from->bytes.data, from->bytes.size, err);
    } else {
        blob_name_new(name, strrchr(from->file.blob_name, '.') + 1);
        s = blob_link(blobs, from->file.blob_name, name, err);
    }
    if (s != ORATOR_OK)
        return s;
    snprintf(out, INPUT_URL_SIZE, "blob:%s", name);
    *url = out;
    return ORATOR_OK;
}

enum orator_status inputs_store(struct inputs *out, const struct submission *in,
                                const struct api_setup *api, const char *account_id,
                                struct orator_error *err)
{
    enum orator_status s;
    struct source portrait = {0}, voice = {0};
    *out = (struct inputs){
        .blobs = api->blobs, .image_url = in->image_url, .audio_url = in->audio_url};
    TRY(judge(&portrait, in->image_url, &in->image, &image, api, account_id, err));
    TRY(judge(&voice, in->audio_url, &in->audio, &audio, api, account_id, err));
    TRY(put(api->blobs, out->image_blob, &out->image_url, &portrait, err));
    TRY(put(api->blobs, out->audio_blob, &out->audio_url, &voice, err));
done:
    bytes_fini(&portrait.decoded);
    bytes_fini(&voice.decoded);
    if (s != ORATOR_OK)
        inputs_drop(out);
    return s;
}

enum orator_status inputs_put_audio(struct inputs *in, const struct upload *bytes,
                                    const char *extension, struct orator_error *err)
{
    const struct source from = {.bytes = *bytes, .extension = extension};
    return put(in->blobs, in->audio_blob, &in->audio_url, &from, err);
}

void inputs_drop(struct inputs *in)
{
    if (in->image_blob[0])
        blob_remove(in->blobs, in->image_blob + strlen("blob:"));
    if (in->audio_blob[0])
        blob_remove(in->blobs, in->audio_blob + strlen("blob:"));
    *in = (struct inputs){0};
}

void inputs_move(struct inputs *to, struct inputs *from)
{
    *to = *from;
    if (from->image_url == from->image_blob)
        to->image_url = to->image_blob;
    if (from->audio_url == from->audio_blob)
        to->audio_url = to->audio_blob;
    *from = (struct inputs){0};
}
