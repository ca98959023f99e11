/* usage_table.h - what an account used: its tasks summed up by day, by model or by key.
 *
 * Tasks that were deleted count too: their money stays on record.
 * Errors:  those of the store.
 * Threads: any.
 */
#pragma once

#include "server/store/store.h"

enum usage_group { USAGE_BY_DAY, USAGE_BY_MODEL, USAGE_BY_KEY };

struct usage {
    char what[48];                         /* "2026-01-31" (UTC), a model, a key's id */
    int64_t tasks, completed, failed;      /* submitted in the time; the rest is not over yet */
    int64_t video_ms;                      /* that was charged for */
    int64_t charged_micro, reserved_micro; /* reserved: what is held for those not over */
};
/* Of the tasks submitted from `from_ms` on and before `to_ms`, in the order of `what`. */
ORATOR_MUST_CHECK enum orator_status usage_sum(struct store *, const char *account_id,
                                               enum usage_group, int64_t from_ms, int64_t to_ms,
                                               void (*each)(void *ctx, const struct usage *),
                                               void *ctx, struct orator_error *err);
