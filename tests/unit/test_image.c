#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libavcodec/avcodec.h>

#include "base/file.h"
#include "engine/media/media.h"

enum { W = 192, H = 160 };

struct buffer {
    uint8_t data[1 << 20];
    size_t size;
};

static void put(struct buffer *b, const void *p, size_t n)
{
    assert_true(b->size + n <= sizeof(b->data));
    memcpy(b->data + b->size, p, n);
    b->size += n;
}

static void put_byte(struct buffer *b, int v) { put(b, &(uint8_t){(uint8_t)v}, 1); }

static void put_be32(struct buffer *b, uint32_t v)
{
    for (int i = 24; i >= 0; i -= 8)
        put_byte(b, (int)(v >> i & 255));
}

static void put_le32(struct buffer *b, uint32_t v)
{
    for (int i = 0; i < 32; i += 8)
        put_byte(b, (int)(v >> i & 255));
}

static AVFrame *blank(enum AVPixelFormat format)
{
    AVFrame *f = av_frame_alloc();
    f->format = format;
    f->width = W;
    f->height = H;
    assert_int_equal(av_frame_get_buffer(f, 0), 0);
    return f;
}

/* One picture through one of FFmpeg's encoders; false if this FFmpeg has no such encoder. */
static bool encode(struct buffer *out, const char *encoder, AVFrame *f, bool lossless)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(encoder);
    out->size = 0;
    if (!codec) {
        av_frame_free(&f);
        return false;
    }
    AVCodecContext *c = avcodec_alloc_context3(codec);
    AVPacket *p = av_packet_alloc();
    AVDictionary *options = NULL;
    c->width = f->width;
    c->height = f->height;
    c->pix_fmt = f->format;
    c->time_base = (AVRational){1, 1};
    c->flags |= AV_CODEC_FLAG_QSCALE;
    c->global_quality = f->quality = FF_QP2LAMBDA;
    if (lossless)
        av_dict_set(&options, "lossless", "1", 0);
    assert_int_equal(avcodec_open2(c, codec, &options), 0);
    av_dict_free(&options);
    assert_int_equal(avcodec_send_frame(c, f), 0);
    avcodec_send_frame(c, NULL);
    assert_int_equal(avcodec_receive_packet(c, p), 0);
    put(out, p->data, (size_t)p->size);
    av_packet_free(&p);
    av_frame_free(&f);
    avcodec_free_context(&c);
    return true;
}

/* Quarters: red, green / blue, white. */
static const uint8_t QUARTER[4][3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};
static const uint8_t QUARTER_YUV[4][3] = {
    {76, 85, 255}, {150, 44, 21}, {29, 255, 107}, {255, 128, 128}};

static AVFrame *quarters_rgb(void)
{
    AVFrame *f = blank(AV_PIX_FMT_RGB24);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            memcpy(f->data[0] + y * f->linesize[0] + 3 * x,
                   QUARTER[(y >= H / 2) * 2 + (x >= W / 2)], 3);
    return f;
}

/* The same, its blue quarter clear. */
static AVFrame *quarters_bgra(void)
{
    AVFrame *f = blank(AV_PIX_FMT_BGRA);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            int i = (y >= H / 2) * 2 + (x >= W / 2);
            const uint8_t *q = QUARTER[i];
            memcpy(f->data[0] + y * f->linesize[0] + 4 * x,
                   (uint8_t[]){q[2], q[1], q[0], i == 2 ? 0 : 255}, 4);
        }
    return f;
}

static AVFrame *quarters_yuv(void)
{
    AVFrame *f = blank(AV_PIX_FMT_YUVJ420P);
    for (int p = 0; p < 3; p++) {
        int w = p ? W / 2 : W, h = p ? H / 2 : H;
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                f->data[p][y * f->linesize[p] + x] =
                    QUARTER_YUV[(y >= h / 2) * 2 + (x >= w / 2)][p];
    }
    return f;
}

static void make_jpeg(struct buffer *out)
{
    assert_true(encode(out, "mjpeg", quarters_yuv(), false));
}

static void make_png(struct buffer *out) { assert_true(encode(out, "png", quarters_rgb(), false)); }

static enum orator_status decode(struct image *out, const struct buffer *b)
{
    struct orator_error err = {0};
    void *exact = malloc(b->size + 1); /* so that a read past the end is seen by ASan */
    memcpy(exact, b->data, b->size);
    enum orator_status s = image_decode(out, exact, b->size, &err);
    free(exact);
    if (s != ORATOR_OK) {
        assert_null(out->rgb);
        assert_int_equal(err.status, s);
        assert_true(strlen(err.text) > 10);
    }
    return s;
}

static void assert_fails(const struct buffer *b, enum orator_status want)
{
    struct image image;
    assert_int_equal(decode(&image, b), want);
}

