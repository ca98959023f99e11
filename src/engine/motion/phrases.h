/* phrases.h - the stretches of a recording in which somebody speaks.
 *
 * Units:   milliseconds, half-open; pauses under PHRASE_PAUSE_MS are inside a phrase.
 * Owns:    its list; phrases_fini() gives it back.
 */
#pragma once

#include "engine/speech/speech.h"

enum { PHRASE_PAUSE_MS = 150 };

struct phrase {
    int64_t start_ms, end_ms;
};

struct phrases {
    struct phrase *list; /* owned; in order, apart */
    int count;
    int64_t length_ms; /* of the whole recording */
};

ORATOR_MUST_CHECK enum orator_status phrases_find(struct phrases *out, const struct speech *,
                                                  struct orator_error *err);
void phrases_fini(struct phrases *);
