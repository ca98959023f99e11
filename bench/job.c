/* job - where the CPU seconds of a whole job go; render.py runs it.
 *
 *     bench_job MODELS IMAGE AUDIO standard|pro RUNS
 *
 * Of each stage the least of all runs, as what else the machine does only ever adds. The encoder, with the
 * sound and the file, works on threads of its own: what the process used less what its main thread did. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/engine.h"

enum part { LOAD, INSPECT, SPEECH, MOTION, PREPARE, FRAMES, ENCODER, PARTS };

static const char *const names[PARTS] = {"start",   "inspect", "speech", "motion",
                                         "prepare", "frames",  "encoder"};

struct watch {
    double began, spent[PARTS];
    enum part now;
};

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void enter(struct watch *w, enum part next)
{
    double t = seconds(CLOCK_THREAD_CPUTIME_ID);
    w->spent[w->now] += t - w->began;
    w->began = t;
    w->now = next;
}

static enum orator_status on_progress(void *ctx, const struct engine_progress *p,
                                      struct orator_error *err)
{
    static const enum part of[ENGINE_STAGE_COUNT] = {[ENGINE_INSPECT] = INSPECT,
                                                     [ENGINE_SPEECH] = SPEECH,
                                                     [ENGINE_MOTION] = MOTION,
                                                     [ENGINE_RENDER] = PREPARE};
    (void)err;
    /* all that is made once is there with the first frame */
    enum part next = p->frames_done > 0 ? FRAMES : of[p->stage];
    struct watch *w = ctx;
    if (next != w->now)
        enter(w, next);
    return ORATOR_OK;
}

static bool run(double least[PARTS], const char *models, struct engine_job *job)
{
    struct orator_error err;
    struct engine_result result;
    struct engine *engine = NULL;
    struct watch w = {.began = seconds(CLOCK_THREAD_CPUTIME_ID), .now = LOAD};
    double main_began = w.began, all_began = seconds(CLOCK_PROCESS_CPUTIME_ID);
    job->ctx = &w;
    bool ok = engine_open(&engine, models, &err) == ORATOR_OK &&
              engine_run(engine, job, &result, &err) == ORATOR_OK;
    engine_free(&engine);
    enter(&w, LOAD);
    w.spent[ENCODER] = seconds(CLOCK_PROCESS_CPUTIME_ID) - all_began - (w.began - main_began);
    for (int k = 0; k < PARTS; k++)
        least[k] = w.spent[k] < least[k] ? w.spent[k] : least[k];
    if (!ok)
        fprintf(stderr, "bench_job: %s\n", err.text);
    return ok;
}

int main(int argc, char **argv)
{
    struct orator_error err;
    struct bytes image = {0}, audio = {0};
    double least[PARTS];
    char out[64];
    if (argc != 6)
        return fputs("usage: bench_job MODELS IMAGE AUDIO standard|pro RUNS\n", stderr), 1;
    if (file_read(&image, argv[2], 64 << 20, &err) != ORATOR_OK ||
        file_read(&audio, argv[3], 256 << 20, &err) != ORATOR_OK)
        return fprintf(stderr, "bench_job: %s\n", err.text), 1;
    snprintf(out, sizeof(out), "/tmp/bench_job_%d.mp4", (int)getpid());
    struct engine_job job = {.portrait = &image,
                             .voice = &audio,
                             .output_path = out,
                             .tier = strcmp(argv[4], "pro") == 0 ? ENGINE_PRO : ENGINE_STANDARD,
                             .seed = 1,
                             .progress = on_progress};
    for (int k = 0; k < PARTS; k++)
        least[k] = 1e9;
    bool ok = true;
    for (int n = atoi(argv[5]); n > 0 && ok; n--)
        ok = run(least, argv[1], &job);
    unlink(out);
    for (int k = 0; k < PARTS && ok; k++)
        printf("%s %.3f%s", names[k], least[k], k + 1 < PARTS ? "  " : "\n");
    bytes_fini(&image);
    bytes_fini(&audio);
    return ok ? 0 : 1;
}
