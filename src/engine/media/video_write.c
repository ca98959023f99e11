#include "engine/media/media.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/cpu.h>
#include <libavutil/opt.h>

#include "engine/media/label.h"
#include "engine/media/libav.h"
#include "engine/media/mp4.h"
#include "engine/media/preview.h"

enum {
    /* Not one a core: what x264 writes depends on how many threads it has, and the same job should
     * give the same bytes on every machine. */
    X264_THREADS = 4,
    MAX_FPS = 240,             /* cameras and screens end there */
    KEY_FRAME_EVERY_S = 2,     /* how exactly a player can seek */
    AAC_BITS_A_SECOND = 96000, /* a channel; speech is clear at half of it */
    SLOTS = 2,                 /* a frame is made while the one before it is encoded */
};

/* x264 rounds coefficients below these to nothing, by itself 21 and 11: pores and hairs of moving skin. */
#define X264_DEADZONE "deadzone-inter=8:deadzone-intra=6"

struct track {
    AVCodecContext *codec;
    AVStream *stream;
    AVFrame *frame; /* reused for every send */
    int64_t sent;   /* frames of video, samples of sound */
};

struct video_writer {
    struct mp4 mp4;
    AVPacket *packet;
    struct preview *preview; /* NULL: none */
    struct track video, audio;
    const struct sound *voice; /* borrowed; NULL: no sound track */
    int fps;
    bool label;

    /* Frames go through the slots to a thread that encodes them, and the sound that belongs to them. */
    AVFrame
        *slots[SLOTS]; /* copies: frame i in slot i % SLOTS, the encoder's once handed, then ours */
    AVFrame *lent[SLOTS];  /* likewise, of pictures that are not copied */
    AVFrame *queue[SLOTS]; /* one of the two for each frame in hand */
    pthread_t encoder;
    bool encoding;        /* the thread runs */
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    int64_t handed, encoded;   /* frames */
    int64_t preview_us;        /* playable */
    bool closing;              /* no more will come */
    enum orator_status status; /* what became of the encoding; after a failure frames are dropped */
    struct orator_error failure;
};

static enum orator_status fail_render(struct orator_error *err, int code)
{
    return libav_fail(err, code, ORATOR_RENDER_FAILED, "the video could not be encoded");
}

static enum orator_status open_track(struct video_writer *w, struct track *t,
                                     struct orator_error *err)
{
    t->codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    int code = avcodec_open2(t->codec, NULL, NULL);
    if (code < 0)
        return fail_render(err, code);
    t->stream = avformat_new_stream(w->mp4.format, NULL);
    t->frame = av_frame_alloc();
    if (!t->stream || !t->frame)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a video");
    t->stream->time_base = t->codec->time_base;
    code = avcodec_parameters_from_context(t->stream->codecpar, t->codec);
    return code < 0 ? fail_render(err, code) : ORATOR_OK;
}

static enum orator_status open_picture_track(struct video_writer *w, const struct video_format *f,
                                             struct orator_error *err)
{
    const AVCodec *x264 = avcodec_find_encoder_by_name("libx264");
    if (!x264)
        return orator_fail(err, ORATOR_INTERNAL, "this FFmpeg was built without libx264");
    AVCodecContext *c = w->video.codec = avcodec_alloc_context3(x264);
    if (!c)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a video encoder");
    c->width = f->width_px;
    c->height = f->height_px;
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    c->time_base = (AVRational){1, f->fps};
    c->framerate = (AVRational){f->fps, 1};
    c->gop_size = f->fps * KEY_FRAME_EVERY_S;
    c->thread_count = X264_THREADS;
    c->color_range = AVCOL_RANGE_MPEG;
    c->colorspace = AVCOL_SPC_BT709;
    c->color_primaries = AVCOL_PRI_BT709;
    c->color_trc = AVCOL_TRC_BT709;
    c->chroma_sample_location = AVCHROMA_LOC_LEFT;
    c->sample_aspect_ratio = (AVRational){1, 1};
    int code = av_opt_set(c->priv_data, "preset", f->preset ? f->preset : "veryfast", 0);
    if (code >= 0)
        code = av_opt_set_double(c->priv_data, "crf", f->crf, 0);
    /* x264's AVX-512 code reads memory that it never wrote (macroblock tree, r3095): other bytes in each run.
     * That of AVX2 is as fast. */
    if (code >= 0)
        code = av_opt_set(
            c->priv_data, "x264-params",
            av_get_cpu_flags() & AV_CPU_FLAG_AVX512 ? X264_DEADZONE ":asm=avx2" : X264_DEADZONE, 0);
    if (code < 0)
        return fail_render(err, code);
    enum orator_status s = open_track(w, &w->video, err);
    if (s != ORATOR_OK)
        return s;
    w->video.stream->avg_frame_rate = c->framerate;
    w->video.frame->format = c->pix_fmt;
    w->video.frame->width = c->width;
    w->video.frame->height = c->height;
    code = av_frame_get_buffer(w->video.frame, 0);
    return code < 0 ? fail_render(err, code) : ORATOR_OK;
}

