/* rhythm.h - where a voice pauses, and which syllables it leans on.
 *
 * What:    speech is laid onto the ticks of motion; runs of silence become pauses, peaks of loud vowels
 *          become nuclei with a prominence: higher, louder, longer than their neighbours.
 * Units:   ticks (smooth.h), half-open ranges.
 * Owns:    its arrays; rhythm_fini() gives them back.
 */
#pragma once

#include "engine/motion/smooth.h"
#include "engine/speech/speech.h"

struct pause {
    int64_t start, end;
};

struct nucleus {
    int64_t at;
    float prominence; /* about -1..1.5; above 0.35 a person nods or raises the brows */
};

struct rhythm {
    struct speech_frame *at; /* owned; [0, count): the speech at each tick */
    float *silence;          /* owned; 0..1, smooth */
    int64_t count;
    struct pause *pauses; /* owned; at least PAUSE_MIN_MS each, in order */
    int64_t pause_count;
    struct nucleus *nuclei; /* owned; in order */
    int64_t nucleus_count;
};

enum { PAUSE_MIN_MS = 150 }; /* shorter silences are stops inside a phrase */

ORATOR_MUST_CHECK enum orator_status rhythm_find(struct rhythm *out, const struct speech *,
                                                 struct orator_error *err);
void rhythm_fini(struct rhythm *);

/* The speech at a moment between ticks of its own frames; the ends are held. */
struct speech_frame speech_at(const struct speech *, double seconds);
