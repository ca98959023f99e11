/* postgres_bell.h - inside store/: how the processes of one database wake each other, and its clock.
 *
 * What:    one thread with a connection of its own. It listens for NOTIFY and, when rung, notifies: many rings
 *          in a row become one, because PostgreSQL lets one transaction at a time commit a NOTIFY.
 *          The time is the database's, so that leases mean the same to machines whose clocks differ or
 *          are set: it is asked every 10 s and goes on by this machine's steady clock between.
 * Errors:  none after the start: without a connection nothing is heard, and those who wait look by
 *          themselves; it is made again every second.
 * Threads: any.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct bell;

ORATOR_MUST_CHECK enum orator_status bell_open(struct bell **out, const char *url,
                                               struct orator_error *err);
void bell_close(struct bell **);
void bell_ring(struct bell *); /* never waits */
/* `heard` is called on the bell's thread for what others ring; NULL: no more, and none runs when this returns. */
void bell_listen(struct bell *, void (*heard)(void *ctx), void *ctx);
int64_t bell_now_ms(const struct bell *);