static enum orator_status open_sound_track(struct video_writer *w, struct orator_error *err)
{
    if (!w->voice)
        return ORATOR_OK;
    AVCodecContext *c = w->audio.codec =
        avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_AAC));
    if (!c)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a sound encoder");
    c->sample_rate = w->voice->rate_hz;
    c->sample_fmt = AV_SAMPLE_FMT_FLTP;
    c->bit_rate = (int64_t)AAC_BITS_A_SECOND * w->voice->channels;
    c->time_base = (AVRational){1, w->voice->rate_hz};
    av_channel_layout_default(&c->ch_layout, w->voice->channels);
    /* FFmpeg's default coder is slower, and no better above 64 kbit/s a channel */
    int code = av_opt_set(c->priv_data, "aac_coder", "fast", 0);
    if (code < 0)
        return fail_render(err, code);
    enum orator_status s = open_track(w, &w->audio, err);
    if (s != ORATOR_OK)
        return s;
    w->audio.frame->format = c->sample_fmt;
    w->audio.frame->sample_rate = c->sample_rate;
    w->audio.frame->nb_samples = c->frame_size;
    code = av_channel_layout_copy(&w->audio.frame->ch_layout, &c->ch_layout);
    if (code >= 0)
        code = av_frame_get_buffer(w->audio.frame, 0);
    return code < 0 ? fail_render(err, code) : ORATOR_OK;
}

