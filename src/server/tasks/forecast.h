/* forecast.h - inside tasks/: what waits and what runs, read once for several that come behind it. */
#pragma once

#include "server/store/queue_table.h"
#include "server/tasks/queue.h"

struct forecast {
    int64_t now_ms;
    int64_t depth;     /* so many tasks wait */
    int64_t before_ms; /* the work of those and of what runs */
    int known;
    struct {
        char model[48];
        int64_t permille;
    } speeds[QUEUE_MODELS_MAX];
};
ORATOR_MUST_CHECK enum orator_status forecast_read(struct connection *, int64_t now_ms,
                                                   struct forecast *out, struct orator_error *err);
/* Of one that comes behind them all. */
ORATOR_MUST_CHECK enum orator_status forecast_of(struct connection *, struct forecast *,
                                                 const char *model, int64_t declared_ms,
                                                 struct outlook *out, struct orator_error *err);
/* It came; it was asked about before. */
void forecast_add(struct forecast *, const char *model, int64_t declared_ms);
