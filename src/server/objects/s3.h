/* s3.h - an object store that speaks S3, as its client sees it: put, get, list, remove, and addresses for others.
 *
 * What:    one bucket, or a folder of one. The operator chose the place, so it may be a private address; nothing
 *          redirects elsewhere. Every request is signed with the hash of its body, so the store refuses what was
 *          damaged on the way.
 * Names:   objects of the bucket's folder, without slashes.
 * Retries: what is worth it (5xx, 429, a connection that breaks or says nothing) S3_TRIES times, with pauses that
 *          double. Each request can be repeated without harm. What a server's few threads wait for (put, part,
 *          head, copy, remove) is tried three times, and while the store is known to give no answer at all only by one that
 *          looks whether it does again.
 * Errors:  NOT_FOUND for an object that is not there; REQUEST_TOO_LARGE over a limit; CANCELED; IO with what an
 *          operator can do about it: keys, region, bucket, clock, a full store. No text holds a key.
 * Owns:    connections, kept for the next request. Threads: any; fetch_setup() once before the first.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/file.h"

enum {
    S3_TRIES = 5, /* pauses of .2, .4, .8 and 1.6 s: a store that restarts is back by then */
    S3_PART_BYTES = 8 << 20,        /* of a large file; S3 takes no less than 5 MiB */
    S3_SINGLE_MAX_BYTES = 16 << 20, /* put at once up to here */
    S3_URL_SIZE = 2048,
};

struct s3_place {
    const char *url; /* "https://s3.example.com:9000" */
    const char
        *bucket; /* "videos" or "videos/folder"; "": the host of the URL is the bucket's own */
    const char *region; /* as it is signed: "us-east-1" */
    const char *access_key, *secret_key;
    int64_t part_bytes, single_max_bytes; /* 0: as above */
    int pause_ms;                         /* the first one; 0: 200 */
};

struct s3;
/* Everything is copied. No network yet. BAD_SETTING. */
ORATOR_MUST_CHECK enum orator_status s3_open(struct s3 **out, const struct s3_place *,
                                             struct orator_error *err);
void s3_close(struct s3 **);
/* Whether the store is there, knows the keys, and has the bucket; the text begins with the store's address. */
ORATOR_MUST_CHECK enum orator_status s3_check(struct s3 *, struct orator_error *err);

ORATOR_MUST_CHECK enum orator_status s3_put(struct s3 *, const char *name, const void *data,
                                            size_t size, struct orator_error *err);
/* Over single_max_bytes in parts, of which one is in memory; what fails leaves none behind. *stop != 0 ends it with
 * CANCELED; `stop` may be NULL. */
ORATOR_MUST_CHECK enum orator_status s3_put_file(struct s3 *, const char *name, const char *path,
                                                 const atomic_int *stop, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status s3_get(struct s3 *, const char *name, size_t limit_bytes,
                                            struct bytes *out, struct orator_error *err);
/* Bytes `first` to `last`, both counted. */
ORATOR_MUST_CHECK enum orator_status s3_get_range(struct s3 *, const char *name, int64_t first,
                                                  int64_t last, struct bytes *out,
                                                  struct orator_error *err);
struct s3_facts {
    int64_t size_bytes;
    char etag[80]; /* with its quotes; "" if the store gives none */
};
ORATOR_MUST_CHECK enum orator_status s3_head(struct s3 *, const char *name, struct s3_facts *out,
                                             struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status s3_copy(struct s3 *, const char *name, const char *new_name,
                                             struct orator_error *err);
/* Missing is fine. */
ORATOR_MUST_CHECK enum orator_status s3_remove(struct s3 *, const char *name,
                                               struct orator_error *err);
/* Each object of the folder, a page at a time, until each() does not say OK; it may remove what it is told of. */
ORATOR_MUST_CHECK enum orator_status s3_list(struct s3 *,
                                             enum orator_status (*each)(void *ctx, const char *name,
                                                                        int64_t modified_ms,
                                                                        struct orator_error *err),
                                             void *ctx, struct orator_error *err);
/* Uploads in parts that were begun before `before_ms` and never ended are given up; *count says how many. */
ORATOR_MUST_CHECK enum orator_status s3_abort_stale(struct s3 *, int64_t before_ms, int64_t *count,
                                                    struct orator_error *err);
/* Where anybody may read the object for `seconds`, a week at most. `disposition` is what the store shall answer as
 * Content-Disposition; NULL: none. */
ORATOR_MUST_CHECK enum orator_status s3_address(struct s3 *, const char *name, int seconds,
                                                const char *disposition, char out[S3_URL_SIZE],
                                                struct orator_error *err);
