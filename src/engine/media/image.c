#include "engine/media/media.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "base/file.h"
#include "engine/media/image_file.h"
#include "engine/media/libav.h"

enum { ROW_ALIGN = 64 };

enum orator_status image_new(struct image *out, int width_px, int height_px,
                             struct orator_error *err)
{
    *out = (struct image){0};
    if (width_px < 1 || height_px < 1 || width_px > IMAGE_MAX_SIDE_PX ||
        height_px > IMAGE_MAX_SIDE_PX)
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "a picture of %d x %d px, need sides of 1 to %d", width_px, height_px,
                           IMAGE_MAX_SIDE_PX);
    size_t stride = ((size_t)width_px * 3 + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
    size_t size = stride * (size_t)height_px + IMAGE_SPARE_BYTES;
    out->rgb = aligned_alloc(ROW_ALIGN, size);
    if (!out->rgb)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a picture of %d x %d px", width_px,
                           height_px);
    memset(out->rgb, 0, size);
    out->width_px = width_px;
    out->height_px = height_px;
    out->stride = (ptrdiff_t)stride;
    return ORATOR_OK;
}

void image_fini(struct image *image)
{
    free(image->rgb);
    *image = (struct image){0};
}

static enum orator_status check_limits(const struct image_file *f, struct orator_error *err)
{
    int longer = f->width_px > f->height_px ? f->width_px : f->height_px;
    int shorter = f->width_px > f->height_px ? f->height_px : f->width_px;
    if (longer > IMAGE_MAX_SIDE_PX)
        return orator_fail(err, ORATOR_IMAGE_TOO_LARGE,
                           "the picture is %d x %d px, need at most %d a side", f->width_px,
                           f->height_px, IMAGE_MAX_SIDE_PX);
    if (shorter < IMAGE_MIN_SIDE_PX)
        return orator_fail(err, ORATOR_IMAGE_TOO_SMALL,
                           "the picture is %d x %d px, need at least %d a side", f->width_px,
                           f->height_px, IMAGE_MIN_SIDE_PX);
    if ((float)longer > IMAGE_MAX_ASPECT * (float)shorter)
        return orator_fail(
            err, ORATOR_BAD_ASPECT_RATIO,
            "the picture is %d x %d px, its longer side must be at most %.1f times the shorter",
            f->width_px, f->height_px, (double)IMAGE_MAX_ASPECT);
    return ORATOR_OK;
}

static enum orator_status decode_frame(AVFrame *frame, const struct image_file *f, AVPacket *packet,
                                       struct orator_error *err)
{
    static const enum AVCodecID codec_of[] = {[IMAGE_JPEG] = AV_CODEC_ID_MJPEG,
                                              [IMAGE_PNG] = AV_CODEC_ID_PNG,
                                              [IMAGE_WEBP] = AV_CODEC_ID_WEBP};
    enum orator_status s = ORATOR_OK;
    AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_decoder(codec_of[f->kind]));
    if (!codec)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a picture decoder");
    codec->thread_count = 1;
    /* Without "explode" a JPEG that breaks off half way is grey from there on, and no error. */
    codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_EXPLODE;
    codec->max_pixels = (int64_t)(f->frame_width_px + 64) * (f->frame_height_px + 64);
    int code = avcodec_open2(codec, NULL, NULL);
    if (code >= 0)
        code = avcodec_send_packet(codec, packet);
    if (code >= 0)
        code = avcodec_send_packet(codec, NULL);
    if (code >= 0)
        code = avcodec_receive_frame(codec, frame);
    if (code < 0)
        s = libav_fail(err, code, ORATOR_DECODE_FAILED, "the picture is damaged");
    else if (frame->width != f->frame_width_px || frame->height != f->frame_height_px)
        s = orator_fail(err, ORATOR_DECODE_FAILED,
                        "the picture is damaged: it says %d x %d px and holds %d x %d",
                        f->frame_width_px, f->frame_height_px, frame->width, frame->height);
    avcodec_free_context(&codec);
    return s;
}

/* Straight alpha over white, rounded. */
static uint8_t over_white(uint8_t colour, uint8_t alpha)
{
    unsigned v = colour * (unsigned)alpha + 255u * (255u - alpha) + 128u;
    return (uint8_t)((v + (v >> 8)) >> 8);
}

/* One component of one row, 8 or 16 bits deep, into every fourth byte. */
static void read_component(uint8_t *rgba, const AVFrame *frame, const AVPixFmtDescriptor *format,
                           int component, int y)
{
    const AVComponentDescriptor *c = &format->comp[component];
    const uint8_t *p = frame->data[c->plane] + (ptrdiff_t)y * frame->linesize[c->plane] + c->offset;
    bool big = format->flags & AV_PIX_FMT_FLAG_BE;
    if (c->depth <= 8) {
        for (int x = 0; x < frame->width; x++, p += c->step)
            rgba[4 * x] = *p;
        return;
    }
    for (int x = 0; x < frame->width; x++, p += c->step) {
        unsigned v = big ? p[0] * 256u + p[1] : p[1] * 256u + p[0];
        rgba[4 * x] = (uint8_t)((v * 255u + 32895u) >> 16); /* v / 257, rounded, exact */
    }
}

