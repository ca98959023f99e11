#include "engine/media/sound_file.h"

#include <stdbool.h>
#include <string.h>

/* "ID3" version(2) flags(1) size(4, seven bits each), then the tag; 10 more bytes if flag 10 says
 * that a footer follows. Returns 0 if there is none. */
static size_t id3_in_front(const uint8_t *p, size_t n)
{
    if (n < 10 || memcmp(p, "ID3", 3) != 0 || p[3] == 0xff || ((p[6] | p[7] | p[8] | p[9]) & 0x80))
        return 0;
    size_t size = (size_t)p[6] << 21 | (size_t)p[7] << 14 | (size_t)p[8] << 7 | p[9];
    return 10 + size + (p[5] & 0x10 ? 10 : 0);
}

static void cut_tags(struct sound_file *f)
{
    enum { ID3V1 = 128 };
    for (size_t tag; (tag = id3_in_front(f->bytes, f->size)) > 0;) {
        if (tag > f->size)
            tag = f->size;
        f->bytes += tag;
        f->size -= tag;
        while (f->size > 0 && f->bytes[0] == 0) { /* some writers pad behind the tag */
            f->bytes++;
            f->size--;
        }
    }
    if (f->size >= ID3V1 && memcmp(f->bytes + f->size - ID3V1, "TAG", 3) == 0)
        f->size -= ID3V1;
}

/* Eleven set bits, version, layer III (01), then a bit rate and a sample rate that exist. */
static bool is_mp3_frame(const uint8_t *p)
{
    bool sync = p[0] == 0xff && (p[1] & 0xe0) == 0xe0, layer3 = (p[1] & 0x06) == 0x02;
    bool version = (p[1] & 0x18) != 0x08;
    bool rates = (p[2] & 0xf0) != 0xf0 && (p[2] & 0xf0) != 0 && (p[2] & 0x0c) != 0x0c;
    return sync && layer3 && version && rates;
}

/* Twelve set bits, version, layer 00, then one of thirteen sample rates. */
static bool is_adts_frame(const uint8_t *p)
{
    return p[0] == 0xff && (p[1] & 0xf6) == 0xf0 && (p[2] >> 2 & 15) < 13;
}

static const char *demuxer_of(const uint8_t *p, size_t n)
{
    if (n < 12)
        return NULL;
    if (memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WAVE", 4) == 0)
        return "wav";
    if (memcmp(p + 4, "ftyp", 4) == 0)
        return "mp4";
    if (memcmp(p, "OggS", 4) == 0)
        return "ogg";
    if (memcmp(p, "fLaC", 4) == 0)
        return "flac";
    if (is_mp3_frame(p))
        return "mp3";
    if (is_adts_frame(p))
        return "aac";
    return NULL;
}

enum orator_status sound_file_parse(struct sound_file *out, const uint8_t *bytes, size_t size,
                                    struct orator_error *err)
{
    *out = (struct sound_file){NULL, bytes, size};
    cut_tags(out);
    out->demuxer = demuxer_of(out->bytes, out->size);
    if (!out->demuxer)
        return orator_fail(err, ORATOR_UNSUPPORTED_AUDIO_FORMAT,
                           "the sound is not one of the formats taken: mp3, wav, m4a, aac, ogg "
                           "(vorbis, opus), flac");
    return ORATOR_OK;
}
