#include "engine/media/image_file.h"

#include <stdbool.h>
#include <string.h>

/* What encoders write is about 10; libjpeg-turbo's advice against decoding bombs is 500. A scan of
 * few bytes makes the decoder pass over the whole picture. */
enum { JPEG_MAX_SCANS = 100 };

struct walk {
    struct image_file *file;
    uint8_t *kept; /* NULL: only count */
    const uint8_t *p;
    size_t size;
};

static void keep(struct walk *w, const uint8_t *from, size_t n)
{
    if (w->kept)
        memcpy(w->kept + w->file->kept_bytes, from, n);
    w->file->kept_bytes += n;
}

static uint32_t be16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }
static uint32_t be32(const uint8_t *p) { return be16(p) << 16 | be16(p + 2); }
static uint32_t le16(const uint8_t *p) { return (uint32_t)p[1] << 8 | p[0]; }
static uint32_t le24(const uint8_t *p) { return (uint32_t)p[2] << 16 | le16(p); }
static uint32_t le32(const uint8_t *p) { return le16(p + 2) << 16 | le16(p); }

/* EXIF is a TIFF file:
 *   0  "II" little endian or "MM" big endian
 *   2  42
 *   4  offset of the first directory: a count (2 bytes), then entries of 12 bytes
 *      0 tag (0x0112: orientation)  2 type (3: short)  4 how many  8 the value
 * Anything odd means upright: a picture is not refused for its notes. */
static int exif_orientation(const uint8_t *p, size_t n)
{
    enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3 };
    if (n >= 6 && memcmp(p, "Exif\0", 6) == 0) {
        p += 6;
        n -= 6;
    }
    if (n < 8 || (memcmp(p, "II*\0", 4) != 0 && memcmp(p, "MM\0*", 4) != 0))
        return 1;
    bool big = p[0] == 'M';
    size_t at = big ? be32(p + 4) : le32(p + 4);
    if (at > n || n - at < 2)
        return 1;
    size_t count = big ? be16(p + at) : le16(p + at);
    at += 2;
    for (; count > 0 && n - at >= 12; count--, at += 12) {
        const uint8_t *entry = p + at;
        uint32_t tag = big ? be16(entry) : le16(entry);
        uint32_t type = big ? be16(entry + 2) : le16(entry + 2);
        uint32_t value = big ? be16(entry + 8) : le16(entry + 8);
        if (tag == TAG_ORIENTATION && type == TYPE_SHORT && value >= 1 && value <= 8)
            return (int)value;
    }
    return 1;
}

static enum orator_status cut_off(struct orator_error *err, const char *kind)
{
    return orator_fail(err, ORATOR_DECODE_FAILED, "the %s is damaged: it ends before its end mark",
                       kind);
}

static void whole_canvas(struct image_file *f, uint32_t width, uint32_t height)
{
    f->width_px = f->frame_width_px = (int)width;
    f->height_px = f->frame_height_px = (int)height;
}

/* ---- JPEG: FF D8, then segments FF marker length(2, counts itself) data, until FF D9.
 * After a start of scan (DA) come coded bytes, where FF is followed by 00 or a restart mark. */

static size_t skip_coded_bytes(const struct walk *w, size_t at)
{
    while (at < w->size) {
        const uint8_t *ff = memchr(w->p + at, 0xff, w->size - at);
        if (!ff)
            return w->size;
        at = (size_t)(ff - w->p);
        if (at + 1 >= w->size)
            return w->size;
        uint8_t next = ff[1];
        if (next == 0xff)
            at += 1;
        else if (next == 0 || (next >= 0xd0 && next <= 0xd7))
            at += 2;
        else
            return at;
    }
    return w->size;
}

