#include "server/webhooks/sender.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "server/fetch/post.h"
#include "server/tasks/queue.h"
#include "server/webhooks/endpoints.h"
#include "server/webhooks/schedule.h"
#include "server/webhooks/signature.h"

enum {
    LOOK_MS = 250,       /* between looks at the store; what a receiver waits at most, about */
    LEASE_MS = 25000,    /* a post takes 15 s at most */
    BUSY_MS = 1000,      /* a delivery to a host that is busy lets others pass */
    LOOKS_AT_ONCE = 256, /* deliveries looked at before the others get a turn */
    TIDY_MS = 30000,
    FORGET_MS = 600000,
    STATUS_GONE = -2, /* in place of one of HTTP: there is nothing to send any more */
};

struct sender {
    struct sender_setup setup;
    struct poster *poster;
    pthread_t thread;
    atomic_bool stopping;
    struct random chance;
    int64_t tidy_ms, forget_ms; /* steady; when next */
};

/* A post under way. */
struct flight {
    struct sender *sender;
    struct webhook_delivery delivery;
};

static void flight_free(struct flight *f)
{
    webhook_delivery_fini(&f->delivery);
    free(f);
}

/* Writes down how an attempt went, and what is next. */
static void settle(struct sender *x, struct webhook_delivery *d, int status, const char *why,
                   int64_t took_ms)
{
    enum orator_status s;
    struct orator_error err = {0};
    struct connection *c = NULL;
    struct webhook_delivery now = {0};
    struct webhook_endpoint e = {0};
    TRY(store_write(x->setup.store, &c, &err));
    int64_t now_ms = store_now_ms(x->setup.store);
    s = deliveries_get(c, d->id, NULL, &now, &err);
    if (s == ORATOR_NOT_FOUND) { /* deleted while it was under way */
        s = ORATOR_OK;
        goto done;
    }
    TRY(s);
    now.attempt++;
    now.attempts++;
    int64_t wait_ms = webhook_retry_ms(now.attempt, random_unit(&x->chance));
    if (status >= 200 && status < 300) {
        now.state = DELIVERY_DONE;
    } else if (status == 410 || status == STATUS_GONE || wait_ms < 0) {
        now.state = DELIVERY_FAILED;
    } else {
        now.next_ms = now_ms + wait_ms;
    }
    if (now.state != DELIVERY_WAITING)
        now.ended_ms = now_ms;
    if (!now.body && d->body)
        now.body = strdup(d->body);
    TRY(deliveries_update(c, &now, &err));
    struct webhook_attempt a = {.number = now.attempts,
                                .status = status == STATUS_GONE ? 0 : status,
                                .at_ms = now_ms - took_ms,
                                .took_ms = took_ms};
    snprintf(a.why, sizeof(a.why), "%s", why);
    TRY(attempts_insert(c, now.id, &a, &err));
    if (status == 410 && now.endpoint_id[0]) {
        TRY(endpoints_get(c, now.endpoint_id, NULL, &e, &err));
        e.disabled_ms = now_ms;
        TRY(endpoints_update(c, &e, &err));
    }
done:
    s = store_end(&c, s, &err);
    if (s != ORATOR_OK)
        log_error(x->setup.log, "webhook.store", "delivery=%s error=%s text=%s", d->id,
                  orator_status_word(s), err.text);
    else
        log_info(x->setup.log, "webhook.attempt", "delivery=%s task=%s status=%d ms=%lld", d->id,
                 d->task_id, status, (long long)took_ms);
    webhook_endpoint_fini(&e);
    webhook_delivery_fini(&now);
}

/* The server stops: the next one may send it at once. Whether the receiver has it nobody knows. */
static void hand_back(struct sender *x, struct webhook_delivery *d)
{
    enum orator_status s;
    struct connection *c = NULL;
    TRY(store_write(x->setup.store, &c, NULL));
    d->next_ms = store_now_ms(x->setup.store);
    TRY(deliveries_update(c, d, NULL));
done:
    s = store_end(&c, s, NULL);
    log_info(x->setup.log, "webhook.handed_back", "delivery=%s result=%s", d->id,
             orator_status_word(s));
}

