/* captions.h - what is said when, as a WebVTT file beside the video.
 *
 * What:    three sources, from the best to the least: words whose times are known (of a text to speech),
 *          a text whose words are laid onto the stretches of speech, or those stretches alone, each
 *          "[speech]". A text is cut into cues of two lines at most, at the ends of sentences and
 *          clauses where it can be, and a cue begins where a pause ends if one is near.
 * Units:   milliseconds from the start of the sound; UTF-8. Chinese counts two columns a character.
 * Errors:  NO_MEMORY, IO.
 * Threads: pure, apart from the file.
 */
#pragma once

#include "base/error.h"
#include "engine/motion/phrases.h"

struct caption_word {
    const char *text; /* with its punctuation; borrowed */
    int64_t start_ms, end_ms;
};

struct captions_source {
    const struct phrases *phrases;
    const char *text;                 /* NULL or "": not known */
    const struct caption_word *words; /* in order; NULL: their times are not known */
    int words_count;
};

enum {
    CAPTION_LINE_COLUMNS = 42, /* what broadcasters allow on a line */
    CAPTION_LINES = 2,
    CAPTIONS_TEXT_MAX = 20000 /* bytes of `text`; five minutes of fast speech are 6000 */
};

ORATOR_MUST_CHECK enum orator_status
captions_write(const char *path, const struct captions_source *, struct orator_error *err);
/* The same in memory: *out is a C string that free() releases. */
ORATOR_MUST_CHECK enum orator_status captions_format(char **out, const struct captions_source *,
                                                     struct orator_error *err);
