#include "server/tasks/submit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/store/idempotency.h"
#include "server/store/ledger.h"
#include "server/store/name.h"
#include "server/store/tasks_table.h"
#include "server/tasks/forecast.h"
#include "server/tasks/life.h"

struct batch {
    struct connection *c;
    struct ledger_batch ledger;
    struct forecast forecast;
    int keys_known; /* whose last turn, given in this batch, is below */
    struct {
        char key_id[KEY_ID_SIZE];
        int64_t turn;
    } turns[LEDGER_BATCH_KINDS];
};

static enum orator_status fill(struct task *t, const struct task_request *r, int64_t now_ms,
                               struct orator_error *err)
{
    enum orator_status s;
    *t = (struct task){
        .state = TASK_QUEUED,
        .declared_ms = r->declared_ms,
        .seed = r->seed,
        .options = r->options,
        .price_micro_per_s = r->price_micro_per_s,
        .retention_ms = r->retention_ms,
    };
    name_new_at(t->id, "task_", 20, now_ms);
    snprintf(t->key_id, sizeof(t->key_id), "%s", r->key_id);
    snprintf(t->account_id, sizeof(t->account_id), "%s",
             r->account_id ? r->account_id : ACCOUNT_DEFAULT);
    TRY(queue_price(r->declared_ms, r->price_micro_per_s, &t->reserved_micro, err));
    TRY(life_copy(&t->model, r->model, err));
    TRY(life_copy(&t->image_url, r->image_url, err));
    TRY(life_copy(&t->audio_url, r->audio_url, err));
    if (r->prompt)
        TRY(life_copy(&t->prompt, r->prompt, err));
    if (r->text)
        TRY(life_copy(&t->text, r->text, err));
    if (r->external_task_id)
        TRY(life_copy(&t->external_task_id, r->external_task_id, err));
    if (r->metadata)
        TRY(life_copy(&t->metadata, r->metadata, err));
done:
    return s;
}

/* Whether the account, the key and the queue have room for it, as they stand in this transaction. */
static enum orator_status check_limits(struct batch *b, const struct task_request *r,
                                       const struct task *t, struct orator_error *err)
{
    enum orator_status s;
    struct account *account;
    struct api_key *key; /* NULL: not in the store, as in a test */
    const int64_t cost = t->reserved_micro, waiting = b->forecast.depth;
    const int64_t most = r->queue_max > 0 ? r->queue_max : QUEUE_MAX;
    TRY(ledger_batch_account(&b->ledger, t->account_id, &account, err));
    TRY(ledger_batch_key(&b->ledger, t->key_id, &key, err));
    if (account->prepaid && account->balance_micro < cost)
        return orator_fail(
            err, ORATOR_INSUFFICIENT_BALANCE,
            "it costs %lld.%06lld, the account holds %s%lld.%06lld", (long long)(cost / 1000000),
            (long long)(cost % 1000000), account->balance_micro < 0 ? "-" : "",
            llabs(account->balance_micro / 1000000), llabs(account->balance_micro % 1000000));
    if (key && key->budget_micro >= 0 && cost > key->budget_micro - key->used_micro)
        return orator_fail(
            err, ORATOR_KEY_BUDGET_EXCEEDED,
            "it costs %lld.%06lld, the key has used %lld.%06lld of its %lld.%06lld",
            (long long)(cost / 1000000), (long long)(cost % 1000000),
            (long long)(key->used_micro / 1000000), (long long)(key->used_micro % 1000000),
            (long long)(key->budget_micro / 1000000), (long long)(key->budget_micro % 1000000));
    int parallel = key && key->parallel > 0 ? key->parallel : r->parallel;
    if (key && parallel > 0 && key->open_tasks >= parallel)
        return orator_fail(err, ORATOR_CONCURRENCY_LIMIT,
                           "%d tasks of this key are not over yet, at most %d may be",
                           key->open_tasks, parallel);
    if (waiting >= most)
        return orator_fail(err, ORATOR_QUEUE_FULL, "%lld tasks are waiting, at most %lld may",
                           (long long)waiting, (long long)most);
done:
    return s;
}

static int64_t *find_turn(struct batch *b, const char *key_id)
{
    for (int i = 0; i < b->keys_known; i++)
        if (strcmp(b->turns[i].key_id, key_id) == 0)
            return &b->turns[i].turn;
    return NULL;
}

static void note_turn(struct batch *b, const struct task *t)
{
    int64_t *last = find_turn(b, t->key_id);
    if (!last && b->keys_known < LEDGER_BATCH_KINDS) { /* those beyond ask each time */
        last = &b->turns[b->keys_known].turn;
        snprintf(b->turns[b->keys_known++].key_id, KEY_ID_SIZE, "%s", t->key_id);
    }
    if (last)
        *last = t->turn;
}

/* When it is claimed. A key's first does not wait for all that others have waiting, but for one of each. */
static enum orator_status give_turn(struct batch *b, struct submit *x, struct orator_error *err)
{
    enum orator_status s;
    struct task *t = &x->task;
    struct api_key *key;
    const int64_t behind_all = x->outlook.position;
    bool next;
    const int64_t *last = find_turn(b, t->key_id);
    if (last) { /* right behind the key's own */
        t->turn = *last + 1;
        return ORATOR_OK;
    }
    TRY(ledger_batch_key(&b->ledger, t->key_id, &key, err));
    TRY(tasks_turn(b->c, t->key_id, key ? key->priority : 0, &t->turn, &next, err));
    if (next && behind_all > 0) {
        TRY(queue_ahead(b->c, t->turn, INT64_MAX, &x->outlook.position, err));
        x->outlook.eta_ms -=
            (int64_t)((double)b->forecast.before_ms * (double)(behind_all - x->outlook.position) /
                      (double)behind_all);
    }
done:
    return s;
}

