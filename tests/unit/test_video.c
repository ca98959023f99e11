#include <malloc.h>
#include <math.h>
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
#include <libavformat/avformat.h>
#include <sys/stat.h>

#include "base/file.h"
#include "engine/media/label.h"
#include "engine/media/media.h"

static char folder[64], path[128], part[144];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/orator_video_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/a.mp4", folder);
    snprintf(part, sizeof(part), "%s.part", path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    unlink(part);
    return rmdir(folder);
}

static struct sound voice_of(int64_t frames, int channels)
{
    struct sound s = {malloc((size_t)(frames * channels) * sizeof(float)), frames, channels, 48000};
    for (int64_t i = 0; i < frames * channels; i++)
        s.samples[i] = 0.3f * sinf(0.05f * (float)(i / channels));
    return s;
}

/* Grey that gets lighter frame by frame, with a reddish block that walks. */
static void paint(struct picture *p, int frame)
{
    for (int y = 0; y < p->height_px; y++)
        memset(p->plane[0] + y * p->stride[0], 40 + frame, (size_t)p->width_px);
    for (int y = 0; y < p->height_px; y++)
        memset(p->plane[1 + y % 2] + y / 2 * p->stride[1 + y % 2], 128, (size_t)p->width_px / 2);
    for (int y = 0; y < 32; y++)
        memset(p->plane[0] + (16 + y) * p->stride[0] + frame % 64, 180, 32);
    for (int y = 0; y < 16; y++)
        memset(p->plane[2] + (8 + y) * p->stride[2] + frame % 64 / 2, 170, 16);
}

static void write_video(const struct video_format *f, const struct sound *voice, int frames)
{
    struct video_writer *w;
    int64_t size = 0;
    assert_int_equal(video_open(&w, path, f, voice, NULL), ORATOR_OK);
    for (int i = 0; i < frames; i++) {
        struct picture p;
        assert_int_equal(picture_new(&p, f->width_px, f->height_px, NULL), ORATOR_OK);
        paint(&p, i);
        assert_int_equal(access(path, F_OK), -1); /* nobody sees half a file */
        assert_int_equal(video_add(w, &p, NULL), ORATOR_OK);
        picture_fini(&p);
    }
    assert_int_equal(video_finish(&w, &size, NULL), ORATOR_OK);
    assert_null(w);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, size);
    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(st.st_mode & 0777, 0666 & ~mask); /* who may see it, the user's umask says */
    assert_int_equal(access(part, F_OK), -1);
}

struct seen {
    int width, height, frames;
    double video_s, audio_s, decoded_audio_s, start_s[2];
    bool tagged;
    char comment[64];
    uint8_t first_luma, last_luma;
};

static void look_at_frame(struct seen *seen, const AVFrame *f)
{
    if (f->width == 0) {
        seen->decoded_audio_s += (double)f->nb_samples / f->sample_rate;
        return;
    }
    uint8_t corner = f->data[0][f->linesize[0] * (f->height - 4) + f->width - 4];
    if (seen->frames++ == 0)
        seen->first_luma = corner;
    seen->last_luma = corner;
    seen->width = f->width;
    seen->height = f->height;
    seen->tagged = f->color_range == AVCOL_RANGE_MPEG && f->colorspace == AVCOL_SPC_BT709 &&
                   f->color_primaries == AVCOL_PRI_BT709 && f->color_trc == AVCOL_TRC_BT709 &&
                   f->chroma_location == AVCHROMA_LOC_LEFT && f->format == AV_PIX_FMT_YUV420P;
}

