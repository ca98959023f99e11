/* sender.h - takes deliveries that are due and posts them until they are taken or given up.
 *
 * What:    one thread, up to POSTER_AT_ONCE posts under way, so slow receivers cost nothing but time. A
 *          delivery is leased while it is under way: a server that is killed sends it again after the
 *          lease, so a receiver may see one twice (webhook-id tells) and never none.
 * Rules:   2xx is taken. 410 ends the delivery and disables its endpoint. Anything else, a redirect too,
 *          is tried again by schedule.h. Each attempt is a row of the log.
 * Body:    made by `body` at the first attempt and kept for the others; a replay makes it anew.
 * Also:    once in a while, removes deliveries that ended long ago.
 * Owns:    its thread. Borrows everything in struct sender_setup for its life.
 */
#pragma once

#include "base/log.h"
#include "server/fetch/fetch.h"
#include "server/store/webhooks_table.h"

#define SENDER_KEEP_MS (30LL * 24 * 3600 * 1000) /* deliveries in the log, as long as jobs */

struct sender_setup {
    struct store *store;
    struct fetch_policy fetch;
    /* The JSON to post, on the heap; NULL: it cannot be made, *err says why. `task` is NULL for a test. */
    char *(*body)(void *ctx, const struct webhook_delivery *, const struct task *task,
                  struct orator_error *err);
    void *ctx;
    const struct log *log;
    int64_t lease_ms; /* 0: 25 s, which outlasts the longest post */
};

struct sender;
ORATOR_MUST_CHECK enum orator_status sender_start(struct sender **out, const struct sender_setup *,
                                                  struct orator_error *err);
void sender_wake(struct sender *); /* something is due: look at once. Any thread. */
void sender_stop(struct sender **);
