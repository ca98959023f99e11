/* spectrum.h - short sound becomes energy in 64 mel bands.
 *
 * Units:   SPECTRUM_WINDOW samples in at SPEECH_RATE_HZ, -1..1; power out, not its logarithm.
 * Threads: a spectrum is read-only after spectrum_init().
 */
#pragma once

enum {
    SPECTRUM_WINDOW = 400, /* 25 ms: two periods of the deepest voice */
    SPECTRUM_POINTS = 512, /* of the transform; the window is padded with zeros */
    SPECTRUM_BINS = SPECTRUM_POINTS / 2 + 1,
    SPECTRUM_BANDS = 64, /* as the network was trained */
};

struct spectrum {
    float window[SPECTRUM_WINDOW]; /* Hann, symmetric */
    float cosine[SPECTRUM_POINTS / 2], sine[SPECTRUM_POINTS / 2];
    float weight[SPECTRUM_BANDS][SPECTRUM_BINS]; /* triangles, each sums to 1 */
    int first_bin[SPECTRUM_BANDS], end_bin[SPECTRUM_BANDS];
};

void spectrum_init(struct spectrum *s);

/* Mean power under each triangle. */
void spectrum_bands(const struct spectrum *s, float bands[SPECTRUM_BANDS],
                    const float samples[SPECTRUM_WINDOW]);
