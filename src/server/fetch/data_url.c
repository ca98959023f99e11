#include "server/fetch/data_url.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char base64_mark[] = ";base64";

bool url_is_data(const char *url) { return strncasecmp(url, "data:", 5) == 0; }

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int base64_value(int c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The next byte of percent-encoded text: 0..255, -1 at the end, -2 for what no URL holds. */
static int next_byte(const char **p)
{
    unsigned char c = (unsigned char)**p;
    if (c == '\0')
        return -1;
    if (c <= ' ' || c >= 0x7F || c == '#')
        return -2;
    ++*p;
    if (c != '%')
        return c;
    int high = hex_value((*p)[0]), low = high < 0 ? -1 : hex_value((*p)[1]);
    if (low < 0)
        return -2;
    *p += 2;
    return high << 4 | low;
}

/* Both readers write to `out` unless it is NULL, and return the number of bytes; SIZE_MAX: malformed. */
static size_t read_percent(const char *p, unsigned char *out)
{
    size_t n = 0;
    for (int c; (c = next_byte(&p)) != -1; n++) {
        if (c < 0)
            return SIZE_MAX;
        if (out)
            out[n] = (unsigned char)c;
    }
    return n;
}

static size_t read_base64(const char *p, unsigned char *out)
{
    size_t n = 0;
    for (;;) {
        uint32_t bits = 0;
        int letters = 0, pads = 0;
        for (int i = 0; i < 4; i++) {
            int c = next_byte(&p);
            if (c == -1 && i == 0)
                return n;
            int v = base64_value(c);
            if (c == '=' && i >= 2)
                pads++;
            else if (v >= 0 && pads == 0)
                letters++;
            else
                return SIZE_MAX;
            bits = bits << 6 | (v >= 0 ? (uint32_t)v : 0);
        }
        /* bits beyond the last whole byte must be zero, else two texts would mean the same bytes */
        if ((pads == 1 && bits & 0xFF) || (pads == 2 && bits & 0xFFFF))
            return SIZE_MAX;
        for (int i = 0; i < letters - 1; i++, n++)
            if (out)
                out[n] = (unsigned char)(bits >> (16 - 8 * i));
        if (pads > 0)
            return *p ? SIZE_MAX : n;
    }
}

/* Where the content begins, and which form it has; NULL if the head is malformed. */
static const char *content(const char *url, bool *base64)
{
    const char *p = url + 5;
    for (; *p != ','; p++)
        if (*p <= ' ' || *p >= 0x7F || *p == '#')
            return NULL;
    size_t head = (size_t)(p - url), mark = sizeof(base64_mark) - 1;
    *base64 = head >= 5 + mark && strncasecmp(p - mark, base64_mark, mark) == 0;
    return p + 1;
}

enum orator_status data_url_check(const char *url, size_t *size, const char *param,
                                  struct orator_error *err)
{
    bool base64 = false;
    const char *p = url_is_data(url) ? content(url, &base64) : NULL;
    if (!p)
        return orator_fail_param(err, ORATOR_INVALID_URL, param,
                                 "a data URL is data:type/subtype;base64,content");
    *size = base64 ? read_base64(p, NULL) : read_percent(p, NULL);
    if (*size == SIZE_MAX)
        return orator_fail_param(err, ORATOR_INVALID_URL, param, "the data URL is not valid %s",
                                 base64 ? "base64 with its padding" : "percent-encoding");
    if (*size == 0)
        return orator_fail_param(err, ORATOR_INVALID_URL, param, "the data URL is empty");
    return ORATOR_OK;
}

enum orator_status data_url_read(struct bytes *out, const char *url, size_t limit_bytes,
                                 enum orator_status too_large, struct orator_error *err)
{
    bool base64 = false;
    *out = (struct bytes){0};
    size_t size = 0;
    enum orator_status s = data_url_check(url, &size, "", err);
    if (s != ORATOR_OK)
        return s;
    if (size > limit_bytes)
        return orator_fail(err, too_large, "the data URL holds %zu bytes, at most %zu are allowed",
                           size, limit_bytes);
    assert(size < SIZE_MAX); /* it is shorter than the text */
    out->data = malloc(size + 1);
    if (!out->data)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for %zu bytes of a data URL", size);
    const char *p = content(url, &base64);
    out->size = base64 ? read_base64(p, out->data) : read_percent(p, out->data);
    out->data[out->size] = '\0';
    return ORATOR_OK;
}
