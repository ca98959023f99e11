#include "engine/motion/smooth.h"

#include <math.h>
#include <string.h>

void smooth_gauss(float *curve, float *scratch, int64_t count, float sigma)
{
    enum { REACH_MAX = 3 * SMOOTH_SIGMA_MAX };
    float weight[REACH_MAX + 1], sum = 0.0f;
    int reach = (int)ceilf(3.0f * fminf(sigma, SMOOTH_SIGMA_MAX));
    if (reach < 1 || count < 1)
        return;
    for (int k = 0; k <= reach; k++) {
        float x = (float)k / sigma;
        weight[k] = expf(-0.5f * x * x);
        sum += k ? 2.0f * weight[k] : weight[k];
    }
    memcpy(scratch, curve, (size_t)count * sizeof(*curve));
    for (int64_t t = 0; t < count; t++) {
        float total = weight[0] * scratch[t];
        for (int k = 1; k <= reach; k++) {
            float before = scratch[t - k > 0 ? t - k : 0];
            float after = scratch[t + k < count ? t + k : count - 1];
            total += weight[k] * (before + after);
        }
        curve[t] = total / sum;
    }
}

void smooth_wander(float *curve, int64_t count, float period, float amount, struct random *r)
{
    /* a B-spline of normal numbers has deviation 0.69 on average over its interval */
    float knot[4], height = amount / 0.69f, place = random_unit(r);
    for (int k = 0; k < 4; k++)
        knot[k] = random_normal(r);
    for (int64_t t = 0; t < count; t++) {
        float u = place, v = 1.0f - u;
        float value = v * v * v * knot[0] + (3.0f * u * u * u - 6.0f * u * u + 4.0f) * knot[1] +
                      (3.0f * v * v * v - 6.0f * v * v + 4.0f) * knot[2] + u * u * u * knot[3];
        curve[t] += height * value / 6.0f;
        place += 1.0f / period;
        if (place >= 1.0f) {
            place -= 1.0f;
            memmove(knot, knot + 1, 3 * sizeof(*knot));
            knot[3] = random_normal(r);
        }
    }
}

void smooth_pulse(float *curve, int64_t count, int64_t start, int rise, int fall, float amount)
{
    for (int k = 0; k < rise + fall; k++) {
        int64_t t = start + k;
        if (t < 0 || t >= count)
            continue;
        float height = k < rise ? ramp(0.0f, (float)rise, (float)k)
                                : 1.0f - ramp(0.0f, (float)fall, (float)(k - rise));
        curve[t] += amount * height;
    }
}
