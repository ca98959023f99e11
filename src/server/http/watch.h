/* watch.h - connections that take too long, and those that were answered too early.
 *
 * What:    the library's own timeout starts anew with each byte, so one byte every few seconds would
 *          hold a connection for hours. Here a head has `patience` to come whole, and a body has that
 *          plus the time it takes at WATCH_MIN_RATE; who is later is cut.
 *          Whoever hangs up in the middle of a request is noticed here if not by the library.
 *          A request refused before its body was read leaves bytes in the socket; closing it then makes
 *          the kernel send a reset, which can overtake our answer. Such a socket lingers here: what
 *          still comes is thrown away until the client has read the answer and hung up.
 * Threads: any; one thread of its own.
 */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    WATCH_MIN_RATE = 4096,   /* bytes a second: a tenth of a poor mobile link */
    WATCH_LINGER_MS = 2000,  /* a client that has not looked up by then will not */
    WATCH_LINGERING_MAX = 64 /* descriptors given to those at once */
};

enum watch_phase { WATCH_HEAD, WATCH_BODY, WATCH_ANSWER /* the library's own timeout suffices */ };

struct watch;
struct watched; /* one connection */

ORATOR_MUST_CHECK enum orator_status watch_start(struct watch **out, int64_t patience_ms,
                                                 struct orator_error *err);
void watch_stop(struct watch **); /* after every connection is removed */

struct watched *watch_add(struct watch *, int fd); /* NULL: no memory; the others take NULL */
void watch_set_phase(struct watched *, enum watch_phase);
void watch_received(struct watched *, size_t size);
void watch_linger(struct watched *); /* let it linger once it is removed */
void watch_remove(struct watched *); /* before its descriptor is closed */