static void read_row(uint8_t *rgba, const AVFrame *frame, const AVPixFmtDescriptor *format, int y)
{
    const uint8_t *line = frame->data[0] + (ptrdiff_t)y * frame->linesize[0];
    if (frame->format == AV_PIX_FMT_PAL8) {
        for (int x = 0; x < frame->width; x++) {
            uint32_t argb;
            memcpy(&argb, frame->data[1] + 4 * line[x], 4);
            rgba[4 * x] = (uint8_t)(argb >> 16);
            rgba[4 * x + 1] = (uint8_t)(argb >> 8);
            rgba[4 * x + 2] = (uint8_t)argb;
            rgba[4 * x + 3] = (uint8_t)(argb >> 24);
        }
    } else if (frame->format == AV_PIX_FMT_MONOBLACK) {
        for (int x = 0; x < frame->width; x++)
            memset(rgba + 4 * x, line[x / 8] >> (7 - x % 8) & 1 ? 255 : 0, 3);
    } else {
        bool alpha = format->flags & AV_PIX_FMT_FLAG_ALPHA;
        int colours = format->nb_components - alpha;
        for (int c = 0; c < 3; c++)
            read_component(rgba + c, frame, format, colours == 3 ? c : 0, y);
        if (alpha)
            read_component(rgba + 3, frame, format, colours, y);
    }
}

static enum orator_status rgb_from_plain(struct image *out, const AVFrame *frame,
                                         struct orator_error *err)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    uint8_t *rgba = malloc((size_t)frame->width * 4);
    if (!rgba)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a row of pixels");
    memset(rgba, 255, (size_t)frame->width * 4);
    for (int y = 0; y < frame->height; y++) {
        uint8_t *dst = out->rgb + y * out->stride;
        read_row(rgba, frame, format, y);
        for (int x = 0; x < frame->width; x++, dst += 3)
            for (int c = 0; c < 3; c++)
                dst[c] = over_white(rgba[4 * x + c], rgba[4 * x + 3]);
    }
    free(rgba);
    return ORATOR_OK;
}

/* JPEG is full range and WebP limited, both with the matrix of BT.601 and centred chroma, which is
 * where swscale puts it by default. A fourth plane is alpha at full size. */
static enum orator_status rgb_from_yuv(struct image *out, const AVFrame *frame, bool full_range,
                                       struct orator_error *err)
{
    bool alpha = frame->format == AV_PIX_FMT_YUVA420P;
    struct SwsContext *sws = sws_getContext(
        frame->width, frame->height, alpha ? AV_PIX_FMT_YUV420P : frame->format, frame->width,
        frame->height, AV_PIX_FMT_RGB24,
        SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT, NULL, NULL, NULL);
    if (!sws)
        return orator_fail(err, ORATOR_DECODE_FAILED, "the picture's colours are of a rare kind");
    const int *bt601 = sws_getCoefficients(SWS_CS_ITU601);
    sws_setColorspaceDetails(sws, bt601, full_range, bt601, 1, 0, 1 << 16, 1 << 16);
    int rows =
        sws_scale(sws, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height,
                  (uint8_t *const[]){out->rgb}, (const int[]){(int)out->stride});
    sws_freeContext(sws);
    if (rows != frame->height)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory to convert the picture");
    for (int y = 0; alpha && y < frame->height; y++) {
        const uint8_t *a = frame->data[3] + (ptrdiff_t)y * frame->linesize[3];
        uint8_t *dst = out->rgb + y * out->stride;
        for (int x = 0; x < 3 * frame->width; x++)
            dst[x] = over_white(dst[x], a[x / 3]);
    }
    return ORATOR_OK;
}

/* The formats that decoders of JPEG, PNG and WebP give, told apart by their descriptors. */
static enum orator_status rgb_from_frame(struct image *out, const AVFrame *frame, bool full_range,
                                         struct orator_error *err)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    enum orator_status s = image_new(out, frame->width, frame->height, err);
    if (s != ORATOR_OK)
        return s;
    if (!(format->flags & AV_PIX_FMT_FLAG_RGB) && format->nb_components >= 3)
        return rgb_from_yuv(out, frame, full_range, err);
    bool known = frame->format == AV_PIX_FMT_PAL8 || frame->format == AV_PIX_FMT_MONOBLACK ||
                 (!(format->flags & (AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_PAL)) &&
                  (format->comp[0].depth == 8 || format->comp[0].depth == 16));
    if (!known)
        return orator_fail(err, ORATOR_DECODE_FAILED, "the picture's colours are of a rare kind");
    return rgb_from_plain(out, frame, err);
}

