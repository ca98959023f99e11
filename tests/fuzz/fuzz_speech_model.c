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
    float rows[9 * SPECTRUM_BANDS];
    for (int i = 0; i < 9 * SPECTRUM_BANDS; i++)
        rows[i] = (float)(i % 7) - 3.0f;
    struct features features = {.rows = rows, .count = 9};
    struct speech_frame frames[5];
    enum orator_status s = net_run(model, frames, &features, &err);
    speech_model_free(&model);
    if (s == ORATOR_DECODE_FAILED)
        return 0; /* numbers in range whose sums are not */
    if (s != ORATOR_OK)
        abort();
    for (int k = 0; k < 5; k++)
        for (int v = 0; v < VISEME_COUNT; v++)
            if (!(frames[k].viseme[v] >= 0.0f && frames[k].viseme[v] <= 1.0f))
                abort();
    return 0;
}