/* Reads the file as a player would, every frame of it. */
static struct seen look(void)
{
    struct seen seen = {0};
    AVFormatContext *in = NULL;
    assert_int_equal(avformat_open_input(&in, path, NULL, NULL), 0);
    assert_true(avformat_find_stream_info(in, NULL) >= 0);
    AVDictionaryEntry *comment = av_dict_get(in->metadata, "comment", NULL, 0);
    if (comment)
        snprintf(seen.comment, sizeof(seen.comment), "%s", comment->value);
    AVCodecContext *codec[2] = {0};
    for (unsigned i = 0; i < in->nb_streams; i++) {
        AVStream *st = in->streams[i];
        codec[i] = avcodec_alloc_context3(avcodec_find_decoder(st->codecpar->codec_id));
        avcodec_parameters_to_context(codec[i], st->codecpar);
        codec[i]->pkt_timebase = st->time_base;
        assert_int_equal(avcodec_open2(codec[i], NULL, NULL), 0);
        seen.start_s[st->codecpar->codec_type == AVMEDIA_TYPE_AUDIO] =
            (double)st->start_time * av_q2d(st->time_base);
        double length = (double)st->duration * av_q2d(st->time_base);
        *(st->codecpar->codec_type == AVMEDIA_TYPE_VIDEO ? &seen.video_s : &seen.audio_s) = length;
    }
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    for (bool more = true; more;) {
        more = av_read_frame(in, packet) >= 0;
        for (int i = 0; i < (int)in->nb_streams; i++) {
            if (more && packet->stream_index != i)
                continue;
            assert_int_equal(avcodec_send_packet(codec[i], more ? packet : NULL), 0);
            while (avcodec_receive_frame(codec[i], frame) == 0)
                look_at_frame(&seen, frame);
        }
        av_packet_unref(packet);
    }
    for (unsigned i = 0; i < in->nb_streams; i++)
        avcodec_free_context(&codec[i]);
    av_packet_free(&packet);
    av_frame_free(&frame);
    avformat_close_input(&in);
    return seen;
}

static void sound_and_picture_end_within_a_frame(void **state)
{
    (void)state;
    static const struct {
        int fps, frames, channels;
        int64_t samples;
    } cases[] = {
        {25, 53, 1, 48000 * 2 + 5000}, /* about as long */
        {25, 60, 2, 1000},             /* padded with silence */
        {30, 40, 1, 48000 * 9},        /* cut */
        {60, 9, 2, 48000},             /* 32 samples of the last AAC frame */
        {24, 1, 1, 48000 * 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sound voice = voice_of(cases[i].samples, cases[i].channels);
        struct video_format f = {160, 128, cases[i].fps, 23, "veryfast", NULL, false, NULL};
        write_video(&f, &voice, cases[i].frames);
        struct seen seen = look();
        double frame_s = 1.0 / cases[i].fps, length = cases[i].frames * frame_s;
        assert_int_equal(seen.frames, cases[i].frames);
        assert_int_equal(seen.width, 160);
        assert_int_equal(seen.height, 128);
        if (fabs(seen.video_s - length) > 0.001 || fabs(seen.audio_s - length) >= frame_s ||
            fabs(seen.decoded_audio_s - length) > 0.03)
            fail_msg("%.4f s of frames, %.4f s of picture, %.4f s of sound, %.4f decoded", length,
                     seen.video_s, seen.audio_s, seen.decoded_audio_s);
        unlink(path);
        free(voice.samples);
    }
}

static void frames_come_in_their_order_and_light(void **state)
{
    (void)state;
    struct sound voice = voice_of(96000, 1);
    write_video(&(struct video_format){320, 192, 25, 18, "veryfast", NULL, false, NULL}, &voice,
                50);
    struct seen seen = look();
    assert_true(seen.tagged);
    assert_in_range(seen.first_luma, 39, 41);
    assert_in_range(seen.last_luma, 88, 90);
    assert_string_equal(seen.comment, "generated by Orator " ORATOR_VERSION);
    free(voice.samples);
}

static void another_program_reads_who_made_it(void **state)
{
    (void)state;
    static const char *const jobs[] = {"task_0123456789abcdefghij", NULL};
    for (int i = 0; i < 2; i++) {
        write_video(&(struct video_format){160, 128, 25, 23, NULL, jobs[i], false, NULL}, NULL, 5);
        AVFormatContext *in = NULL;
        AVDictionary *options = NULL;
        av_dict_set(&options, "export_xmp", "1", 0);
        assert_int_equal(avformat_open_input(&in, path, NULL, &options), 0);
        av_dict_free(&options);
        AVDictionaryEntry *e = av_dict_get(in->metadata, "xmp", NULL, 0);
        assert_non_null(e);
        assert_non_null(strstr(e->value, "/digitalsourcetype/trainedAlgorithmicMedia\""));
        assert_non_null(strstr(e->value, "CreatorTool=\"Orator " ORATOR_VERSION "\""));
        assert_true(!strstr(e->value, "identifier=\"task_0123456789abcdefghij\"") == !jobs[i]);
        avformat_close_input(&in);
        unlink(path);
    }
}

static struct picture grey(int width_px, int height_px)
{
    struct picture p;
    assert_int_equal(picture_new(&p, width_px, height_px, NULL), ORATOR_OK);
    for (int y = 0; y < height_px; y++)
        memset(p.plane[0] + y * p.stride[0], 140, (size_t)width_px);
    for (int y = 0; y < height_px; y++)
        memset(p.plane[1 + y % 2] + y / 2 * p.stride[1 + y % 2], 100, (size_t)width_px / 2);
    return p;
}

static void a_label_is_seen_in_its_corner_alone(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1280, 720}, {480, 854}, {1080, 1080}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        int wide = sizes[i][0], high = sizes[i][1], light = 0, dark = 0, top = high, left = wide;
        struct picture p = grey(wide, high);
        label_draw(p.plane, p.stride, wide, high);
        for (int y = 0; y < high; y++)
            for (int x = 0; x < wide; x++) {
                int v = p.plane[0][y * p.stride[0] + x];
                if (v == 140)
                    continue;
                top = y < top ? y : top;
                left = x < left ? x : left;
                light += v > 200;
                dark += v < 80;
            }
        int percent = wide * high / 100;
        assert_true(light > percent / 20 && dark > light && light + dark < 2 * percent);
        assert_true(top > high * 9 / 10 && left > wide / 2);
        picture_fini(&p);
    }
    struct picture tiny = grey(64, 64); /* has no room for the words */
    label_draw(tiny.plane, tiny.stride, 64, 64);
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64; x++)
            assert_int_equal(tiny.plane[0][y * tiny.stride[0] + x], 140);
    picture_fini(&tiny);
}

