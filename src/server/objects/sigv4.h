/* sigv4.h - AWS Signature Version 4: how a request to an object store proves whose it is.
 *
 * What:    the canonical form of a request, and its signature; as a header, or inside an address that anybody may
 *          use for a while. libcurl has a signer too; that of 7.88 leaves the query unsorted, so it is not used.
 * Query:   fields come raw; sigv4_query() writes them encoded and sorted, and what it wrote is what must be sent.
 * Errors:  false: no memory, or a text that does not fit.
 * Threads: pure; call from any.
 */
#pragma once

#include "base/text.h"

enum {
    SIGV4_HEX_SIZE = 65,
    SIGV4_TIME_SIZE = 17,
    SIGV4_FIELDS_MAX = 16, /* of a query, and of headers */
};

#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"

struct sigv4_field {
    const char *name, *value;
};

struct sigv4_key {
    const char *access_key, *secret_key, *region, *service;
};

struct sigv4_request {
    const char *method;
    const char *path;  /* as it is sent: encoded by sigv4_encode() */
    const char *query; /* as sigv4_query() wrote it; "" if there is none */
    /* Lower-case names in order, values trimmed; all of them are signed. */
    const struct sigv4_field *headers;
    int headers_count;
    const char *payload_sha256; /* or SIGV4_UNSIGNED */
    char time[SIGV4_TIME_SIZE]; /* "20130524T000000Z" */
};

void sigv4_time(char out[SIGV4_TIME_SIZE], long long unix_s);
bool sigv4_sha256(char out[SIGV4_HEX_SIZE], const void *data, size_t size);
/* RFC 3986: all but unreserved characters becomes %XX. Of a path, slashes stay. */
void sigv4_encode(struct text *, const char *s, bool is_path);
/* "a=1&b=": encoded, then sorted by name and value. */
void sigv4_query(struct text *, const struct sigv4_field *, int count);
bool sigv4_signature(char out[SIGV4_HEX_SIZE], const struct sigv4_key *,
                     const struct sigv4_request *);
/* The value of the Authorization header. */
bool sigv4_authorization(struct text *, const struct sigv4_key *, const struct sigv4_request *);
/* The query of an address that is open for `seconds` from `time` on, signature and all. `host` is the Host that will
 * be asked; `fields` are more fields of the query. */
bool sigv4_presign(struct text *, const struct sigv4_key *, const char *method, const char *host,
                   const char *path, const struct sigv4_field *fields, int count,
                   const char time[SIGV4_TIME_SIZE], int seconds);
