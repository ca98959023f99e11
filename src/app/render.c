/* render.c - `orator render`: one video from two files, with a progress bar on a terminal. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/text.h"
#include "engine/engine.h"

static const char usage[] =
    "orator render --image FILE --audio FILE --out FILE [options]\n\n"
    "  --image FILE     the portrait: jpg, png or webp\n"
    "  --audio FILE     the voice: mp3, wav, m4a, aac, ogg or flac\n"
    "  --out FILE       the video to write, an MP4\n"
    "  --model NAME     standard (720p class, 25 frames a second) or pro (1080p class, 48)\n"
    "  --prompt TEXT    how to perform: \"warm smile, stable camera\"\n"
    "  --seed N         another performance of the same voice; the same N gives the same video\n"
    "  --quiet          no progress bar\n";

static atomic_bool interrupted;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&interrupted, true);
}

/* The bar, drawn ten times a second at most. */
struct bar {
    bool shown;
    int64_t started_ms, drawn_ms;
};

static void bar_draw(struct bar *bar, const struct engine_progress *now)
{
    int64_t at = clock_steady_ms();
    bool last = now->frames_total > 0 && now->frames_done == now->frames_total;
    if (!bar->shown || (at - bar->drawn_ms < 100 && !last))
        return;
    bar->drawn_ms = at;
    if (now->frames_done == 0) {
        bar->started_ms = at;
        fprintf(stderr, "\r\033[K%s", engine_stage_name(now->stage));
        return;
    }
    enum { WIDTH = 30 };
    int filled = (int)(now->frames_done * WIDTH / now->frames_total);
    double seconds = (double)(at - bar->started_ms) / 1000.0;
    double rate = seconds > 0 ? (double)now->frames_done / seconds : 0;
    fprintf(stderr, "\r\033[K[%.*s%.*s] %3lld%%  %lld/%lld frames  %.0f a second  %.0f s left",
            filled, "##############################", WIDTH - filled,
            "..............................",
            (long long)(now->frames_done * 100 / now->frames_total), (long long)now->frames_done,
            (long long)now->frames_total, rate,
            rate > 0 ? (double)(now->frames_total - now->frames_done) / rate : 0);
}

static enum orator_status on_progress(void *ctx, const struct engine_progress *now,
                                      struct orator_error *err)
{
    bar_draw(ctx, now);
    if (atomic_load(&interrupted))
        return orator_fail(err, ORATOR_CANCELED, "stopped; nothing was written");
    return ORATOR_OK;
}

struct arguments {
    const char *image, *audio, *out, *model, *prompt, *seed;
    bool quiet;
};

static enum orator_status parse(struct arguments *a, int argc, char **argv,
                                struct orator_error *err)
{
    const struct {
        const char *name;
        const char **value;
    } options[] = {{"--image", &a->image}, {"--audio", &a->audio},   {"--out", &a->out},
                   {"--model", &a->model}, {"--prompt", &a->prompt}, {"--seed", &a->seed}};
    enum { OPTIONS = sizeof(options) / sizeof(options[0]) };
    for (int i = 1; i < argc; i++) {
        int k = 0;
        while (k < OPTIONS && strcmp(argv[i], options[k].name) != 0)
            k++;
        if (k < OPTIONS && i + 1 < argc)
            *options[k].value = argv[++i];
        else if (strcmp(argv[i], "--quiet") == 0)
            a->quiet = true;
        else
            return orator_fail(err, ORATOR_INVALID_PARAMETER,
                               k < OPTIONS ? "%s needs a value" : "%s is not an option of render",
                               argv[i]);
    }
    for (int k = 0; k < 3; k++)
        if (!*options[k].value)
            return orator_fail(err, ORATOR_MISSING_PARAMETER,
                               "%s is missing (orator render --help)", options[k].name);
    return ORATOR_OK;
}

static enum orator_status tier_from(const char *model, enum engine_tier *out,
                                    struct orator_error *err)
{
    const char *word = model && strrchr(model, '-') ? strrchr(model, '-') + 1 : model;
    if (!word || strcmp(word, "standard") == 0)
        *out = ENGINE_STANDARD;
    else if (strcmp(word, "pro") == 0)
        *out = ENGINE_PRO;
    else
        return orator_fail(err, ORATOR_MODEL_NOT_FOUND,
                           "there is no model %.60s; there are standard and pro", model);
    return ORATOR_OK;
}

int command_render(int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct arguments a = {0};
    struct bytes portrait = {0}, voice = {0};
    struct engine *engine = NULL;
    struct engine_result result = {0};
    struct bar bar = {0};
    int64_t seed = 1, started_ms = clock_steady_ms();

    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return fputs(usage, stdout), 0;
    TRY(settings_init(&settings, &err));
    TRY(settings_from_arguments(&settings, &argc, argv, &err));
    TRY(parse(&a, argc, argv, &err));

    struct engine_job job = {.portrait = &portrait,
                             .voice = &voice,
                             .output_path = a.out,
                             .prompt = a.prompt,
                             .max_voice_ms = settings.max_audio_seconds * 1000,
                             .progress = on_progress,
                             .ctx = &bar};
    TRY(tier_from(a.model, &job.tier, &err));
    if (a.seed && !text_to_i64(a.seed, 0, INT64_MAX, &seed)) {
        s = orator_fail(&err, ORATOR_INVALID_PARAMETER,
                        "--seed is %.40s, it must be a whole number", a.seed);
        goto done;
    }
    job.seed = (uint64_t)seed;
    TRY(file_read(&portrait, a.image, 64 << 20, &err));
    TRY(file_read(&voice, a.audio, 256 << 20, &err));
    TRY(engine_open(&engine, settings.models, &err));

    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    bar.shown = !a.quiet && isatty(STDERR_FILENO);
    s = engine_run(engine, &job, &result, &err);
    if (bar.shown)
        fputs("\r\033[K", stderr);
    TRY(s);
    double seconds = (double)(clock_steady_ms() - started_ms) / 1000.0;
    double length = (double)result.duration_us / 1e6;
    printf("%s: %.2f s, %dx%d, %d frames a second, %.1f MB; made in %.2f s (%.1f x real time)\n",
           a.out, length, result.width_px, result.height_px, result.fps,
           (double)result.size_bytes / 1e6, seconds, length / seconds);
    for (int i = 0; i < result.warnings.count; i++)
        printf("note: %s\n", result.warnings.list[i].text);
done:
    engine_free(&engine);
    bytes_fini(&voice);
    bytes_fini(&portrait);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}
