#include "engine/speech/tape.h"

#include <stdlib.h>
#include <string.h>

void tape_init(struct tape *t, int width) { *t = (struct tape){.width = width}; }

void tape_fini(struct tape *t)
{
    free(t->memory);
    *t = (struct tape){0};
}

enum orator_status tape_extend(struct tape *t, int64_t count, float **at, struct orator_error *err)
{
    size_t row = (size_t)t->width * sizeof(float);
    int64_t kept = t->end - t->first;
    if (count > (int64_t)(PTRDIFF_MAX / 2 / (int64_t)row) - kept)
        return orator_fail(err, ORATOR_AUDIO_TOO_LONG, "the sound has too many samples");
    if (kept + count > t->room) {
        int64_t room = kept + count > 2 * t->room ? kept + count : 2 * t->room;
        float *memory = realloc(t->memory, (size_t)room * row);
        if (!memory)
            return orator_fail(err, ORATOR_NO_MEMORY, "no memory for %lld rows of sound",
                               (long long)room);
        t->memory = memory;
        t->room = room;
    }
    *at = t->memory + kept * t->width;
    t->end += count;
    return ORATOR_OK;
}

float *tape_row(const struct tape *t, int64_t row)
{
    return t->memory + (row - t->first) * t->width;
}

void tape_forget(struct tape *t, int64_t row)
{
    if (row > t->end)
        row = t->end;
    if (row <= t->first)
        return;
    memmove(t->memory, tape_row(t, row),
            (size_t)(t->end - row) * (size_t)t->width * sizeof(*t->memory));
    t->first = row;
}
