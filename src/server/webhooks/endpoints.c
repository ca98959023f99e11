#include "server/webhooks/endpoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/store/name.h"
#include "server/webhooks/signature.h"

enum { ATTEMPTS_SHOWN = 100 };

static enum orator_status insert(struct connection *c, const struct endpoint_request *r,
                                 int64_t now_ms, struct webhook_endpoint *out,
                                 struct orator_error *err)
{
    *out = (struct webhook_endpoint){.created_ms = now_ms};
    name_new(out->id, "we_", 20);
    webhook_secret_new(out->secret);
    snprintf(out->account_id, sizeof(out->account_id), "%s", r->account_id);
    snprintf(out->events, sizeof(out->events), "%s", r->events);
    snprintf(out->description, sizeof(out->description), "%s", r->description);
    snprintf(out->base_url, sizeof(out->base_url), "%s", r->base_url);
    out->url = strdup(r->url);
    return out->url ? endpoints_insert(c, out, err)
                    : orator_fail(err, ORATOR_NO_MEMORY, "no memory for a webhook endpoint");
}

/* Makes the account's own secret where that is what is asked for and not there. */
static enum orator_status get_or_make(struct connection *c, const char *account_id, const char *id,
                                      int64_t now_ms, struct webhook_endpoint *out,
                                      struct orator_error *err)
{
    enum orator_status s = endpoints_get(c, id, account_id, out, err);
    if (s != ORATOR_NOT_FOUND || strcmp(id, "default") != 0)
        return s;
    return insert(c,
                  &(struct endpoint_request){.account_id = account_id,
                                             .url = "",
                                             .events = " ",
                                             .description = "signs what goes to a callback_url",
                                             .base_url = ""},
                  now_ms, out, err);
}

enum orator_status endpoint_add(struct connection *c, const struct endpoint_request *r,
                                int64_t now_ms, struct webhook_endpoint *out,
                                struct orator_error *err)
{
    enum orator_status s;
    int64_t count;
    *out = (struct webhook_endpoint){0};
    TRY(endpoints_count(c, r->account_id, &count, err));
    if (count >= WEBHOOK_ENDPOINTS_MAX)
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "there are %lld webhook endpoints, at most %d may be; delete one first",
                           (long long)count, WEBHOOK_ENDPOINTS_MAX);
    TRY(insert(c, r, now_ms, out, err));
done:
    return s;
}

enum orator_status endpoint_create(struct store *store, const struct endpoint_request *r,
                                   struct webhook_endpoint *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    *out = (struct webhook_endpoint){0};
    TRY(store_write(store, &c, err));
    TRY(endpoint_add(c, r, store_now_ms(store), out, err));
done:
    return store_end(&c, s, err);
}

enum orator_status endpoint_get(struct store *store, const char *account_id, const char *id,
                                struct webhook_endpoint *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    *out = (struct webhook_endpoint){0};
    TRY(store_write(store, &c, err));
    TRY(get_or_make(c, account_id, id, store_now_ms(store), out, err));
done:
    return store_end(&c, s, err);
}

enum orator_status endpoint_rotate(struct store *store, const char *account_id, const char *id,
                                   struct webhook_endpoint *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    *out = (struct webhook_endpoint){0};
    TRY(store_write(store, &c, err));
    int64_t now_ms = store_now_ms(store);
    TRY(get_or_make(c, account_id, id, now_ms, out, err));
    snprintf(out->old_secret, sizeof(out->old_secret), "%s", out->secret);
    out->old_until_ms = now_ms + WEBHOOK_OLD_MS;
    out->disabled_ms = 0;
    webhook_secret_new(out->secret);
    TRY(endpoints_update(c, out, err));
done:
    return store_end(&c, s, err);
}

enum orator_status endpoint_delete(struct store *store, const char *account_id, const char *id,
                                   struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct webhook_endpoint e = {0};
    TRY(store_write(store, &c, err));
    TRY(endpoints_get(c, id, account_id, &e, err));
    TRY(endpoints_delete(c, e.id, err));
done:
    s = store_end(&c, s, err);
    webhook_endpoint_fini(&e);
    return s;
}

enum orator_status endpoint_list(struct store *store, const char *account_id,
                                 void (*each)(void *ctx, const struct webhook_endpoint *),
                                 void *ctx, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    int64_t after = 0;
    bool found = true;
    TRY(store_read(store, &c, err));
    while (found) {
        struct webhook_endpoint e = {0};
        s = endpoints_next(c, account_id, &after, &e, &found, err);
        if (s == ORATOR_OK && found)
            each(ctx, &e);
        webhook_endpoint_fini(&e);
        TRY(s);
    }
done:
    return store_end(&c, s, err);
}