static void on_done(void *ctx, int status, const char *why, int64_t took_ms)
{
    struct flight *f = ctx;
    char text[128];
    if (status < 0) {
        hand_back(f->sender, &f->delivery);
        flight_free(f);
        return;
    }
    if (status >= 300 && status < 400)
        snprintf(text, sizeof(text), "the receiver redirects, which is not followed");
    else if (status == 0)
        snprintf(text, sizeof(text), "%s", why);
    else
        snprintf(text, sizeof(text), "%s",
                 status >= 200 && status < 300 ? "" : "the receiver did not take it");
    settle(f->sender, &f->delivery, status, text, took_ms);
    flight_free(f);
}

/* What `d` says, under its signatures. */
static enum orator_status post(struct sender *x, struct flight *f, struct orator_error *err)
{
    enum orator_status s;
    struct webhook_delivery *d = &f->delivery;
    struct task task = {0};
    char secrets[2][WEBHOOK_KEY_SIZE];
    char id_line[64], time_line[64], signatures[2 * WEBHOOK_SIGNATURE_SIZE + 32];
    int count = 0;
    if (!d->body) {
        if (d->task_id[0])
            TRY(queue_get(x->setup.store, d->task_id, NULL, &task, err));
        d->body = x->setup.body(x->setup.ctx, d, d->task_id[0] ? &task : NULL, err);
        if (!d->body) {
            s = err->status != ORATOR_OK ? err->status : ORATOR_NO_MEMORY;
            goto done;
        }
    }
    TRY(webhook_secrets(x->setup.store, d->account_id, d->endpoint_id, secrets, &count, err));
    int64_t now_s = clock_wall_ms() / 1000;
    size_t size = strlen(d->body);
    struct text line = text_over(signatures, sizeof(signatures));
    text_add(&line, "webhook-signature:");
    for (int i = 0; i < count; i++) {
        char one[WEBHOOK_SIGNATURE_SIZE];
        TRY(webhook_sign(one, secrets[i], d->id, now_s, d->body, size, err));
        text_addf(&line, " %s", one);
    }
    snprintf(id_line, sizeof(id_line), "webhook-id: %s", d->id);
    snprintf(time_line, sizeof(time_line), "webhook-timestamp: %lld", (long long)now_s);
    TRY(poster_add(x->poster,
                   &(struct post){.url = d->url,
                                  .headers = {id_line, time_line, signatures},
                                  .body = d->body,
                                  .body_size = size,
                                  .ctx = f},
                   err));
done:
    task_fini(&task);
    return s;
}

/* Takes one that is due and leases it; *found = false: there is none. One to a busy host is put off. */
static enum orator_status claim(struct sender *x, struct webhook_delivery *d, bool *found,
                                bool *busy, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    *busy = false;
    /* a look without the writer's lock first: nearly always there is nothing */
    TRY(store_read(x->setup.store, &c, err));
    TRY(deliveries_due(c, store_now_ms(x->setup.store), d, found, err));
    s = store_end(&c, s, err);
    webhook_delivery_fini(d);
    if (s != ORATOR_OK || !*found)
        return s;
    TRY(store_write(x->setup.store, &c, err));
    int64_t now_ms = store_now_ms(x->setup.store);
    TRY(deliveries_due(c, now_ms, d, found, err));
    if (*found) {
        *busy = poster_host_is_busy(x->poster, d->url);
        d->next_ms =
            now_ms + (*busy ? BUSY_MS : (x->setup.lease_ms ? x->setup.lease_ms : LEASE_MS));
        TRY(deliveries_update(c, d, err));
    }
done:
    return store_end(&c, s, err);
}

