/* voice.h - a text becomes a voice, and what is said when.
 *
 * What:    `orator-speak` (src/speak) speaks; here it is run, and its samples are made into a file of a usual
 *          format. Robotic, but in a hundred languages, and with exact times.
 * Notes:   lines of "w MS WORD" (a word begins), "p MS PHONE" (a phone in IPA begins; nothing: silence),
 *          "e MS" (the end), in order, for the file as a decoder gives it.
 * Errors:  NOT_FOUND if the program is not there; INVALID_PARAMETER naming voice or response_format;
 *          AUDIO_TOO_LONG; RENDER_FAILED.
 * Threads: any.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/file.h"

enum { VOICE_NAME_MAX = 40 };

struct voice_order {
    const char *text;   /* UTF-8, not empty */
    const char *voice;  /* "en-us", "de+f3": espeak-ng's; or OpenAI's "alloy" and the like */
    double speed;       /* 1 is usual */
    const char *format; /* "mp3", "wav", "flac", "aac", "opus", "pcm": 24 kHz without a header */
    int64_t max_ms;     /* longer is AUDIO_TOO_LONG */
};

struct voice_sound {
    struct bytes file, notes;
    int64_t duration_ms;
};
void voice_sound_fini(struct voice_sound *);

/* `program`: the path of orator-speak. */
ORATOR_MUST_CHECK enum orator_status voice_speak(struct voice_sound *out, const char *program,
                                                 const struct voice_order *, const atomic_int *stop,
                                                 struct orator_error *err);
/* Where orator-speak is: beside this program, in its build folder, or as installed; false: nowhere. */
bool voice_find_program(char *path, size_t size);
