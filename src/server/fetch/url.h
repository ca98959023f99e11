/* url.h - inside fetch/: a URL taken apart, strictly, so that no two parsers can read it differently. */
#pragma once

#include "server/fetch/fetch.h"

enum { URL_MAX = 4096, URL_HOST_SIZE = 256 };

struct url {
    bool https;
    char host[URL_HOST_SIZE]; /* lower case; an IPv6 address without its brackets */
    int port;
    bool allowed; /* host and port are on the operator's list: any address will do */
};

/* Everything url_check() promises, for http and https only; `out` for the connection to come. */
ORATOR_MUST_CHECK enum orator_status url_parse(struct url *out, const char *text,
                                               const struct fetch_policy *, const char *param,
                                               struct orator_error *err);
