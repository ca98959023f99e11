/* name.h - names that nobody can guess: ids of tasks and keys, files of the media store. */
#pragma once

/* Writes `prefix`, `letters` letters of 5 random bits each, and a NUL. The letters are digits and
 * lower case without i, l, o and u, which people misread. */
void name_new(char *out, const char *prefix, int letters);
