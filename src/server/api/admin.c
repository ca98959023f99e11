/* admin.c - the operator's routes: API keys with what they may do, accounts with their money. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/api/body.h"
#include "server/api/known_keys.h"
#include "server/api/money.h"
#include "server/api/options.h"
#include "server/api/page.h"
#include "server/api/repeat.h"
#include "server/store/ledger.h"

enum { RATE_MAX = 1000000, PARALLEL_MAX = 1000000 };

static json_t *time_json(int64_t ms) { return ms > 0 ? json_integer(ms / 1000) : json_null(); }

static json_t *number_json(int n) { return n > 0 ? json_integer(n) : json_null(); }

static json_t *scopes_json(unsigned scopes)
{
    json_t *list = json_array();
    for (unsigned bit = SCOPE_READ; bit <= SCOPE_ADMIN; bit <<= 1)
        if (scopes & bit)
            json_array_append_new(list, json_string(key_scope_word((enum key_scope)bit)));
    return list;
}

static json_t *key_json(const struct api_key *k, const char *currency)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:i, s:i}",
        "id", k->id, "object", "api_key", "name", k->name, "prefix", k->prefix, "account_id",
        k->account_id, "scopes", scopes_json(k->scopes), "currency", currency, "budget",
        k->budget_micro >= 0 ? money_json(k->budget_micro) : json_null(), "used",
        money_json(k->used_micro), "expires_at", time_json(k->expires_ms), "rate_per_minute",
        number_json(k->rate_per_minute), "parallel_jobs", number_json(k->parallel), "created_at",
        (json_int_t)(k->created_ms / 1000), "last_used_at", time_json(k->last_used_ms),
        "revoked_at", time_json(k->revoked_ms), "open_jobs", k->open_tasks, "priority",
        k->priority);
}

/* A JSON body that may be empty. */
static enum orator_status read_body(json_t **out, const struct call *call, struct orator_error *err)
{
    if (call->request->body_size > 0)
        return body_object(out, call->request->body, call->request->body_size, err);
    *out = json_object();
    return *out ? ORATOR_OK : orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
}

static enum orator_status read_amount(const json_t *v, const char *name, int64_t *out,
                                      struct orator_error *err)
{
    if (!json_is_string(v) || !money_parse(json_string_value(v), out))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                                 "%s must be an amount as a text, such as \"25.00\"", name);
    return ORATOR_OK;
}

static enum orator_status read_scopes(const json_t *list, unsigned *out, struct orator_error *err)
{
    unsigned scopes = 0, one;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        if (!word || strchr(word, ',') || !key_scopes_parse(word, &one)) {
            scopes = 0;
            break;
        }
        scopes |= one;
    }
    if (!scopes)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "scopes",
                                 "scopes must be a list of read, write, billing and admin");
    *out = scopes;
    return ORATOR_OK;
}

/* null takes a limit away; what is not there stays. */
static enum orator_status read_number(const json_t *root, const char *name, int64_t most,
                                      int64_t *out, struct orator_error *err)
{
    const json_t *v = json_object_get(root, name);
    if (!v)
        return ORATOR_OK;
    if (!json_is_null(v) &&
        (!json_is_integer(v) || json_integer_value(v) < 1 || json_integer_value(v) > most))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                                 "%s must be a whole number from 1 to %lld, or null", name,
                                 (long long)most);
    *out = json_integer_value(v); /* of null: 0 */
    return ORATOR_OK;
}

/* What a request says of a key, over what it has. */
static enum orator_status read_key(struct api_key *k, const json_t *root, int64_t now_ms,
                                   struct orator_error *err)
{
    enum orator_status s;
    const char *name = NULL;
    const json_t *scopes = body_field(root, "scopes"), *budget = json_object_get(root, "budget");
    int64_t rate = k->rate_per_minute, parallel = k->parallel, priority = k->priority,
            expires_s = k->expires_ms / 1000;
    TRY(body_text(root, "name", KEY_NAME_SIZE - 1, &name, err));
    if (name)
        snprintf(k->name, sizeof(k->name), "%s", name);
    if (name && strlen(name) >= sizeof(k->name))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "name",
                                 "name has %zu bytes, at most %zu are kept", strlen(name),
                                 sizeof(k->name) - 1);
    if (scopes)
        TRY(read_scopes(scopes, &k->scopes, err));
    if (json_is_null(budget))
        k->budget_micro = -1;
    else if (budget)
        TRY(read_amount(budget, "budget", &k->budget_micro, err));
    TRY(read_number(root, "rate_per_minute", RATE_MAX, &rate, err));
    TRY(read_number(root, "parallel_jobs", PARALLEL_MAX, &parallel, err));
    TRY(read_number(root, "priority", KEY_PRIORITY_MAX, &priority, err));
    TRY(read_number(root, "expires_at", INT64_MAX / 1000, &expires_s, err));
    if (json_object_get(root, "expires_at") && expires_s > 0 && expires_s * 1000 <= now_ms)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "expires_at",
                                 "expires_at is a time that has passed; DELETE ends a key at once");
    k->rate_per_minute = (int)rate;
    k->parallel = (int)parallel;
    k->priority = (int)priority;
    k->expires_ms = expires_s * 1000;