static void a_label_is_drawn_where_it_is_asked_for(void **state)
{
    (void)state;
    for (int label = 0; label < 2; label++) {
        struct video_writer *w;
        struct picture p = grey(320, 240);
        struct video_format f = {320, 240, 25, 10, NULL, NULL, label, NULL};
        assert_int_equal(video_open(&w, path, &f, NULL, NULL), ORATOR_OK);
        assert_int_equal(video_add(w, &p, NULL), ORATOR_OK);
        assert_int_equal(video_finish(&w, NULL, NULL), ORATOR_OK);
        assert_int_equal(p.plane[0][236 * p.stride[0] + 316], 140); /* the caller's is as it was */
        assert_true((look().first_luma < 100) == label); /* 4 px from the corner: the band */
        picture_fini(&p);
        unlink(path);
    }
}

static void a_thumbnail_shows_the_first_picture(void **state)
{
    (void)state;
    static const struct {
        int width_px, height_px, shown_width, shown_height;
    } cases[] = {{320, 240, 320, 240}, {1280, 720, 640, 360}, {540, 1080, 320, 640}};
    char jpeg[144];
    snprintf(jpeg, sizeof(jpeg), "%s/a.jpg", folder);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sound voice = voice_of(48000, 1);
        struct image seen;
        struct bytes b;
        write_video(&(struct video_format){cases[i].width_px, cases[i].height_px, 25, 18, NULL,
                                           NULL, false, NULL},
                    &voice, 30);
        assert_int_equal(video_thumbnail(path, jpeg, NULL), ORATOR_OK);
        assert_int_equal(file_read(&b, jpeg, 1 << 20, NULL), ORATOR_OK);
        assert_int_equal(image_decode(&seen, b.data, b.size, NULL), ORATOR_OK);
        assert_int_equal(seen.width_px, cases[i].shown_width);
        assert_int_equal(seen.height_px, cases[i].shown_height);
        /* a luma of 40 in 16..235 is a grey of 28; the last picture's 69 would be 62 */
        const uint8_t *corner =
            seen.rgb + (seen.height_px - 4) * seen.stride + 3 * (seen.width_px - 4);
        for (int c = 0; c < 3; c++)
            assert_in_range(corner[c], 25, 31);
        image_fini(&seen);
        bytes_fini(&b);
        free(voice.samples);
        unlink(jpeg);
        unlink(path);
    }
}

