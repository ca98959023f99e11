#include "engine/speech/spectrum.h"

#include <math.h>
#include <string.h>

#include "engine/speech/speech.h"

/* The band limits of the network's training; below is hum, above telephones and codecs differ. */
#define LOW_HZ  60.0
#define HIGH_HZ 7600.0
/* Triangles narrower than this would fall between two bins of 31.25 Hz. */
#define NARROWEST_HZ 20.0

static const double turn = 6.283185307179586;

static double mel_of(double hz) { return 2595.0 * log10(1.0 + hz / 700.0); }

static double hz_of(double mel) { return 700.0 * (pow(10.0, mel / 2595.0) - 1.0); }

static void band_init(struct spectrum *s, int band)
{
    double step = (mel_of(HIGH_HZ) - mel_of(LOW_HZ)) / (SPECTRUM_BANDS + 1);
    double left = hz_of(mel_of(LOW_HZ) + step * band);
    double middle = fmax(hz_of(mel_of(LOW_HZ) + step * (band + 1)), left + NARROWEST_HZ);
    double right = fmax(hz_of(mel_of(LOW_HZ) + step * (band + 2)), middle + NARROWEST_HZ);

    float *weight = s->weight[band];
    double sum = 0.0;
    s->first_bin[band] = s->end_bin[band] = 0;
    for (int k = 0; k < SPECTRUM_BINS; k++) {
        double hz = k * (double)SPEECH_RATE_HZ / SPECTRUM_POINTS;
        double w = fmin((hz - left) / (middle - left), (right - hz) / (right - middle));
        weight[k] = w > 0.0 ? (float)w : 0.0f;
        sum += (double)weight[k];
        if (weight[k] > 0.0f) {
            if (s->end_bin[band] == 0)
                s->first_bin[band] = k;
            s->end_bin[band] = k + 1;
        }
    }
    for (int k = 0; k < SPECTRUM_BINS; k++)
        weight[k] = (float)((double)weight[k] / (sum + 1e-6)); /* 1e-6: as in the training */
}

void spectrum_init(struct spectrum *s)
{
    for (int i = 0; i < SPECTRUM_WINDOW; i++)
        s->window[i] = (float)(0.5 - 0.5 * cos(turn * i / (SPECTRUM_WINDOW - 1)));
    for (int i = 0; i < SPECTRUM_POINTS / 2; i++) {
        s->cosine[i] = (float)cos(turn * i / SPECTRUM_POINTS);
        s->sine[i] = (float)-sin(turn * i / SPECTRUM_POINTS);
    }
    for (int band = 0; band < SPECTRUM_BANDS; band++)
        band_init(s, band);
}

/* Cooley and Tukey, radix 2, in place. */
static void transform(const struct spectrum *s, float re[SPECTRUM_POINTS],
                      float im[SPECTRUM_POINTS])
{
    for (int i = 1, j = 0; i < SPECTRUM_POINTS; i++) {
        int bit = SPECTRUM_POINTS / 2;
        for (; j & bit; bit /= 2)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            float t = re[i];
            re[i] = re[j];
            re[j] = t;
            t = im[i];
            im[i] = im[j];
            im[j] = t;
        }
    }
    for (int half = 1; half < SPECTRUM_POINTS; half *= 2) {
        int stride = SPECTRUM_POINTS / (2 * half);
        for (int start = 0; start < SPECTRUM_POINTS; start += 2 * half) {
            for (int k = 0; k < half; k++) {
                int a = start + k, b = a + half;
                float c = s->cosine[k * stride], sn = s->sine[k * stride];
                float x = re[b] * c - im[b] * sn, y = re[b] * sn + im[b] * c;
                re[b] = re[a] - x;
                im[b] = im[a] - y;
                re[a] += x;
                im[a] += y;
            }
        }
    }
}

void spectrum_bands(const struct spectrum *s, float bands[SPECTRUM_BANDS],
                    const float samples[SPECTRUM_WINDOW])
{
    float re[SPECTRUM_POINTS] = {0}, im[SPECTRUM_POINTS] = {0}, power[SPECTRUM_BINS];
    for (int i = 0; i < SPECTRUM_WINDOW; i++)
        re[i] = samples[i] * s->window[i];
    transform(s, re, im);
    for (int k = 0; k < SPECTRUM_BINS; k++)
        power[k] = re[k] * re[k] + im[k] * im[k];
    for (int band = 0; band < SPECTRUM_BANDS; band++) {
        float sum = 0.0f;
        for (int k = s->first_bin[band]; k < s->end_bin[band]; k++)
            sum += s->weight[band][k] * power[k];
        bands[band] = sum;
    }
}
