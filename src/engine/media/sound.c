/* Decoding sound. The container is believed in nothing but where its packets are: the length is
 * counted, never read, and decoding ends as soon as the count passes the limit.
 *
 * What counts as damage: a packet that cannot be decoded and is followed by one that can, or a file
 * that holds less than half of what it says. A file that merely breaks off, as an interrupted
 * download does, is taken as far as it goes. */
#include "engine/media/media.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

#include "engine/media/libav.h"
#include "engine/media/sound_file.h"

enum {
    HIGH_RATE_HZ = 48000,
    LOW_RATE_HZ = 24000,  /* of sounds that hold no more: half the work, and none of it heard */
    RATE_MIN_HZ = 4000,   /* half a telephone line */
    RATE_MAX_HZ = 384000, /* the highest that converters are sold for */
    MAX_CHANNELS = 8,
    MAX_CHANGES = 16, /* of rate or channels midway; joined files have a few */
    IO_BYTES = 32768,
};

struct reader {
    struct sound_file file;
    size_t at;
    AVFormatContext *format;
    AVCodecContext *codec;
    int stream;
    AVPacket *packet;
    AVFrame *frame;
    bool cut; /* the last packet could not be decoded; nothing has followed so far */
};

struct writer {
    SwrContext *swr; /* from the frames' form to ours; made anew when they change it */
    AVChannelLayout from_layout;
    int from_rate_hz, from_format, changes;
    int64_t from_frames, from_start; /* decoded in this form; our frame at which it began */
    struct sound *out;
    int64_t capacity;
};

static int read_bytes(void *opaque, uint8_t *dst, int n)
{
    struct reader *r = opaque;
    size_t left = r->file.size - r->at;
    if (left == 0)
        return AVERROR_EOF;
    size_t take = (size_t)n < left ? (size_t)n : left;
    memcpy(dst, r->file.bytes + r->at, take);
    r->at += take;
    return (int)take;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct reader *r = opaque;
    int64_t size = (int64_t)r->file.size, to;
    whence &= ~AVSEEK_FORCE;
    if (whence == AVSEEK_SIZE)
        return size;
    if (whence == SEEK_CUR ? __builtin_add_overflow((int64_t)r->at, offset, &to)
                           : __builtin_add_overflow(whence == SEEK_END ? size : 0, offset, &to))
        return AVERROR(EINVAL);
    if (to < 0 || to > size)
        return AVERROR(EINVAL);
    r->at = (size_t)to;
    return to;
}

/* A file may name other files or addresses. They are never opened. */
static int refuse_open(AVFormatContext *s, AVIOContext **pb, const char *url, int flags,
                       AVDictionary **options)
{
    (void)s, (void)pb, (void)url, (void)flags, (void)options;
    return AVERROR(EACCES);
}

static bool codec_is_listed(const char *demuxer, enum AVCodecID id)
{
    static const struct {
        const char *demuxer;
        enum AVCodecID id[9];
    } rows[] = {
        {"mp3", {AV_CODEC_ID_MP3}},
        {"aac", {AV_CODEC_ID_AAC}},
        {"mp4", {AV_CODEC_ID_AAC, AV_CODEC_ID_ALAC}},
        {"ogg", {AV_CODEC_ID_VORBIS, AV_CODEC_ID_OPUS}},
        {"flac", {AV_CODEC_ID_FLAC}},
        {"wav",
         {AV_CODEC_ID_PCM_U8, AV_CODEC_ID_PCM_S16LE, AV_CODEC_ID_PCM_S24LE, AV_CODEC_ID_PCM_S32LE,
          AV_CODEC_ID_PCM_F32LE, AV_CODEC_ID_PCM_F64LE, AV_CODEC_ID_PCM_ALAW,
          AV_CODEC_ID_PCM_MULAW}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].demuxer, demuxer) == 0)
            for (const enum AVCodecID *p = rows[i].id; *p != AV_CODEC_ID_NONE; p++)
                if (*p == id)
                    return true;
    return false;
}

