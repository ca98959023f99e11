/* fetch.h - bytes from a URL that a stranger chose.
 *
 * What:    http and https; data: URLs are decoded without a network. Every address a name resolves to
 *          must be a public unicast one and the connection goes to the address that was checked;
 *          redirects, three at most, are checked again. Hosts on the operator's allow-list are open.
 * Errors:  INVALID_URL, URL_FORBIDDEN, DOWNLOAD_FAILED, DOWNLOAD_TIMEOUT, and `too_large` of the
 *          caller's choice. No text repeats what the other side answered.
 * Threads: any; fetch_setup() once before the first.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/file.h"

struct fetch_policy {
    const char *allow_hosts; /* "host:port,host:port"; NULL or "": none. Borrowed. */
    int64_t connect_timeout_ms, total_timeout_ms; /* 0: 10 s and 60 s */
};

ORATOR_MUST_CHECK enum orator_status fetch_setup(struct orator_error *err);

/* What can be said of a URL without the network: scheme, host form, literal addresses, credentials,
 * length. Run at submit, so that a client hears at once. `param` names the field in the error. */
ORATOR_MUST_CHECK enum orator_status url_check(const char *url, const struct fetch_policy *,
                                               const char *param, struct orator_error *err);
bool url_is_data(const char *url);

/* The whole content; more than limit_bytes is `too_large`. *stop != 0 ends it with
 * CANCELED within a second; `stop` may be NULL. The text of an error does not name the field. */
ORATOR_MUST_CHECK enum orator_status fetch_url(struct bytes *out, const char *url,
                                               const struct fetch_policy *, size_t limit_bytes,
                                               enum orator_status too_large, const atomic_int *stop,
                                               struct orator_error *err);
