/* money.h - amounts as decimal strings outside, whole micro-units inside; never a float.
 *
 * Format: digits, '.', two to six digits: "0.70", "0.056", "-1.25". Threads: pure.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { MONEY_MICRO = 1000000, MONEY_TEXT_SIZE = 32 };

const char *money_format(char out[MONEY_TEXT_SIZE], int64_t micro); /* returns `out` */
/* "12", "12.5" up to six places, no sign, no spaces; false (and *out untouched) for anything else. */
bool money_parse(const char *text, int64_t *out);
json_t *money_json(int64_t micro); /* as a JSON text; NULL: no memory */