done:
    return s;
}

static enum orator_status answer_key(struct call *call, const struct api_key *k, const char *secret,
                                     struct orator_error *err)
{
    json_t *v = key_json(k, call->api->currency);
    if (v && secret)
        json_object_set_new(v, "key", json_string(secret));
    return call_answer_json(call, v, err);
}

enum orator_status keys_create(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    json_t *root = NULL;
    const char *account_id = call->key->account_id;
    char secret[KEY_SIZE];
    struct api_key k = {.name = "unnamed", .scopes = SCOPE_USUAL, .budget_micro = -1}, made;
    TRY(read_body(&root, call, err));
    TRY(body_text(root, "account_id", ACCOUNT_ID_SIZE - 1, &account_id, err));
    TRY(read_key(&k, root, store_now_ms(call->api->store), err));
    s = key_create(call->api->store,
                   &(struct key_terms){.name = k.name,
                                       .account_id = account_id,
                                       .scopes = k.scopes,
                                       .has_budget = k.budget_micro >= 0,
                                       .budget_micro = k.budget_micro,
                                       .expires_ms = k.expires_ms,
                                       .rate_per_minute = k.rate_per_minute,
                                       .parallel = k.parallel,
                                       .priority = k.priority},
                   &made, secret, err);
    if (s == ORATOR_NOT_FOUND && err)
        snprintf(err->param, sizeof(err->param), "account_id");
    TRY(s);
    TRY(answer_key(call, &made, secret, err));
done:
    json_decref(root);
    return s;
}

struct key_list {
    json_t *data;
    const char *currency;
};

static void add_key(void *ctx, const struct api_key *k)
{
    struct key_list *list = ctx;
    json_array_append_new(list->data, key_json(k, list->currency));
}

enum orator_status keys_list(struct call *call, struct orator_error *err)
{
    struct key_list list = {json_array(), call->api->currency};
    enum orator_status s =
        key_list(call->api->store, http_query(call->request, "account_id"), add_key, &list, err);
    if (s == ORATOR_OK)
        return call_answer_json(call, page_json(list.data, false), err);
    json_decref(list.data);
    return s;
}

enum orator_status keys_get_one(struct call *call, struct orator_error *err)
{
    struct api_key k;
    enum orator_status s = key_get(call->api->store, call->name, &k, err);
    return s == ORATOR_OK ? answer_key(call, &k, NULL, err) : s;
}

enum orator_status keys_change(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    json_t *root = NULL;
    struct api_key k;
    TRY(read_body(&root, call, err));
    TRY(key_get(call->api->store, call->name, &k, err));
    TRY(read_key(&k, root, store_now_ms(call->api->store), err));
    TRY(key_update(call->api->store, &k, err));
    known_keys_forget(call->api->known_keys);
    TRY(answer_key(call, &k, NULL, err));
done:
    json_decref(root);
    return s;
}

enum orator_status keys_revoke(struct call *call, struct orator_error *err)
{
    struct api_key k;
    enum orator_status s;
    TRY(key_revoke(call->api->store, call->name, err));
    known_keys_forget(call->api->known_keys);
    TRY(key_get(call->api->store, call->name, &k, err));
    TRY(answer_key(call, &k, NULL, err));
done:
    return s;
}

enum orator_status keys_rotate(struct call *call, struct orator_error *err)
{
    struct api_key k;
    char secret[KEY_SIZE];
    enum orator_status s = key_rotate(call->api->store, call->name, &k, secret, err);
    known_keys_forget(call->api->known_keys);
    return s == ORATOR_OK ? answer_key(call, &k, secret, err) : s;
}

/* --- accounts --- */

