/* deliver.h - a media file becomes the answer: from the folder, through us from the object store, or by a redirect to it.
 *
 * Ranges and validators work in each of the three. A redirect goes to an address that the store has been told to open
 * for an hour, so what reads it must be able to reach the store.
 */
#pragma once

#include "server/api/call.h"

/* `disposition`: of Content-Disposition; NULL: none. Headers that *answer has already are kept. NOT_FOUND. */
ORATOR_MUST_CHECK enum orator_status deliver(struct call *, const char *name,
                                             const char *disposition, struct orator_error *err);
