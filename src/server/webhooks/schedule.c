#include "server/webhooks/schedule.h"

int64_t webhook_retry_ms(int attempt, float chance)
{
    enum { S = 1000, MIN = 60 * S, H = 60 * MIN };
    /* [attempt]: what Standard Webhooks 1.0 recommends */
    static const int64_t after_ms[WEBHOOK_ATTEMPTS_MAX] = {
        0, 5 * S, 5 * MIN, 30 * MIN, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H};
    if (attempt < 0 || attempt >= WEBHOOK_ATTEMPTS_MAX)
        return -1;
    return after_ms[attempt] + (int64_t)((float)(after_ms[attempt] / 10) * chance);
}
