/* kind.h - the usual extension of a file, by its first bytes, for programs that go by names. */
#pragma once

#include "base/file.h"

const char *kind_of_picture(const struct bytes *); /* "jpg", "png", "webp" */
const char *kind_of_sound(const struct bytes *);   /* "mp3", "wav", "m4a", "aac", "ogg", "flac" */
