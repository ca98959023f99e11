/* post.h - many small POSTs to strangers' URLs at once, from one thread.
 *
 * What:    each is a JSON body to an http or https URL, under the rules of fetch.h: addresses checked at
 *          the moment of connecting, no proxies. Redirects are not followed: what is posted is meant for
 *          one address. The answer's status counts; its body is thrown away.
 * Limits:  POSTER_AT_ONCE together, POSTER_PER_HOST of them to one host and port; the whole of each
 *          within the policy's total time.
 * Errors:  poster_add() says at once what is wrong with a URL. What fails later is told to done():
 *          a status of 0, and a sentence that repeats nothing of what the other side said.
 * Threads: all calls from the thread that owns the poster; poster_wake() from any.
 */
#pragma once

#include "server/fetch/fetch.h"

enum { POSTER_AT_ONCE = 64, POSTER_PER_HOST = 4, POSTER_HEADERS = 8 };

struct poster;

struct post {
    const char *url;
    const char *headers[POSTER_HEADERS]; /* "name: value"; NULL ends */
    const char *body;
    size_t body_size;
    void *ctx;
};

/* `status` is the HTTP status; 0: there is none and `why` says so; -1: poster_close() cut it. */
typedef void post_done(void *ctx, int status, const char *why, int64_t took_ms);

ORATOR_MUST_CHECK enum orator_status poster_open(struct poster **out, const struct fetch_policy *,
                                                 post_done *done, struct orator_error *err);
/* Everything is copied. QUEUE_FULL when POSTER_AT_ONCE are under way. */
ORATOR_MUST_CHECK enum orator_status poster_add(struct poster *, const struct post *,
                                                struct orator_error *err);
int poster_room(const struct poster *); /* how many more can be added now */
/* Whether as many as are allowed go to the host of this URL already. */
bool poster_host_is_busy(const struct poster *, const char *url);
/* Moves all that is under way; returns after `wait_ms`, when something was done, or when woken. */
void poster_run(struct poster *, int wait_ms);
void poster_wake(struct poster *);
void poster_close(struct poster **); /* cuts what is under way */
