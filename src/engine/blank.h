/* blank.h - the smallest video that every player takes: a second of grey, without a sound.
 *
 * Threads: pure. Errors: those of media/'s writer.
 */
#pragma once

#include "base/error.h"

enum { BLANK_FPS = 10, BLANK_FRAMES = 10, BLANK_SIDE_PX = 64 };

ORATOR_MUST_CHECK enum orator_status engine_blank_video(const char *path, struct orator_error *err);