static void a_file_without_a_picture_has_no_thumbnail(void **state)
{
    (void)state;
    struct orator_error err;
    char jpeg[144];
    snprintf(jpeg, sizeof(jpeg), "%s/a.jpg", folder);
    assert_int_equal(video_thumbnail(path, jpeg, &err), ORATOR_RENDER_FAILED);
    assert_int_equal(file_write(path, "not a video", 11, NULL), ORATOR_OK);
    assert_int_equal(video_thumbnail(path, jpeg, &err), ORATOR_RENDER_FAILED);
    assert_int_equal(access(jpeg, F_OK), -1);
}

/* Shows and counts what can be read of the file as it is now. */
static struct seen look_at_what_is_there(const char *from)
{
    struct bytes b;
    assert_int_equal(file_read(&b, from, 1 << 22, NULL), ORATOR_OK);
    assert_int_equal(file_write(path, b.data, b.size, NULL), ORATOR_OK);
    bytes_fini(&b);
    struct seen seen = look();
    unlink(path);
    return seen;
}

static void a_preview_plays_while_it_grows(void **state)
{
    (void)state;
    enum { FRAMES = 100 };
    struct sound voice = voice_of(48000 * 4, 2);
    struct video_writer *w;
    char preview[144], film[144];
    snprintf(preview, sizeof(preview), "%s/p.mp4", folder);
    snprintf(film, sizeof(film), "%s/film.mp4", folder);
    struct video_format f = {320, 192, 25, 18, "veryfast", "task_1", false, preview};
    assert_int_equal(video_open(&w, film, &f, &voice, NULL), ORATOR_OK);
    int64_t playable_us = 0;
    for (int i = 0; i < FRAMES; i++) {
        struct picture p;
        assert_int_equal(picture_new(&p, f.width_px, f.height_px, NULL), ORATOR_OK);
        paint(&p, i);
        assert_int_equal(video_add(w, &p, NULL), ORATOR_OK);
        picture_fini(&p);
        int64_t now_us = video_preview_us(w);
        assert_true(now_us >= playable_us);
        if (now_us >= 1000000 && playable_us < 1000000) { /* the first second is there */
            struct seen seen = look_at_what_is_there(preview);
            assert_true(i < 70);
            assert_in_range(seen.frames, 24, i);
            assert_true(seen.decoded_audio_s > 0.95);
            assert_in_range(seen.first_luma, 39, 41);
        }
        playable_us = now_us;
    }
    assert_true(playable_us > 1000000);
    assert_int_equal(video_finish(&w, NULL, NULL), ORATOR_OK);
    struct seen all = look_at_what_is_there(preview), final = look_at_what_is_there(film);
    assert_int_equal(all.frames, FRAMES);
    assert_int_equal(all.last_luma, final.last_luma);
    /* AAC gives 1024 samples before its first */
    assert_true(fabs(all.start_s[1] + 1024 / 48000.0 - all.start_s[0]) < 0.001);
    assert_true(fabs(all.decoded_audio_s - final.decoded_audio_s) < 0.03);
    assert_string_equal(final.comment, "generated by Orator " ORATOR_VERSION);
    unlink(preview);
    unlink(film);
    free(voice.samples);
}

static void a_preview_that_cannot_be_written_stops_no_video(void **state)
{
    (void)state;
    static const char *const places[] = {"/nowhere/at/all.mp4", "/dev/full"};
    for (int i = 0; i < 2; i++) {
        write_video(&(struct video_format){160, 128, 25, 23, NULL, NULL, false, places[i]}, NULL,
                    30);
        assert_int_equal(look().frames, 30);
        unlink(path);
    }
}

