#include "server/tasks/life.h"

#include <stdlib.h>
#include <string.h>

#include "server/store/tasks_table.h"
#include "server/store/webhooks_table.h"

enum orator_status life_book(struct connection *c, struct task *t, enum ledger_kind kind,
                             int64_t amount_micro, int open_change, struct orator_error *err)
{
    return ledger_add(c,
                      &(struct ledger_entry){.task_id = t->id,
                                             .key_id = t->key_id,
                                             .account_id = t->account_id,
                                             .kind = kind,
                                             .amount_micro = amount_micro,
                                             .at_ms = t->updated_ms,
                                             .open_change = open_change},
                      &t->ledger_entry, err);
}

enum orator_status life_copy(char **out, const char *text, struct orator_error *err)
{
    free(*out);
    *out = strdup(text);
    return *out ? ORATOR_OK : orator_fail(err, ORATOR_NO_MEMORY, "no memory for a task");
}

void life_let_go(struct task *t)
{
    t->worker[0] = t->stage[0] = t->preview_name[0] = '\0';
    t->lease_until_ms = 0;
}

enum orator_status life_fail(struct connection *c, struct task *t, const struct orator_error *why,
                             struct orator_error *err)
{
    enum orator_status s;
    t->state = TASK_FAILED;
    t->completed_ms = t->updated_ms;
    t->worker[0] = t->preview_name[0] = '\0';
    t->lease_until_ms = 0;
    t->failure = why->status;
    t->billing = BILLING_RELEASED;
    if (t->retention_ms > 0)
        t->expires_ms = why->status == ORATOR_EXPIRED ? 0 : t->completed_ms + t->retention_ms;
    TRY(life_copy(&t->failure_text, why->text, err));
    TRY(life_copy(&t->failure_param, why->param, err));
    TRY(life_book(c, t, LEDGER_RELEASE, t->reserved_micro, -1, err));
    TRY(tasks_update(c, t, err));
    TRY(deliveries_enqueue(c, t, "video.failed", t->updated_ms, err));
done:
    return s;
}
