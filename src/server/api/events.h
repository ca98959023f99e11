/* events.h - a job that is watched: long polls and server-sent events. Private to api/.
 *
 * Neither holds a thread: the connection is parked between looks at the store. */
#pragma once

#include "server/api/call.h"

enum { WAIT_MAX_S = 60, WAIT_USUAL_S = 30, WAIT_LOOK_MS = 150, EVENTS_LOOK_MS = 500 };

/* How long the client wants to wait for the end of a task: ?wait=30, or "Prefer: wait=30"; 0: not at all.
 * INVALID_PARAMETER for anything but 0..WAIT_MAX_S. */
ORATOR_MUST_CHECK enum orator_status call_wait_ms(const struct call *, int64_t *out,
                                                  struct orator_error *err);
/* True: answer later, the task is not over and the client still wants to wait; the answer is set up for
 * that. */
bool call_waits(struct call *, const struct task *, int64_t wait_ms);
