#include <math.h>
#include <stdlib.h>

#include "engine/speech/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is accepted can be run, and says probabilities. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct speech_model *model;
    struct orator_error err;
    if (speech_model_parse(&model, data, size, &err) != ORATOR_OK) {
        if (model || err.text[0] == '\0')
            abort();
        return 0;
    }
    struct tape rows, frames;
    struct net net;
    float *row;
    tape_init(&rows, SPECTRUM_BANDS);
    tape_init(&frames, MODEL_OUTPUTS);
    enum orator_status s = net_init(&net, model, &err);
    for (int t = 0; t < 9 && s == ORATOR_OK; t++) {
        s = tape_extend(&rows, 1, &row, &err);
        for (int b = 0; b < SPECTRUM_BANDS && s == ORATOR_OK; b++)
            row[b] = (float)((t + b) % 7) - 3.0f;
        if (s == ORATOR_OK)
            s = net_push(&net, &frames, &rows, t == 8, &err);
    }
    if (s == ORATOR_OK && frames.end != 5)
        abort();
    for (int64_t k = 0; k < frames.end && s == ORATOR_OK; k++)
        for (int o = 0; o < MODEL_OUTPUTS; o++)
            if (!(tape_row(&frames, k)[o] >= 0.0f && tape_row(&frames, k)[o] <= 1.0f))
                abort();
    tape_fini(&rows);
    tape_fini(&frames);
    net_fini(&net);
    speech_model_free(&model);
    if (s != ORATOR_OK && s != ORATOR_DECODE_FAILED) /* numbers in range whose sums are not */
        abort();
    return 0;
}
