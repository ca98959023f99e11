/* adopt.h - inside maker/: the end of every making that was somebody else's.
 *
 * What:    the video at `path` is checked and packed anew as the task's, its facts become the result's; what the
 *          request asked for and only our own engine does is said in the warnings.
 */
#pragma once

#include "server/maker/maker.h"

ORATOR_MUST_CHECK enum orator_status maker_adopt(const struct maker_job *, const char *path,
                                                 int64_t voice_us, struct maker_result *out,
                                                 struct orator_error *err);
