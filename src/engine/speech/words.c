#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/speech/phones.h"

void speech_words_fini(struct speech_words *w)
{
    free(w->list);
    *w = (struct speech_words){0};
}

/* Ends the word before `ms`: where it fell silent, or there. */
static void end_word(struct speech_words *w, int64_t silent_ms, int64_t ms)
{
    if (w->count > 0)
        w->list[w->count - 1].end_ms = silent_ms >= 0 ? silent_ms : ms;
}

enum orator_status speech_words(struct speech_words *out, const struct bytes *notes,
                                struct orator_error *err)
{
    const char *text = (const char *)notes->data, *end = text + notes->size;
    size_t lines = 1;
    for (const char *p = text; p < end; p++)
        lines += *p == '\n';
    struct speech_words w = {.list = calloc(1, lines * sizeof(*w.list) + notes->size + lines)};
    *out = (struct speech_words){0};
    if (!w.list)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the words of a speech");
    char *memory = (char *)(w.list + lines);
    int64_t silent_ms = -1; /* since then nothing was said */
    for (const char *p = text; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop ? stop : end;
        char *name;
        int64_t ms = strtoll(p + 1, &name, 10);
        name += name < stop && *name == ' ';
        bool named = name < stop;
        if (*p == 'p' && (named || silent_ms < 0))
            silent_ms = named ? -1 : ms;
        if ((*p == 'w' && named) || *p == 'e') {
            end_word(&w, silent_ms, ms);
            silent_ms = -1;
        }
        if (*p == 'w' && named) {
            size_t n = (size_t)(stop - name);
            memcpy(memory, name, n);
            w.list[w.count++] = (struct speech_word){memory, ms, ms};
            memory += n + 1;
        }
        p = stop + 1;
    }
    *out = w;
    return ORATOR_OK;
}
