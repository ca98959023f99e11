/* repeat.h - a request that is sent twice is done once: the Idempotency-Key header. Private to api/.
 *
 * What:    the first answer is kept for a day under the key's id and the header's value, in the transaction of
 *          what was asked for. The same request again gets that answer with "Idempotency-Replayed: true"; another
 *          request with the same value is IDEMPOTENCY_KEY_REUSED; one that comes while the first is still
 *          being taken is IDEMPOTENCY_IN_PROGRESS. Refused requests leave nothing: they may be sent again.
 * Format:  what is kept is "STATUS LOCATION\n" and the body; LOCATION is "-" where there is none.
 * Same:    method, path, x-fal-target-url and body, by SHA-256.
 */
#pragma once

#include "server/api/call.h"

/* Before the handler: notes the header in call->idempotency, and answers if it was answered before. */
ORATOR_MUST_CHECK enum orator_status repeat_begin(struct call *, bool *replayed,
                                                  struct orator_error *err);
/* What to keep for an answer, on the heap; NULL: no memory. */
char *repeat_text(int status, const char *location, const char *body);
/* Within the transaction of what was asked for, so that a crash leaves both or neither: the call is answered with this
 * value, taken over, and the answer is kept for a second request of the same. */
ORATOR_MUST_CHECK enum orator_status repeat_answer(struct call *, struct connection *,
                                                   json_t *answer, struct orator_error *err);
