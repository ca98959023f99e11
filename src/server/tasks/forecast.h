/* forecast.h - inside tasks/: what waits and what runs, read once for several that come behind it. */
#pragma once

#include "server/store/queue_table.h"
#include "server/tasks/queue.h"

struct forecast {
    int64_t now_ms;
    int64_t depth;     /* so many tasks wait */
    int64_t before_ms; /* the work of those and of what runs */
    int known;
    struct forecast_model {
        char model[48];
        int64_t permille;           /* speed */
        int64_t added, declared_ms; /* with forecast_add() */
    } models[QUEUE_MODELS_MAX];
};
ORATOR_MUST_CHECK enum orator_status forecast_read(struct connection *, int64_t now_ms,
                                                   struct forecast *out, struct orator_error *err);
/* Of one that comes behind them all. */
ORATOR_MUST_CHECK enum orator_status forecast_of(struct connection *, struct forecast *,
                                                 const char *model, int64_t declared_ms,
                                                 struct outlook *out, struct orator_error *err);
/* It was inserted. */
ORATOR_MUST_CHECK enum orator_status forecast_add(struct connection *, struct forecast *,
                                                  const char *model, int64_t declared_ms,
                                                  struct orator_error *err);
/* Those that were added become part of what waits. */
ORATOR_MUST_CHECK enum orator_status forecast_end(struct connection *, const struct forecast *,
                                                  struct orator_error *err);
