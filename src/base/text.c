#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text text_over(char *memory, size_t size_bytes)
{
    memory[0] = '\0';
    return (struct text){.start = memory, .size_bytes = size_bytes};
}

void text_add_n(struct text *t, const char *s, size_t n)
{
    size_t room = t->size_bytes - 1 - t->length;
    if (n > room) {
        n = room;
        t->cut = true;
    }
    memcpy(t->start + t->length, s, n);
    t->length += n;
    t->start[t->length] = '\0';
}

void text_add(struct text *t, const char *s) { text_add_n(t, s, strlen(s)); }

void text_addf(struct text *t, const char *fmt, ...)
{
    size_t room = t->size_bytes - t->length;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(t->start + t->length, room, fmt, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n >= room) {
        t->cut = true;
        n = (int)room - 1;
    }
    t->length += (size_t)n;
}

/* RFC 3629, table 3-7 of Unicode. */
size_t text_utf8_length(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    static const struct {
        unsigned char first, last, second_low, second_high;
        size_t length;
    } rows[] = {{0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
                {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
                {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
                {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
    if (s[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (s[0] < rows[i].first || s[0] > rows[i].last)
            continue;
        if (n < rows[i].length || s[1] < rows[i].second_low || s[1] > rows[i].second_high)
            return 0;
        for (size_t k = 2; k < rows[i].length; k++)
            if ((s[k] & 0xC0) != 0x80)
                return 0;
        return rows[i].length;
    }
    return 0;
}

void text_add_json_n(struct text *t, const char *s, size_t n)
{
    text_add(t, "\"");
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)s[i];
        size_t step = text_utf8_length(s + i, n - i);
        if (step == 0) {
            text_add(t, "\xEF\xBF\xBD");
            step = 1;
        } else if (c == '"' || c == '\\') {
            text_addf(t, "\\%c", c);
        } else if (c < 0x20 || c == 0x7F) {
            text_addf(t, "\\u%04x", c);
        } else {
            text_add_n(t, s + i, step);
        }
        i += step;
    }
    text_add(t, "\"");
}

void text_add_json(struct text *t, const char *s) { text_add_json_n(t, s, strlen(s)); }

bool text_to_i64(const char *s, int64_t low, int64_t high, int64_t *out)
{
    if (*s != '-' && (*s < '0' || *s > '9'))
        return false;
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (errno || end == s || *end || v < low || v > high)
        return false;
    *out = v;
    return true;
}

bool text_to_f64(const char *s, double low, double high, double *out)
{
    if (*s != '-' && *s != '.' && (*s < '0' || *s > '9'))
        return false;
    for (const char *p = s; *p; p++)
        if (!strchr("0123456789.eE+-", *p))
            return false; /* no hex, no nan, no inf */
    char *end;
    double v = strtod(s, &end); /* the program never leaves the "C" locale */
    if (end == s || *end || !isfinite(v) || v < low || v > high)
        return false;
    *out = v;
    return true;
}

bool text_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

int text_edits(const char *a, const char *b)
{
    int row[65], na = (int)strnlen(a, 64), nb = (int)strnlen(b, 64);
    for (int j = 0; j <= nb; j++)
        row[j] = j;
    for (int i = 1; i <= na; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= nb; j++) {
            int above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = above;
        }
    }
    return row[nb];
}