static const uint8_t *pixel(const struct image *image, int x, int y)
{
    return image->rgb + y * image->stride + (ptrdiff_t)3 * x;
}

static void assert_near(const uint8_t *seen, const uint8_t *want, int within)
{
    for (int c = 0; c < 3; c++)
        if (abs(seen[c] - want[c]) > within)
            fail_msg("saw %d %d %d, want %d %d %d", seen[0], seen[1], seen[2], want[0], want[1],
                     want[2]);
}

/* Which quarter lies top left, top right, bottom left, bottom right. */
static void assert_quarters(const struct image *image, const int quarter[4], int within)
{
    int w = image->width_px, h = image->height_px;
    for (int i = 0; i < 4; i++)
        assert_near(pixel(image, i % 2 ? 3 * w / 4 : w / 4, i / 2 ? 3 * h / 4 : h / 4),
                    QUARTER[quarter[i]], within);
}

static void exif(struct buffer *out, int orientation, bool big)
{
    out->size = 0;
    put(out, big ? "MM\0*\0\0\0\10" : "II*\0\10\0\0\0", 8);
    put(out, big ? "\0\1\1\22\0\3\0\0\0\1" : "\1\0\22\1\3\0\1\0\0\0", 10);
    put(out, big ? "\0" : "", big ? 1 : 0);
    put_byte(out, orientation);
    put(out, "\0\0\0\0\0\0\0", big ? 6 : 7);
}

/* Segments go behind the two bytes that start a JPEG. */
static void jpeg_with_exif(struct buffer *out, const struct buffer *jpeg,
                           const struct buffer *notes)
{
    out->size = 0;
    put(out, jpeg->data, 2);
    put(out, "\xff\xe1", 2);
    put_byte(out, 0);
    put_byte(out, (int)notes->size + 8);
    put(out, "Exif\0", 6);
    put(out, notes->data, notes->size);
    put(out, jpeg->data + 2, jpeg->size - 2);
}

static void png_with_chunk(struct buffer *out, const struct buffer *png, const char *name,
                           const struct buffer *data)
{
    out->size = 0;
    put(out, png->data, 33);
    put_be32(out, (uint32_t)data->size);
    put(out, name, 4);
    put(out, data->data, data->size);
    put_be32(out, 0); /* the decoder does not see this chunk, nor its checksum */
    put(out, png->data + 33, png->size - 33);
}

static struct buffer file, made, notes;

static void exif_orientation_is_applied(void **state)
{
    (void)state;
    static const int upright[9][4] = {{0},          {0, 1, 2, 3}, {1, 0, 3, 2},
                                      {3, 2, 1, 0}, {2, 3, 0, 1}, {0, 2, 1, 3},
                                      {2, 0, 3, 1}, {3, 1, 2, 0}, {1, 3, 0, 2}};
    for (int kind = 0; kind < 4; kind++) {
        for (int o = 1; o <= 8; o++) {
            exif(&notes, o, kind % 2);
            if (kind < 2) {
                make_jpeg(&file);
                jpeg_with_exif(&made, &file, &notes);
            } else {
                make_png(&file);
                png_with_chunk(&made, &file, "eXIf", &notes);
            }
            struct image image;
            assert_int_equal(decode(&image, &made), ORATOR_OK);
            assert_int_equal(image.width_px, o >= 5 ? H : W);
            assert_int_equal(image.height_px, o >= 5 ? W : H);
            assert_quarters(&image, upright[o], kind < 2 ? 4 : 0);
            image_fini(&image);
        }
    }
}

static void odd_exif_means_upright(void **state)
{
    (void)state;
    make_jpeg(&file);
    exif(&notes, 6, false);
    for (size_t i = 0; i < notes.size; i++) {
        struct buffer odd = notes;
        odd.data[i] = (uint8_t)~odd.data[i];
        jpeg_with_exif(&made, &file, &odd);
        struct image image;
        assert_int_equal(decode(&image, &made), ORATOR_OK);
        image_fini(&image);
    }
}

static void transparency_lies_over_white(void **state)
{
    (void)state;
    AVFrame *f = blank(AV_PIX_FMT_RGBA);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            uint8_t *p = f->data[0] + y * f->linesize[0] + 4 * x;
            memcpy(p, (uint8_t[]){100, 0, 200, (uint8_t)x}, 4);
        }
    assert_true(encode(&file, "png", f, false));
    struct image image;
    assert_int_equal(decode(&image, &file), ORATOR_OK);
    for (int x = 0; x < W; x++)
        for (int c = 0; c < 3; c++) {
            int colour = c == 0 ? 100 : c == 1 ? 0 : 200;
            int want = (colour * x * 2 + 255 * (255 - x) * 2 + 255) / 510;
            assert_int_equal(pixel(&image, x, 70)[c], want);
        }
    image_fini(&image);
}

