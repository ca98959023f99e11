#include "server/api/hooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/api/body.h"
#include "server/api/door.h"
#include "server/api/page.h"
#include "server/api/repeat.h"
#include "server/webhooks/endpoints.h"

static const char *const events[] = {"video.completed", "video.failed"};
enum { EVENT_COUNT = sizeof(events) / sizeof(events[0]) };

enum orator_status hook_events_read(const json_t *list, const char *param,
                                    char out[WEBHOOK_EVENTS_SIZE], struct orator_error *err)
{
    bool wanted[EVENT_COUNT] = {0};
    if (list && (!json_is_array(list) || json_array_size(list) == 0))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, param,
                                 "%s must be a list of video.completed and video.failed", param);
    for (size_t i = 0; list && i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        bool known = false;
        for (int k = 0; word && k < EVENT_COUNT; k++)
            if (strcmp(word, events[k]) == 0)
                wanted[k] = known = true;
        if (!known)
            return orator_fail_param(err, ORATOR_INVALID_PARAMETER, param,
                                     "%s holds %s%.40s%s, there are video.completed and "
                                     "video.failed",
                                     param, word ? "\"" : "", word ? word : "no text",
                                     word ? "\"" : "");
    }
    struct text t = text_over(out, WEBHOOK_EVENTS_SIZE);
    text_add(&t, " ");
    for (int k = 0; k < EVENT_COUNT; k++)
        if (!list || wanted[k])
            text_addf(&t, "%s ", events[k]);
    return ORATOR_OK;
}

static json_t *events_json(const char *stored)
{
    json_t *list = json_array();
    for (int k = 0; k < EVENT_COUNT; k++) {
        char word[40];
        snprintf(word, sizeof(word), " %s ", events[k]);
        if (strstr(stored, word))
            json_array_append_new(list, json_string(events[k]));
    }
    return list;
}

static json_t *time_or_null(int64_t ms) { return ms > 0 ? json_integer(ms / 1000) : json_null(); }

static json_t *endpoint_json(const struct webhook_endpoint *e, bool with_secret)
{
    bool own = !e->url[0];
    json_t *v =
        json_pack("{s:s, s:s, s:o, s:o, s:s, s:b, s:o, s:I}", "id", own ? "default" : e->id,
                  "object", "webhook_endpoint", "url", own ? json_null() : json_string(e->url),
                  "events", events_json(e->events), "description", e->description, "enabled",
                  e->disabled_ms == 0, "disabled_at", time_or_null(e->disabled_ms), "created_at",
                  (json_int_t)(e->created_ms / 1000));
    if (v && with_secret) {
        json_object_set_new(v, "secret", json_string(e->secret));
        if (e->old_secret[0])
            json_object_set_new(v, "previous_secret_until", time_or_null(e->old_until_ms));
    }
    return v;
}

static json_t *delivery_json(const struct delivery_log *log)
{
    static const char *const states[DELIVERY_STATE_COUNT] = {"waiting", "delivered", "failed"};
    const struct webhook_delivery *d = &log->delivery;
    json_t *attempts = json_array();
    for (int i = 0; i < log->count; i++) {
        const struct webhook_attempt *a = &log->attempts[i];
        json_array_append_new(attempts,
                              json_pack("{s:i, s:I, s:o, s:o, s:I}", "number", a->number, "at",
                                        (json_int_t)(a->at_ms / 1000), "http_status",
                                        a->status ? json_integer(a->status) : json_null(), "error",
                                        a->why[0] ? json_string(a->why) : json_null(),
                                        "duration_ms", (json_int_t)a->took_ms));
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:I, s:o}", "id", d->id,
                     "object", "webhook_delivery", "type", d->event, "status", states[d->state],
                     "endpoint_id", d->endpoint_id[0] ? json_string(d->endpoint_id) : json_null(),
                     "task_id", d->task_id[0] ? json_string(d->task_id) : json_null(), "url",
                     d->url, "attempts", attempts, "next_attempt_at",
                     d->state == DELIVERY_WAITING ? time_or_null(d->next_ms) : json_null(),
                     "created_at", (json_int_t)(d->created_ms / 1000), "completed_at",
                     time_or_null(d->ended_ms));
}

