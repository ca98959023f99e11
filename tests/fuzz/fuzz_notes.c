#include <stdlib.h>
#include <string.h>

#include "engine/speech/phones.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is taken says probabilities and positions; words lie in their order's memory. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { FRAMES = 100 };
    static struct speech_frame frames[FRAMES];
    struct speech speech = {frames, FRAMES, 2 * SPEECH_RATE_HZ};
    struct speech_words words;
    struct orator_error err;
    struct bytes notes = {malloc(size + 1), size};
    if (!notes.data)
        return 0;
    memcpy(notes.data, data, size);
    notes.data[size] = '\0';
    memset(frames, 0, sizeof(frames));
    if (speech_know(&speech, &notes, &err) == ORATOR_OK)
        for (int i = 0; i < FRAMES; i++) {
            float sum = 0;
            for (int v = 0; v < VISEME_COUNT; v++)
                sum += frames[i].viseme[v];
            for (int a = 0; a < ARTICULATOR_COUNT; a++)
                if (!(frames[i].articulator[a] >= 0 && frames[i].articulator[a] <= 1))
                    abort();
            if (!(sum > 0.99f && sum < 1.01f))
                abort();
        }
    if (speech_words(&words, &notes, &err) == ORATOR_OK) {
        size_t letters = 0;
        for (int i = 0; i < words.count; i++)
            letters += strlen(words.list[i].text);
        if (letters > size)
            abort();
        speech_words_fini(&words);
    }
    bytes_fini(&notes);
    return 0;
}
