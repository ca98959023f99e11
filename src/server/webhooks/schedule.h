/* schedule.h - when a delivery that failed is tried again. */
#pragma once

#include <stdint.h>

enum { WEBHOOK_ATTEMPTS_MAX = 10 }; /* about three days and a half from the first to the last */

/* How long after attempt number `attempt` (1: the first) failed the next one is due; -1: there is none.
 * `chance`, 0 <= chance < 1, spreads receivers that failed together: a tenth later at most. */
int64_t webhook_retry_ms(int attempt, float chance);
