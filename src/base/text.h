/* text.h - text that grows up to a fixed maximum, and numbers out of text.
 *
 * A `struct text` writes into memory of the caller. What does not fit is cut and remembered in
 * `cut`, never written past the end; the content is a C string at any time.
 * Threads: one owner each.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *start;
    size_t length, size_bytes; /* size includes the final NUL */
    bool cut;
};

struct text text_over(char *memory, size_t size_bytes); /* size_bytes > 0; starts as "" */
void text_add(struct text *t, const char *s);
void text_add_n(struct text *t, const char *s, size_t n);
void text_addf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* With quotes and escapes of JSON; bytes that are not UTF-8 become U+FFFD. */
void text_add_json(struct text *t, const char *s);
void text_add_json_n(struct text *t, const char *s, size_t n);

/* Bytes of the UTF-8 sequence at s[0..n), n > 0; 0 if it is not one. */
size_t text_utf8_length(const char *s, size_t n);

/* The whole of `s` as a decimal number within [low, high]; false (and *out untouched) if not. */
bool text_to_i64(const char *s, int64_t low, int64_t high, int64_t *out);
bool text_to_f64(const char *s, double low, double high, double *out);
bool text_starts(const char *s, const char *prefix);
/* Edits that turn a into b, at most 64 characters each (V. Levenshtein, 1965): "did you mean?" */
int text_edits(const char *a, const char *b);
