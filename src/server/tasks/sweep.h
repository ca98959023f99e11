/* sweep.h - files of the media folder that are nobody's any more: a task's that is gone, and what a crash left.
 *
 * What:    after a crash: videos half built, videos whose task never heard of them, uploads whose request was never
 *          accepted. Every file that a task or an upload names stays.
 */
#pragma once

#include "server/store/blobs.h"
#include "server/store/store.h"
#include "server/tasks/task.h"

/* The video, its thumbnail, its captions and the uploads that the task names are removed; missing ones are fine. Any thread, any time. */
void sweep_task(const struct task *, struct blobs *);

/* Once before anything else uses the media folder, and now and then: blobs_sweep(). */
ORATOR_MUST_CHECK enum orator_status sweep_media(struct store *, struct blobs *, int64_t *removed,
                                                 struct orator_error *err);
