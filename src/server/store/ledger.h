/* ledger.h - every movement of money, one row each, never changed and never removed.
 *
 * What:    a submit reserves; a finish charges and releases what is left of the reserve; a failure
 *          releases all of it. So, for every task that is over, reserve = charge + release. Each row
 *          carries the hash of the row before, so a row that was changed behind the store's back shows.
 * Units:   money in micro-units of the currency, never negative: the kind is the sign.
 * Errors:  those of the store; a second row of a kind for one task is refused with IO.
 */
#pragma once

#include "server/store/transaction.h"

enum ledger_kind { LEDGER_RESERVE, LEDGER_CHARGE, LEDGER_RELEASE, LEDGER_KIND_COUNT };

struct ledger_entry {
    const char *task_id, *key_id;
    enum ledger_kind kind;
    int64_t amount_micro, at_ms;
};

/* Stands between store_write() and store_end(). */
ORATOR_MUST_CHECK enum orator_status ledger_add(struct connection *, const struct ledger_entry *,
                                                struct orator_error *err);

/* Sums by kind, of one key or (NULL) of all. What is held now is reserve - charge - release. */
struct ledger_sums {
    int64_t micro[LEDGER_KIND_COUNT];
};
ORATOR_MUST_CHECK enum orator_status ledger_sum(struct store *, const char *key_id,
                                                struct ledger_sums *out, struct orator_error *err);

/* Walks the chain. *rows is how many were read; INTERNAL names the first that does not fit. */
ORATOR_MUST_CHECK enum orator_status ledger_verify(struct store *, int64_t *rows,
                                                   struct orator_error *err);