static enum orator_status open_container(struct reader *r, struct orator_error *err)
{
    const AVInputFormat *demuxer = av_find_input_format(r->file.demuxer);
    uint8_t *buffer = av_malloc(IO_BYTES);
    AVIOContext *io =
        buffer ? avio_alloc_context(buffer, IO_BYTES, 0, r, read_bytes, NULL, seek_bytes) : NULL;
    r->format = avformat_alloc_context();
    if (!io || !r->format) {
        av_free(io ? io->buffer : buffer);
        avio_context_free(&io);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a sound reader");
    }
    r->format->pb = io;
    r->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    r->format->io_open = refuse_open;
    int code = avformat_open_input(&r->format, NULL, demuxer, NULL);
    if (code < 0) { /* FFmpeg has freed the context, but not what we gave it */
        av_free(io->buffer);
        avio_context_free(&io);
        return libav_fail(err, code, ORATOR_DECODE_FAILED, "the sound is damaged");
    }
    return ORATOR_OK;
}

static enum orator_status open_codec(struct reader *r, struct orator_error *err)
{
    r->stream = -1;
    for (unsigned i = 0; i < r->format->nb_streams; i++) {
        AVStream *st = r->format->streams[i];
        if (r->stream < 0 && st->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            r->stream = (int)i;
        else
            st->discard = AVDISCARD_ALL; /* cover pictures, chapters, other languages */
    }
    if (r->stream < 0)
        return orator_fail(err, ORATOR_DECODE_FAILED, "the file holds no sound");
    const AVStream *st = r->format->streams[r->stream];
    if (!codec_is_listed(r->file.demuxer, st->codecpar->codec_id))
        return orator_fail(err, ORATOR_UNSUPPORTED_AUDIO_FORMAT,
                           "the %s file holds sound of the kind %s, which is not taken",
                           r->file.demuxer, avcodec_get_name(st->codecpar->codec_id));
    r->codec = avcodec_alloc_context3(avcodec_find_decoder(st->codecpar->codec_id));
    r->packet = av_packet_alloc();
    r->frame = av_frame_alloc();
    if (!r->codec || !r->packet || !r->frame)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a sound decoder");
    int code = avcodec_parameters_to_context(r->codec, st->codecpar);
    r->codec->thread_count = 1;
    r->codec->pkt_timebase = st->time_base;
    r->codec->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
    r->codec->max_samples = (int64_t)RATE_MAX_HZ * 60; /* a frame; PCM's and FLAC's are far below */
    if (code >= 0)
        code = avcodec_open2(r->codec, NULL, NULL);
    return code < 0 ? libav_fail(err, code, ORATOR_DECODE_FAILED, "the sound is damaged")
                    : ORATOR_OK;
}

static void reader_fini(struct reader *r)
{
    av_frame_free(&r->frame);
    av_packet_free(&r->packet);
    avcodec_free_context(&r->codec);
    if (r->format) {
        AVIOContext *io = r->format->pb;
        avformat_close_input(&r->format);
        av_free(io->buffer);
        avio_context_free(&io);
    }
}

/* The next decoded frame into r->frame; *end instead when there is none. */
static enum orator_status read_frame(struct reader *r, bool *end, struct orator_error *err)
{
    for (;;) {
        int code = avcodec_receive_frame(r->codec, r->frame);
        if (code >= 0) {
            if (r->cut)
                return orator_fail(err, ORATOR_DECODE_FAILED,
                                   "the sound is damaged: some of it cannot be decoded");
            return ORATOR_OK;
        }
        if (code == AVERROR_EOF) {
            *end = true;
            return ORATOR_OK;
        }
        if (code == AVERROR(EAGAIN)) {
            code = av_read_frame(r->format, r->packet);
            if (code >= 0 && r->packet->stream_index != r->stream) {
                av_packet_unref(r->packet);
                continue;
            }
            /* Whatever stops the demuxer, the decoder still holds what came before. */
            code = avcodec_send_packet(r->codec, code >= 0 ? r->packet : NULL);
            av_packet_unref(r->packet);
        }
        if (code == AVERROR(ENOMEM))
            return orator_fail(err, ORATOR_NO_MEMORY, "no memory to decode a sound");
        if (code < 0)
            r->cut = true;
    }
}

static bool same_form(const struct writer *w, const AVFrame *f)
{
    return w->swr && w->from_rate_hz == f->sample_rate && w->from_format == f->format &&
           av_channel_layout_compare(&w->from_layout, &f->ch_layout) == 0;
}

static enum orator_status reserve(struct writer *w, int64_t frames, struct orator_error *err)
{
    int64_t need = w->out->frames + frames;
    if (need <= w->capacity)
        return ORATOR_OK;
    int64_t capacity = need > 2 * w->capacity ? need : 2 * w->capacity;
    float *grown =
        realloc(w->out->samples, (size_t)capacity * (size_t)w->out->channels * sizeof(*grown));
    if (!grown)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for %lld s of sound",
                           (long long)(need / w->out->rate_hz));
    w->out->samples = grown;
    w->capacity = capacity;
    return ORATOR_OK;
}

