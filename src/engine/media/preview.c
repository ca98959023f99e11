#include "engine/media/preview.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libavformat/avformat.h>
#include <libavutil/avstring.h>

#include "engine/media/provenance.h"

enum { FRAGMENTS_A_SECOND = 5, TRACKS_MAX = 2 };

struct preview {
    AVFormatContext *mp4;
    AVPacket *packet;
    AVRational base[TRACKS_MAX];
    int64_t delay[TRACKS_MAX];   /* in base: added, so that no time is negative */
    int fps, frames, frames_out; /* of pictures: handed over, in the file */
};

static int write_head(struct preview *p, const char *job_id)
{
    unsigned char mark[PROVENANCE_BOX_MAX];
    AVDictionary *options = NULL;
    int code = av_dict_set(&options, "movflags",
                           "+empty_moov+default_base_moof+frag_custom+frag_discont", 0);
    if (code >= 0)
        code = av_dict_set(&options, "use_editlist", "0", 0); /* its delays are unknown by now */
    if (code >= 0)
        code = avformat_write_header(p->mp4, &options);
    av_dict_free(&options);
    if (code < 0)
        return code;
    avio_write(p->mp4->pb, mark, (int)provenance_box(mark, job_id));
    avio_flush(p->mp4->pb);
    return p->mp4->pb->error;
}

static int add_track(struct preview *p, const AVCodecContext *codec)
{
    AVStream *stream = avformat_new_stream(p->mp4, NULL);
    if (!stream)
        return AVERROR(ENOMEM);
    p->base[stream->index] = stream->time_base = codec->time_base;
    return avcodec_parameters_from_context(stream->codecpar, codec);
}

/* Pictures leave the encoder before their turn, and the first sound before the first picture. */
static void set_delays(struct preview *p, const AVCodecContext *pictures)
{
    AVRational delay = {pictures->has_b_frames + 1, p->fps};
    for (unsigned i = 0; i < p->mp4->nb_streams; i++)
        p->delay[i] = av_rescale_q(1, delay, p->base[i]);
}

struct preview *preview_open(const char *path, const AVCodecContext *const codecs[], int count,
                             const char *job_id)
{
    struct preview *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    char *url = av_asprintf("file:%s", path);
    p->packet = av_packet_alloc();
    p->fps = codecs[0]->framerate.num;
    int code = url && p->packet ? avformat_alloc_output_context2(&p->mp4, NULL, "mp4", NULL)
                                : AVERROR(ENOMEM);
    if (code >= 0) {
        p->mp4->flags |= AVFMT_FLAG_BITEXACT;
        p->mp4->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED; /* set_delays() does it */
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        code = fd < 0 ? AVERROR(errno) : avio_open(&p->mp4->pb, url, AVIO_FLAG_WRITE);
        if (fd >= 0)
            close(fd);
    }
    for (int i = 0; i < count && code >= 0; i++)
        code = add_track(p, codecs[i]);
    if (code >= 0) {
        set_delays(p, codecs[0]);
        code = write_head(p, job_id);
    }
    av_free(url);
    if (code < 0)
        preview_close(&p);
    return p;
}

static int add(struct preview *p, int track, AVPacket *packet)
{
    if (track == 0 && p->frames - p->frames_out >= p->fps / FRAGMENTS_A_SECOND) {
        int code = av_write_frame(p->mp4, NULL); /* the fragment is complete */
        avio_flush(p->mp4->pb);
        if (code < 0 || p->mp4->pb->error)
            return code < 0 ? code : p->mp4->pb->error;
        p->frames_out = p->frames;
    }
    int code = av_packet_ref(p->packet, packet);
    if (code < 0)
        return code;
    p->packet->stream_index = track;
    p->packet->pts += p->delay[track];
    p->packet->dts += p->delay[track];
    av_packet_rescale_ts(p->packet, p->base[track], p->mp4->streams[track]->time_base);
    code = av_write_frame(p->mp4, p->packet);
    av_packet_unref(p->packet);
    p->frames += track == 0;
    return code;
}

void preview_add(struct preview **p, int track, AVPacket *packet)
{
    if (*p && add(*p, track, packet) < 0)
        preview_close(p);
}

int64_t preview_playable_us(const struct preview *p)
{
    return p ? p->frames_out * INT64_C(1000000) / p->fps : 0;
}

void preview_close(struct preview **preview)
{
    struct preview *p = *preview;
    if (!p)
        return;
    if (p->mp4 && p->mp4->pb) {
        if (p->frames > 0)
            av_write_trailer(p->mp4);
        avio_closep(&p->mp4->pb);
    }
    avformat_free_context(p->mp4);
    av_packet_free(&p->packet);
    free(p);
    *preview = NULL;
}
