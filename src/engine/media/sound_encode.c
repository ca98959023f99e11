/* sound_encode.c - samples become a file, in memory. */
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>

#include "engine/media/libav.h"
#include "engine/media/media.h"

static const struct kind {
    const char *word, *muxer, *encoder;
    enum AVSampleFormat samples;
    int rate_hz; /* 0: the sound's own */
    int bits_a_second;
} kinds[] = {
    {"wav", "wav", "pcm_s16le", AV_SAMPLE_FMT_S16, 0, 0},
    {"pcm", "s16le", "pcm_s16le", AV_SAMPLE_FMT_S16, 24000, 0},
    {"mp3", "mp3", "libmp3lame", AV_SAMPLE_FMT_FLTP, 0, 64000},
    {"aac", "adts", "aac", AV_SAMPLE_FMT_FLTP, 0, 64000},
    {"flac", "flac", "flac", AV_SAMPLE_FMT_S16, 0, 0},
    {"opus", "ogg", "libopus", AV_SAMPLE_FMT_FLT, 48000, 48000},
};

struct encoder {
    const struct kind *kind;
    AVFormatContext *file;
    AVCodecContext *codec;
    AVFrame *frame;
    AVPacket *packet;
    SwrContext *resampler;
    int64_t sent;
};

static int open_encoder(struct encoder *e, const struct sound *in)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(e->kind->encoder);
    if (!codec)
        return AVERROR_ENCODER_NOT_FOUND;
    e->codec = avcodec_alloc_context3(codec);
    e->frame = av_frame_alloc();
    e->packet = av_packet_alloc();
    if (!e->codec || !e->frame || !e->packet ||
        avformat_alloc_output_context2(&e->file, NULL, e->kind->muxer, NULL) < 0)
        return AVERROR(ENOMEM);
    e->codec->sample_rate = e->kind->rate_hz ? e->kind->rate_hz : in->rate_hz;
    e->codec->sample_fmt = e->kind->samples;
    e->codec->bit_rate = e->kind->bits_a_second;
    e->codec->time_base = (AVRational){1, e->codec->sample_rate};
    e->codec->flags |= AV_CODEC_FLAG_BITEXACT;
    e->file->flags |= AVFMT_FLAG_BITEXACT;
    av_channel_layout_default(&e->codec->ch_layout, in->channels);
    if (e->file->oformat->flags & AVFMT_GLOBALHEADER)
        e->codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    int code = avcodec_open2(e->codec, codec, NULL);
    AVStream *stream = code < 0 ? NULL : avformat_new_stream(e->file, NULL);
    if (code >= 0 && !stream)
        code = AVERROR(ENOMEM);
    if (code >= 0)
        code = avcodec_parameters_from_context(stream->codecpar, e->codec);
    if (code < 0)
        return code;
    stream->time_base = e->codec->time_base;
    code = swr_alloc_set_opts2(&e->resampler, &e->codec->ch_layout, e->codec->sample_fmt,
                               e->codec->sample_rate, &e->codec->ch_layout, AV_SAMPLE_FMT_FLT,
                               in->rate_hz, 0, NULL);
    if (code >= 0)
        code = swr_init(e->resampler);
    if (code >= 0)
        code = avio_open_dyn_buf(&e->file->pb);
    return code < 0 ? code : avformat_write_header(e->file, NULL);
}

static int send(struct encoder *e, const AVFrame *frame)
{
    int code = avcodec_send_frame(e->codec, frame);
    while (code >= 0) {
        code = avcodec_receive_packet(e->codec, e->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            return 0;
        if (code < 0)
            break;
        av_packet_rescale_ts(e->packet, e->codec->time_base, e->file->streams[0]->time_base);
        code = av_write_frame(e->file, e->packet);
        av_packet_unref(e->packet);
    }
    return code;
}

/* Frames as long as the encoder wants them; the last may be shorter. */
static int encode_all(struct encoder *e, const struct sound *in)
{
    enum { USUAL = 4096 };
    int frame_size = e->codec->frame_size ? e->codec->frame_size : USUAL;
    const uint8_t *from = (const uint8_t *)in->samples;
    int code = swr_convert(e->resampler, NULL, 0, &from, (int)in->frames);
    if (code >= 0)
        code = swr_convert(e->resampler, NULL, 0, NULL, 0); /* the end of it too */
    while (code >= 0) {
        AVFrame *f = e->frame;
        av_frame_unref(f);
        f->format = e->codec->sample_fmt;
        f->sample_rate = e->codec->sample_rate;
        f->nb_samples = frame_size;
        code = av_channel_layout_copy(&f->ch_layout, &e->codec->ch_layout);
        if (code >= 0)
            code = av_frame_get_buffer(f, 0);
        if (code >= 0)
            code = swr_convert(e->resampler, f->extended_data, frame_size, NULL, 0);
        if (code <= 0)
            break;
        f->nb_samples = code;
        f->pts = e->sent;
        e->sent += code;
        code = send(e, f);
    }
    return code < 0 ? code : send(e, NULL);
}

enum orator_status sound_encode(struct bytes *out, const struct sound *in, const char *format,
                                int64_t *lead_frames, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct encoder e = {0};
    uint8_t *buffer = NULL;
    *out = (struct bytes){0};
    *lead_frames = 0;
    libav_setup();
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].word, format) == 0)
            e.kind = &kinds[i];
    if (!e.kind)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "response_format",
                                 "no sound is written as %.20s", format);
    int code = open_encoder(&e, in);
    if (code >= 0)
        code = encode_all(&e, in);
    if (code >= 0)
        code = av_write_trailer(e.file);
    if (e.file && e.file->pb) {
        int size = avio_close_dyn_buf(e.file->pb, &buffer);
        e.file->pb = NULL;
        if (code >= 0 && (out->data = malloc((size_t)size + 1))) {
            memcpy(out->data, buffer, (size_t)size);
            out->data[size] = '\0';
            out->size = (size_t)size;
        }
        av_free(buffer);
    }
    if (code < 0)
        s = libav_fail(err, code, ORATOR_RENDER_FAILED, "the sound could not be encoded");
    else if (!out->data)
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a sound");
    else if (strcmp(e.kind->muxer, "adts") == 0)
        *lead_frames = e.codec->initial_padding;
    swr_free(&e.resampler);
    av_packet_free(&e.packet);
    av_frame_free(&e.frame);
    avcodec_free_context(&e.codec);
    avformat_free_context(e.file);
    return s;
}
