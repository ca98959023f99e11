#include "server/api/inputs.h"

#include <stdio.h>
#include <string.h>

#include "server/api/limits.h"

static bool has(const struct bytes *b, size_t at, const char *bytes, size_t size)
{
    return b->size >= at + size && memcmp(b->data + at, bytes, size) == 0;
}
#define HAS(b, at, literal) has((b), (at), (literal), sizeof(literal) - 1)

/* The extension of what these bytes are; NULL: none of the listed formats. */
static const char *image_extension(const struct bytes *b)
{
    if (HAS(b, 0, "\xFF\xD8\xFF"))
        return "jpg";
    if (HAS(b, 0, "\x89PNG\r\n\x1A\n"))
        return "png";
    return HAS(b, 0, "RIFF") && HAS(b, 8, "WEBP") ? "webp" : NULL;
}

static const char *audio_extension(const struct bytes *b)
{
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
    if (b->size >= 2 && b->data[0] == 0xFF && (b->data[1] & 0xE0) == 0xE0) {
        int version = b->data[1] >> 3 & 3, layer = b->data[1] >> 1 & 3;
        if (layer == 1 && version != 1)
            return "mp3";
        if (layer == 0 && version >= 2)
            return "aac";
    }
    return NULL;
}

/* One of the two inputs: what differs between them. */
struct kind {
    const char *param, *formats;
    size_t limit_bytes;
    enum orator_status too_large, unsupported;
    const char *(*extension)(const struct bytes *);
};
static const struct kind image = {"image_url",
                                  "JPEG, PNG or WebP",
                                  LIMIT_IMAGE_BYTES,
                                  ORATOR_IMAGE_TOO_LARGE,
                                  ORATOR_UNSUPPORTED_IMAGE_FORMAT,
                                  image_extension};
static const struct kind audio = {"audio_url",
                                  "mp3, wav, m4a, aac, ogg or flac",
                                  LIMIT_AUDIO_BYTES,
                                  ORATOR_AUDIO_TOO_LARGE,
                                  ORATOR_UNSUPPORTED_AUDIO_FORMAT,
                                  audio_extension};

/* *extension stays NULL if the URL is one of the network. */
static enum orator_status decode(struct bytes *out, const char *url, const struct kind *k,
                                 const struct api_setup *api, const char **extension,
                                 struct orator_error *err)
{
    static const atomic_int never;
    *extension = NULL;
    if (!url_is_data(url))
        return ORATOR_OK;
    enum orator_status s =
        fetch_url(out, url, &api->fetch, k->limit_bytes, k->too_large, &never, err);
    if (s == k->too_large)
        return orator_fail_param(err, s, k->param, "%s holds more than %zu bytes, the limit",
                                 k->param, k->limit_bytes);
    if (s != ORATOR_OK) {
        if (err)
            snprintf(err->param, sizeof(err->param), "%s", k->param);
        return s;
    }
    *extension = k->extension(out);
    if (!*extension)
        return orator_fail_param(err, k->unsupported, k->param,
                                 "the %zu bytes of %s are no %s file", out->size, k->param,
                                 k->formats);
    return ORATOR_OK;
}

static enum orator_status put(struct blobs *blobs, char out[INPUT_URL_SIZE], const char **url,
                              const struct bytes *b, const char *extension,
                              struct orator_error *err)
{
    if (!extension)
        return ORATOR_OK;
    char name[BLOB_NAME_SIZE];
    blob_name_new(name, extension);
    enum orator_status s = blob_put(blobs, name, b->data, b->size, err);
    if (s != ORATOR_OK)
        return s;
    snprintf(out, INPUT_URL_SIZE, "blob:%s", name);
    *url = out;
    return ORATOR_OK;
}

enum orator_status inputs_store(struct inputs *out, const struct submission *in,
                                const struct api_setup *api, struct orator_error *err)
{
    enum orator_status s;
    struct bytes portrait = {0}, voice = {0};
    const char *image_ext, *audio_ext;
    *out = (struct inputs){
        .blobs = api->blobs, .image_url = in->image_url, .audio_url = in->audio_url};
    TRY(decode(&portrait, in->image_url, &image, api, &image_ext, err));
    TRY(decode(&voice, in->audio_url, &audio, api, &audio_ext, err));
    TRY(put(api->blobs, out->image_blob, &out->image_url, &portrait, image_ext, err));
    TRY(put(api->blobs, out->audio_blob, &out->audio_url, &voice, audio_ext, err));
done:
    bytes_fini(&portrait);
    bytes_fini(&voice);
    if (s != ORATOR_OK)
        inputs_drop(out);
    return s;
}

void inputs_drop(struct inputs *in)
{
    if (in->image_blob[0])
        blob_remove(in->blobs, in->image_blob + strlen("blob:"));
    if (in->audio_blob[0])
        blob_remove(in->blobs, in->audio_blob + strlen("blob:"));
    *in = (struct inputs){0};
}
