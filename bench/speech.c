/* speech - how much faster than a voice speaks it is heard, on one core.
 *
 *     meson test -C build --benchmark speech --verbose
 *
 * Two minutes of noise that comes and goes: what a sound says does not change the work. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/random.h"
#include "engine/speech/speech.h"

enum { SECONDS = 120, RUNS = 3, BLOCK = SPEECH_RATE_HZ / 10, ROOM = 512 };

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static enum orator_status stream(const struct speech_model *model, const struct sound *sound,
                                 struct orator_error *err)
{
    static struct speech_frame frames[ROOM];
    struct speech_stream *stream;
    enum orator_status s = speech_stream_begin(&stream, model, err);
    for (int64_t at = 0; s == ORATOR_OK && at < sound->frames; at += BLOCK) {
        s = speech_stream_push(stream, sound->samples + at, BLOCK, err);
        speech_stream_take(stream, frames, ROOM);
    }
    if (s == ORATOR_OK)
        s = speech_stream_finish(stream, err);
    speech_stream_free(&stream);
    return s;
}

int main(int argc, char **argv)
{
    struct orator_error err = {0};
    struct speech_model *model = NULL;
    struct random dice = random_seeded(1, 0);
    struct sound sound = {.frames = SECONDS * SPEECH_RATE_HZ, .channels = 1};
    double best[2] = {INFINITY, INFINITY};
    enum orator_status s;
    sound.rate_hz = SPEECH_RATE_HZ;
    sound.samples = malloc((size_t)sound.frames * sizeof(float));
    if (argc != 2 || !sound.samples)
        return 1;
    for (int64_t i = 0; i < sound.frames; i++)
        sound.samples[i] = (random_unit(&dice) - 0.5f) * sinf((float)i / SPEECH_RATE_HZ);
    TRY(speech_model_open(&model, argv[1], &err));
    for (int run = 0; run < RUNS; run++) {
        struct speech speech;
        double start = cpu_s();
        TRY(stream(model, &sound, &err));
        best[0] = fmin(best[0], cpu_s() - start);
        start = cpu_s();
        TRY(speech_analyse(&speech, model, &sound, &err));
        best[1] = fmin(best[1], cpu_s() - start);
        speech_fini(&speech);
    }
    printf("visemes and articulators, in blocks of 100 ms   %6.0f x real time\n"
           "with loudness and pitch, the whole sound        %6.0f x real time\n",
           SECONDS / best[0], SECONDS / best[1]);
done:
    if (s != ORATOR_OK)
        fprintf(stderr, "%s\n", err.text);
    speech_model_free(&model);
    free(sound.samples);
    return s != ORATOR_OK;
}
