/* libav.h - what every use of FFmpeg here has in common.
 *
 * FFmpeg keeps two things for the whole process: how much it prints, and the largest block it may
 * ask for. libav_setup() sets both, once; every entry of media.h that reaches FFmpeg calls it first.
 * Threads: any.
 */
#pragma once

#include "base/error.h"

/* Prints nothing from here on, and takes no block larger than the largest picture we accept. */
void libav_setup(void);

/* FFmpeg's `code` as one of our failures: NO_MEMORY when memory was missing, `otherwise` if not. */
enum orator_status libav_fail(struct orator_error *err, int code, enum orator_status otherwise,
                              const char *what);
