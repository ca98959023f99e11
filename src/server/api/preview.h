/* preview.h - a video is watched while it is made: the answer is the growing file, from its start on.
 *
 * Who makes the video writes the file and removes it when the video is over, one way or another; a watcher
 * who has it open is given what is left, and then the end. Costs no thread while nothing comes.
 */
#pragma once

#include "server/api/call.h"

bool preview_is(const char *blob_name);
/* NOT_FOUND before it begins and once it is over. */
ORATOR_MUST_CHECK enum orator_status preview_answer(struct call *, const char *path,
                                                    struct orator_error *err);