/* "moov" in front of "mdat": a player may start before it has the end. */
static void the_index_comes_first(void **state)
{
    (void)state;
    struct sound voice = voice_of(48000, 1);
    struct bytes b;
    write_video(&(struct video_format){160, 128, 25, 23, NULL, NULL, false, NULL}, &voice, 25);
    assert_int_equal(file_read(&b, path, 1 << 20, NULL), ORATOR_OK);
    const unsigned char *moov = memmem(b.data, b.size, "moov", 4);
    const unsigned char *mdat = memmem(b.data, b.size, "mdat", 4);
    assert_true(moov && mdat && moov < mdat);
    bytes_fini(&b);
    free(voice.samples);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    struct sound voice = voice_of(48000, 2);
    struct bytes b[2];
    for (int i = 0; i < 2; i++) {
        mallopt(M_PERTURB, 17 + 68 * i); /* what lies in new memory must not matter */
        write_video(&(struct video_format){320, 256, 25, 23, "veryfast", "x", false, NULL}, &voice,
                    60);
        assert_int_equal(file_read(&b[i], path, 1 << 20, NULL), ORATOR_OK);
        unlink(path);
    }
    assert_int_equal(b[0].size, b[1].size);
    assert_memory_equal(b[0].data, b[1].data, b[0].size);
    mallopt(M_PERTURB, 0);
    bytes_fini(&b[0]);
    bytes_fini(&b[1]);
    free(voice.samples);
}

/* And pictures that are lent, not copied, each drawn on again when two more were handed over. */
static void lent_pictures_give_the_same_bytes(void **state)
{
    (void)state;
    enum { FRAMES = 40, TURNS = 3 };
    const struct video_format f = {.width_px = 160, .height_px = 90, .fps = 25, .crf = 20};
    struct bytes copied = {0}, lent = {0};
    struct picture pictures[TURNS];
    struct video_writer *w;
    write_video(&f, NULL, FRAMES);
    assert_int_equal(file_read(&copied, path, 1 << 24, NULL), ORATOR_OK);
    for (int k = 0; k < TURNS; k++)
        assert_int_equal(picture_new(&pictures[k], f.width_px, f.height_px, NULL), ORATOR_OK);
    assert_int_equal(video_open(&w, path, &f, NULL, NULL), ORATOR_OK);
    for (int i = 0; i < FRAMES; i++) {
        paint(&pictures[i % TURNS], i);
        assert_int_equal(video_lend(w, &pictures[i % TURNS], NULL), ORATOR_OK);
    }
    assert_int_equal(video_finish(&w, NULL, NULL), ORATOR_OK);
    assert_int_equal(file_read(&lent, path, 1 << 24, NULL), ORATOR_OK);
    assert_int_equal(lent.size, copied.size);
    assert_memory_equal(lent.data, copied.data, copied.size);
    for (int k = 0; k < TURNS; k++)
        picture_fini(&pictures[k]);
    bytes_fini(&copied);
    bytes_fini(&lent);
}

static void a_video_may_be_silent(void **state)
{
    (void)state;
    write_video(&(struct video_format){160, 128, 25, 23, "veryfast", NULL, false, NULL}, NULL, 10);
    assert_int_equal(look().frames, 10);
}

static void abandoned_videos_leave_nothing(void **state)
{
    (void)state;
    struct sound voice = voice_of(48000, 1);
    struct video_writer *w;
    struct picture p;
    const struct video_format f = {160, 128, 25, 23, "veryfast", NULL, false, NULL};
    assert_int_equal(picture_new(&p, 160, 128, NULL), ORATOR_OK);
    for (int frames = 0; frames < 60; frames += 29) {
        assert_int_equal(video_open(&w, path, &f, &voice, NULL), ORATOR_OK);
        assert_int_equal(access(part, F_OK), 0);
        for (int i = 0; i < frames; i++)
            assert_int_equal(video_add(w, &p, NULL), ORATOR_OK);
        video_abandon(&w);
        assert_null(w);
        assert_int_equal(access(part, F_OK), -1);
        assert_int_equal(access(path, F_OK), -1);
    }
    video_abandon(&w);
    picture_fini(&p);
    free(voice.samples);
}

