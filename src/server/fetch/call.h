/* call.h - one request to an API that the operator chose: JSON there, JSON back.
 *
 * What:    under the rules of fetch.h, so an address on this machine must be on the allow-list. Redirects are not
 *          followed: what is sent is meant for one address.
 * Errors:  those of fetch_url(); an HTTP status is no error here.
 * Threads: any.
 */
#pragma once

#include "server/fetch/fetch.h"

struct fetch_call {
    const char *url;
    const char *const *headers; /* "name: value"; NULL ends */
    const char *body;           /* NULL: a GET, otherwise a POST of this */
    size_t body_size;
    size_t limit_bytes; /* of the answer */
};

/* *out is the caller's, also when the status is one of refusal. */
ORATOR_MUST_CHECK enum orator_status fetch_call(struct bytes *out, int *http_status,
                                                const struct fetch_call *,
                                                const struct fetch_policy *, const atomic_int *stop,
                                                struct orator_error *err);
