/* multipart.h - a form with files, taken apart (multipart/form-data, RFC 7578 over RFC 2046).
 *
 *     --boundary CRLF  headers CRLF CRLF  content  CRLF --boundary ... CRLF --boundary--
 *
 * What:    strict: lines end in CRLF, the last boundary must be there, and a form that could be read in
 *          two ways is refused. What stands before the first boundary and behind the last is ignored,
 *          as the RFC says. Content is not decoded: a part with a Content-Transfer-Encoding that would
 *          need it is refused (RFC 7578 4.7).
 * Owns:    nothing: `data` points into the body that was parsed.
 * Errors:  INVALID_PARAMETER; REQUEST_TOO_LARGE for too many parts or too large a head of one.
 * Threads: pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
    MULTIPART_PARTS_MAX = 64, /* every field of a submit and 16 of metadata, twice over */
    MULTIPART_HEAD_MAX = 4096,
    MULTIPART_NAME_SIZE = 112,
};

struct multipart_part {
    char name[MULTIPART_NAME_SIZE];
    char filename[128]; /* cut to fit; only for people */
    char type[64];      /* Content-Type as sent; "": none */
    bool is_file;       /* a filename was sent, perhaps an empty one */
    const unsigned char *data;
    size_t size;
};

struct multipart {
    struct multipart_part parts[MULTIPART_PARTS_MAX];
    int count;
};

/* Is this Content-Type a form with files? NULL is not. */
bool multipart_is(const char *content_type);
ORATOR_MUST_CHECK enum orator_status multipart_parse(struct multipart *out,
                                                     const char *content_type, const void *body,
                                                     size_t size, struct orator_error *err);
