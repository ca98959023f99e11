/* estimate.h - POST /v1/video/generations/estimate, and a submit with dry_run: what it would cost, how long it
 * would take, and whether it would succeed. Nothing is charged and nothing kept. Private to api/.
 *
 * The sources are fetched and looked at on a thread of measure.h; the request waits for that without one.
 */
#pragma once

#include "server/api/generations.h"

/* The submission is measure.h's after OK; call estimate_resume() when the handler is called again. */
ORATOR_MUST_CHECK enum orator_status estimate_begin(struct call *, struct submission *,
                                                    struct orator_error *err);
bool estimate_is_waiting(const struct call *);
ORATOR_MUST_CHECK enum orator_status estimate_resume(struct call *, struct orator_error *err);
