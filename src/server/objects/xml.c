/* xml.c - the little of XML that a store's answers are made of: elements that hold text, found by name. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/objects/s3_wire.h"

static char decode(const char **at)
{
    static const struct {
        const char *word;
        char letter;
    } rows[] = {{"&amp;", '&'},   {"&lt;", '<'},  {"&gt;", '>'},  {"&quot;", '"'},
                {"&apos;", '\''}, {"&#34;", '"'}, {"&#39;", '\''}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (text_starts(*at, rows[i].word)) {
            *at += strlen(rows[i].word);
            return rows[i].letter;
        }
    return *(*at)++;
}

bool xml_next(const char **at, const char *tag, char *out, size_t size)
{
    size_t n = strlen(tag);
    for (const char *p = *at; (p = strchr(p, '<')) != NULL; p++) {
        if (strncmp(p + 1, tag, n) != 0 || (p[n + 1] != '>' && p[n + 1] != ' '))
            continue;
        const char *from = strchr(p, '>');
        const char *end = from ? strchr(from, '<') : NULL;
        if (!end || end[1] != '/')
            continue;
        size_t k = 0;
        for (from++; from < end && k + 1 < size; k++)
            out[k] = decode(&from);
        out[k] = '\0';
        *at = end;
        return from >= end;
    }
    return false;
}

int64_t xml_time_ms(const char *text)
{
    struct tm utc = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &utc);
    return rest ? (int64_t)timegm(&utc) * 1000 : -1;
}
