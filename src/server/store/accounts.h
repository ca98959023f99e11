/* accounts.h - whose money it is. Keys belong to an account and spend its balance.
 *
 * What:    an account is postpaid (spends without limit; its balance says what it owes) until somebody makes
 *          it prepaid; then a submit that costs more than the balance is refused. The first account,
 *          ACCOUNT_DEFAULT, is there from the first day, postpaid. Balances change with rows of the ledger
 *          alone (ledger.h), never here.
 * Units:   money in micro-units of the currency.
 * Errors:  those of the store; NOT_FOUND; INVALID_PARAMETER for a name that is too long.
 */
#pragma once

#include <stdbool.h>

#include "server/store/keys.h"
#include "server/store/transaction.h"

struct account {
    char id[ACCOUNT_ID_SIZE]; /* "acct_..." */
    char name[KEY_NAME_SIZE];
    bool prepaid;
    int64_t
        balance_micro; /* what a submit may take: credits - debits - what is held - what was spent */
    int64_t held_micro, spent_micro;
    int64_t ledger_rows;           /* so many rows has its chain, */
    unsigned char ledger_hash[32]; /* and this is the last one's hash; zeros before the first */
    int64_t created_ms;
};

ORATOR_MUST_CHECK enum orator_status account_create(struct store *, const char *name, bool prepaid,
                                                    struct account *out, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status account_get(struct store *, const char *id,
                                                 struct account *out, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status account_set_prepaid(struct store *, const char *id,
                                                         bool prepaid, struct orator_error *err);
/* Calls `each` for every account, oldest first. */
ORATOR_MUST_CHECK enum orator_status account_list(struct store *,
                                                  void (*each)(void *ctx, const struct account *),
                                                  void *ctx, struct orator_error *err);

/* --- within a transaction --- */
ORATOR_MUST_CHECK enum orator_status account_add(struct connection *, const char *name,
                                                 bool prepaid, struct account *out,
                                                 struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status accounts_get(struct connection *, const char *id,
                                                  struct account *out, struct orator_error *err);
/* Balance, held, spent and the end of the chain, as ledger.c has reckoned them. */
ORATOR_MUST_CHECK enum orator_status accounts_update(struct connection *, const struct account *,
                                                     struct orator_error *err);