/* A ramp from left to right, in every form that a PNG may have. */
static void every_kind_of_png_gives_its_greys(void **state)
{
    (void)state;
    static const enum AVPixelFormat formats[] = {
        AV_PIX_FMT_GRAY8,   AV_PIX_FMT_GRAY16BE, AV_PIX_FMT_YA8,  AV_PIX_FMT_YA16BE,
        AV_PIX_FMT_RGB48BE, AV_PIX_FMT_RGBA64BE, AV_PIX_FMT_PAL8, AV_PIX_FMT_MONOBLACK};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        AVFrame *f = blank(formats[i]);
        int step = (int[]){1, 2, 2, 4, 6, 8, 1, 0}[i];
        for (int y = 0; y < H; y++) {
            uint8_t *line = f->data[0] + y * f->linesize[0];
            for (int x = 0; x < W && step; x++)
                for (int b = 0; b < step; b++)
                    line[x * step + b] = (uint8_t)x;
            for (int x = 0; x < W && !step; x++)
                line[x / 8] = 0xf0;
        }
        if (formats[i] == AV_PIX_FMT_PAL8)
            for (uint32_t c = 0; c < 256; c++)
                memcpy(f->data[1] + 4 * c, &(uint32_t){0xff000000u | c * 0x10101u}, 4);
        bool alpha = i == 2 || i == 3 || i == 5;
        assert_true(encode(&file, "png", f, false));
        struct image image;
        assert_int_equal(decode(&image, &file), ORATOR_OK);
        for (int x = 0; x < W; x++) {
            int grey = !step ? (x % 8 < 4) * 255 : x;
            int want = alpha ? (grey * x * 2 + 255 * (255 - x) * 2 + 255) / 510 : grey;
            for (int c = 0; c < 3; c++)
                assert_int_equal(pixel(&image, x, 99)[c], want);
        }
        image_fini(&image);
    }
}

static void webp_gives_its_colours(void **state)
{
    (void)state;
    for (int lossless = 0; lossless < 2; lossless++) {
        if (!encode(&file, "libwebp", quarters_bgra(), lossless))
            skip();
        struct image image;
        assert_int_equal(decode(&image, &file), ORATOR_OK);
        assert_quarters(&image, (const int[]){0, 1, 3, 3}, lossless ? 0 : 4);
        image_fini(&image);
    }
}

/* A canvas of 300 x 200 px whose first frame lies at (40, 20). */
static void an_animation_gives_its_first_frame(void **state)
{
    (void)state;
    AVFrame *f = blank(AV_PIX_FMT_BGRA);
    for (int y = 0; y < H; y++)
        memset(f->data[0] + y * f->linesize[0], 255, 4 * W);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            memcpy(f->data[0] + y * f->linesize[0] + 4 * x, (uint8_t[]){10, 20, 30, 255}, 4);
    if (!encode(&file, "libwebp", f, true))
        skip();
    made.size = 0;
    const uint8_t *vp8l = file.data + 12;
    size_t size = file.size - 12;
    put(&made, "RIFF", 4);
    put_le32(&made, (uint32_t)(4 + 18 + 14 + 2 * (24 + size)));
    put(&made, "WEBPVP8X\12\0\0\0\2\0\0\0", 16);
    put(&made, (uint8_t[]){43, 1, 0, 199, 0, 0}, 6);
    put(&made, "ANIM\6\0\0\0\0\0\0\0\0\0", 14);
    for (int frame = 0; frame < 2; frame++) {
        put(&made, "ANMF", 4);
        put_le32(&made, (uint32_t)(16 + size));
        put(&made, (uint8_t[]){20, 0, 0, 10, 0, 0, W - 1, 0, 0, H - 1, 0, 0, 50, 0, 0, 0}, 16);
        put(&made, vp8l, size);
    }
    struct image image;
    assert_int_equal(decode(&image, &made), ORATOR_OK);
    assert_int_equal(image.width_px, 300);
    assert_int_equal(image.height_px, 200);
    static const uint8_t white[] = {255, 255, 255}, inside[] = {30, 20, 10};
    assert_near(pixel(&image, 39, 20), white, 0);
    assert_near(pixel(&image, 40, 19), white, 0);
    assert_near(pixel(&image, 40, 20), inside, 0);
    assert_near(pixel(&image, 40 + W - 1, 20 + H - 1), inside, 0);
    assert_near(pixel(&image, 40 + W, 20 + H - 1), white, 0);
    image_fini(&image);
}

static void png_of_size(struct buffer *b, uint32_t width, uint32_t height)
{
    b->size = 0;
    put(b, "\x89PNG\r\n\x1a\n", 8);
    put_be32(b, 13);
    put(b, "IHDR", 4);
    put_be32(b, width);
    put_be32(b, height);
    put(b, "\10\2\0\0\0\0\0\0\0", 9);
    put(b, "\0\0\0\0IEND\xae\x42\x60\x82", 12);
}

