/* hooks.h - what webhooks mean to a client: which events there are, who asked for them, what they say.
 * Private to api/, but for api_webhook_body() in api.h. */
#pragma once

#include <jansson.h>

#include "server/api/call.h"
#include "server/store/webhooks_table.h"

enum { HOOK_BODY_MAX = 20000 /* bytes: Standard Webhooks asks for less than 20 KB */ };

/* An array of event names as the store keeps it, " video.completed video.failed "; NULL: both.
 * INVALID_PARAMETER naming `param`. */
/* http or https, to an address that is public or on the operator's list. */
ORATOR_MUST_CHECK enum orator_status callback_url_check(const char *url, const char *param,
                                                        const struct api_setup *,
                                                        struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status hook_events_read(const json_t *list, const char *param,
                                                      char out[WEBHOOK_EVENTS_SIZE],
                                                      struct orator_error *err);
