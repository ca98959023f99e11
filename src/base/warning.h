/* warning.h - what a person should know though nothing failed: a word for programs, a sentence.
 *
 * A `struct warnings` is a short list in the caller's memory, {0} when empty; nothing allocates. A
 * warning too many is dropped, a sentence too long is cut.
 * Threads: one owner each.
 */
#pragma once

#include "base/text.h"

enum { WARNINGS_MAX = 8, WARNING_TEXT_SIZE = 160 };

struct warning {
    const char *code; /* stable lower-case word of the HTTP API, a string literal */
    char text[WARNING_TEXT_SIZE];
};

struct warnings {
    struct warning list[WARNINGS_MAX];
    int count;
};

void warnings_add(struct warnings *, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* [{"code": ..., "message": ...}, ...]; WARNINGS_JSON_SIZE bytes hold any list. */
enum { WARNINGS_JSON_SIZE = 4 + WARNINGS_MAX * (64 + 6 * WARNING_TEXT_SIZE) };
void warnings_add_json(struct text *, const struct warnings *);