enum orator_status endpoints_create(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    json_t *root = NULL;
    struct webhook_endpoint e = {0};
    char wanted[WEBHOOK_EVENTS_SIZE], base_url[WEBHOOK_BASE_SIZE];
    const char *url = NULL, *description = "";
    TRY(body_object(&root, call->request->body, call->request->body_size, err));
    TRY(body_text(root, "url", TASK_URL_MAX - 1, &url, err));
    if (!url) {
        s = orator_fail_param(err, ORATOR_MISSING_PARAMETER, "url",
                              "url is missing: send where webhooks are to be posted");
        goto done;
    }
    TRY(callback_url_check(url, "url", call->api, err));
    TRY(hook_events_read(body_field(root, "events"), "events", wanted, err));
    TRY(body_text(root, "description", WEBHOOK_DESCRIPTION_SIZE / 4 - 1, &description, err));
    call_base_url(call, base_url, sizeof(base_url));
    TRY(store_write(call->api->store, &c, err));
    TRY(endpoint_add(c,
                     &(struct endpoint_request){.account_id = call->key->account_id,
                                                .url = url,
                                                .events = wanted,
                                                .description = description,
                                                .base_url = base_url},
                     store_now_ms(call->api->store), &e, err));
    TRY(repeat_answer(call, c, endpoint_json(&e, true), err));
done:
    s = store_end(&c, s, err);
    webhook_endpoint_fini(&e);
    json_decref(root);
    return s;
}

static void add_endpoint(void *ctx, const struct webhook_endpoint *e)
{
    json_array_append_new(ctx, endpoint_json(e, false));
}

enum orator_status endpoints_list(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    json_t *data = json_array();
    TRY(endpoint_list(call->api->store, call->key->account_id, add_endpoint, data, err));
    TRY(call_answer_json(
        call, json_pack("{s:s, s:O, s:b}", "object", "list", "data", data, "has_more", 0), err));
done:
    json_decref(data);
    return s;
}

enum orator_status endpoints_get_one(struct call *call, struct orator_error *err)
{
    struct webhook_endpoint e = {0};
    enum orator_status s =
        endpoint_get(call->api->store, call->key->account_id, call->name, &e, err);
    if (s == ORATOR_OK)
        s = call_answer_json(call, endpoint_json(&e, false), err);
    webhook_endpoint_fini(&e);
    return s;
}

enum orator_status endpoints_rotate(struct call *call, struct orator_error *err)
{
    struct webhook_endpoint e = {0};
    enum orator_status s =
        endpoint_rotate(call->api->store, call->key->account_id, call->name, &e, err);
    if (s == ORATOR_OK)
        s = call_answer_json(call, endpoint_json(&e, true), err);
    webhook_endpoint_fini(&e);
    return s;
}

enum orator_status endpoints_remove(struct call *call, struct orator_error *err)
{
    enum orator_status s =
        endpoint_delete(call->api->store, call->key->account_id, call->name, err);
    if (s != ORATOR_OK)
        return s;
    return call_answer_json(
        call,
        json_pack("{s:s, s:s, s:b}", "id", call->name, "object", "webhook_endpoint", "deleted", 1),
        err);
}

enum orator_status endpoints_test(struct call *call, struct orator_error *err)
{
    struct delivery_log log = {0};
    enum orator_status s =
        endpoint_test(call->api->store, call->key->account_id, call->name, &log.delivery, err);
    if (s == ORATOR_OK)
        s = call_answer_json(call, delivery_json(&log), err);
    delivery_log_fini(&log);
    return s;
}

/* GET /v1/webhooks/default/secret, as Replicate's client asks for it. */
enum orator_status webhook_secret_get(struct call *call, struct orator_error *err)
{
    struct webhook_endpoint e = {0};
    enum orator_status s =
        endpoint_get(call->api->store, call->key->account_id, "default", &e, err);
    if (s == ORATOR_OK)
        s = call_answer_json(call, json_pack("{s:s}", "key", e.secret), err);
    webhook_endpoint_fini(&e);
    return s;
}