enum orator_status endpoint_test(struct store *store, const char *account_id, const char *id,
                                 struct webhook_delivery *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct webhook_endpoint e = {0};
    *out = (struct webhook_delivery){0};
    TRY(store_write(store, &c, err));
    TRY(endpoints_get(c, id, account_id, &e, err));
    if (!e.url[0]) {
        s = orator_fail(err, ORATOR_INVALID_PARAMETER, "this endpoint has no URL to test");
        goto done;
    }
    out->created_ms = out->next_ms = store_now_ms(store);
    name_new(out->id, "msg_", 20);
    snprintf(out->account_id, sizeof(out->account_id), "%s", account_id);
    snprintf(out->endpoint_id, sizeof(out->endpoint_id), "%s", e.id);
    snprintf(out->event, sizeof(out->event), WEBHOOK_TEST);
    snprintf(out->base_url, sizeof(out->base_url), "%s", e.base_url);
    snprintf(out->shape, sizeof(out->shape), "job");
    out->url = e.url;
    e.url = NULL;
    TRY(deliveries_insert(c, out, err));
done:
    s = store_end(&c, s, err);
    webhook_endpoint_fini(&e);
    return s;
}

enum orator_status webhook_secrets(struct store *store, const char *account_id,
                                   const char *endpoint_id, char out[2][WEBHOOK_KEY_SIZE],
                                   int *count, struct orator_error *err)
{
    struct webhook_endpoint e;
    enum orator_status s =
        endpoint_get(store, account_id, endpoint_id[0] ? endpoint_id : "default", &e, err);
    *count = 0;
    if (s == ORATOR_OK) {
        snprintf(out[(*count)++], WEBHOOK_KEY_SIZE, "%s", e.secret);
        if (e.old_secret[0] && e.old_until_ms > store_now_ms(store))
            snprintf(out[(*count)++], WEBHOOK_KEY_SIZE, "%s", e.old_secret);
    }
    webhook_endpoint_fini(&e);
    return s;
}

void delivery_log_fini(struct delivery_log *log)
{
    webhook_delivery_fini(&log->delivery);
    free(log->attempts);
    *log = (struct delivery_log){0};
}

static enum orator_status read_attempts(struct connection *c, struct delivery_log *log,
                                        struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    int after = 0;
    bool found = true;
    log->attempts = calloc(ATTEMPTS_SHOWN, sizeof(*log->attempts));
    if (!log->attempts)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a delivery");
    if (log->delivery.attempts > ATTEMPTS_SHOWN) /* the last ones */
        after = log->delivery.attempts - ATTEMPTS_SHOWN;
    while (log->count < ATTEMPTS_SHOWN) {
        struct webhook_attempt *a = &log->attempts[log->count];
        TRY(attempts_next(c, log->delivery.id, after, a, &found, err));
        if (!found)
            break;
        after = a->number;
        log->count++;
    }
done:
    return s;
}

enum orator_status delivery_get(struct store *store, const char *account_id, const char *id,
                                struct delivery_log *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    *out = (struct delivery_log){0};
    TRY(store_read(store, &c, err));
    TRY(deliveries_get(c, id, account_id, &out->delivery, err));
    TRY(read_attempts(c, out, err));
done:
    return store_end(&c, s, err);
}

enum orator_status delivery_list(struct store *store, const struct delivery_filter *filter,
                                 const char *after, int limit,
                                 void (*each)(void *ctx, const struct delivery_log *), void *ctx,
                                 bool *more, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct delivery_log log = {0};
    int64_t before = 0;
    *more = false;
    TRY(store_read(store, &c, err));
    if (after) {
        TRY(deliveries_get(c, after, filter->account_id, &log.delivery, err));
        TRY(deliveries_row(c, after, &before, err));
        delivery_log_fini(&log);
    }
    for (int n = 0; n <= limit; n++) {
        TRY(deliveries_next(c, filter, &before, &log.delivery, more, err));
        if (!*more || n == limit)
            break;
        TRY(read_attempts(c, &log, err));
        each(ctx, &log);
        delivery_log_fini(&log);
    }
done:
    s = store_end(&c, s, err);
    delivery_log_fini(&log);
    return s;
}

enum orator_status delivery_replay(struct store *store, const char *account_id, const char *id,
                                   struct delivery_log *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct webhook_delivery *d = &out->delivery;
    *out = (struct delivery_log){0};
    TRY(store_write(store, &c, err));
    TRY(deliveries_get(c, id, account_id, d, err));
    free(d->body);
    d->body = NULL;
    d->state = DELIVERY_WAITING;
    d->attempt = 0;
    d->next_ms = store_now_ms(store);
    d->ended_ms = 0;
    TRY(deliveries_update(c, d, err));
    TRY(read_attempts(c, out, err));
done:
    return store_end(&c, s, err);
}
