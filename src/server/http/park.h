/* park.h - connections that have nothing to say yet wait here; a thousand of them cost one thread.
 *
 * What:    a parked connection is suspended in the library: no thread, no poll, no timeout. When its
 *          time is due, or the server stops, it is resumed, and its callback is called again.
 * Threads: park_add() from the callback of the connection itself; one thread of its own.
 */
#pragma once

#include <microhttpd.h>
#include <stdint.h>

#include "base/error.h"

struct park;

/* Part of whatever is parked; lives at least until the connection's callback is called again. */
struct parked {
    struct parked *next, **link; /* link: what points to this one */
    struct MHD_Connection *connection;
    int64_t due_ms; /* steady clock */
};

ORATOR_MUST_CHECK enum orator_status park_start(struct park **out, struct orator_error *err);
/* Suspends the connection for `wait_ms`. */
void park_add(struct park *, struct parked *, struct MHD_Connection *, int64_t wait_ms);
/* Resumes all, now and whenever one is added from here on. */
void park_clear(struct park *);
void park_stop(struct park **); /* after the daemon is stopped */