/* Sends what is due, as much as there is room for. */
static void send_due(struct sender *x)
{
    for (int looks = 0; looks < LOOKS_AT_ONCE && poster_room(x->poster) > 0 && !x->stopping;
         looks++) {
        struct orator_error err = {0};
        struct flight *f = calloc(1, sizeof(*f));
        bool found = false, busy = false;
        if (!f)
            return;
        f->sender = x;
        enum orator_status s = claim(x, &f->delivery, &found, &busy, &err);
        if (s != ORATOR_OK)
            log_error(x->setup.log, "webhook.claim", "error=%s text=%s", orator_status_word(s),
                      err.text);
        if (s != ORATOR_OK || !found || busy) {
            flight_free(f);
            if (s == ORATOR_OK && found)
                continue;
            return;
        }
        s = post(x, f, &err);
        if (s == ORATOR_OK)
            continue;
        /* what cannot be sent counts as an attempt, so that it ends some day; at once where the job
         * that it would tell of was deleted */
        settle(x, &f->delivery, s == ORATOR_TASK_NOT_FOUND ? STATUS_GONE : 0, err.text, 0);
        flight_free(f);
    }
}

/* Planned before the clock was set back: no wait is that long. */
static enum orator_status hasten(struct sender *x, struct connection *c, struct orator_error *err)
{
    int64_t now_ms = store_now_ms(x->setup.store);
    int64_t longest_ms = webhook_retry_ms(WEBHOOK_ATTEMPTS_MAX - 1, 1);
    return deliveries_hasten(c, now_ms, now_ms + (int64_t)2 * LEASE_MS,
                             now_ms + longest_ms + LEASE_MS, err);
}

static void tidy(struct sender *x)
{
    enum orator_status s;
    struct orator_error err = {0};
    struct connection *c = NULL;
    TRY(store_write(x->setup.store, &c, &err));
    TRY(hasten(x, c, &err));
    if (clock_steady_ms() >= x->forget_ms) {
        TRY(deliveries_forget(c, store_now_ms(x->setup.store) - SENDER_KEEP_MS, &err));
        x->forget_ms = clock_steady_ms() + FORGET_MS;
    }
done:
    s = store_end(&c, s, &err);
    if (s != ORATOR_OK)
        log_error(x->setup.log, "webhook.tidy", "error=%s text=%s", orator_status_word(s),
                  err.text);
}

static void *sender_run(void *ctx)
{
    struct sender *x = ctx;
    while (!x->stopping) {
        send_due(x);
        poster_run(x->poster, LOOK_MS);
        if (clock_steady_ms() >= x->tidy_ms) {
            tidy(x);
            x->tidy_ms = clock_steady_ms() + TIDY_MS;
        }
    }
    return NULL;
}

enum orator_status sender_start(struct sender **out, const struct sender_setup *setup,
                                struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    uint64_t seed;
    *out = NULL;
    struct sender *x = calloc(1, sizeof(*x));
    if (!x)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the sender of webhooks");
    x->setup = *setup;
    random_secret(&seed, sizeof(seed));
    x->chance = random_seeded(seed, 1);
    x->tidy_ms = clock_steady_ms();
    TRY(poster_open(&x->poster, &setup->fetch, on_done, err));
    if (pthread_create(&x->thread, NULL, sender_run, x) != 0) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no thread for the sender of webhooks");
        goto done;
    }
    *out = x;
    return ORATOR_OK;
done:
    poster_close(&x->poster);
    free(x);
    return s;
}

void sender_wake(struct sender *x) { poster_wake(x->poster); }

void sender_stop(struct sender **sender)
{
    struct sender *x = *sender;
    if (!x)
        return;
    x->stopping = true;
    poster_wake(x->poster);
    pthread_join(x->thread, NULL);
    poster_close(&x->poster);
    free(x);
    *sender = NULL;
}
