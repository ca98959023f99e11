#include "engine/speech/net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum orator_status net_init(struct net *net, const struct speech_model *model,
                            struct orator_error *err)
{
    size_t width = (size_t)model->channels;
    size_t first = SPECTRUM_BANDS * MODEL_FIRST_TAPS, block = width * MODEL_BLOCK_TAPS;
    *net = (struct net){.model = model};
    net->taps = malloc(((first > block ? first : block) + width) * sizeof(*net->taps));
    if (!net->taps)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the speech network");
    for (int b = 0; b <= model->blocks; b++)
        tape_init(&net->layer[b], model->channels);
    return ORATOR_OK;
}

void net_fini(struct net *net)
{
    for (int b = 0; b <= MODEL_BLOCKS_MAX; b++)
        tape_fini(&net->layer[b]);
    free(net->taps);
    *net = (struct net){0};
}

/* Lays the inputs of one output step side by side: tap k is row `first + k * apart`, zero outside. */
static void gather(float *out, const struct tape *rows, int64_t first, int taps, int apart)
{
    size_t width = (size_t)rows->width;
    for (int k = 0; k < taps; k++) {
        int64_t at = first + (int64_t)k * apart;
        if (at >= 0 && at < rows->end)
            memcpy(out + (size_t)k * width, tape_row(rows, at), width * sizeof(*out));
        else
            memset(out + (size_t)k * width, 0, width * sizeof(*out));
    }
}

static void apply(const struct speech_model *m, float *out, const struct model_convolution *c,
                  const float *in, int outputs)
{
    m->dsp.dense_f32(out, c->weight, c->bias, in, c->inputs * c->taps, outputs);
}

/* The steps of a convolution that can be made now. */
static int64_t ready(int64_t rows, int64_t ahead, int64_t all, bool over)
{
    return over ? all : rows > ahead ? rows - ahead : 0;
}

static enum orator_status run_first(struct net *net, struct tape *rows, bool over,
                                    struct orator_error *err)
{
    const struct speech_model *m = net->model;
    int64_t all = (rows->end + 1) / MODEL_FIRST_STEP;
    int64_t end = over ? all : (rows->end - MODEL_FIRST_TAPS / 2 + 1) / MODEL_FIRST_STEP;
    float *y;
    if (end <= net->made[0])
        return ORATOR_OK;
    enum orator_status s = tape_extend(&net->layer[0], end - net->made[0], &y, err);
    if (s != ORATOR_OK)
        return s;
    for (int64_t t = net->made[0]; t < end; t++, y += m->channels) {
        gather(net->taps, rows, MODEL_FIRST_STEP * t - MODEL_FIRST_TAPS / 2, MODEL_FIRST_TAPS, 1);
        apply(m, y, &m->first, net->taps, m->channels);
        for (int i = 0; i < m->channels; i++)
            y[i] = fmaxf(y[i], 0.0f);
    }
    net->made[0] = end;
    tape_forget(rows, MODEL_FIRST_STEP * end - MODEL_FIRST_TAPS / 2);
    return ORATOR_OK;
}

static enum orator_status run_block(struct net *net, int b, bool over, struct orator_error *err)
{
    const struct speech_model *m = net->model;
    const struct model_convolution *c = &m->block[b];
    struct tape *in = &net->layer[b];
    int64_t *made = &net->made[b + 1], end = ready(in->end, c->lookahead, in->end, over);
    float *y, *sum = net->taps + c->inputs * c->taps;
    if (end <= *made)
        return ORATOR_OK;
    enum orator_status s = tape_extend(&net->layer[b + 1], end - *made, &y, err);
    if (s != ORATOR_OK)
        return s;
    for (int64_t t = *made; t < end; t++, y += m->channels) {
        const float *x = tape_row(in, t);
        gather(net->taps, in, t + c->lookahead - 2 * c->dilation, MODEL_BLOCK_TAPS, c->dilation);
        apply(m, sum, c, net->taps, m->channels);
        for (int i = 0; i < m->channels; i++)
            y[i] = x[i] + fmaxf(sum[i], 0.0f);
    }
    *made = end;
    tape_forget(in, end + (c->lookahead < 2 * c->dilation ? c->lookahead - 2 * c->dilation : 0));
    return ORATOR_OK;
}

/* Logits become probabilities and articulators. False if a sum has overflowed on its way here. */
static bool read_out(float y[MODEL_OUTPUTS])
{
    float top = y[0], sum = 0.0f;
    for (int o = 0; o < MODEL_OUTPUTS; o++)
        if (!isfinite(y[o]))
            return false;
    for (int v = 1; v < VISEME_COUNT; v++)
        top = fmaxf(top, y[v]);
    for (int v = 0; v < VISEME_COUNT; v++)
        sum += y[v] = expf(y[v] - top);
    for (int v = 0; v < VISEME_COUNT; v++)
        y[v] /= sum;
    for (int a = VISEME_COUNT; a < MODEL_OUTPUTS; a++)
        y[a] = 1.0f / (1.0f + expf(-y[a]));
    return true;
}

enum orator_status net_push(struct net *net, struct tape *frames, struct tape *rows, bool over,
                            struct orator_error *err)
{
    const struct speech_model *m = net->model;
    struct tape *last = &net->layer[m->blocks];
    enum orator_status s;
    float *y;
    TRY(run_first(net, rows, over, err));
    for (int b = 0; b < m->blocks; b++)
        TRY(run_block(net, b, over, err));
    for (int64_t t = last->first; t < last->end; t++) {
        TRY(tape_extend(frames, 1, &y, err));
        apply(m, y, &m->head, tape_row(last, t), MODEL_OUTPUTS);
        if (!read_out(y))
            TRY(orator_fail(err, ORATOR_DECODE_FAILED, "speech model: its sums overflow"));
    }
    tape_forget(last, last->end);
done:
    return s;
}
