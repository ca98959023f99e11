/* model.c - weights from a file.
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
#include "engine/speech/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum {
    DILATION_MAX = 64,
    FILE_MAX_BYTES = 64 << 20, /* far above the largest model the limits allow */
};
#define WEIGHT_MAX 1e4f /* trained weights stay below 20; larger ones are damage */

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

static size_t floats_of(int outputs, int inputs, int taps)
{
    return (size_t)outputs * ((size_t)inputs * (size_t)taps + 1);
}

static void take_convolution(struct model_convolution *out, struct cursor *c, int outputs,
                             int inputs, int taps)
{
    out->inputs = inputs;
    out->taps = taps;
    out->weight = c->memory;
    out->bias = c->memory + (size_t)outputs * inputs * taps;
    c->memory += floats_of(outputs, inputs, taps);
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
    if (bands != SPECTRUM_BANDS || outputs != MODEL_OUTPUTS)
        return refuse(err, "it is for other features or other visemes");
    if (channels < 1 || channels > MODEL_CHANNELS_MAX || blocks < 1 || blocks > MODEL_BLOCKS_MAX)
        return refuse(err, "its size is out of range");

    size_t floats = floats_of(channels, bands, MODEL_FIRST_TAPS) +
                    (size_t)blocks * floats_of(channels, channels, MODEL_BLOCK_TAPS) +
                    floats_of(outputs, channels, 1);
    if (c.left != floats * 4 + (size_t)blocks * 8)
        return refuse(err, "the file is cut short or too long");

    struct speech_model *m = calloc(1, sizeof(*m) + floats * sizeof(float));
    if (!m)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the speech model");
    dsp_init(&m->dsp, DSP_AVX512);
    m->channels = channels;
    m->blocks = blocks;
    c.memory = m->memory;
    take_convolution(&m->first, &c, channels, bands, MODEL_FIRST_TAPS);
    for (int b = 0; b < blocks; b++) {
        int dilation = take_i32(&c), lookahead = take_i32(&c);
        if (dilation < 1 || dilation > DILATION_MAX || lookahead < 0 || lookahead > 2 * dilation)
            c.sound = false;
        take_convolution(&m->block[b], &c, channels, channels, MODEL_BLOCK_TAPS);
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
