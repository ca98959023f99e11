/* net.c - weights from a file, and the forward pass.
 *
 * A weights file, little-endian, batch normalisation already folded in; C = channels, N = outputs:
 *
 *     offset  bytes        content
 *     0       4            "DAM1"
 *     4       4            int32 bands, 64
 *     8       4            int32 channels C, 1..512
 *     12      4            int32 blocks, 1..16
 *     16      4            int32 outputs N, 26
 *     20      C*64*5*4     float32 first[C][64][5]: output, band, tap; two rows forward a step
 *     ..      C*4          float32 first_bias[C]
 *     then for each block:
 *     +0      4            int32 dilation d, 1..64 frames between taps
 *     +4      4            int32 look-ahead l, 0..2d: taps are at l - 2d, l - d, l
 *     +8      C*C*3*4      float32 weight[C][C][3]: output, input, tap
 *     ..      C*4          float32 bias[C]
 *     then:
 *     ..      N*C*4        float32 head[N][C]
 *     ..      N*4          float32 head_bias[N]
 *     end of file
 *
 * first: h = relu(conv(rows)). block: h += relu(conv(h)). head: 15 through softmax, 11 through the
 * logistic function.
 */
#include "engine/speech/net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "engine/dsp/dsp.h"

enum {
    FIRST_TAPS = 5,
    FIRST_STEP = 2,
    BLOCK_TAPS = 3,
    CHANNELS_MAX = 512,
    BLOCKS_MAX = 16,
    DILATION_MAX = 64,
    FILE_MAX_BYTES = 64 << 20, /* far above the largest model the limits allow */
};
#define WEIGHT_MAX 1e4f /* trained weights stay below 20; larger ones are damage */

struct convolution {
    float *weight; /* [output][tap][input], into the model's memory: one dot product an output */
    float *bias;
    int inputs, taps, dilation, lookahead;
};

struct speech_model {
    int channels, blocks;
    struct convolution first, block[BLOCKS_MAX], head;
    struct dsp dsp;
    float memory[]; /* all weights */
};

/* What is left of the file, and of the model's memory. */
struct cursor {
    const unsigned char *at;
    size_t left;
    float *memory;
    bool sound; /* false once a weight was not a sensible number */
};

static int32_t take_i32(struct cursor *c)
{
    uint32_t v = (uint32_t)c->at[0] | (uint32_t)c->at[1] << 8 | (uint32_t)c->at[2] << 16 |
                 (uint32_t)c->at[3] << 24;
    c->at += 4;
    c->left -= 4;
    return (int32_t)v;
}

static float take_f32(struct cursor *c)
{
    int32_t bits = take_i32(c);
    float v;
    memcpy(&v, &bits, sizeof(v));
    if (!(fabsf(v) <= WEIGHT_MAX)) /* NaN too */
        c->sound = false;
    return v;
}

static size_t convolution_floats(int outputs, int inputs, int taps)
{
    return (size_t)outputs * ((size_t)inputs * (size_t)taps + 1);
}

static void take_convolution(struct convolution *out, struct cursor *c, int outputs, int inputs,
                             int taps)
{
    out->inputs = inputs;
    out->taps = taps;
    out->weight = c->memory;
    out->bias = c->memory + (size_t)outputs * inputs * taps;
    c->memory += convolution_floats(outputs, inputs, taps);
    for (int o = 0; o < outputs; o++)
        for (int i = 0; i < inputs; i++)
            for (int k = 0; k < taps; k++)
                out->weight[((size_t)o * taps + k) * inputs + i] = take_f32(c);
    for (int o = 0; o < outputs; o++)
        out->bias[o] = take_f32(c);
}

static enum orator_status refuse(struct orator_error *err, const char *why)
{
    return orator_fail(err, ORATOR_DECODE_FAILED, "speech model: %s", why);
}

enum orator_status speech_model_parse(struct speech_model **out, const void *bytes, size_t size,
                                      struct orator_error *err)
{
    struct cursor c = {.at = bytes, .left = size, .sound = true};
    *out = NULL;
    if (size < 20)
        return refuse(err, "the file is shorter than its header");
    if (memcmp(bytes, "DAM1", 4) != 0)
        return refuse(err, "the file does not begin with DAM1");
    take_i32(&c);
    int bands = take_i32(&c), channels = take_i32(&c), blocks = take_i32(&c),
        outputs = take_i32(&c);
    if (bands != SPECTRUM_BANDS || outputs != NET_OUTPUTS)
        return refuse(err, "it is for other features or other visemes");
    if (channels < 1 || channels > CHANNELS_MAX || blocks < 1 || blocks > BLOCKS_MAX)
        return refuse(err, "its size is out of range");

    size_t floats = convolution_floats(channels, bands, FIRST_TAPS) +
                    (size_t)blocks * convolution_floats(channels, channels, BLOCK_TAPS) +
                    convolution_floats(outputs, channels, 1);
    if (c.left != floats * 4 + (size_t)blocks * 8)
        return refuse(err, "the file is cut short or too long");