/* Gives the encoder a frame, or NULL to end, and moves what it has ready into the file. */
static enum orator_status encode(struct video_writer *w, struct track *t, const AVFrame *frame,
                                 struct orator_error *err)
{
    int code = avcodec_send_frame(t->codec, frame);
    while (code >= 0) {
        code = avcodec_receive_packet(t->codec, w->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            return ORATOR_OK;
        if (code < 0)
            break;
        if (t == &w->video)
            w->packet->duration = 1;
        preview_add(&w->preview, t->stream->index, w->packet);
        w->packet->stream_index = t->stream->index;
        av_packet_rescale_ts(w->packet, t->codec->time_base, t->stream->time_base);
        code = av_interleaved_write_frame(w->mp4.format, w->packet);
        if (code < 0)
            return libav_fail(err, code, ORATOR_IO, "the video could not be written");
    }
    return fail_render(err, code);
}

/* Sends whole AAC frames up to sample `until`, and a last short one if `last`. Past the end of the
 * voice there is silence. */
static enum orator_status add_sound(struct video_writer *w, int64_t until, bool last,
                                    struct orator_error *err)
{
    struct track *t = &w->audio;
    while (w->voice && t->sent < until) {
        int64_t n = until - t->sent;
        int channels = w->voice->channels;
        if (n < t->codec->frame_size && !last)
            break;
        n = n < t->codec->frame_size ? n : t->codec->frame_size;
        t->frame->nb_samples =
            t->codec->frame_size; /* as large as its buffer, if it is made anew */
        int code = av_frame_make_writable(t->frame);
        if (code < 0)
            return fail_render(err, code);
        for (int c = 0; c < channels; c++) {
            float *dst = (float *)(void *)t->frame->extended_data[c];
            for (int64_t i = 0; i < n; i++) {
                int64_t at = t->sent + i;
                dst[i] = at < w->voice->frames ? w->voice->samples[at * channels + c] : 0.0f;
            }
        }
        t->frame->nb_samples = (int)n;
        t->frame->pts = t->sent;
        t->sent += n;
        enum orator_status s = encode(w, t, t->frame, err);
        if (s != ORATOR_OK)
            return s;
    }
    return ORATOR_OK;
}

static int64_t sample_of_frame(const struct video_writer *w, int64_t frame)
{
    return w->voice ? frame * w->voice->rate_hz / w->fps : 0;
}

/* x264 would refuse an unknown one too, but print that on standard error. */
static bool preset_exists(const char *name)
{
    static const char *const names[] = {"ultrafast", "superfast", "veryfast", "faster",
                                        "fast",      "medium",    "slow",     "slower",
                                        "veryslow",  "placebo"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static enum orator_status check_format(const struct video_format *f, struct orator_error *err)
{
    if (f->width_px < 2 || f->height_px < 2 || f->width_px % 2 || f->height_px % 2 ||
        f->width_px > IMAGE_MAX_SIDE_PX || f->height_px > IMAGE_MAX_SIDE_PX)
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "a video of %d x %d px, need even sides of 2 to %d", f->width_px,
                           f->height_px, IMAGE_MAX_SIDE_PX);
    if (f->fps < 1 || f->fps > MAX_FPS)
        return orator_fail(err, ORATOR_INVALID_PARAMETER, "%d frames a second, need 1 to %d",
                           f->fps, MAX_FPS);
    if (f->crf < 0 || f->crf > 51)
        return orator_fail(err, ORATOR_INVALID_PARAMETER, "a crf of %d, need 0 to 51", f->crf);
    if (f->preset && !preset_exists(f->preset))
        return orator_fail(err, ORATOR_INVALID_PARAMETER, "x264 has no preset %s", f->preset);
    return ORATOR_OK;
}

static void *encode_frames(void *writer)
{
    struct video_writer *w = writer;
    pthread_mutex_lock(&w->lock);
    while (true) {
        while (w->encoded == w->handed && !w->closing)
            pthread_cond_wait(&w->changed, &w->lock);
        if (w->encoded == w->handed)
            break;
        enum orator_status s = w->status;
        struct orator_error err = w->failure;
        pthread_mutex_unlock(&w->lock);
        if (s == ORATOR_OK) {
            AVFrame *frame = w->queue[w->video.sent % SLOTS];
            frame->pts = w->video.sent++;
            s = encode(w, &w->video, frame, &err);
        }
        if (s == ORATOR_OK)
            s = add_sound(w, sample_of_frame(w, w->video.sent), false, &err);
        pthread_mutex_lock(&w->lock);
        if (w->status == ORATOR_OK) {
            w->status = s;
            w->failure = err;
        }
        w->encoded++;
        w->preview_us = preview_playable_us(w->preview);
        pthread_cond_signal(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static enum orator_status start_encoding(struct video_writer *w, struct orator_error *err)
{
    for (int i = 0; i < SLOTS; i++) {
        w->slots[i] = av_frame_clone(w->video.frame);
        w->lent[i] = av_frame_alloc();
        if (!w->lent[i] || !w->slots[i] || av_frame_make_writable(w->slots[i]) < 0)
            return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a video");
    }
    w->encoding = pthread_create(&w->encoder, NULL, encode_frames, w) == 0;
    return w->encoding ? ORATOR_OK
                       : orator_fail(err, ORATOR_NO_MEMORY, "no thread for a video encoder");
}

/* Waits for what was handed over, unless `drop`; the writer is the caller's alone afterwards. */
static void stop_encoding(struct video_writer *w, bool drop)
{
    if (!w->encoding)
        return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    if (drop && w->status == ORATOR_OK)
        w->status = ORATOR_CANCELED;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->encoder, NULL);
    w->encoding = false;
}

enum orator_status video_open(struct video_writer **out, const char *path,
                              const struct video_format *format, const struct sound *voice,
                              struct orator_error *err)
{
    enum orator_status s;
    *out = NULL;
    libav_setup();
    s = check_format(format, err);
    if (s != ORATOR_OK)
        return s;
    struct video_writer *w = calloc(1, sizeof(*w));
    if (!w)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a video");
    w->fps = format->fps;
    w->label = format->label;
    w->voice = voice;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    TRY(mp4_begin(&w->mp4, path, format->job_id, err));
    TRY(open_picture_track(w, format, err));
    TRY(open_sound_track(w, err));
    TRY(mp4_write_head(&w->mp4, err));
    w->packet = av_packet_alloc();
    if (!w->packet)
        TRY(orator_fail(err, ORATOR_NO_MEMORY, "no memory for a video"));
    if (format->preview_path)
        w->preview = preview_open(format->preview_path,
                                  (const AVCodecContext *[]){w->video.codec, w->audio.codec},
                                  voice ? 2 : 1, format->job_id);
    TRY(start_encoding(w, err));
done:
    if (s != ORATOR_OK)
        video_abandon(&w);
    *out = w;
    return s;
}

static void fill(AVFrame *frame, const struct picture *picture, bool label)
{
    for (int p = 0; p < 3; p++) {
        int wide = p ? frame->width / 2 : frame->width,
            high = p ? frame->height / 2 : frame->height;
        for (int y = 0; y < high; y++)
            memcpy(frame->data[p] + (ptrdiff_t)y * frame->linesize[p],
                   picture->plane[p] + y * picture->stride[p], (size_t)wide);
    }
    if (label)
        label_draw(frame->data,
                   (const ptrdiff_t[]){frame->linesize[0], frame->linesize[1], frame->linesize[2]},
                   frame->width, frame->height);
}

/* Waits until a frame may be handed over. */
static enum orator_status await_slot(struct video_writer *w, const struct picture *picture,
                                     struct orator_error *err)
{
    const AVFrame *shape = w->video.frame;
    if (picture->width_px != shape->width || picture->height_px != shape->height)
        return orator_fail(err, ORATOR_INTERNAL, "a frame of %d x %d px in a video of %d x %d",
                           picture->width_px, picture->height_px, shape->width, shape->height);
    pthread_mutex_lock(&w->lock);
    while (w->handed - w->encoded == SLOTS)
        pthread_cond_wait(&w->changed, &w->lock);
    enum orator_status s = w->status;
    if (s != ORATOR_OK && err)
        *err = w->failure;
    pthread_mutex_unlock(&w->lock);
    return s;
}

static void hand_over(struct video_writer *w, AVFrame *frame)
{
    pthread_mutex_lock(&w->lock);
    w->queue[w->handed++ % SLOTS] = frame;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

enum orator_status video_add(struct video_writer *w, const struct picture *picture,
                             struct orator_error *err)
{
    enum orator_status s = await_slot(w, picture, err);
    if (s != ORATOR_OK)
        return s;
    AVFrame *frame = w->slots[w->handed % SLOTS];
    int code = av_frame_make_writable(frame);
    if (code < 0)
        return fail_render(err, code);
    fill(frame, picture, w->label);
    hand_over(w, frame);
    return ORATOR_OK;
}

static void keep(void *opaque, uint8_t *data) { (void)opaque, (void)data; /* the lender's */ }

enum orator_status video_lend(struct video_writer *w, const struct picture *picture,
                              struct orator_error *err)
{
    if (w->label) /* is not the lender's to see */
        return video_add(w, picture, err);
    enum orator_status s = await_slot(w, picture, err);
    if (s != ORATOR_OK)
        return s;
    AVFrame *frame = w->lent[w->handed % SLOTS];
    av_frame_unref(frame);
    frame->format = w->video.frame->format;
    frame->width = picture->width_px;
    frame->height = picture->height_px;
    for (int p = 0; p < 3; p++) {
        frame->data[p] = picture->plane[p];
        frame->linesize[p] = (int)picture->stride[p];
    }
    /* without a buffer of its own libavcodec would make a copy */
    const ptrdiff_t size =
        picture->plane[2] - picture->plane[0] + picture->stride[2] * (picture->height_px / 2);
    frame->buf[0] =
        av_buffer_create(picture->plane[0], (size_t)size, keep, NULL, AV_BUFFER_FLAG_READONLY);
    if (!frame->buf[0])
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a video");
    hand_over(w, frame);
    return ORATOR_OK;
}

int64_t video_preview_us(struct video_writer *w)
{
    pthread_mutex_lock(&w->lock);
    int64_t us = w->preview_us;
    pthread_mutex_unlock(&w->lock);
    return us;
}

static void writer_free(struct video_writer **out)
{
    struct video_writer *w = *out;
    stop_encoding(w, true);
    for (int i = 0; i < SLOTS; i++)
        av_frame_free(&w->slots[i]), av_frame_free(&w->lent[i]);
    for (int i = 0; i < 2; i++) {
        struct track *t = i ? &w->audio : &w->video;
        avcodec_free_context(&t->codec);
        av_frame_free(&t->frame);
    }
    av_packet_free(&w->packet);
    preview_close(&w->preview);
    mp4_fini(&w->mp4);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
    *out = NULL;
}

enum orator_status video_finish(struct video_writer **out, int64_t *size_bytes,
                                struct orator_error *err)
{
    enum orator_status s;
    struct video_writer *w = *out;
    stop_encoding(w, false);
    if (w->status != ORATOR_OK && err)
        *err = w->failure;
    TRY(w->status);
    TRY(encode(w, &w->video, NULL, err));
    TRY(add_sound(w, sample_of_frame(w, w->video.sent), true, err));
    if (w->voice)
        TRY(encode(w, &w->audio, NULL, err));
    TRY(mp4_finish(&w->mp4, size_bytes, err));
    writer_free(out);
done:
    if (s != ORATOR_OK)
        video_abandon(out);
    return s;
}

void video_abandon(struct video_writer **out)
{
    if (!*out)
        return;
    mp4_remove(&(*out)->mp4);
    writer_free(out);
}

enum orator_status video_check_encoders(struct orator_error *err)
{
    if (!avcodec_find_encoder_by_name("libx264"))
        return orator_fail(err, ORATOR_NOT_FOUND, "this FFmpeg cannot write H.264 (no libx264)");
    if (!avcodec_find_encoder(AV_CODEC_ID_AAC))
        return orator_fail(err, ORATOR_NOT_FOUND, "this FFmpeg cannot write AAC");
    return ORATOR_OK;
}
