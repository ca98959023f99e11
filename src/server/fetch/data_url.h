/* data_url.h - inside fetch/: bytes that are the URL itself (RFC 2397).
 *
 *     data:[type/subtype][;name=value]...[;base64],content
 *
 * Strict: base64 is the standard alphabet with its padding, everything else is percent-encoded or plain
 * URL characters, and there is no white space.
 */
#pragma once

#include "server/fetch/fetch.h"

/* Judges the whole text and stores how many bytes it holds. INVALID_URL, naming `param`. */
ORATOR_MUST_CHECK enum orator_status data_url_check(const char *url, size_t *size,
                                                    const char *param, struct orator_error *err);
/* The bytes; more than limit_bytes is `too_large`, said before anything is allocated. */
ORATOR_MUST_CHECK enum orator_status data_url_read(struct bytes *out, const char *url,
                                                   size_t limit_bytes, enum orator_status too_large,
                                                   struct orator_error *err);
