#include "app/csv.h"

#include <stdlib.h>
#include <string.h>

/* Where the reader is. Cells are unquoted in place: `write` never passes `read`. */
struct reader {
    char *read, *write, *end;
    char separator;
    int line;
};

static bool at_line_end(const struct reader *r) { return r->read == r->end || *r->read == '\n'; }

/* One cell, ended by a NUL; stands behind its separator or on the line's end. */
static enum orator_status read_cell(struct reader *r, char **cell, struct orator_error *err)
{
    int line = r->line;
    while (r->read < r->end && *r->read == ' ')
        r->read++;
    char *start = *cell = r->write = r->read;
    if (r->read < r->end && *r->read == '"') {
        for (r->read++;; r->read++) {
            if (r->read == r->end)
                return orator_fail(err, ORATOR_INVALID_PARAMETER,
                                   "line %d: a quote is opened and never closed", line);
            r->line += *r->read == '\n';
            if (*r->read == '"' && (r->read + 1 == r->end || r->read[1] != '"'))
                break;
            r->read += *r->read == '"';
            *r->write++ = *r->read;
        }
        r->read++;
        while (r->read < r->end && (*r->read == ' ' || *r->read == '\r'))
            r->read++;
        if (!at_line_end(r) && *r->read != r->separator)
            return orator_fail(err, ORATOR_INVALID_PARAMETER,
                               "line %d: something stands behind a closing quote", r->line);
    } else {
        while (!at_line_end(r) && *r->read != r->separator)
            *r->write++ = *r->read++;
        while (r->write > start && (r->write[-1] == ' ' || r->write[-1] == '\r'))
            r->write--;
    }
    return ORATOR_OK;
}

static char separator_of(const char *text)
{
    int commas = 0, semicolons = 0, tabs = 0;
    for (; *text && *text != '\n'; text++) {
        commas += *text == ',';
        semicolons += *text == ';';
        tabs += *text == '\t';
    }
    return tabs > commas && tabs > semicolons ? '\t' : semicolons > commas ? ';' : ',';
}

/* Passes over empty lines and comments; false at the end. */
static bool next_line(struct reader *r)
{
    while (r->read < r->end) {
        size_t n = (size_t)(r->end - r->read), blank = 0;
        while (blank < n && strchr(" \r\t", r->read[blank]))
            blank++;
        bool skip = blank == n || r->read[blank] == '\n' || r->read[0] == '#';
        if (!skip)
            return true;
        char *newline = memchr(r->read, '\n', n);
        r->read = newline ? newline + 1 : r->end;
        r->line++;
    }
    return false;
}

static enum orator_status read_line(struct reader *r, char **cells, int room, int *count,
                                    struct orator_error *err)
{
    int line = r->line;
    *count = 0;
    for (bool more = true; more;) {
        char *cell;
        enum orator_status s = read_cell(r, &cell, err);
        if (s != ORATOR_OK)
            return s;
        if (*count == room)
            return orator_fail(err, ORATOR_INVALID_PARAMETER,
                               "line %d has more cells than the first line's %d names", line, room);
        cells[(*count)++] = cell;
        more = !at_line_end(r);
        r->read += r->read < r->end; /* the separator or the newline, which may be the cell's NUL */
        *r->write = '\0';
    }
    r->line++;
    return ORATOR_OK;
}

static int lines_at_most(const struct bytes *text)
{
    int lines = 1;
    for (size_t i = 0; i < text->size; i++)
        lines += text->data[i] == '\n';
    return lines < CSV_ROWS_MAX + 2 ? lines : CSV_ROWS_MAX + 2;
}

static enum orator_status read_rows(struct csv *c, struct reader *r, struct orator_error *err)
{
    static char empty[] = "";
    while (next_line(r)) {
        int count, line = r->line;
        if (c->row_count == CSV_ROWS_MAX)
            return orator_fail(err, ORATOR_REQUEST_TOO_LARGE, "more than %d rows", CSV_ROWS_MAX);
        struct csv_row *row = &c->rows[c->row_count];
        row->cells = c->cells + (size_t)(c->row_count + 1) * (size_t)c->column_count;
        row->line = line;
        enum orator_status s = read_line(r, row->cells, c->column_count, &count, err);
        if (s != ORATOR_OK)
            return s;
        for (; count < c->column_count; count++)
            row->cells[count] = empty;
        c->row_count++;
    }
    return ORATOR_OK;
}

enum orator_status csv_parse(struct csv *out, struct bytes *text, struct orator_error *err)
{
    enum orator_status s;
    char *first[CSV_COLUMNS_MAX];
    *out = (struct csv){.text = *text};
    *text = (struct bytes){0};
    char *start = (char *)out->text.data;
    size_t mark = out->text.size >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    struct reader r = {.read = start + mark, .end = start + out->text.size, .line = 1};
    if (memchr(start, '\0', out->text.size)) {
        s = orator_fail(err, ORATOR_INVALID_PARAMETER, "this is no text file");
        goto done;
    }
    if (!next_line(&r)) {
        s = orator_fail(err, ORATOR_INVALID_PARAMETER, "there is no line with names of columns");
        goto done;
    }
    int lines = lines_at_most(&out->text);
    r.separator = separator_of(r.read);
    TRY(read_line(&r, first, CSV_COLUMNS_MAX, &out->column_count, err));
    out->cells = calloc((size_t)lines * (size_t)out->column_count, sizeof(*out->cells));
    out->rows = calloc((size_t)lines, sizeof(*out->rows));
    if (!out->cells || !out->rows) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the table");
        goto done;
    }
    memcpy(out->cells, first, (size_t)out->column_count * sizeof(*first));
    out->names = out->cells;
    TRY(read_rows(out, &r, err));
done:
    if (s != ORATOR_OK)
        csv_fini(out);
    return s;
}

void csv_fini(struct csv *c)
{
    free(c->rows);
    free(c->cells);
    bytes_fini(&c->text);
    *c = (struct csv){0};
}
