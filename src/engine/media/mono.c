#include "engine/media/media.h"

#include <stdbool.h>
#include <stdlib.h>

#include <libavutil/channel_layout.h>
#include <libavutil/mathematics.h>
#include <libswresample/swresample.h>

#include "engine/media/libav.h"

/* A channel of a hundredth of the other's level adds nothing that can be heard, and mixing it in
 * would halve the voice: 40 dB below, as power. */
static const double SILENT_BESIDE_THE_OTHER = 1e-4;

void sound_fini(struct sound *sound)
{
    free(sound->samples);
    *sound = (struct sound){0};
}

int64_t sound_length_us(const struct sound *sound)
{
    return sound->rate_hz > 0 ? av_rescale(sound->frames, 1000000, sound->rate_hz) : 0;
}

/* How much of each channel goes into the mix; the two add up to 1. */
static void mix_weights(float weight[2], const struct sound *in)
{
    double power[2] = {0};
    for (int64_t i = 0; i < in->frames; i++)
        for (int c = 0; c < 2; c++)
            power[c] += (double)in->samples[2 * i + c] * (double)in->samples[2 * i + c];
    weight[0] = weight[1] = 0.5f;
    for (int c = 0; c < 2; c++) {
        if (power[c] < SILENT_BESIDE_THE_OTHER * power[1 - c]) {
            weight[c] = 0;
            weight[1 - c] = 1;
        }
    }
}

static float *mix(const struct sound *in)
{
    float *mono = malloc((size_t)in->frames * sizeof(*mono) + 1);
    if (!mono)
        return NULL;
    float weight[2] = {1, 0};
    if (in->channels == 2)
        mix_weights(weight, in);
    for (int64_t i = 0; i < in->frames; i++) {
        const float *p = in->samples + i * in->channels;
        mono[i] = in->channels == 2 ? weight[0] * p[0] + weight[1] * p[1] : p[0];
    }
    return mono;
}

/* In pieces, since FFmpeg counts samples in an int. */
static int resample(struct sound *out, const float *mono, const struct sound *in)
{
    enum { PIECE = 1 << 16 };
    SwrContext *swr = NULL;
    AVChannelLayout one = AV_CHANNEL_LAYOUT_MONO;
    int code = swr_alloc_set_opts2(&swr, &one, AV_SAMPLE_FMT_FLT, out->rate_hz, &one,
                                   AV_SAMPLE_FMT_FLT, in->rate_hz, 0, NULL);
    if (code >= 0)
        code = swr_init(swr);
    int64_t read = 0, written = 0;
    while (code >= 0 && written < out->frames) {
        int64_t left = in->frames - read, room = out->frames - written;
        int n = left < PIECE ? (int)left : PIECE;
        uint8_t *to[] = {(uint8_t *)(out->samples + written)};
        const uint8_t *from[] = {(const uint8_t *)(mono + read)};
        code = swr_convert(swr, to, room < INT32_MAX ? (int)room : INT32_MAX, n ? from : NULL, n);
        if (code == 0 && n == 0)
            break; /* it has given all it holds; what is left stays silent */
        read += n;
        written += code > 0 ? code : 0;
    }
    swr_free(&swr);
    return code < 0 ? code : 0;
}

enum orator_status sound_to_mono(struct sound *out, const struct sound *in, int rate_hz,
                                 struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    *out = (struct sound){.channels = 1, .rate_hz = rate_hz};
    libav_setup();
    float *mono = mix(in);
    if (!mono) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory to mix a sound");
        goto done;
    }
    out->frames = av_rescale(in->frames, rate_hz, in->rate_hz);
    if (in->rate_hz == rate_hz) {
        out->samples = mono;
        mono = NULL;
        goto done;
    }
    out->samples = calloc((size_t)out->frames + 1, sizeof(*out->samples));
    if (!out->samples) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory to resample a sound");
        goto done;
    }
    int code = resample(out, mono, in);
    if (code < 0)
        s = libav_fail(err, code, ORATOR_INTERNAL, "the sound could not be resampled");
done:
    free(mono);
    if (s != ORATOR_OK)
        sound_fini(out);
    return s;
}
