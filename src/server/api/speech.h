/* speech.h - texts are spoken on threads of their own, while the requests wait without one.
 *
 * At most SPEECHES_MAX at once, QUEUE_FULL beyond; what nobody comes back for is dropped. Private to api/, but
 * for open and close. Threads: any.
 */
#pragma once

#include "server/api/api.h"

enum { SPEECHES_MAX = 4 /* each keeps a core busy */, SPEECH_INPUT_MAX = 4096 /* as OpenAI's */ };

struct speeches;
ORATOR_MUST_CHECK enum orator_status speeches_open(struct speeches **out, struct orator_error *err);
void speeches_close(struct speeches **); /* ends those under way */
