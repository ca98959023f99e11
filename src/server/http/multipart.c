#include "server/http/multipart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { BOUNDARY_MAX = 70 /* RFC 2046 5.1.1 */ };

static enum orator_status malformed(struct orator_error *err, const char *what)
{
    return orator_fail(err, ORATOR_INVALID_PARAMETER, "the form is malformed: %s", what);
}

bool multipart_is(const char *type)
{
    static const char form[] = "multipart/form-data";
    const size_t n = sizeof(form) - 1;
    return type && strncasecmp(type, form, n) == 0 && strchr("; \t", type[n]) != NULL;
}

/* One value of `name="value"` or `name=value` from `p` on; what comes behind it, NULL if it is malformed.
 * A value that does not fit is cut. */
static const char *read_value(const char *p, const char *end, char *out, size_t room)
{
    size_t n = 0;
    bool quoted = p < end && *p == '"';
    p += quoted;
    for (; p < end && (quoted ? *p != '"' : !strchr("; \t", *p)); p++) {
        /* browsers write %22, others \" for a quote in a name */
        if (quoted && *p == '\\' && p + 1 < end && (p[1] == '"' || p[1] == '\\'))
            p++;
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            return NULL;
        if (n + 1 < room)
            out[n++] = *p;
    }
    out[n] = '\0';
    if (quoted && p++ >= end)
        return NULL;
    return p;
}

/* Finds the parameter `name` of "type; a=b; name=value"; *found = false if there is none. False:
 * malformed, or sent twice. */
static bool read_parameter(const char *p, const char *end, const char *name, char *out, size_t room,
                           bool *found)
{
    const size_t length = strlen(name);
    *found = false;
    while (p < end && *p != ';')
        p++;
    while (p < end) {
        char value[512];
        p++; /* the semicolon */
        while (p < end && (*p == ' ' || *p == '\t'))
            p++;
        if (p == end)
            return true;
        const char *equals = memchr(p, '=', (size_t)(end - p));
        if (!equals || equals == p)
            return false;
        bool wanted = (size_t)(equals - p) == length && strncasecmp(p, name, length) == 0;
        if (wanted && *found)
            return false;
        p = read_value(equals + 1, end, wanted ? out : value, wanted ? room : sizeof(value));
        if (!p)
            return false;
        *found |= wanted;
        while (p < end && (*p == ' ' || *p == '\t'))
            p++;
        if (p < end && *p != ';')
            return false;
    }
    return true;
}

static enum orator_status read_boundary(const char *type, char out[BOUNDARY_MAX + 5],
                                        struct orator_error *err)
{
    char value[BOUNDARY_MAX + 2];
    bool found;
    const char *end = type + strlen(type);
    if (!read_parameter(type, end, "boundary", value, sizeof(value), &found) || !found)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "Content-Type",
                                 "multipart/form-data needs a boundary");
    size_t n = strlen(value);
    if (n == 0 || n > BOUNDARY_MAX || value[n - 1] == ' ' ||
        strspn(value, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "'()+_,-./:=? ") != n)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "Content-Type",
                                 "the boundary must be 1 to %d characters of those RFC 2046 lists",
                                 BOUNDARY_MAX);
    snprintf(out, BOUNDARY_MAX + 5, "\r\n--%s", value);
    return ORATOR_OK;
}