/* Everything that can be said before a row is written. */
static enum orator_status judge(struct batch *b, struct submit *x, struct orator_error *err)
{
    enum orator_status s;
    struct task *t = &x->task;
    struct account *account;
    if (t->external_task_id) {
        char other[TASK_ID_SIZE];
        TRY(tasks_find_external(b->c, t->key_id, t->external_task_id, other, err));
        if (other[0])
            return orator_fail_param(err, ORATOR_EXTERNAL_TASK_ID_EXISTS, "external_task_id",
                                     "%s has the external_task_id %.80s already", other,
                                     t->external_task_id);
    }
    TRY(check_limits(b, &x->request, t, err));
    TRY(forecast_of(b->c, &b->forecast, t->model, t->declared_ms, &x->outlook, err));
    TRY(give_turn(b, x, err));
    t->position = x->outlook.position;
    t->created_ms = t->updated_ms = b->forecast.now_ms;
    if (t->retention_ms > 0)
        t->expires_ms = t->created_ms + t->retention_ms;
    TRY(ledger_batch_account(&b->ledger, t->account_id, &account, err));
    t->ledger_entry = account->ledger_rows + 1;
    if (x->request.idempotency) { /* the first row: a conflict leaves nothing behind */
        const char *answer = NULL;
        TRY(x->request.answer(x->request.ctx, t, &x->outlook, &answer, err));
        TRY(idempotency_add(b->c, t->key_id, x->request.idempotency, t->id, answer, err));
    }
done:
    return s;
}

static enum orator_status book(struct batch *b, struct submit *x, struct orator_error *err)
{
    enum orator_status s;
    struct task *t = &x->task;
    TRY(ledger_batch_add(&b->ledger,
                         &(struct ledger_entry){.task_id = t->id,
                                                .key_id = t->key_id,
                                                .account_id = t->account_id,
                                                .kind = LEDGER_RESERVE,
                                                .amount_micro = t->reserved_micro,
                                                .at_ms = t->created_ms,
                                                .open_change = +1},
                         &t->ledger_entry, err));
    TRY(tasks_insert(b->c, t, err));
    note_turn(b, t);
    if (x->request.callback)
        TRY(callbacks_insert(b->c, t->id, x->request.callback, err));
    TRY(forecast_add(b->c, &b->forecast, t->model, t->declared_ms, err));
done:
    return s;
}

/* First of all: submits of one account follow each other from here on. In one order, so that two servers never
 * wait for each other. */
static enum orator_status hold_accounts(struct batch *b, const struct submit *first,
                                        struct orator_error *err)
{
    struct account *account;
    for (const char *last = "", *next; last; last = next) {
        next = NULL;
        for (const struct submit *x = first; x; x = x->next)
            if (x->status == ORATOR_OK && strcmp(x->task.account_id, last) > 0 &&
                (!next || strcmp(x->task.account_id, next) < 0))
                next = x->task.account_id;
        enum orator_status s =
            next ? ledger_batch_account(&b->ledger, next, &account, err) : ORATOR_OK;
        if (s != ORATOR_OK && s != ORATOR_NOT_FOUND) /* whose it is will be told */
            return s;
    }
    return ORATOR_OK;
}

/* One transaction for all that are not refused yet. *failed is whose rows could not be written, NULL if it is not
 * about one of them. */
static enum orator_status take(struct store *store, struct submit *first, struct submit **failed,
                               struct orator_error *err)
{
    enum orator_status s;
    struct batch b = {0};
    *failed = NULL;
    TRY(store_write(store, &b.c, err));
    b.ledger.c = b.c;
    TRY(hold_accounts(&b, first, err));
    TRY(forecast_read(b.c, store_now_ms(store), &b.forecast, err));
    for (struct submit *x = first; x; x = x->next) {
        if (x->status == ORATOR_OK)
            x->status = judge(&b, x, &x->err);
        if (x->status != ORATOR_OK)
            continue;
        s = book(&b, x, err);
        if (s != ORATOR_OK) {
            *failed = x;
            goto done;
        }
    }
    TRY(ledger_batch_end(&b.ledger, err));
    TRY(forecast_end(b.c, &b.forecast, err));
done:
    s = store_end(&b.c, s, err);
    if (s == ORATOR_OK)
        store_announce(store);
    return s;
}

void submit_all(struct store *store, struct submit *first)
{
    struct orator_error err = {0};
    struct submit *failed;
    enum orator_status s;
    for (struct submit *x = first; x; x = x->next) {
        x->err = (struct orator_error){0};
        x->status = fill(&x->task, &x->request, store_now_ms(store), &x->err);
    }
    do { /* again without the one that cannot be kept; the others' rows were undone with its own */
        s = take(store, first, &failed, &err);
        for (struct submit *x = first; x && s != ORATOR_OK; x = x->next) {
            if (failed ? x != failed : x->status != ORATOR_OK)
                continue;
            x->status = s;
            x->err = err;
        }
    } while (failed);
    for (struct submit *x = first; x; x = x->next)
        if (x->status != ORATOR_OK)
            task_fini(&x->task);
}

enum orator_status queue_submit(struct store *store, const struct task_request *r, struct task *out,
                                struct orator_error *err)
{
    struct submit one = {.request = *r};
    submit_all(store, &one);
    *out = one.task;
    if (one.status != ORATOR_OK && err)
        *err = one.err;
    return one.status;
}
