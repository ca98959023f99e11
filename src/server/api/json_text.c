#include "server/api/json_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buffer {
    char *start;
    size_t length, room;
};

static bool put(struct buffer *b, const char *text, size_t n)
{
    if (n >= b->room - b->length) {
        size_t room = 2 * b->room + n;
        char *start = realloc(b->start, room);
        if (!start)
            return false;
        b->start = start;
        b->room = room;
    }
    memcpy(b->start + b->length, text, n);
    b->length += n;
    return true;
}

/* What a byte inside a string is written as, if not as it is (RFC 8259, 7). Bytes of UTF-8 stay. */
static size_t escape(unsigned char c, char out[8])
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = c ? strchr(plain, c) : NULL;
    if (found)
        return (size_t)snprintf(out, 8, "\\%c", letters[found - plain]);
    return (size_t)snprintf(out, 8, "\\u%04X", c);
}

static bool put_string(struct buffer *b, const char *text, size_t n)
{
    if (!put(b, "\"", 1))
        return false;
    for (size_t i = 0, from = 0; i <= n; i++) {
        unsigned char c = i < n ? (unsigned char)text[i] : 0;
        if (i < n && c >= 0x20 && c != '"' && c != '\\')
            continue;
        char out[8];
        if (!put(b, text + from, i - from) || (i < n && !put(b, out, escape(c, out))))
            return false;
        from = i + 1;
    }
    return put(b, "\"", 1);
}

static bool put_number(struct buffer *b, const json_t *v)
{
    char text[32];
    if (json_is_integer(v))
        return put(
            b, text,
            (size_t)snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(v)));
    size_t n = json_dumpb(v, text, sizeof(text), JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    return n > 0 && n <= sizeof(text) && put(b, text, n);
}

static bool put_value(struct buffer *b, const json_t *v, int depth);

static bool put_object(struct buffer *b, const json_t *v, int depth)
{
    json_t *object = (json_t *)(uintptr_t)v; /* iterating changes nothing */
    bool first = true;
    if (!put(b, "{", 1))
        return false;
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        const char *key = json_object_iter_key(i);
        if ((!first && !put(b, ",", 1)) || !put_string(b, key, strlen(key)) || !put(b, ":", 1) ||
            !put_value(b, json_object_iter_value(i), depth - 1))
            return false;
        first = false;
    }
    return put(b, "}", 1);
}

static bool put_array(struct buffer *b, const json_t *v, int depth)
{
    if (!put(b, "[", 1))
        return false;
    for (size_t i = 0; i < json_array_size(v); i++)
        if ((i > 0 && !put(b, ",", 1)) || !put_value(b, json_array_get(v, i), depth - 1))
            return false;
    return put(b, "]", 1);
}

static bool put_value(struct buffer *b, const json_t *v, int depth)
{
    if (depth == 0)
        return false;
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return put_object(b, v, depth);
    case JSON_ARRAY:
        return put_array(b, v, depth);
    case JSON_STRING:
        return put_string(b, json_string_value(v), json_string_length(v));
    case JSON_INTEGER:
    case JSON_REAL:
        return put_number(b, v);
    case JSON_TRUE:
        return put(b, "true", 4);
    case JSON_FALSE:
        return put(b, "false", 5);
    case JSON_NULL:
        return put(b, "null", 4);
    }
    return false;
}

char *json_text(const json_t *value, size_t *size)
{
    struct buffer b = {.start = malloc(2048), .room = 2048}; /* a job is about 1.5 KB */
    if (!b.start || !put_value(&b, value, JSON_TEXT_DEPTH)) {
        free(b.start);
        return NULL;
    }
    b.start[b.length] = '\0'; /* put() leaves room for it */
    *size = b.length;
    return b.start;
}
