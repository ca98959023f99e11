/* metrics.h - the server in numbers, in the text format of Prometheus 0.0.4: GET /metrics.
 *
 * What:    requests by route and class of status with their times, counted in memory since the start; the
 *          queue, the ends of tasks and the money, read from the store when asked.
 * Threads: any. Private to api/, but for open and close.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

enum { METRICS_ROUTES_MAX = 128 };

struct metrics;
ORATOR_MUST_CHECK enum orator_status metrics_open(struct metrics **out, struct orator_error *err);
void metrics_close(struct metrics **);

/* A request was answered. `route` counts from 0, under METRICS_ROUTES_MAX; -1: the path leads nowhere. `method` and
 * `pattern` are static. */
void metrics_count(struct metrics *, int route, const char *method, const char *pattern,
                   int http_status, int64_t took_ms);
