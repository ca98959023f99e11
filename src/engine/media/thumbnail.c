/* thumbnail.c - the first picture of a finished video as a small JPEG. */
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libswscale/swscale.h>

#include "base/file.h"
#include "engine/media/libav.h"
#include "engine/media/media.h"

enum {
    JPEG_QUALITY = 3, /* the encoder's 2..31: lower is better; a face at 640 px takes some 30 kB */
};

static enum orator_status fail(struct orator_error *err, int code)
{
    return libav_fail(err, code, ORATOR_RENDER_FAILED, "the video shows no picture");
}

/* The first frame of the first picture track. */
static enum orator_status first_frame(AVFrame *out, const char *path, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    AVFormatContext *in = NULL;
    AVCodecContext *codec = NULL;
    AVPacket *packet = av_packet_alloc();
    char *url = av_asprintf("file:%s", path);
    const AVCodec *decoder = NULL;
    int code = packet && url ? avformat_open_input(&in, url, av_find_input_format("mp4"), NULL)
                             : AVERROR(ENOMEM);
    int track = code < 0 ? code : av_find_best_stream(in, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    code = track < 0 ? track : 0;
    if (code >= 0 && !(codec = avcodec_alloc_context3(decoder)))
        code = AVERROR(ENOMEM);
    if (code >= 0)
        code = avcodec_parameters_to_context(codec, in->streams[track]->codecpar);
    if (code >= 0) {
        codec->thread_count = 1; /* more would hold frames back */
        code = avcodec_open2(codec, decoder, NULL);
    }
    for (bool more = true; code >= 0;) {
        code = avcodec_receive_frame(codec, out);
        if (code >= 0 || code != AVERROR(EAGAIN))
            break;
        code = 0;
        if (more && av_read_frame(in, packet) < 0)
            more = false;
        if (!more)
            code = avcodec_send_packet(codec, NULL);
        else if (packet->stream_index == track)
            code = avcodec_send_packet(codec, packet);
        av_packet_unref(packet);
    }
    if (code < 0)
        s = fail(err, code);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
    avformat_close_input(&in);
    av_free(url);
    return s;
}

/* As JPEG has it: full range, the matrix of BT.601. */
static enum orator_status shrink(AVFrame *out, const AVFrame *in, struct orator_error *err)
{
    int longer = in->width > in->height ? in->width : in->height;
    int side = longer < THUMBNAIL_SIDE_PX ? longer : THUMBNAIL_SIDE_PX;
    out->width = (in->width * side / longer) & ~1;
    out->height = (in->height * side / longer) & ~1;
    out->format = AV_PIX_FMT_YUVJ420P;
    if (out->width < 2 || out->height < 2)
        return orator_fail(err, ORATOR_RENDER_FAILED, "the video is %d x %d px", in->width,
                           in->height);
    int code = av_frame_get_buffer(out, 0);
    if (code < 0)
        return fail(err, code);
    struct SwsContext *sws = sws_getContext(
        in->width, in->height, in->format, out->width, out->height, AV_PIX_FMT_YUVJ420P,
        SWS_AREA | SWS_ACCURATE_RND | SWS_BITEXACT, NULL, NULL, NULL);
    if (!sws)
        return orator_fail(err, ORATOR_RENDER_FAILED, "the video's colours are of a rare kind");
    bool hd = in->colorspace == AVCOL_SPC_BT709 || in->colorspace == AVCOL_SPC_UNSPECIFIED;
    sws_setColorspaceDetails(sws, sws_getCoefficients(hd ? SWS_CS_ITU709 : SWS_CS_ITU601),
                             in->color_range == AVCOL_RANGE_JPEG,
                             sws_getCoefficients(SWS_CS_ITU601), 1, 0, 1 << 16, 1 << 16);
    int rows = sws_scale(sws, (const uint8_t *const *)in->data, in->linesize, 0, in->height,
                         out->data, out->linesize);
    sws_freeContext(sws);
    return rows == out->height ? ORATOR_OK : fail(err, AVERROR(ENOMEM));
}

static enum orator_status write_jpeg(AVFrame *frame, const char *path, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_MJPEG));
    AVPacket *packet = av_packet_alloc();
    int code = codec && packet ? 0 : AVERROR(ENOMEM);
    if (code >= 0) {
        codec->width = frame->width;
        codec->height = frame->height;
        codec->pix_fmt = frame->format;
        codec->color_range = AVCOL_RANGE_JPEG;
        codec->time_base = (AVRational){1, 1};
        codec->thread_count = 1;
        codec->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_QSCALE;
        codec->global_quality = frame->quality = JPEG_QUALITY * FF_QP2LAMBDA;
        frame->pts = 0;
        code = avcodec_open2(codec, NULL, NULL);
    }
    if (code >= 0)
        code = avcodec_send_frame(codec, frame);
    if (code >= 0)
        code = avcodec_send_frame(codec, NULL);
    if (code >= 0)
        code = avcodec_receive_packet(codec, packet);
    s = code < 0 ? libav_fail(err, code, ORATOR_INTERNAL, "the thumbnail could not be encoded")
                 : file_write(path, packet->data, (size_t)packet->size, err);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
    return s;
}

enum orator_status video_thumbnail(const char *video_path, const char *jpeg_path,
                                   struct orator_error *err)
{
    enum orator_status s;
    libav_setup();
    AVFrame *frame = av_frame_alloc(), *small = av_frame_alloc();
    if (!frame || !small) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a thumbnail");
        goto done;
    }
    TRY(first_frame(frame, video_path, err));
    TRY(shrink(small, frame, err));
    TRY(write_jpeg(small, jpeg_path, err));
done:
    av_frame_free(&frame);
    av_frame_free(&small);
    return s;
}
