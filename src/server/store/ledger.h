/* ledger.h - every movement of money, one row each, never changed and never removed.
 *
 * What:    a submit reserves; a finish charges and releases what is left of the reserve; a failure
 *          releases all of it. So, for every task that is over, reserve = charge + release. Credits and
 *          debits are the operator's. ledger_add() is the only place where balances change: the account's,
 *          and what a key has used. Rows of an account are numbered and each carries the hash of the one
 *          before, so a row that was changed behind the store's back shows, to the operator and to the
 *          customer; the account remembers the end of its chain, so a tail that was cut off shows too.
 * Units:   money in micro-units of the currency, never negative: the kind is the sign.
 * Errors:  those of the store; a second row of a kind for one task is refused with IO; NOT_FOUND for an
 *          account that is not there; INVALID_PARAMETER for sums that do not fit 64 bits.
 */
#pragma once

#include "server/store/accounts.h"

enum ledger_kind {
    LEDGER_RESERVE,
    LEDGER_CHARGE,
    LEDGER_RELEASE,
    LEDGER_CREDIT,
    LEDGER_DEBIT,
    LEDGER_KIND_COUNT
};
const char *ledger_kind_word(enum ledger_kind);

struct ledger_entry {
    const char *task_id; /* NULL: credit and debit */
    const char *key_id;  /* who moved it; "" an operator */
    enum ledger_kind kind;
    int64_t amount_micro, at_ms;
    const char *account_id; /* NULL: ACCOUNT_DEFAULT */
    const char *note;       /* for people, at most LEDGER_NOTE_MAX bytes; NULL: none */
    int open_change;        /* +1: the key has one more task that is not over; -1: one less */
};
enum { LEDGER_NOTE_MAX = 200 };

/* Several rows of one transaction: accounts and keys are read once, reckoned with here, and written at the end. */
enum { LEDGER_BATCH_KINDS = 16 /* accounts, and keys, at a time; more are written in between */ };
struct ledger_batch {
    struct connection *c;
    int accounts_known, keys_known;
    struct {
        struct account now;
        bool changed;
    } accounts[LEDGER_BATCH_KINDS];
    struct {
        struct api_key now; /* as it will be */
        bool read, there;   /* `there`: in the store, once read */
        int64_t used_change;
        int open_change;
    } keys[LEDGER_BATCH_KINDS];
};
/* As they stand after the rows added so far; good until the next call. */
ORATOR_MUST_CHECK enum orator_status ledger_batch_account(struct ledger_batch *, const char *id,
                                                          struct account **out,
                                                          struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status ledger_batch_key(struct ledger_batch *, const char *id,
                                                      struct api_key **out, /* NULL: no such key */
                                                      struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status ledger_batch_add(struct ledger_batch *,
                                                      const struct ledger_entry *, int64_t *number,
                                                      struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status ledger_batch_end(struct ledger_batch *,
                                                      struct orator_error *err);

/* One row. Stands between store_write() and store_end(). *number is the row's within its account; may be NULL. */
ORATOR_MUST_CHECK enum orator_status ledger_add(struct connection *, const struct ledger_entry *,
                                                int64_t *number, struct orator_error *err);
/* The operator's: LEDGER_CREDIT or LEDGER_DEBIT, in a transaction of its own. */
ORATOR_MUST_CHECK enum orator_status ledger_top_up(struct store *, const struct ledger_entry *,
                                                   struct account *after, struct orator_error *err);

/* Sums by kind, of one key or (NULL) of all. What is held now is reserve - charge - release. */
struct ledger_sums {
    int64_t micro[LEDGER_KIND_COUNT];
};
ORATOR_MUST_CHECK enum orator_status ledger_sum(struct store *, const char *key_id,
                                                struct ledger_sums *out, struct orator_error *err);

/* A row as it is kept. */
struct ledger_row {
    int64_t id; /* of all accounts */
    int format; /* of the text that is hashed: ledger.c */
    int64_t number;
    char account_id[ACCOUNT_ID_SIZE], task_id[32], key_id[KEY_ID_SIZE];
    enum ledger_kind kind;
    int64_t amount_micro, balance_micro, at_ms;
    char note[LEDGER_NOTE_MAX + 1];
    unsigned char prev_hash[32], hash[32];
};
/* Rows of an account with numbers over `after`, oldest first, or under `after` (0: from the end), newest
 * first; at most `limit`. */
ORATOR_MUST_CHECK enum orator_status ledger_page(struct store *, const char *account_id,
                                                 int64_t after, bool oldest_first, int limit,
                                                 void (*each)(void *ctx, const struct ledger_row *),
                                                 void *ctx, struct orator_error *err);

/* Everything that must agree (audit.c): each chain and its end, the balances of the accounts, what keys
 * have used and hold open, and for each task its rows against its state. INTERNAL names the first that
 * does not; *rows is how many rows of the ledger were read. */
ORATOR_MUST_CHECK enum orator_status ledger_verify(struct store *, int64_t *rows,
                                                   struct orator_error *err);

/* The first of these alone. */
ORATOR_MUST_CHECK enum orator_status ledger_verify_chains(struct store *, int64_t *rows,
                                                          struct orator_error *err);

/* For audit.c: the hash that a row must have. */
void ledger_hash(const struct ledger_row *, unsigned char out[32]);
