/* json_text.h - inside api/: a value as the text of an answer.
 *
 * The bytes are those of json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(15)), which a test holds it to; that
 * function looks for cycles by writing the address of each container into a hash table, which was a quarter of
 * the work of a status query. Ours are trees that we have just built: no cycles, at most JSON_TEXT_DEPTH deep.
 *
 * 15 digits are what a double keeps of a decimal, so that 0.1 stays 0.1.
 *
 * Threads: any, on a value that nobody changes.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

enum { JSON_TEXT_DEPTH = 64 };

/* malloc'ed, ended by NUL, which *size does not count. NULL: no memory, or too deep. */
char *json_text(const json_t *value, size_t *size);
