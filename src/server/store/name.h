/* name.h - names that nobody can guess: ids of tasks and keys, files of the media store. */
#pragma once

#include <stdint.h>

/* Writes `prefix`, `letters` letters of 5 random bits each, and a NUL. The letters are digits and
 * lower case without i, l, o and u, which people misread. */
void name_new(char *out, const char *prefix, int letters);

enum { NAME_TIME_LETTERS = 9 /* 45 bits of milliseconds: until the year 3084 */ };
/* The same with the time in the first nine letters: names made later sort behind, so that an index of them
 * grows at its end. The others, at least ten, cannot be guessed. */
void name_new_at(char *out, const char *prefix, int letters, int64_t now_ms);
