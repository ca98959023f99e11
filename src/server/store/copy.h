/* copy.h - a SQLite installation becomes one on PostgreSQL: every row of every
 * table.
 *
 * What:    nobody writes to the source meanwhile, so nothing that was accepted
 * is missing. The target is filled in one transaction, counted, and its books
 * are audited (ledger_verify()) before the source lets go. Media are not in the
 * database and stay where they are. Errors:  INVALID_PARAMETER for a source
 * that is not SQLite, a target that is not PostgreSQL or is not empty; INTERNAL
 * if the books do not agree afterwards; those of the store. A target that
 * failed is empty again, but for books that do not agree.
 */
#pragma once

#include <stdbool.h>

#include "server/store/store.h"

struct copied {
    int64_t rows, tasks, ledger_rows;
};
/* With `moves`, the source is marked when all went well: whoever has it open
 * still may read it and write no more, and store_open() refuses it. */
ORATOR_MUST_CHECK enum orator_status store_copy(struct store *from, struct store *to, bool moves,
                                                struct copied *out, struct orator_error *err);
