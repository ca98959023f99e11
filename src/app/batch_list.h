/* batch_list.h - the rows of a batch, from a table (csv.h) or from a folder.
 *
 * A table's columns are the options of `render`, also by the names of people: portrait or image, voice or
 * audio, output or out, tier or model. Its portraits and voices are relative to the table's folder,
 * outputs to the folder of the results, which they cannot leave; a row without an output is named after
 * its voice. `say` (with `speaker` and `speed`) stands for a voice. In a folder every voice is a row: NAME.mp3 is spoken by NAME.jpg, or by the only picture of
 * the folder, as NAME.txt directs.
 *
 * A row that makes no sense is kept with its failure, so that the others go on.
 * Threads: one owner each.
 */
#pragma once

#include "app/csv.h"
#include "app/video.h"

struct batch_row {
    struct video_request video;
    const char *name; /* the output relative to the results' folder; "" if it is not known */
    int line;         /* of the table, 0: from a folder */
    enum orator_status status; /* OK: nothing is wrong with the words */
    struct orator_error bad;   /* else what is */
};

struct batch_list {
    struct batch_row *rows;
    int count;
    struct csv csv;
    char **texts; /* all that the rows point to and this list owns */
    int text_count, text_room;
};

struct batch_usual {
    const char *results;        /* the folder of the results */
    struct video_request video; /* what a row does not say */
    bool captions, thumbnails;  /* NAME.vtt, NAME.jpg beside NAME.mp4 */
};

/* NOT_FOUND, INVALID_PARAMETER if there are no rows to be had. */
ORATOR_MUST_CHECK enum orator_status batch_list_open(struct batch_list *, const char *path,
                                                     const struct batch_usual *,
                                                     struct orator_error *err);
void batch_list_fini(struct batch_list *);
