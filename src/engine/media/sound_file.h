/* sound_file.h - which of the listed sound formats a file is, from its first bytes.
 *
 * FFmpeg knows some three hundred formats and guesses among them; here only six are ever named to
 * it. ID3 tags in front and behind are cut off, so that no tag reader runs.
 * Threads: pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct sound_file {
    const char *demuxer;  /* FFmpeg's name of the only demuxer that may read it */
    const uint8_t *bytes; /* borrowed; what lies between the tags */
    size_t size;
};

/* UNSUPPORTED_AUDIO_FORMAT if it is none of them. */
ORATOR_MUST_CHECK enum orator_status sound_file_parse(struct sound_file *out, const uint8_t *bytes,
                                                      size_t size, struct orator_error *err);
