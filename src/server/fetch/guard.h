/* guard.h - inside fetch/: what every connection to a stranger's address goes through.
 *
 * What:    sets up a handle of libcurl so that the address which was checked is the address of the
 *          socket that is made, and again when the connection stands, before a byte of the request is
 *          sent. No proxies, no kept connections, no redirects by libcurl, http and https only.
 * Threads: a guard belongs to one transfer.
 */
#pragma once

#include <curl/curl.h>

#include "server/fetch/url.h"

struct guard {
    struct url url; /* of this hop: what url_parse() has read */
    bool forbidden; /* an address was refused */
};

/* `g` is borrowed for the life of the handle. */
void guard_set_up(CURL *, struct guard *g, const struct fetch_policy *);
/* One sentence on why a transfer failed; says nothing that the other side said. */
const char *guard_explain(CURLcode);
