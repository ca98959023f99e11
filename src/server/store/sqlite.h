/* sqlite.h - inside store/: what only SQLite can be asked for. */
#pragma once

#include "server/store/connection.h"

/* This database is given up for another: with the commit, whoever has it open
 * writes no more tasks and no more of the ledger, and it cannot be opened
 * again. */
ORATOR_MUST_CHECK enum orator_status sqlite_mark_moved(struct connection *,
                                                       struct orator_error *err);
