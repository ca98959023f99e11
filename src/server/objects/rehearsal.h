/* rehearsal.h - everything that Orator will ask of an object store, asked once: `orator media check`.
 *
 * What:    puts, reads, copies, lists and removes objects of names drawn here, a large one in parts, and opens an
 *          address as a stranger would. What was put is removed again, also when a step fails.
 * Errors:  those of s3.h; the text begins with the step.
 */
#pragma once

#include "server/objects/s3.h"

ORATOR_MUST_CHECK enum orator_status s3_rehearse(const struct s3_place *,
                                                 void (*done)(void *ctx, const char *step),
                                                 void *ctx, struct orator_error *err);