/* EXIF numbers say where the stored picture's first row and column lie when it is upright:
 * 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5..8 the same with rows and columns
 * exchanged: left top, right top, right bottom, left bottom. */
static enum orator_status turn_upright(struct image *image, int orientation,
                                       struct orator_error *err)
{
    if (orientation == 1)
        return ORATOR_OK;
    bool exchanged = orientation >= 5;
    bool from_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    bool from_bottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
    struct image upright;
    enum orator_status s = image_new(&upright, exchanged ? image->height_px : image->width_px,
                                     exchanged ? image->width_px : image->height_px, err);
    if (s != ORATOR_OK)
        return s;
    ptrdiff_t right = from_right ? -3 : 3;
    ptrdiff_t down = from_bottom ? -upright.stride : upright.stride;
    uint8_t *origin = upright.rgb + (from_right ? 3 * (ptrdiff_t)(upright.width_px - 1) : 0) +
                      (from_bottom ? upright.stride * (upright.height_px - 1) : 0);
    ptrdiff_t step_x = exchanged ? down : right, step_y = exchanged ? right : down;
    for (int y = 0; y < image->height_px; y++) {
        const uint8_t *src = image->rgb + y * image->stride;
        uint8_t *dst = origin + y * step_y;
        for (int x = 0; x < image->width_px; x++, src += 3, dst += step_x)
            memcpy(dst, src, 3);
    }
    image_fini(image);
    *image = upright;
    return ORATOR_OK;
}

/* The first frame of an animation may cover a part of the canvas; the rest is clear, so white. */
static enum orator_status lay_on_canvas(struct image *image, const struct image_file *f,
                                        struct orator_error *err)
{
    if (f->frame_width_px == f->width_px && f->frame_height_px == f->height_px)
        return ORATOR_OK;
    struct image canvas;
    enum orator_status s = image_new(&canvas, f->width_px, f->height_px, err);
    if (s != ORATOR_OK)
        return s;
    memset(canvas.rgb, 255, (size_t)canvas.stride * (size_t)canvas.height_px);
    for (int y = 0; y < image->height_px; y++)
        memcpy(canvas.rgb + (f->top_px + y) * canvas.stride + (ptrdiff_t)3 * f->left_px,
               image->rgb + y * image->stride, 3 * (size_t)image->width_px);
    image_fini(image);
    *image = canvas;
    return ORATOR_OK;
}

enum orator_status image_decode(struct image *out, const void *bytes, size_t size,
                                struct orator_error *err)
{
    enum orator_status s;
    struct image_file f;
    AVPacket *packet = NULL;
    AVFrame *frame = NULL;
    *out = (struct image){0};
    libav_setup();
    if (size > IMAGE_MAX_BYTES)
        return orator_fail(err, ORATOR_IMAGE_TOO_LARGE,
                           "the picture holds %zu bytes, at most %d are taken", size,
                           IMAGE_MAX_BYTES);
    TRY(image_file_parse(&f, NULL, bytes, size, err));
    TRY(check_limits(&f, err));
    packet = av_packet_alloc();
    frame = av_frame_alloc();
    if (!packet || !frame || av_new_packet(packet, (int)f.kept_bytes) < 0) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a picture of %zu bytes", size);
        goto done;
    }
    TRY(image_file_parse(&f, packet->data, bytes, size, err));
    TRY(decode_frame(frame, &f, packet, err));
    TRY(rgb_from_frame(out, frame, f.kind == IMAGE_JPEG, err));
    av_frame_unref(frame);
    TRY(lay_on_canvas(out, &f, err));
    TRY(turn_upright(out, f.orientation, err));
done:
    av_frame_free(&frame);
    av_packet_free(&packet);
    if (s != ORATOR_OK)
        image_fini(out);
    return s;
}

enum orator_status image_write_png(const struct image *image, const char *path,
                                   struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    libav_setup();
    AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_PNG));
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    if (!codec || !packet || !frame) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a PNG encoder");
        goto done;
    }
    codec->width = frame->width = image->width_px;
    codec->height = frame->height = image->height_px;
    codec->pix_fmt = AV_PIX_FMT_RGB24;
    frame->format = AV_PIX_FMT_RGB24;
    codec->time_base = (AVRational){1, 1};
    codec->flags |= AV_CODEC_FLAG_BITEXACT;
    codec->thread_count = 1;
    frame->data[0] = image->rgb;
    frame->linesize[0] = (int)image->stride;
    int code = avcodec_open2(codec, NULL, NULL);
    if (code >= 0)
        code = avcodec_send_frame(codec, frame);
    if (code >= 0)
        code = avcodec_send_frame(codec, NULL);
    if (code >= 0)
        code = avcodec_receive_packet(codec, packet);
    if (code < 0) {
        s = libav_fail(err, code, ORATOR_INTERNAL, "the picture could not be made a PNG");
        goto done;
    }
    TRY(file_write(path, packet->data, (size_t)packet->size, err));
done:
    av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
    return s;
}
