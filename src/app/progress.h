/* progress.h - how far a piece of work is, for the person or the program that waits for it.
 *
 *     [##########----------]  52%  render  130/250 frames  88/s  0:02 left     a terminal: one line, redrawn
 *     render: 52%, 130 of 250 frames, 88 a second, 2 s left                    no terminal: a line now and then
 *     {"event":"progress","stage":"render","progress":52,...}                  JSON: one object a line
 *
 * Everything goes to standard error; results are standard output's. Threads: one owner each.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum progress_style { PROGRESS_NONE, PROGRESS_LINE, PROGRESS_PLAIN, PROGRESS_JSON };

struct progress {
    enum progress_style style;
    const char *label; /* what the work is called where there are several; NULL: nothing */
    int64_t began_ms, shown_ms;
    int64_t first_ms, first_frames; /* when frames were first counted, and how many there were */
    char stage[24];                 /* that was shown last */
    bool drawn;
};

struct progress_point {
    const char *stage;
    int64_t frames_done, frames_total; /* total 0: not known yet */
    int64_t queue_position;            /* -1: not waiting */
    int64_t preview_us;                /* so much can be played already */
    int64_t eta_s;                     /* as others forecast it, where we cannot; 0: not known */
};

/* `word` is one of PROGRESS_CHOICES or NULL: a line on a terminal, else plain. `quiet` wins. */
#define PROGRESS_CHOICES "auto|line|plain|json|none"
ORATOR_MUST_CHECK enum orator_status progress_start(struct progress *, const char *word, bool quiet,
                                                    struct orator_error *err);
/* A new piece of work under the same style. */
void progress_next(struct progress *, const char *label);
void progress_show(struct progress *, const struct progress_point *);
void progress_end(struct progress *); /* clears the line */

/* The same at a given time into `out`, without a clock or a terminal: what progress_show() writes. `columns`
 * is the width of the terminal. */
enum { PROGRESS_TEXT_SIZE = 320 };
void progress_text(const struct progress *, const struct progress_point *, int64_t now_ms,
                   int columns, char out[PROGRESS_TEXT_SIZE]);