    struct speech_model *m = calloc(1, sizeof(*m) + floats * sizeof(float));
    if (!m)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the speech model");
    dsp_init(&m->dsp, DSP_AVX512);
    m->channels = channels;
    m->blocks = blocks;
    c.memory = m->memory;
    take_convolution(&m->first, &c, channels, bands, FIRST_TAPS);
    for (int b = 0; b < blocks; b++) {
        int dilation = take_i32(&c), lookahead = take_i32(&c);
        if (dilation < 1 || dilation > DILATION_MAX || lookahead < 0 || lookahead > 2 * dilation)
            c.sound = false;
        take_convolution(&m->block[b], &c, channels, channels, BLOCK_TAPS);
        m->block[b].dilation = dilation;
        m->block[b].lookahead = lookahead;
    }
    take_convolution(&m->head, &c, outputs, channels, 1);
    if (!c.sound) {
        speech_model_free(&m);
        return refuse(err, "a weight is not a sensible number");
    }
    *out = m;
    return ORATOR_OK;
}

enum orator_status speech_model_open(struct speech_model **out, const char *path,
                                     struct orator_error *err)
{
    struct bytes file = {0};
    *out = NULL;
    enum orator_status s = file_read(&file, path, FILE_MAX_BYTES, err);
    if (s == ORATOR_OK)
        s = speech_model_parse(out, file.data, file.size, err);
    bytes_fini(&file);
    return s;
}

void speech_model_free(struct speech_model **model)
{
    free(*model);
    *model = NULL;
}

/* Lays the inputs of one output step side by side: tap k is row `first + k * apart`, zero outside. */
static void gather(float *out, const float *rows, int64_t count, int width, int64_t first, int taps,
                   int apart)
{
    for (int k = 0; k < taps; k++) {
        int64_t at = first + (int64_t)k * apart;
        if (at >= 0 && at < count)
            memcpy(out + (size_t)k * width, rows + at * width, (size_t)width * sizeof(*out));
        else
            memset(out + (size_t)k * width, 0, (size_t)width * sizeof(*out));
    }
}

static void apply(const struct dsp *dsp, float *out, const struct convolution *c, const float *in,
                  int outputs)
{
    dsp->dense_f32(out, c->weight, c->bias, in, c->inputs * c->taps, outputs);
}

/* False if a sum has overflowed on its way here. */
static bool read_out(struct speech_frame *frame, const float y[NET_OUTPUTS])
{
    float top = y[0], sum = 0.0f;
    for (int o = 0; o < NET_OUTPUTS; o++)
        if (!isfinite(y[o]))
            return false;
    for (int v = 1; v < VISEME_COUNT; v++)
        top = fmaxf(top, y[v]);
    for (int v = 0; v < VISEME_COUNT; v++)
        sum += frame->viseme[v] = expf(y[v] - top);
    for (int v = 0; v < VISEME_COUNT; v++)
        frame->viseme[v] /= sum;
    for (int a = 0; a < ARTICULATOR_COUNT; a++)
        frame->articulator[a] = 1.0f / (1.0f + expf(-y[VISEME_COUNT + a]));
    return true;
}

enum orator_status net_run(const struct speech_model *m, struct speech_frame *frames,
                           const struct features *f, struct orator_error *err)
{
    int64_t count = (f->count + 1) / FIRST_STEP;
    size_t width = (size_t)m->channels;
    size_t side = width * BLOCK_TAPS > SPECTRUM_BANDS * FIRST_TAPS ? width * BLOCK_TAPS
                                                                   : SPECTRUM_BANDS * FIRST_TAPS;
    /* two layers of activations, and the taps of one step behind them */
    size_t layer = (size_t)count * width;
    if (layer > (PTRDIFF_MAX / sizeof(float) - side) / 2)
        return orator_fail(err, ORATOR_AUDIO_TOO_LONG, "the sound has too many samples");
    float *now = malloc((2 * layer + side) * sizeof(*now));
    if (!now)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for %lld frames of speech",
                           (long long)count);
    float *next = now + layer, *taps = next + layer;

    for (int64_t t = 0; t < count; t++) {
        gather(taps, f->rows, f->count, SPECTRUM_BANDS, FIRST_STEP * t - FIRST_TAPS / 2, FIRST_TAPS,
               1);
        float *y = now + (size_t)t * width;
        apply(&m->dsp, y, &m->first, taps, m->channels);
        for (size_t i = 0; i < width; i++)
            y[i] = fmaxf(y[i], 0.0f);
    }
    for (int b = 0; b < m->blocks; b++) {
        const struct convolution *c = &m->block[b];
        for (int64_t t = 0; t < count; t++) {
            gather(taps, now, count, m->channels, t + c->lookahead - 2 * c->dilation, BLOCK_TAPS,
                   c->dilation);
            apply(&m->dsp, next + (size_t)t * width, c, taps, m->channels);
        }
        for (size_t i = 0; i < layer; i++)
            now[i] += fmaxf(next[i], 0.0f);
    }
    enum orator_status s = ORATOR_OK;
    for (int64_t t = 0; t < count && s == ORATOR_OK; t++) {
        float y[NET_OUTPUTS];
        apply(&m->dsp, y, &m->head, now + (size_t)t * width, NET_OUTPUTS);
        if (!read_out(&frames[t], y))
            s = refuse(err, "its sums overflow");
    }
    free(now);
    return s;
}