static void add_delivery(void *ctx, const struct delivery_log *log)
{
    json_array_append_new(ctx, delivery_json(log));
}

enum orator_status deliveries_list(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    json_t *data = json_array();
    bool more = false;
    struct page page;
    const char *status = http_query(call->request, "status");
    struct delivery_filter filter = {.account_id = call->key->account_id,
                                     .task_id = http_query(call->request, "task_id"),
                                     .endpoint_id = http_query(call->request, "endpoint_id"),
                                     .state = -1};
    TRY(page_read(&page, call, err));
    static const char *const states[DELIVERY_STATE_COUNT] = {"waiting", "delivered", "failed"};
    for (int i = 0; status && i < DELIVERY_STATE_COUNT; i++)
        if (strcmp(status, states[i]) == 0)
            filter.state = i;
    if (status && filter.state < 0) {
        s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "status",
                              "status must be waiting, delivered or failed");
        goto done;
    }
    TRY(delivery_list(call->api->store, &filter, page.after, page.limit, add_delivery, data, &more,
                      err));
    s = call_answer_json(call, page_json(data, more), err);
    data = NULL;
done:
    json_decref(data);
    return s;
}

static enum orator_status answer_log(struct call *call, struct delivery_log *log,
                                     enum orator_status s, struct orator_error *err)
{
    if (s == ORATOR_OK)
        s = call_answer_json(call, delivery_json(log), err);
    delivery_log_fini(log);
    return s;
}

enum orator_status deliveries_get_one(struct call *call, struct orator_error *err)
{
    struct delivery_log log;
    enum orator_status s =
        delivery_get(call->api->store, call->key->account_id, call->name, &log, err);
    return answer_log(call, &log, s, err);
}

enum orator_status deliveries_replay(struct call *call, struct orator_error *err)
{
    struct delivery_log log;
    enum orator_status s =
        delivery_replay(call->api->store, call->key->account_id, call->name, &log, err);
    return answer_log(call, &log, s, err);
}

enum orator_status callback_url_check(const char *url, const char *param,
                                      const struct api_setup *api, struct orator_error *err)
{
    if (url_is_data(url) || (!text_starts(url, "http://") && !text_starts(url, "https://")))
        return orator_fail_param(err, ORATOR_INVALID_URL, param,
                                 "%s must begin with https:// or http://", param);
    if (strlen(url) >= TASK_URL_MAX)
        return orator_fail_param(err, ORATOR_INVALID_URL, param, "%s is %zu bytes, at most %d fit",
                                 param, strlen(url), TASK_URL_MAX - 1);
    return url_check(url, &api->fetch, param, err);
}

char *api_webhook_body(void *ctx, const struct webhook_delivery *d, const struct task *t,
                       struct orator_error *err)
{
    const struct api_setup *api = ctx;
    struct call call = {.api = api, .base_url = d->base_url};
    char at[40];
    door_iso_time(at, t ? (t->completed_ms ? t->completed_ms : t->updated_ms) : d->created_ms);
    bool own = !t || strcmp(d->shape, "job") == 0;
    json_t *data = !own ? NULL
                   : t  ? door_job(&call, t)
                        : json_pack("{s:s}", "message", "this is a test of your webhook endpoint");
    json_t *root =
        own ? json_pack("{s:s, s:s, s:o}", "type", d->event, "timestamp", at, "data", data)
            : door_webhook(&call, d->shape, t);
    char *text = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    /* what may be long is the client's own; who needs it asks for the job */
    if (text && data && strlen(text) > HOOK_BODY_MAX) {
        json_object_del(data, "metadata");
        json_object_del(data, "warnings");
        json_object_del(data, "direction");
        free(text);
        text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(15));
    }
    json_decref(root);
    if (!text)
        (void)orator_fail(err, ORATOR_NO_MEMORY, "no memory for a webhook");
    return text;
}