/* Samples of a frame through the resampler; NULL takes out what it still holds. */
static enum orator_status convert(struct writer *w, const AVFrame *f, struct orator_error *err)
{
    int n = f ? f->nb_samples : 0;
    int room = swr_get_out_samples(w->swr, n);
    if (room < 0)
        return libav_fail(err, room, ORATOR_INTERNAL, "the sound could not be resampled");
    enum orator_status s = reserve(w, room, err);
    if (s != ORATOR_OK || room == 0)
        return s;
    uint8_t *to[] = {(uint8_t *)(w->out->samples + w->out->frames * w->out->channels)};
    const uint8_t *from[MAX_CHANNELS] = {NULL};
    for (int c = 0; f && c < f->ch_layout.nb_channels; c++)
        from[c] = f->extended_data[av_sample_fmt_is_planar(f->format) ? c : 0];
    int code = swr_convert(w->swr, to, room, f ? from : NULL, n);
    if (code < 0)
        return libav_fail(err, code, ORATOR_INTERNAL, "the sound could not be resampled");
    w->out->frames += code;
    w->from_frames += n;
    return ORATOR_OK;
}

/* Ends the samples of one form: takes out the resampler's rest, then makes the length exact. */
static enum orator_status end_form(struct writer *w, struct orator_error *err)
{
    if (!w->swr)
        return ORATOR_OK;
    enum orator_status s = convert(w, NULL, err);
    int64_t exact = w->from_start + av_rescale(w->from_frames, w->out->rate_hz, w->from_rate_hz);
    if (s == ORATOR_OK && exact > w->out->frames) {
        int64_t missing = exact - w->out->frames;
        s = reserve(w, missing, err);
        if (s == ORATOR_OK)
            memset(w->out->samples + w->out->frames * w->out->channels, 0,
                   (size_t)(missing * w->out->channels) * sizeof(float));
    }
    w->out->frames = exact;
    w->from_start = exact;
    w->from_frames = 0;
    swr_free(&w->swr);
    return s;
}

static enum orator_status begin_form(struct writer *w, const AVFrame *f, struct orator_error *err)
{
    int channels = f->ch_layout.nb_channels;
    if (f->sample_rate < RATE_MIN_HZ || f->sample_rate > RATE_MAX_HZ || channels < 1 ||
        channels > MAX_CHANNELS)
        return orator_fail(err, ORATOR_UNSUPPORTED_AUDIO_FORMAT,
                           "the sound has %d channels at %d Hz, need 1 to %d at %d to %d Hz",
                           channels, f->sample_rate, MAX_CHANNELS, RATE_MIN_HZ, RATE_MAX_HZ);
    if (++w->changes > MAX_CHANGES)
        return orator_fail(err, ORATOR_DECODE_FAILED,
                           "the sound is damaged: it changes its rate or channels %d times",
                           MAX_CHANGES);
    enum orator_status s = end_form(w, err);
    if (s != ORATOR_OK)
        return s;
    if (w->out->channels == 0) {
        w->out->channels = channels == 1 ? 1 : 2;
        w->out->rate_hz = f->sample_rate <= LOW_RATE_HZ ? LOW_RATE_HZ : HIGH_RATE_HZ;
    }
    AVChannelLayout from = {0}, to;
    av_channel_layout_default(&to, w->out->channels);
    /* A layout that nobody named is taken for the usual one of so many channels. */
    if (f->ch_layout.order == AV_CHANNEL_ORDER_NATIVE)
        from = f->ch_layout;
    else
        av_channel_layout_default(&from, channels);
    int code = swr_alloc_set_opts2(&w->swr, &to, AV_SAMPLE_FMT_FLT, w->out->rate_hz, &from,
                                   f->format, f->sample_rate, 0, NULL);
    if (code >= 0)
        code = av_opt_set_double(w->swr, "rematrix_maxval", 1, 0); /* a mix that cannot clip */
    if (code >= 0)
        code = swr_init(w->swr);
    if (code >= 0)
        code = av_channel_layout_copy(&w->from_layout, &f->ch_layout);
    if (code < 0)
        return libav_fail(err, code, ORATOR_DECODE_FAILED, "the sound's channels cannot be mixed");
    w->from_rate_hz = f->sample_rate;
    w->from_format = f->format;
    return ORATOR_OK;
}

