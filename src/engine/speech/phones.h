/* phones.h - what is said is known, phone by phone: the lips need not be recognised from the sound.
 *
 * What:    the notes of a text to speech (engine/voice) take the place of the network's answer: visemes and
 *          articulators as the network was taught them (train/phones.py, the same tables), so that all
 *          behind it is as ever. Prosody is still measured on the sound.
 * Errors:  DECODE_FAILED for notes that are none, or not of this sound; the speech is then as it was.
 * Threads: pure.
 */
#pragma once

#include "base/file.h"
#include "engine/speech/speech.h"

/* What is said when, a word each, with its punctuation. */
struct speech_word {
    const char *text; /* in the list's own memory */
    int64_t start_ms, end_ms;
};
struct speech_words {
    struct speech_word *list; /* owned, with the texts behind it */
    int count;
};
/* Notes without words give none. */
ORATOR_MUST_CHECK enum orator_status
speech_words(struct speech_words *out, const struct bytes *notes, struct orator_error *err);
void speech_words_fini(struct speech_words *);

/* The visemes and articulators of the speech become those of the notes, which must be about as long. */
ORATOR_MUST_CHECK enum orator_status speech_know(struct speech *, const struct bytes *notes,
                                                 struct orator_error *err);