static void a_disk_without_room_is_a_storage_failure(void **state)
{
    (void)state;
    struct sound voice = voice_of(48000, 1);
    struct video_writer *w;
    struct orator_error err;
    struct picture p;
    const struct video_format f = {160, 128, 25, 23, "veryfast", NULL, false, NULL};
    assert_int_equal(picture_new(&p, 160, 128, NULL), ORATOR_OK);
    assert_int_equal(symlink("/dev/full", part), 0);
    enum orator_status s = video_open(&w, path, &f, &voice, &err);
    for (int i = 0; i < 30 && s == ORATOR_OK; i++)
        s = video_add(w, &p, &err);
    if (s == ORATOR_OK)
        s = video_finish(&w, NULL, &err);
    else
        video_abandon(&w);
    assert_int_equal(s, ORATOR_IO);
    assert_null(w);
    struct stat st;
    assert_int_equal(lstat(part, &st), -1);
    assert_int_equal(lstat(path, &st), -1);
    picture_fini(&p);
    free(voice.samples);
}

static void orders_without_sense_are_refused(void **state)
{
    (void)state;
    struct sound voice = voice_of(48000, 1), odd = voice;
    odd.rate_hz = 12345;
    struct video_writer *w;
    struct orator_error err;
    static const struct {
        struct video_format format;
        enum orator_status want;
    } cases[] = {
        {{161, 128, 25, 23, "veryfast", NULL, false, NULL}, ORATOR_INVALID_PARAMETER},
        {{160, 0, 25, 23, "veryfast", NULL, false, NULL}, ORATOR_INVALID_PARAMETER},
        {{160, 128, 0, 23, "veryfast", NULL, false, NULL}, ORATOR_INVALID_PARAMETER},
        {{160, 128, 25, 52, "veryfast", NULL, false, NULL}, ORATOR_INVALID_PARAMETER},
        {{160, 128, 25, 23, "quickly", NULL, false, NULL}, ORATOR_INVALID_PARAMETER},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(video_open(&w, path, &cases[i].format, &voice, &err), cases[i].want);
        assert_null(w);
        assert_int_equal(access(part, F_OK), -1);
    }
    const struct video_format f = {160, 128, 25, 23, "veryfast", NULL, false, NULL};
    assert_int_equal(video_open(&w, path, &f, &odd, &err), ORATOR_RENDER_FAILED);
    assert_int_equal(video_open(&w, "/nowhere/at/all.mp4", &f, &voice, &err), ORATOR_IO);
    assert_null(strstr(err.text, "nowhere"));
    struct picture p;
    assert_int_equal(picture_new(&p, 162, 128, NULL), ORATOR_OK);
    assert_int_equal(video_open(&w, path, &f, &voice, &err), ORATOR_OK);
    assert_int_equal(video_add(w, &p, &err), ORATOR_INTERNAL);
    video_abandon(&w);
    picture_fini(&p);
    free(voice.samples);
}

#define IN_A_FOLDER(claim) cmocka_unit_test_setup_teardown(claim, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(sound_and_picture_end_within_a_frame),
        IN_A_FOLDER(frames_come_in_their_order_and_light),
        IN_A_FOLDER(another_program_reads_who_made_it),
        cmocka_unit_test(a_label_is_seen_in_its_corner_alone),
        IN_A_FOLDER(a_label_is_drawn_where_it_is_asked_for),
        IN_A_FOLDER(a_thumbnail_shows_the_first_picture),
        IN_A_FOLDER(a_file_without_a_picture_has_no_thumbnail),
        IN_A_FOLDER(a_preview_plays_while_it_grows),
        IN_A_FOLDER(a_preview_that_cannot_be_written_stops_no_video),
        IN_A_FOLDER(the_index_comes_first),
        IN_A_FOLDER(the_same_input_gives_the_same_bytes),
        IN_A_FOLDER(lent_pictures_give_the_same_bytes),
        IN_A_FOLDER(a_video_may_be_silent),
        IN_A_FOLDER(abandoned_videos_leave_nothing),
        IN_A_FOLDER(a_disk_without_room_is_a_storage_failure),
        IN_A_FOLDER(orders_without_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