static enum orator_status check_length(const struct reader *r, const struct writer *w,
                                       struct orator_error *err)
{
    const struct sound *out = w->out;
    const AVStream *st = r->format->streams[r->stream];
    if (out->frames == 0)
        return orator_fail(err, ORATOR_DECODE_FAILED, "the file holds no sound");
    /* Programs that write a WAV into a pipe cannot know its length and say the largest there is. */
    if (strcmp(r->file.demuxer, "wav") != 0 && st->duration > 0) {
        int64_t said = av_rescale_q(st->duration, st->time_base, (AVRational){1, out->rate_hz});
        if (out->frames < said / 2)
            return orator_fail(err, ORATOR_DECODE_FAILED,
                               "the sound is damaged: it says %.1f s and holds %.1f s",
                               (double)said / out->rate_hz, (double)out->frames / out->rate_hz);
    }
    if (out->frames < (int64_t)SOUND_MIN_MS * (out->rate_hz / 1000))
        return orator_fail(err, ORATOR_AUDIO_TOO_SHORT,
                           "the sound lasts %.2f s, need at least %.1f s",
                           (double)out->frames / out->rate_hz, SOUND_MIN_MS / 1000.0);
    return ORATOR_OK;
}

/* Files of floats may hold anything, also what is no number; resampling may pass 1 by a little. */
static void tame(struct sound *out)
{
    for (int64_t i = 0; i < out->frames * out->channels; i++) {
        float v = out->samples[i];
        out->samples[i] = v >= -1.0f ? (v <= 1.0f ? v : 1.0f) : v < -1.0f ? -1.0f : 0.0f;
    }
}

static enum orator_status too_long(int64_t max_ms, struct orator_error *err)
{
    return orator_fail(err, ORATOR_AUDIO_TOO_LONG, "the sound lasts more than the %.1f s allowed",
                       (double)max_ms / 1000);
}

enum orator_status sound_decode(struct sound *out, const void *bytes, size_t size, int64_t max_ms,
                                struct orator_error *err)
{
    struct sound_source source;
    return sound_decode_from(out, &source, bytes, size, max_ms, err);
}

enum orator_status sound_decode_from(struct sound *out, struct sound_source *source,
                                     const void *bytes, size_t size, int64_t max_ms,
                                     struct orator_error *err)
{
    enum orator_status s;
    struct reader r = {0};
    struct writer w = {.out = out};
    bool end = false;
    *out = (struct sound){0};
    libav_setup();
    if (size > SOUND_MAX_BYTES)
        return orator_fail(err, ORATOR_AUDIO_TOO_LARGE,
                           "the sound holds %zu bytes, at most %d are taken", size,
                           SOUND_MAX_BYTES);
    TRY(sound_file_parse(&r.file, bytes, size, err));
    TRY(open_container(&r, err));
    TRY(open_codec(&r, err));
    *source = (struct sound_source){0};
    snprintf(source->codec, sizeof(source->codec), "%s", avcodec_get_name(r.codec->codec_id));
    for (;;) {
        TRY(read_frame(&r, &end, err));
        if (end)
            break;
        if (!source->rate_hz) {
            source->rate_hz = r.frame->sample_rate;
            source->channels = r.frame->ch_layout.nb_channels;
        }
        if (!same_form(&w, r.frame))
            TRY(begin_form(&w, r.frame, err));
        TRY(convert(&w, r.frame, err));
        if (w.from_start + av_rescale(w.from_frames, out->rate_hz, w.from_rate_hz) >
            max_ms * (out->rate_hz / 1000)) {
            s = too_long(max_ms, err);
            goto done;
        }
    }
    TRY(end_form(&w, err));
    TRY(check_length(&r, &w, err));
    tame(out);
done:
    swr_free(&w.swr);
    av_channel_layout_uninit(&w.from_layout);
    reader_fini(&r);
    if (s != ORATOR_OK)
        sound_fini(out);
    return s;
}
