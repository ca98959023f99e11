/* life.h - inside tasks/: steps that several endings of a task share. Each stands in a transaction.
 *
 * The task's updated_ms is the time of the step.
 */
#pragma once

#include "server/store/ledger.h"
#include "server/tasks/task.h"

/* A row of the ledger about the task; its number becomes t->ledger_entry, which the caller stores. */
ORATOR_MUST_CHECK enum orator_status life_book(struct connection *, struct task *, enum ledger_kind,
                                               int64_t amount_micro, int open_change,
                                               struct orator_error *err);
/* -> FAILED, stored, with the whole reserve given back; the stage stays, it says where. The task was
 * QUEUED or PROCESSING. */
ORATOR_MUST_CHECK enum orator_status life_fail(struct connection *, struct task *,
                                               const struct orator_error *why,
                                               struct orator_error *err);
void life_let_go(struct task *); /* of the lease */
/* *out is freed and becomes a copy. */
ORATOR_MUST_CHECK enum orator_status life_copy(char **out, const char *text,
                                               struct orator_error *err);
