/* adopt.c - a video that another program made becomes one of ours: looked at, and packed anew. */
#include <math.h>

#include <libavformat/avformat.h>
#include <libavutil/avstring.h>

#include "engine/media/libav.h"
#include "engine/media/media.h"
#include "engine/media/mp4.h"

enum { PICTURES, SOUND, TRACKS };

struct adoption {
    AVFormatContext *in;
    AVPacket *packet;
    struct mp4 out;
    int track[TRACKS]; /* of the input; < 0: none */
    int64_t frames, end_us;
};

static enum orator_status refuse(struct orator_error *err, const char *why)
{
    return orator_fail(err, ORATOR_RENDER_FAILED, "the engine's video cannot be used: %s", why);
}

/* One track of H.264, perhaps one of AAC, as all our videos have. */
static enum orator_status choose_tracks(struct adoption *a, struct orator_error *err)
{
    static const enum AVMediaType types[TRACKS] = {AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO};
    for (int i = 0; i < TRACKS; i++)
        a->track[i] = av_find_best_stream(a->in, types[i], -1, -1, NULL, 0);
    if (a->track[PICTURES] < 0)
        return refuse(err, "it shows no pictures");
    const AVCodecParameters *p = a->in->streams[a->track[PICTURES]]->codecpar;
    if (p->codec_id != AV_CODEC_ID_H264)
        return refuse(err, "its pictures are not H.264");
    if (p->width < 2 || p->height < 2 || p->width > IMAGE_MAX_SIDE_PX ||
        p->height > IMAGE_MAX_SIDE_PX)
        return refuse(err, "its pictures are of no usual size");
    if (a->track[SOUND] >= 0 &&
        a->in->streams[a->track[SOUND]]->codecpar->codec_id != AV_CODEC_ID_AAC)
        return refuse(err, "its sound is not AAC");
    return ORATOR_OK;
}

static enum orator_status add_tracks(struct adoption *a, struct orator_error *err)
{
    for (int i = 0; i < TRACKS; i++) {
        if (a->track[i] < 0)
            continue;
        const AVStream *from = a->in->streams[a->track[i]];
        AVStream *to = avformat_new_stream(a->out.format, NULL);
        if (!to || avcodec_parameters_copy(to->codecpar, from->codecpar) < 0)
            return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a video");
        to->codecpar->codec_tag = 0;
        to->time_base = from->time_base;
        to->avg_frame_rate = from->avg_frame_rate;
    }
    return ORATOR_OK;
}

static int copy_packet(struct adoption *a)
{
    AVPacket *p = a->packet;
    int i = p->stream_index == a->track[PICTURES] ? PICTURES : SOUND;
    const AVStream *from = a->in->streams[p->stream_index], *to = a->out.format->streams[i];
    if (i == PICTURES && p->pts != AV_NOPTS_VALUE) {
        int64_t end_us = av_rescale_q(p->pts + p->duration, from->time_base, AV_TIME_BASE_Q);
        a->frames++;
        a->end_us = end_us > a->end_us ? end_us : a->end_us;
    }
    av_packet_rescale_ts(p, from->time_base, to->time_base);
    p->stream_index = i;
    p->pos = -1;
    return av_interleaved_write_frame(a->out.format, p);
}

static enum orator_status copy_packets(struct adoption *a, struct orator_error *err)
{
    int code;
    while ((code = av_read_frame(a->in, a->packet)) >= 0) {
        int wanted = a->packet->stream_index == a->track[PICTURES] ||
                     a->packet->stream_index == a->track[SOUND];
        if (wanted)
            code = copy_packet(a);
        av_packet_unref(a->packet);
        if (code < 0)
            return refuse(err, "it is damaged");
    }
    if (a->frames == 0 || a->end_us <= 0)
        return refuse(err, "it shows no pictures");
    if (code != AVERROR_EOF || a->frames < a->in->streams[a->track[PICTURES]]->nb_frames)
        return refuse(err, "it is cut short");
    return ORATOR_OK;
}

enum orator_status video_adopt(const char *from_path, const char *path, const char *job_id,
                               struct video_facts *out, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct adoption a = {.track = {-1, -1}};
    libav_setup();
    *out = (struct video_facts){0};
    char *url = av_asprintf("file:%s", from_path);
    a.packet = av_packet_alloc();
    if (!url || !a.packet) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a video");
        goto done;
    }
    if (avformat_open_input(&a.in, url, av_find_input_format("mp4"), NULL) < 0 ||
        avformat_find_stream_info(a.in, NULL) < 0)
        TRY(refuse(err, "it is no MP4"));
    TRY(choose_tracks(&a, err));
    TRY(mp4_begin(&a.out, path, job_id, err));
    TRY(add_tracks(&a, err));
    TRY(mp4_write_head(&a.out, err));
    TRY(copy_packets(&a, err));
    TRY(mp4_finish(&a.out, &out->size_bytes, err));
    const AVStream *pictures = a.in->streams[a.track[PICTURES]];
    out->width_px = pictures->codecpar->width;
    out->height_px = pictures->codecpar->height;
    out->frames = a.frames;
    out->duration_us = a.end_us;
    out->fps = (int)lround((double)a.frames * 1e6 / (double)a.end_us);
    out->has_sound = a.track[SOUND] >= 0;
done:
    mp4_remove(&a.out);
    mp4_fini(&a.out);
    avformat_close_input(&a.in);
    av_packet_free(&a.packet);
    av_free(url);
    return s;
}
