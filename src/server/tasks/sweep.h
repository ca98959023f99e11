/* sweep.h - what a crash leaves in the media folder is removed when the server starts again.
 *
 * What:    videos half built, videos whose task never heard of them, uploads whose request was never
 *          accepted. Every file that a task or an upload names stays.
 * Threads: once, before anything else uses the media folder.
 */
#pragma once

#include "server/store/blobs.h"
#include "server/store/store.h"

ORATOR_MUST_CHECK enum orator_status sweep_media(struct store *, struct blobs *, int64_t *removed,
                                                 struct orator_error *err);