/* One header of a part. */
static enum orator_status read_header(struct multipart_part *part, const char *line,
                                      const char *end, bool *disposed, struct orator_error *err)
{
    const char *colon = memchr(line, ':', (size_t)(end - line));
    if (!colon || colon == line || memchr(line, '\0', (size_t)(end - line)))
        return malformed(err, "a part's header is not \"name: value\"");
    size_t n = (size_t)(colon - line);
    const char *value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    size_t length = (size_t)(end - value);
    if (n == 12 && strncasecmp(line, "Content-Type", n) == 0) {
        snprintf(part->type, sizeof(part->type), "%.*s", (int)(length < 64 ? length : 63), value);
    } else if (n == 25 && strncasecmp(line, "Content-Transfer-Encoding", n) == 0) {
        if (!(length == 6 && strncasecmp(value, "binary", 6) == 0) &&
            !(length == 4 &&
              (strncasecmp(value, "8bit", 4) == 0 || strncasecmp(value, "7bit", 4) == 0)))
            return malformed(err, "a part has a Content-Transfer-Encoding; send plain bytes");
    } else if (n == 19 && strncasecmp(line, "Content-Disposition", n) == 0) {
        bool named = false;
        if (*disposed || length < 9 || strncasecmp(value, "form-data", 9) != 0 ||
            !read_parameter(value, end, "name", part->name, sizeof(part->name), &named) || !named ||
            !read_parameter(value, end, "filename", part->filename, sizeof(part->filename),
                            &part->is_file))
            return malformed(err, "a part needs one Content-Disposition: form-data; name=\"...\"");
        if (!part->name[0] || strlen(part->name) == sizeof(part->name) - 1)
            return malformed(err, "the name of a part is empty or too long");
        *disposed = true;
    }
    return ORATOR_OK;
}

/* The headers of one part, from `p` to the empty line; *content is what comes behind it. */
static enum orator_status read_head(struct multipart_part *part, const char *p, const char *end,
                                    const char **content, struct orator_error *err)
{
    bool disposed = false;
    const char *start = p;
    for (;;) {
        size_t room = (size_t)(end - p), left = MULTIPART_HEAD_MAX - (size_t)(p - start);
        const char *line_end = memmem(p, room < left ? room : left, "\r\n", 2);
        if (!line_end && room > left)
            return orator_fail(err, ORATOR_REQUEST_TOO_LARGE,
                               "the head of a part of the form is over %d bytes",
                               MULTIPART_HEAD_MAX);
        if (!line_end)
            return malformed(err, "a part ends within its headers");
        if (line_end == p)
            break;
        enum orator_status s = read_header(part, p, line_end, &disposed, err);
        if (s != ORATOR_OK)
            return s;
        p = line_end + 2;
    }
    if (!disposed)
        return malformed(err, "a part has no name");
    *content = p + 2;
    return ORATOR_OK;
}

enum orator_status multipart_parse(struct multipart *out, const char *content_type,
                                   const void *body, size_t size, struct orator_error *err)
{
    char boundary[BOUNDARY_MAX + 5];
    const char *p = body, *end = p + size;
    enum orator_status s;
    out->count = 0;
    TRY(read_boundary(content_type, boundary, err));
    const size_t n = strlen(boundary);

    /* the first boundary may stand at the very start, without the line end before it */
    if (size >= n - 2 && memcmp(p, boundary + 2, n - 2) == 0)
        p += n - 2;
    else if ((p = size ? memmem(p, size, boundary, n) : NULL))
        p += n;
    else
        return malformed(err, "its boundary is not in the body");

    for (;;) {
        if (end - p >= 2 && p[0] == '-' && p[1] == '-')
            return ORATOR_OK;
        while (p < end && (*p == ' ' || *p == '\t'))
            p++;
        if (end - p < 2 || p[0] != '\r' || p[1] != '\n')
            return malformed(err, "a boundary is followed by something else");
        if (out->count == MULTIPART_PARTS_MAX)
            return orator_fail(err, ORATOR_REQUEST_TOO_LARGE, "the form has more than %d parts",
                               MULTIPART_PARTS_MAX);
        struct multipart_part *part = &out->parts[out->count];
        const char *content = NULL;
        *part = (struct multipart_part){0};
        /* a part without headers, or of no bytes, may share its line end with the boundary */
        TRY(read_head(part, p + 2, end, &content, err));
        const char *from = content - 2;
        const char *next = memmem(from, (size_t)(end - from), boundary, n);
        if (!next)
            return malformed(err, "the last boundary is missing; the body is cut off");
        part->data = (const unsigned char *)content;
        part->size = next > content ? (size_t)(next - content) : 0;
        out->count++;
        p = next + n;
    }
done:
    return s;
}
