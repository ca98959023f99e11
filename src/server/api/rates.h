/* rates.h - how many requests a key may make: a bucket of tokens each, in memory.
 *
 * What:    a bucket holds as many requests as a minute allows and fills evenly; who waits a minute finds it
 *          full. RATES_MAX keys are remembered, the one that was away longest is forgotten first, which is
 *          to its favour. Nothing survives a restart.
 * Units:   ms of the steady clock.
 * Threads: any. Private to api/, but for open and close.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { RATES_MAX = 4096 };

struct rates;
ORATOR_MUST_CHECK enum orator_status rates_open(struct rates **out, struct orator_error *err);
void rates_close(struct rates **);

struct rate {
    int left;                /* requests that would be taken now */
    int64_t full_s, again_s; /* until the bucket is full; until the next request is taken, 0: now */
};
/* Takes one request out; false: there was none. per_minute > 0. */
bool rates_take(struct rates *, const char *key_id, int per_minute, int64_t now_ms,
                struct rate *out);
