#include "server/api/json_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/api/money.h"

enum { FIRST_ROOM = 4096 /* a job is 1.5 to 2.5 KB */ };

void json_out_bytes(struct json_out *o, const char *bytes, size_t n)
{
    if (n >= o->room - o->length) { /* one byte is left for the NUL */
        size_t room = o->room ? 2 * o->room + n : FIRST_ROOM + n;
        char *start = o->failed ? NULL : realloc(o->start, room);
        if (!start) {
            o->failed = true;
            return;
        }
        o->start = start;
        o->room = room;
    }
    memcpy(o->start + o->length, bytes, n);
    o->length += n;
}

/* What a byte inside a string is written as, if not as it is (RFC 8259, 7). */
static size_t escape(unsigned char c, char out[8])
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = c ? strchr(plain, c) : NULL;
    if (found)
        return (size_t)snprintf(out, 8, "\\%c", letters[found - plain]);
    return (size_t)snprintf(out, 8, "\\u%04X", c);
}

void json_out_string(struct json_out *o, const char *text, size_t n)
{
    size_t from = 0;
    json_out_bytes(o, "\"", 1);
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)text[i];
        char out[8] = "\xEF\xBF\xBD";
        size_t step = 1, wide = 3;
        if (c >= 0x80)
            step = text_utf8_length(text + i, n - i);
        else if (c < 0x20 || c == '"' || c == '\\')
            wide = escape(c, out);
        else
            wide = 0;
        if (wide == 0 || (c >= 0x80 && step > 0)) {
            i += step;
            continue;
        }
        json_out_bytes(o, text + from, i - from);
        json_out_bytes(o, out, wide);
        from = ++i;
    }
    json_out_bytes(o, text + from, n - from);
    json_out_bytes(o, "\"", 1);
}

static void put_name(struct json_out *o, const char *name)
{
    if (o->more)
        json_out_bytes(o, ",", 1);
    o->more = true;
    if (!name)
        return;
    json_out_bytes(o, "\"", 1);
    json_out_bytes(o, name, strlen(name));
    json_out_bytes(o, "\":", 2);
}

void json_begin(struct json_out *o, const char *name, char bracket)
{
    put_name(o, name);
    json_out_bytes(o, &bracket, 1);
    o->more = false;
}

void json_end(struct json_out *o, char bracket)
{
    json_out_bytes(o, &bracket, 1);
    o->more = true;
}

void json_put_raw(struct json_out *o, const char *name, const char *json, const char *instead)
{
    const char *text = json && *json ? json : instead;
    put_name(o, name);
    json_out_bytes(o, text, strlen(text));
}

void json_put_null(struct json_out *o, const char *name) { json_put_raw(o, name, NULL, "null"); }

void json_put_bool(struct json_out *o, const char *name, bool value)
{
    json_put_raw(o, name, NULL, value ? "true" : "false");
}

void json_put_text(struct json_out *o, const char *name, const char *text)
{
    if (!text) {
        json_put_null(o, name);
        return;
    }
    put_name(o, name);
    json_out_string(o, text, strlen(text));
}

/* Decimal digits, at least `least` of them, right before `end`; where they begin. */
static char *digits(char *end, uint64_t value, int least)
{
    for (; value > 0 || least > 0; value /= 10, least--)
        *--end = (char)('0' + value % 10);
    return end;
}

static uint64_t size_of(int64_t value) /* the negative of INT64_MIN exists only as unsigned */
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

void json_put_number(struct json_out *o, const char *name, int64_t value)
{
    char text[24], *end = text + sizeof(text), *at = digits(end, size_of(value), 1);
    if (value < 0)
        *--at = '-';
    put_name(o, name);
    json_out_bytes(o, at, (size_t)(end - at));
}

void json_put_seconds(struct json_out *o, const char *name, int64_t ms)
{
    char text[28], *end = text + sizeof(text), *at = digits(end, size_of(ms) % 1000, 3);
    *--at = '.';
    at = digits(at, size_of(ms) / 1000, 1);
    if (ms < 0)
        *--at = '-';
    while (end[-1] == '0' && end[-2] != '.')
        end--;
    put_name(o, name);
    json_out_bytes(o, at, (size_t)(end - at));
}

void json_put_money(struct json_out *o, const char *name, int64_t micro)
{
    char text[MONEY_TEXT_SIZE];
    money_format(text, micro);
    put_name(o, name);
    json_out_string(o, text, strlen(text));
}

void json_put_real(struct json_out *o, const char *name, double value)
{
    char text[32];
    snprintf(text, sizeof(text), "%.15g", value);
    if (!strpbrk(text, ".e"))
        strcat(text, ".0");
    json_put_raw(o, name, text, "0.0");
}

char *json_take(struct json_out *o, size_t *size)
{
    char *text = o->failed ? NULL : o->start;
    if (!text)
        free(o->start);
    else
        text[o->length] = '\0';
    *size = o->length;
    *o = (struct json_out){0};
    return text;
}
