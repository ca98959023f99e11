/* percentile.h - the value that a share of many lies below: a peak that one loud click does not move.
 */
#pragma once

#include <stdint.h>

/* Sorts `values`; between two of them it is interpolated. count >= 1, share 0..1. */
float percentile(float *values, int64_t count, double share);