static json_t *account_json(const struct account *a, const char *currency)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:s, s:o, s:o, s:o, s:I}", "id", a->id, "object",
                     "account", "name", a->name, "prepaid", a->prepaid, "currency", currency,
                     "available", money_json(a->balance_micro), "held", money_json(a->held_micro),
                     "spent", money_json(a->spent_micro), "created_at",
                     (json_int_t)(a->created_ms / 1000));
}

static enum orator_status read_prepaid(const json_t *root, bool *out, struct orator_error *err)
{
    const json_t *v = body_field(root, "prepaid");
    if (v && !json_is_boolean(v))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "prepaid",
                                 "prepaid must be true or false");
    if (v)
        *out = json_is_true(v);
    return ORATOR_OK;
}

enum orator_status accounts_create(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    json_t *root = NULL;
    struct connection *c = NULL;
    const char *name = "unnamed";
    bool prepaid = true;
    struct account a;
    TRY(read_body(&root, call, err));
    TRY(body_text(root, "name", KEY_NAME_SIZE - 1, &name, err));
    TRY(read_prepaid(root, &prepaid, err));
    TRY(store_write(call->api->store, &c, err));
    TRY(account_add(c, name, prepaid, &a, err));
    TRY(repeat_answer(call, c, account_json(&a, call->api->currency), err));
done:
    s = store_end(&c, s, err);
    json_decref(root);
    return s;
}

static void add_account(void *ctx, const struct account *a)
{
    struct key_list *list = ctx;
    json_array_append_new(list->data, account_json(a, list->currency));
}

enum orator_status accounts_list(struct call *call, struct orator_error *err)
{
    struct key_list list = {json_array(), call->api->currency};
    enum orator_status s = account_list(call->api->store, add_account, &list, err);
    if (s == ORATOR_OK)
        return call_answer_json(call, page_json(list.data, false), err);
    json_decref(list.data);
    return s;
}

enum orator_status accounts_get_one(struct call *call, struct orator_error *err)
{
    struct account a;
    enum orator_status s = account_get(call->api->store, call->name, &a, err);
    return s == ORATOR_OK ? call_answer_json(call, account_json(&a, call->api->currency), err) : s;
}

enum orator_status accounts_change(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    json_t *root = NULL;
    struct account a;
    TRY(read_body(&root, call, err));
    TRY(account_get(call->api->store, call->name, &a, err));
    TRY(read_prepaid(root, &a.prepaid, err));
    TRY(account_set_prepaid(call->api->store, a.id, a.prepaid, err));
    TRY(call_answer_json(call, account_json(&a, call->api->currency), err));
done:
    json_decref(root);
    return s;
}

static enum orator_status book(struct call *call, const struct ledger_entry *e, struct account *a,
                               struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    TRY(store_write(call->api->store, &c, err));
    TRY(ledger_add(c, e, NULL, err));
    TRY(accounts_get(c, e->account_id, a, err));
    TRY(repeat_answer(call, c, account_json(a, call->api->currency), err));
done:
    return store_end(&c, s, err);
}

static enum orator_status top_up(struct call *call, enum ledger_kind kind, struct orator_error *err)
{
    enum orator_status s;
    json_t *root = NULL;
    const char *note = NULL;
    int64_t micro = 0;
    struct account a;
    TRY(read_body(&root, call, err));
    TRY(read_amount(body_field(root, "amount"), "amount", &micro, err));
    if (micro == 0) {
        s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "amount", "amount must be over 0");
        goto done;
    }
    TRY(body_text(root, "note", LEDGER_NOTE_MAX, &note, err));
    if (note && strlen(note) > LEDGER_NOTE_MAX) {
        s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "note",
                              "note has %zu bytes, at most %d are kept", strlen(note),
                              LEDGER_NOTE_MAX);
        goto done;
    }
    TRY(book(call,
             &(struct ledger_entry){.kind = kind,
                                    .account_id = call->name,
                                    .key_id = call->key->id,
                                    .amount_micro = micro,
                                    .at_ms = store_now_ms(call->api->store),
                                    .note = note},
             &a, err));
done:
    json_decref(root);
    return s;
}

enum orator_status accounts_credit(struct call *call, struct orator_error *err)
{
    return top_up(call, LEDGER_CREDIT, err);
}

enum orator_status accounts_debit(struct call *call, struct orator_error *err)
{
    return top_up(call, LEDGER_DEBIT, err);
}
