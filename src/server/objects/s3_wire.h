/* s3_wire.h - inside objects/: one signed exchange with the store, with its retries.
 *
 * Threads: any; an exchange belongs to one.
 */
#pragma once

#include <curl/curl.h>
#include <pthread.h>

#include "server/objects/s3.h"
#include "server/objects/sigv4.h"

enum {
    S3_IDLE_MAX = 8 /* connections kept */,
    S3_ANSWER_MAX_BYTES = 4 << 20 /* a page of a list */
};

struct s3 {
    struct sigv4_key key;
    char *url, *host, *bucket_path,
        *folder; /* "http://h:1", "h:1", "/bucket" or "", "folder/" or "" */
    char *region, *access_key, *secret_key;
    int64_t part_bytes, single_max_bytes;
    int pause_ms;
    pthread_mutex_t lock; /* guards idle */
    CURL *idle[S3_IDLE_MAX];
    atomic_llong
        shut_until_ms; /* steady; who is in a hurry is refused until then; 0: the store answers */
};

struct s3_exchange {
    const char *method;
    const char *name; /* of the object; NULL: the bucket itself */
    const struct sigv4_field *fields;
    int field_count;
    const void *body;
    size_t body_size;
    const char *content_type, *copy_source; /* NULL: none */
    bool ranged;                            /* the bytes `first` to `last` alone */
    int64_t first, last;
    size_t limit_bytes; /* of the answer; 0: S3_ANSWER_MAX_BYTES */
    const atomic_int *stop;
    bool
        hurried; /* somebody waits: fewer tries, and none at all while the store is known to be away */

    struct bytes answer; /* the caller's to bytes_fini() whatever the outcome */
    long http_status;
    struct s3_facts facts; /* size_bytes -1: not said */
    char code[48];         /* the store's word for an error; "" if it said none */
    int tries;
};

/* OK for 2xx alone. */
ORATOR_MUST_CHECK enum orator_status s3_exchange(struct s3 *, struct s3_exchange *,
                                                 struct orator_error *err);
/* "/bucket/folder/name", encoded; false: too long. */
bool s3_path(const struct s3 *, const char *name, struct text *out);

/* The text of the next <tag> at or behind *at, decoded; false if there is none, or it does not fit. Moves *at
 * behind it. */
bool xml_next(const char **at, const char *tag, char *out, size_t size);
/* "2009-10-12T17:50:30.000Z"; -1: not a time. */
int64_t xml_time_ms(const char *text);
