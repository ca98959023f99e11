/* billing.c - what an account holds, what it used, and every movement of its money. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "server/api/money.h"
#include "server/api/page.h"
#include "server/store/ledger.h"
#include "server/store/usage_table.h"

enum orator_status balance_get(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct account a;
    struct api_key key, *k = &key; /* as it is now: what came with the call may be a moment old */
    TRY(key_get(call->api->store, call->key->id, k, err));
    TRY(account_get(call->api->store, k->account_id, &a, err));
    bool budget = k->budget_micro >= 0;
    s = call_answer_json(
        call,
        json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:{s:s, s:o, s:o, s:o, s:i}}", "object",
                  "balance", "account_id", a.id, "currency", call->api->currency, "prepaid",
                  a.prepaid, "available", money_json(a.balance_micro), "held",
                  money_json(a.held_micro), "spent", money_json(a.spent_micro), "key", "id", k->id,
                  "used", money_json(k->used_micro), "budget",
                  budget ? money_json(k->budget_micro) : json_null(), "remaining",
                  budget ? money_json(k->budget_micro - k->used_micro) : json_null(), "open_jobs",
                  k->open_tasks),
        err);
done:
    return s;
}

/* "2026-01-31" or seconds since 1970, as ms. */
static bool read_time(const char *text, int64_t *out_ms)
{
    struct tm day = {0};
    int64_t seconds;
    const char *end = strptime(text, "%Y-%m-%d", &day);
    if (end && !*end)
        seconds = (int64_t)timegm(&day);
    else if (!text_to_i64(text, 0, INT64_MAX / 1000, &seconds))
        return false;
    *out_ms = seconds * 1000;
    return true;
}

struct usage_list {
    json_t *data;
    const char *name; /* "day", "model", "key" */
    int64_t charged_micro, tasks;
};

static void add_usage(void *ctx, const struct usage *u)
{
    struct usage_list *list = ctx;
    list->charged_micro += u->charged_micro;
    list->tasks += u->tasks;
    json_array_append_new(
        list->data,
        json_pack("{s:s, s:I, s:I, s:I, s:f, s:o, s:o}", list->name, u->what, "jobs",
                  (json_int_t)u->tasks, "completed", (json_int_t)u->completed, "failed",
                  (json_int_t)u->failed, "video_seconds", (double)u->video_ms / 1000, "charged",
                  money_json(u->charged_micro), "held", money_json(u->reserved_micro)));
}

enum orator_status usage_get(struct call *call, struct orator_error *err)
{
    static const char *const groups[] = {"day", "model", "key"};
    enum { USUAL_DAYS = 30, DAY_MS = 86400000 };
    int group = -1;
    int64_t to_ms = store_now_ms(call->api->store) + 1, from_ms;
    const char *by = http_query(call->request, "group_by"),
               *from = http_query(call->request, "from"), *to = http_query(call->request, "to");
    for (int i = 0; i < 3; i++)
        if (strcmp(by ? by : "day", groups[i]) == 0)
            group = i;
    if (group < 0)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "group_by",
                                 "group_by is \"%.40s\", it must be day, model or key", by);
    static const char form[] = "%s is \"%.40s\", it must be a day such as 2026-01-31 or a time in "
                               "seconds since 1970";
    if (to && !read_time(to, &to_ms))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "to", form, "to", to);
    from_ms = to_ms - (int64_t)USUAL_DAYS * DAY_MS;
    if (from && !read_time(from, &from_ms))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "from", form, "from", from);
    struct usage_list list = {.data = json_array(), .name = groups[group]};
    enum orator_status s =
        usage_sum(call->api->store, call->key->account_id, (enum usage_group)group, from_ms, to_ms,
                  add_usage, &list, err);
    if (s != ORATOR_OK) {
        json_decref(list.data);
        return s;
    }
    return call_answer_json(call,
                            json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:{s:I, s:o}}", "object",
                                      "usage", "group_by", groups[group], "currency",
                                      call->api->currency, "from", (json_int_t)(from_ms / 1000),
                                      "to", (json_int_t)(to_ms / 1000), "data", list.data, "total",
                                      "jobs", (json_int_t)list.tasks, "charged",
                                      money_json(list.charged_micro)),
                            err);
}

static json_t *hex_json(const unsigned char hash[32])
{
    char text[65];
    for (int i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    return json_string(text);
}

struct ledger_list {
    json_t *data;
    int limit;
    bool more;
};

/* docs/accounts.md says how a customer checks the hashes. */
static void add_row(void *ctx, const struct ledger_row *r)
{
    struct ledger_list *list = ctx;
    if ((int)json_array_size(list->data) == list->limit) {
        list->more = true;
        return;
    }
    json_array_append_new(
        list->data,
        json_pack("{s:I, s:s, s:i, s:I, s:s, s:o, s:I, s:o, s:I, s:o, s:s, s:s, s:I, s:o, s:o}",
                  "id", (json_int_t)r->number, "object", "ledger_entry", "format", r->format, "row",
                  (json_int_t)r->id, "kind", ledger_kind_word(r->kind), "amount",
                  money_json(r->amount_micro), "amount_micro", (json_int_t)r->amount_micro,
                  "balance", money_json(r->balance_micro), "balance_micro",
                  (json_int_t)r->balance_micro, "task_id",
                  r->task_id[0] ? json_string(r->task_id) : json_null(), "key_id", r->key_id,
                  "note", r->note, "at_ms", (json_int_t)r->at_ms, "previous_hash",
                  hex_json(r->prev_hash), "hash", hex_json(r->hash)));
}

enum orator_status ledger_list(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct page page;
    struct account a;
    struct ledger_list list = {.data = json_array()};
    int64_t after = 0;
    TRY(page_read(&page, call, err));
    if (page.after && !text_to_i64(page.after, 0, INT64_MAX, &after)) {
        s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "after",
                              "after is \"%.40s\", it must be the id of an entry, such as last_id",
                              page.after);
        goto done;
    }
    list.limit = page.limit;
    TRY(account_get(call->api->store, call->key->account_id, &a, err));
    TRY(ledger_page(call->api->store, a.id, after, page.oldest_first, page.limit + 1, add_row,
                    &list, err));
    json_t *root = page_json(list.data, list.more);
    list.data = NULL;
    if (root)
        json_object_set_new(
            root, "account",
            json_pack("{s:s, s:s, s:o, s:o, s:o, s:I, s:o}", "id", a.id, "currency",
                      call->api->currency, "available", money_json(a.balance_micro), "held",
                      money_json(a.held_micro), "spent", money_json(a.spent_micro), "entries",
                      (json_int_t)a.ledger_rows, "last_hash", hex_json(a.ledger_hash)));
    TRY(call_answer_json(call, root, err));
done:
    json_decref(list.data);
    return s;
}
