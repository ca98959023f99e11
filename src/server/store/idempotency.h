/* idempotency.h - what was answered to a submit that came with an Idempotency-Key.
 *
 * What:    one row a key and name, written in the transaction of the submit: either both are there after a
 *          crash or neither is. Forgotten after IDEMPOTENCY_MS.
 * Errors:  those of the store.
 */
#pragma once

#include <stdbool.h>

#include "server/store/transaction.h"
#include "server/tasks/task.h"

enum {
    IDEMPOTENCY_MS = 24 * 3600 * 1000,
    IDEMPOTENCY_NAME_MAX = 255, /* bytes: what Stripe and others take */
};

struct idempotency {
    const char *name; /* the header's value; borrowed */
    unsigned char body_hash[32];
};

/* What was answered before; *answer is NULL if nothing was, else the caller's to free. *same: the body then
 * was the same as now. */
ORATOR_MUST_CHECK enum orator_status idempotency_find(struct store *, const char *key_id,
                                                      const struct idempotency *, char **answer,
                                                      char task_id[TASK_ID_SIZE], bool *same,
                                                      struct orator_error *err);
/* Between store_write() and store_end(). IDEMPOTENCY_IN_PROGRESS: it is there already. */
ORATOR_MUST_CHECK enum orator_status idempotency_add(struct connection *, const char *key_id,
                                                     const struct idempotency *,
                                                     const char *task_id, const char *answer,
                                                     struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status idempotency_forget_old(struct store *,
                                                            struct orator_error *err);