static void sizes_outside_the_limits_are_refused_by_the_header(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        enum orator_status want;
    } cases[] = {
        {9000, 9000, ORATOR_IMAGE_TOO_LARGE},      {8193, 4000, ORATOR_IMAGE_TOO_LARGE},
        {0x7fffffff, 200, ORATOR_IMAGE_TOO_LARGE}, {127, 128, ORATOR_IMAGE_TOO_SMALL},
        {200, 1, ORATOR_IMAGE_TOO_SMALL},          {501, 200, ORATOR_BAD_ASPECT_RATIO},
        {200, 501, ORATOR_BAD_ASPECT_RATIO},       {0, 200, ORATOR_DECODE_FAILED},
        {0x80000000u, 200, ORATOR_DECODE_FAILED},  {500, 200, ORATOR_DECODE_FAILED},
        {8192, 8192, ORATOR_DECODE_FAILED}, /* these two are fine, but hold no pixels */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        png_of_size(&file, cases[i].width, cases[i].height);
        assert_fails(&file, cases[i].want);
    }
    static uint8_t large[IMAGE_MAX_BYTES + 1] = "\x89PNG\r\n\x1a\n";
    struct image image;
    assert_int_equal(image_decode(&image, large, sizeof(large), NULL), ORATOR_IMAGE_TOO_LARGE);
}

static void a_file_that_breaks_off_is_damaged(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        if (kind == 0)
            make_jpeg(&file);
        else if (kind == 1)
            make_png(&file);
        else if (!encode(&file, "libwebp", quarters_bgra(), false))
            continue;
        size_t whole = file.size;
        for (size_t n = 12; n < whole; n += 1 + whole / 40) {
            file.size = n;
            assert_fails(&file, ORATOR_DECODE_FAILED);
        }
        file.size = whole - 1;
        assert_fails(&file, ORATOR_DECODE_FAILED);
    }
}

/* The middle is gone, the end mark is there. */
static void a_file_with_a_hole_is_damaged(void **state)
{
    (void)state;
    make_jpeg(&file);
    size_t from = file.size / 2;
    memmove(file.data + from, file.data + file.size - 2, 2);
    file.size = from + 2;
    assert_fails(&file, ORATOR_DECODE_FAILED);
    make_png(&file);
    file.data[60] ^= 1;
    assert_fails(&file, ORATOR_DECODE_FAILED);
}

static void other_formats_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\xff\xd8",
        "GIF89a\1\0\1\0\0\0\0\0\0\0\0\0",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"/etc/passwd\"/></svg>",
        "BM000000000000000000000000",
        "#EXTM3U\nhttp://127.0.0.1/x.png\n",
        "RIFF\0\0\0\0WAVEfmt ",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        file.size = 0;
        put(&file, texts[i], strlen(texts[i]));
        assert_fails(&file, ORATOR_UNSUPPORTED_IMAGE_FORMAT);
    }
}

static struct image noise(int width, int height)
{
    struct image image;
    assert_int_equal(image_new(&image, width, height, NULL), ORATOR_OK);
    uint32_t v = 1;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < 3 * width; x++)
            image.rgb[y * image.stride + x] = (uint8_t)((v = v * 1664525u + 1013904223u) >> 24);
    return image;
}

static void a_written_png_is_read_back_exactly(void **state)
{
    (void)state;
    char path[] = "/tmp/orator_image_XXXXXX";
    close(mkstemp(path));
    struct image image = noise(131, 140), back;
    struct bytes bytes;
    assert_int_equal(image_write_png(&image, path, NULL), ORATOR_OK);
    assert_int_equal(file_read(&bytes, path, 1 << 20, NULL), ORATOR_OK);
    assert_int_equal(image_decode(&back, bytes.data, bytes.size, NULL), ORATOR_OK);
    for (int y = 0; y < 140; y++)
        assert_memory_equal(pixel(&image, 0, y), pixel(&back, 0, y), 3 * 131);
    bytes_fini(&bytes);
    image_fini(&image);
    image_fini(&back);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exif_orientation_is_applied),
        cmocka_unit_test(odd_exif_means_upright),
        cmocka_unit_test(transparency_lies_over_white),
        cmocka_unit_test(every_kind_of_png_gives_its_greys),
        cmocka_unit_test(webp_gives_its_colours),
        cmocka_unit_test(an_animation_gives_its_first_frame),
        cmocka_unit_test(sizes_outside_the_limits_are_refused_by_the_header),
        cmocka_unit_test(a_file_that_breaks_off_is_damaged),
        cmocka_unit_test(a_file_with_a_hole_is_damaged),
        cmocka_unit_test(other_formats_are_refused),
        cmocka_unit_test(a_written_png_is_read_back_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