static enum orator_status walk_jpeg(struct walk *w, struct orator_error *err)
{
    enum { SOF0 = 0xc0, DHT = 0xc4, JPG = 0xc8, DAC = 0xcc, SOI = 0xd8, EOI = 0xd9, SOS = 0xda };
    enum { APP0 = 0xe0, APP1 = 0xe1, APP14 = 0xee, APP15 = 0xef, COM = 0xfe };
    struct image_file *f = w->file;
    int scans = 0;
    keep(w, w->p, 2);
    for (size_t at = 2;;) {
        while (at < w->size && w->p[at] != 0xff)
            at++; /* stray bytes between segments mean nothing */
        while (at < w->size && w->p[at] == 0xff)
            at++;
        if (at >= w->size)
            return cut_off(err, "JPEG");
        const uint8_t *start = w->p + at - 1;
        uint8_t marker = w->p[at++];
        if (marker == EOI) {
            keep(w, start, 2);
            break;
        }
        if (marker <= 0x01 || (marker >= 0xd0 && marker <= SOI))
            continue; /* stuffing, restart marks and a second start: they have no length */
        if (w->size - at < 2)
            return cut_off(err, "JPEG");
        size_t length = be16(w->p + at);
        const uint8_t *data = w->p + at + 2;
        if (length < 2 || length > w->size - at)
            return cut_off(err, "JPEG");
        size_t end = at + length;
        length -= 2;

        if (marker >= SOF0 && marker <= 0xcf && marker != DHT && marker != JPG && marker != DAC) {
            if (marker > 0xc2)
                return orator_fail(err, ORATOR_UNSUPPORTED_IMAGE_FORMAT,
                                   "a JPEG of a rare kind (SOF%d); need baseline or progressive",
                                   marker - SOF0);
            if (length < 6 || f->width_px > 0)
                return orator_fail(err, ORATOR_DECODE_FAILED,
                                   "the JPEG is damaged: it states its size twice or not at all");
            whole_canvas(f, be16(data + 3), be16(data + 1));
        }
        if (marker == SOS) {
            if (++scans > JPEG_MAX_SCANS)
                return orator_fail(err, ORATOR_DECODE_FAILED,
                                   "the JPEG has more than %d scans, which no encoder writes",
                                   JPEG_MAX_SCANS);
            end = skip_coded_bytes(w, end);
        }
        if (marker == APP1 && length >= 6 && memcmp(data, "Exif\0", 6) == 0)
            f->orientation = exif_orientation(data, length);
        /* APP14 says whether the colours are YCbCr; every other note stays here. */
        bool note = (marker >= APP0 && marker <= APP15 && marker != APP14) || marker == COM;
        if (!note)
            keep(w, start, end - (size_t)(start - w->p));
        at = end;
    }
    if (scans == 0 || f->width_px == 0 || f->height_px == 0)
        return orator_fail(err, ORATOR_DECODE_FAILED, "the JPEG is damaged: it holds no picture");
    return ORATOR_OK;
}

/* ---- PNG: signature(8), then chunks length(4) name(4) data crc(4), IHDR first, IEND last. */

static enum orator_status walk_png(struct walk *w, struct orator_error *err)
{
    struct image_file *f = w->file;
    keep(w, w->p, 8);
    for (size_t at = 8;;) {
        if (w->size - at < 12)
            return cut_off(err, "PNG");
        const uint8_t *chunk = w->p + at, *name = chunk + 4, *data = chunk + 8;
        size_t length = be32(chunk);
        if (length > w->size - at - 12)
            return cut_off(err, "PNG");
        bool header = memcmp(name, "IHDR", 4) == 0;
        if (header != (at == 8) || (header && length != 13))
            return orator_fail(err, ORATOR_DECODE_FAILED, "the PNG is damaged: no header in front");
        if (header) {
            uint32_t width = be32(data), height = be32(data + 4);
            if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
                return orator_fail(err, ORATOR_DECODE_FAILED,
                                   "the PNG is damaged: %u x %u px is no size", width, height);
            whole_canvas(f, width, height);
        }
        if (memcmp(name, "eXIf", 4) == 0)
            f->orientation = exif_orientation(data, length);
        bool end = memcmp(name, "IEND", 4) == 0;
        if (header || end || memcmp(name, "PLTE", 4) == 0 || memcmp(name, "tRNS", 4) == 0 ||
            memcmp(name, "IDAT", 4) == 0)
            keep(w, chunk, length + 12);
        if (end)
            return ORATOR_OK;
        at += length + 12;
    }
}

/* ---- WebP: "RIFF" size(4) "WEBP", then chunks name(4) length(4) data, padded to even.
 * Plain:    one "VP8 " (lossy) or "VP8L" (lossless).
 * Extended: "VP8X" flags(1) 0(3) width-1(3) height-1(3), then ALPH and VP8, or VP8L; EXIF at the end.
 * Animated: ANMF chunks, each left/2(3) top/2(3) width-1(3) height-1(3) ms(3) flags(1) and chunks.
 * What is kept is a plain file made of the first frame's chunks. */

static bool webp_frame_size(const uint8_t *name, const uint8_t *data, size_t length,
                            uint32_t *width, uint32_t *height)
{
    if (memcmp(name, "VP8 ", 4) == 0) { /* frame tag(3) 9d 01 2a width(14 bits) height(14 bits) */
        if (length < 10 || memcmp(data + 3, "\x9d\x01\x2a", 3) != 0)
            return false;
        *width = le16(data + 6) & 0x3fff;
        *height = le16(data + 8) & 0x3fff;
        return *width > 0 && *height > 0;
    }
    if (length < 5 || data[0] != 0x2f) /* VP8L: 2f, then width-1 and height-1 of 14 bits each */
        return false;
    *width = (le32(data + 1) & 0x3fff) + 1;
    *height = (le32(data + 1) >> 14 & 0x3fff) + 1;
    return true;
}

