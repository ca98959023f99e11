/* counts_table.h - the store in numbers, for whoever watches the server. Nothing here walks the tasks.
 *
 * Errors:  those of the store.
 * Threads: any.
 */
#pragma once

#include "server/store/store.h"

struct counts {
    int64_t balance_micro, held_micro, spent_micro, ledger_rows; /* of all accounts */
    int64_t files, file_bytes;                                   /* uploads */
    int64_t deliveries_waiting;                                  /* webhooks */
};
/* `queued` and `ended` are called for each row of theirs: a model that waits, a model and how tasks of it ended
 * ("completed" or the word of a failure) since the first day. */
struct counts_rows {
    void (*queued)(void *ctx, const char *model, int64_t tasks, int64_t declared_ms);
    void (*ended)(void *ctx, const char *model, const char *result, int64_t tasks);
    void *ctx;
};
ORATOR_MUST_CHECK enum orator_status counts_read(struct store *, struct counts *out,
                                                 const struct counts_rows *,
                                                 struct orator_error *err);
