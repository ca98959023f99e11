/* ledger_rows.h - inside store/: what ledger.c and audit.c share. */
#pragma once

#include "server/store/ledger.h"

struct statement;

#define LEDGER_COLUMNS                                                                          \
    "id, format, account_id, number, task_id, key_id, kind, amount_micro, balance_micro, note," \
    " at_ms, prev_hash, hash"

void ledger_read_row(struct statement *, struct ledger_row *out); /* columns in that order */
/* What a row of this kind does to its account's money; INVALID_PARAMETER if the sum does not fit. */
ORATOR_MUST_CHECK enum orator_status ledger_apply(struct account *, enum ledger_kind,
                                                  int64_t amount_micro, struct orator_error *err);