static enum orator_status walk_webp_chunks(struct walk *w, size_t at, size_t end, bool *found,
                                           struct orator_error *err)
{
    enum { CHUNK_HEAD = 8, FRAME_HEAD = 16 };
    struct image_file *f = w->file;
    while (end - at >= CHUNK_HEAD) {
        const uint8_t *name = w->p + at, *data = name + CHUNK_HEAD;
        size_t length = le32(name + 4);
        if (length > end - at - CHUNK_HEAD)
            return cut_off(err, "WebP");
        size_t padded = length + (length & 1 && length < end - at - CHUNK_HEAD);
        bool pixels = memcmp(name, "VP8 ", 4) == 0 || memcmp(name, "VP8L", 4) == 0;
        if (memcmp(name, "VP8X", 4) == 0 && length >= 10 && f->width_px == 0) {
            f->width_px = (int)le24(data + 4) + 1;
            f->height_px = (int)le24(data + 7) + 1;
        } else if (memcmp(name, "EXIF", 4) == 0) {
            f->orientation = exif_orientation(data, length);
        } else if (memcmp(name, "ANMF", 4) == 0 && length >= FRAME_HEAD && !*found) {
            f->left_px = (int)le24(data) * 2;
            f->top_px = (int)le24(data + 3) * 2;
            size_t inside = at + CHUNK_HEAD + FRAME_HEAD;
            enum orator_status s =
                walk_webp_chunks(w, inside, inside + length - FRAME_HEAD, found, err);
            if (s != ORATOR_OK)
                return s;
        } else if (memcmp(name, "ALPH", 4) == 0 && !*found && f->kept_bytes == 12) {
            keep(w, name, CHUNK_HEAD + padded);
        } else if (pixels && !*found) {
            uint32_t width, height;
            if (!webp_frame_size(name, data, length, &width, &height))
                return orator_fail(err, ORATOR_DECODE_FAILED,
                                   "the WebP is damaged: its frame states no size");
            *found = true;
            f->frame_width_px = (int)width;
            f->frame_height_px = (int)height;
            keep(w, name, CHUNK_HEAD + padded);
        }
        at += CHUNK_HEAD + padded;
    }
    return ORATOR_OK;
}

static enum orator_status walk_webp(struct walk *w, struct orator_error *err)
{
    struct image_file *f = w->file;
    size_t riff = le32(w->p + 4);
    if (riff < 4 || riff > w->size - 8)
        return cut_off(err, "WebP");
    keep(w, w->p, 12);
    bool found = false;
    enum orator_status s = walk_webp_chunks(w, 12, 8 + riff, &found, err);
    if (s != ORATOR_OK)
        return s;
    if (!found)
        return orator_fail(err, ORATOR_DECODE_FAILED, "the WebP is damaged: it holds no picture");
    if (f->width_px == 0)
        whole_canvas(f, (uint32_t)f->frame_width_px, (uint32_t)f->frame_height_px);
    if (f->left_px > f->width_px - f->frame_width_px ||
        f->top_px > f->height_px - f->frame_height_px)
        return orator_fail(err, ORATOR_DECODE_FAILED,
                           "the WebP is damaged: its first frame lies outside the picture");
    if (w->kept) { /* the file we made is shorter than the one we read */
        uint32_t kept_riff = (uint32_t)f->kept_bytes - 8;
        for (int i = 0; i < 4; i++)
            w->kept[4 + i] = (uint8_t)(kept_riff >> (8 * i));
    }
    return ORATOR_OK;
}

enum orator_status image_file_parse(struct image_file *out, uint8_t *kept, const uint8_t *bytes,
                                    size_t size, struct orator_error *err)
{
    struct walk w = {out, kept, bytes, size};
    *out = (struct image_file){.orientation = 1};
    if (size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0) {
        out->kind = IMAGE_JPEG;
        return walk_jpeg(&w, err);
    }
    if (size >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0) {
        out->kind = IMAGE_PNG;
        return walk_png(&w, err);
    }
    if (size >= 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0) {
        out->kind = IMAGE_WEBP;
        return walk_webp(&w, err);
    }
    return orator_fail(err, ORATOR_UNSUPPORTED_IMAGE_FORMAT,
                       "the picture is not one of the formats taken: JPEG, PNG, WebP");
}
