#include "server/maker/kind.h"

#include <stdbool.h>
#include <string.h>

static bool has(const struct bytes *b, size_t at, const char *mark)
{
    size_t n = strlen(mark);
    return b->size >= at + n && memcmp(b->data + at, mark, n) == 0;
}

const char *kind_of_picture(const struct bytes *b)
{
    if (has(b, 0, "\x89PNG"))
        return "png";
    return has(b, 8, "WEBP") ? "webp" : "jpg";
}

const char *kind_of_sound(const struct bytes *b)
{
    static const struct {
        size_t at;
        const char *mark, *kind;
    } rows[] = {{8, "WAVE", "wav"},    {0, "fLaC", "flac"}, {0, "OggS", "ogg"},
                {4, "ftyp", "m4a"},    {0, "ID3", "mp3"},   {0, "\xFF\xF1", "aac"},
                {0, "\xFF\xF9", "aac"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (has(b, rows[i].at, rows[i].mark))
            return rows[i].kind;
    return "mp3";
}
