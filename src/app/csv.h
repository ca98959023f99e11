/* csv.h - a table as people write it: RFC 4180, with what spreadsheets make of it.
 *
 * Cells between commas, or semicolons or tabs if the first line has more of those; quotes around a cell
 * may hold separators, line ends and doubled quotes. A byte order mark, empty lines and lines that
 * start with '#' are passed over.
 * Errors: INVALID_PARAMETER with the line. Threads: one owner each.
 */
#pragma once

#include "base/file.h"

enum { CSV_COLUMNS_MAX = 64, CSV_ROWS_MAX = 100000 };

struct csv_row {
    char **cells; /* as many as the table has columns; "" where the row is short */
    int line;     /* of the file, from 1 */
};

struct csv {
    struct bytes text; /* the cells point into it */
    char **cells;      /* all of them, row by row */
    struct csv_row *rows;
    int row_count, column_count;
    char **names; /* the first line */
};

/* Takes the content of `text` over, also on failure. */
ORATOR_MUST_CHECK enum orator_status csv_parse(struct csv *out, struct bytes *text,
                                               struct orator_error *err);
void csv_fini(struct csv *);
