#include "app/batch_list.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

enum { TABLE_MAX_BYTES = 64 << 20, PROMPT_MAX_BYTES = 10000 };

/* A text that lives as long as the list; NULL: no memory. */
__attribute__((format(printf, 2, 3))) static char *keep(struct batch_list *list, const char *fmt,
                                                        ...)
{
    char *text = NULL;
    va_list args;
    if (list->text_count == list->text_room) {
        int room = list->text_room ? list->text_room * 2 : 64;
        char **larger = realloc(list->texts, (size_t)room * sizeof(*larger));
        if (!larger)
            return NULL;
        list->texts = larger;
        list->text_room = room;
    }
    va_start(args, fmt);
    int n = vasprintf(&text, fmt, args);
    va_end(args);
    if (n < 0)
        return NULL;
    return list->texts[list->text_count++] = text;
}

static enum orator_status no_memory(struct orator_error *err)
{
    return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the list");
}

static enum orator_status room_for(struct batch_list *list, int rows, struct orator_error *err)
{
    list->rows = calloc((size_t)(rows ? rows : 1), sizeof(*list->rows));
    return list->rows ? ORATOR_OK : no_memory(err);
}

/* Stays below the results' folder: no absolute path, no "..". */
static bool stays_inside(const char *name)
{
    if (!*name || *name == '/')
        return false;
    for (const char *part = name; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return false;
    return true;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "a/b.mp4" -> "a/b.vtt" */
static char *beside(struct batch_list *list, const char *path, const char *ending)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    int n = dot && (!slash || dot > slash) ? (int)(dot - path) : (int)strlen(path);
    return keep(list, "%.*s.%s", n, path, ending);
}

/* Names the output, and judges the words of the row. */
static enum orator_status finish_row(struct batch_list *list, struct batch_row *row,
                                     const struct batch_usual *usual, struct orator_error *err)
{
    const char *voice = row->video.audio ? last_part(row->video.audio) : "";
    const char *dot = strrchr(voice, '.');
    if (row->video.out)
        row->name = row->video.out;
    else if (*voice)
        row->name = keep(list, "%.*s.mp4", (int)(dot ? dot - voice : (long)strlen(voice)), voice);
    else
        row->name = "";
    if (!row->name || !(row->video.out = keep(list, "%s/%s", usual->results, row->name)))
        return no_memory(err);
    if ((usual->captions && !(row->video.captions = beside(list, row->video.out, "vtt"))) ||
        (usual->thumbnails && !(row->video.thumbnail = beside(list, row->video.out, "jpg"))))
        return no_memory(err);
    if (!row->video.image || (!row->video.audio && !row->video.say)) {
        row->status = orator_fail_param(&row->bad, ORATOR_MISSING_PARAMETER,
                                        row->video.image ? "voice" : "portrait", "there is no %s",
                                        row->video.image ? "voice" : "portrait");
        return ORATOR_OK;
    }
    if (!*row->name) {
        row->status = orator_fail_param(&row->bad, ORATOR_MISSING_PARAMETER, "output",
                                        "a row that says a text needs an output");
        return ORATOR_OK;
    }
    if (!stays_inside(row->name)) {
        row->status = orator_fail_param(
            &row->bad, ORATOR_INVALID_PARAMETER, "output",
            "the output %.100s must lie inside the folder of the results", row->name);
        return ORATOR_OK;
    }
    for (const struct batch_row *other = list->rows; other < row; other++)
        if (strcmp(other->name, row->name) == 0) {
            row->status = orator_fail_param(&row->bad, ORATOR_INVALID_PARAMETER, "output",
                                            "row %d makes %.100s already",
                                            (int)(other - list->rows) + 1, row->name);
            return ORATOR_OK;
        }
    row->status = video_check(&row->video, &row->bad);
    return ORATOR_OK;
}

/* --- a table ------------------------------------------------------------------------------------------ */

static const struct option columns[] = {
    {"image", "FILE", "", offsetof(struct video_request, image), 0},
    {"portrait", "FILE", "", offsetof(struct video_request, image), 0},
    {"audio", "FILE", "", offsetof(struct video_request, audio), 0},
    {"voice", "FILE", "", offsetof(struct video_request, audio), 0},
    {"out", "OUT", "", offsetof(struct video_request, out), 0},
    {"output", "OUT", "", offsetof(struct video_request, out), 0},
    {"tier", "TEXT", "", offsetof(struct video_request, model), 0},
    {"text", "TEXT", "", offsetof(struct video_request, text), 0},
    {"say", "TEXT", "", offsetof(struct video_request, say), 0},
    {"speaker", "NAME", "", offsetof(struct video_request, voice), 0},
    {"speed", "F", "", offsetof(struct video_request, speed), 0},
    VIDEO_OPTIONS(0),
    {0},
};

static enum orator_status find_columns(const struct csv *csv, const struct option **found,
                                       struct orator_error *err)
{
    for (int i = 0; i < csv->column_count; i++) {
        char name[64];
        snprintf(name, sizeof(name), "%s", csv->names[i]);
        for (char *c = name; *c; c++)
            *c = *c == '_' || *c == ' ' ? '-' : *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
        const struct option *near = columns;
        found[i] = NULL;
        for (const struct option *o = columns; o->name; o++) {
            if (strcmp(o->name, name) == 0)
                found[i] = o;
            if (text_edits(name, o->name) < text_edits(name, near->name))
                near = o;
        }
        if (!found[i])
            return orator_fail(err, ORATOR_INVALID_PARAMETER,
                               "there is no column %.60s; did you mean %s?", csv->names[i],
                               near->name);
    }
    return ORATOR_OK;
}

static bool is_yes(const char *cell)
{
    return strcmp(cell, "yes") == 0 || strcmp(cell, "true") == 0 || strcmp(cell, "1") == 0 ||
           strcmp(cell, "x") == 0;
}

static enum orator_status row_from_cells(struct batch_list *list, struct batch_row *row,
                                         const struct option *const *found,
                                         const struct csv_row *cells, const char *folder,
                                         struct orator_error *err)
{
    for (int i = 0; i < list->csv.column_count; i++) {
        char *place = (char *)&row->video + found[i]->offset, *cell = cells->cells[i];
        if (!*cell)
            continue;
        if (!found[i]->value) {
            memcpy(place, &(bool){is_yes(cell)}, sizeof(bool));
            continue;
        }
        bool source = strcmp(found[i]->value, "FILE") == 0 && *cell != '/';
        char *value = source ? keep(list, "%s/%s", folder, cell) : cell;
        if (!value)
            return no_memory(err);
        memcpy(place, &value, sizeof(value));
    }
    row->line = cells->line;
    return ORATOR_OK;
}

static enum orator_status open_table(struct batch_list *list, const char *path,
                                     const struct batch_usual *usual, struct orator_error *err)
{
    enum orator_status s;
    struct bytes text = {0};
    const struct option *found[CSV_COLUMNS_MAX];
    char folder[4096];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    TRY(file_read(&text, path, TABLE_MAX_BYTES, err));
    TRY(csv_parse(&list->csv, &text, err));
    TRY(find_columns(&list->csv, found, err));
    TRY(room_for(list, list->csv.row_count, err));
    for (int i = 0; i < list->csv.row_count; i++) {
        struct batch_row *row = &list->rows[i];
        row->video = usual->video;
        TRY(row_from_cells(list, row, found, &list->csv.rows[i], slash ? folder : ".", err));
        TRY(finish_row(list, row, usual, err));
        list->count++;
    }
done:
    return s;
}

/* --- a folder ------------------------------------------------------------------------------------------- */

static bool has_ending(const char *name, const char *endings)
{
    const char *dot = strrchr(name, '.');
    char word[16];
    if (!dot || strlen(dot) > 10)
        return false;
    snprintf(word, sizeof(word), "%s ", dot);
    for (char *c = word; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    return strstr(endings, word) != NULL;
}

static bool is_picture(const char *name) { return has_ending(name, ".jpg .jpeg .png .webp "); }
static bool is_voice(const char *name)
{
    return has_ending(name, ".mp3 .wav .m4a .aac .ogg .opus .flac ");
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && (is_picture(entry->d_name) || is_voice(entry->d_name));
}

/* The picture of the voice's own name, else the only one, else NULL. */
static const char *picture_for(const char *voice, struct dirent **entries, int count)
{
    size_t stem = (size_t)(strrchr(voice, '.') - voice) + 1; /* with its dot */
    const char *only = NULL;
    int pictures = 0;
    for (int i = 0; i < count; i++) {
        if (!is_picture(entries[i]->d_name))
            continue;
        if (strncmp(entries[i]->d_name, voice, stem) == 0 &&
            !strchr(entries[i]->d_name + stem, '.'))
            return entries[i]->d_name;
        only = entries[i]->d_name;
        pictures++;
    }
    return pictures == 1 ? only : NULL;
}

static enum orator_status row_from_voice(struct batch_list *list, struct batch_row *row,
                                         const char *folder, const char *voice, const char *picture,
                                         struct orator_error *err)
{
    struct bytes prompt = {0};
    char path[4096];
    int stem = (int)(strrchr(voice, '.') - voice);
    if (picture && !(row->video.image = keep(list, "%s/%s", folder, picture)))
        return no_memory(err);
    if (!(row->video.audio = keep(list, "%s/%s", folder, voice)))
        return no_memory(err);
    snprintf(path, sizeof(path), "%s/%.*s.txt", folder, stem, voice);
    if (file_read(&prompt, path, PROMPT_MAX_BYTES, &row->bad) == ORATOR_OK) {
        char *text = keep(list, "%s", (const char *)prompt.data);
        bytes_fini(&prompt);
        if (!text)
            return no_memory(err);
        text[strcspn(text, "\r\n")] = '\0';
        row->video.prompt = text;
    }
    /* a folder without directions is fine */
    return ORATOR_OK;
}

static enum orator_status open_folder(struct batch_list *list, const char *folder,
                                      const struct batch_usual *usual, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, visible, alphasort);
    if (count < 0)
        return orator_fail(err, ORATOR_IO, "%.100s cannot be read", folder);
    TRY(room_for(list, count, err));
    for (int i = 0; i < count; i++) {
        const char *voice = entries[i]->d_name;
        if (!is_voice(voice))
            continue;
        struct batch_row *row = &list->rows[list->count];
        row->video = usual->video;
        TRY(row_from_voice(list, row, folder, voice, picture_for(voice, entries, count), err));
        TRY(finish_row(list, row, usual, err));
        list->count++;
    }
    if (list->count == 0)
        s = orator_fail(err, ORATOR_INVALID_PARAMETER, "%.100s holds no voices (mp3, wav, ...)",
                        folder);
done:
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return s;
}

enum orator_status batch_list_open(struct batch_list *list, const char *path,
                                   const struct batch_usual *usual, struct orator_error *err)
{
    struct stat about;
    *list = (struct batch_list){0};
    enum orator_status s;
    if (stat(path, &about) != 0)
        s = orator_fail(err, ORATOR_NOT_FOUND, "there is no %.150s", path);
    else if (S_ISDIR(about.st_mode))
        s = open_folder(list, path, usual, err);
    else
        s = open_table(list, path, usual, err);
    if (s != ORATOR_OK)
        batch_list_fini(list);
    return s;
}

void batch_list_fini(struct batch_list *list)
{
    for (int i = 0; i < list->text_count; i++)
        free(list->texts[i]);
    free(list->texts);
    free(list->rows);
    csv_fini(&list->csv);
    *list = (struct batch_list){0};
}
