/* Whatever the bytes, a sound that is given is as long as it says, between the limits, and holds
 * numbers of -1 to 1. */
#include <stdlib.h>

#include "engine/media/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MAX_MS = 10000 };
    struct sound sound;
    if (sound_decode(&sound, data, size, MAX_MS, NULL) != ORATOR_OK)
        return sound.samples ? abort(), 0 : 0;
    const int a_ms = sound.rate_hz / 1000;
    if ((a_ms != 24 && a_ms != 48) || sound.channels < 1 || sound.channels > 2 ||
        sound.frames < (int64_t)a_ms * SOUND_MIN_MS || sound.frames > (int64_t)a_ms * MAX_MS)
        abort();
    for (int64_t i = 0; i < sound.frames * sound.channels; i++)
        if (!(sound.samples[i] >= -1.0f && sound.samples[i] <= 1.0f))
            abort();
    sound_fini(&sound);
    return 0;
}
