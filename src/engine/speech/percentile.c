#include "engine/speech/percentile.h"

#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
    float x, y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return (x > y) - (x < y);
}

float percentile(float *values, int64_t count, double share)
{
    qsort(values, (size_t)count, sizeof(*values), ascending);
    double place = share * (double)(count - 1);
    int64_t below = (int64_t)place, above = below + 1 < count ? below + 1 : below;
    return values[below] + (float)(place - (double)below) * (values[above] - values[below]);
}
