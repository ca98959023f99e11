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
    "  --resolution R   480p, 720p, 1080p (the shorter side), or source: the portrait's own "
    "pixels\n"
    "  --fps N          frames a second, 12 to 60\n"
    "  --aspect-ratio R source, 16:9, 9:16, 1:1, 4:3 or 3:4: cut or extended around the face\n"
    "  --face-box BOX   x,y,width,height of the face to animate, where the picture shows several\n"
    "  --motion-head F  how much the head moves, 0 to 2; 1 is usual\n"
    "  --motion-expression F  the same for smile and brows\n"
    "  --no-blink       the eyes stay open\n"
    "  --prompt TEXT    how to perform: \"warm smile, stable camera\"\n"
    "  --seed N         another performance of the same voice; the same N gives the same video\n"
    "  --label          a corner of the picture says \"AI generated\"\n"
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
    const char *image, *audio, *out, *model, *prompt, *seed, *resolution, *fps, *aspect_ratio;
    const char *face_box, *head, *expression;
    bool quiet, no_blink, label;
};

static enum orator_status parse(struct arguments *a, int argc, char **argv,
                                struct orator_error *err)
{
    const struct {
        const char *name;
        const char **value;
    } options[] = {{"--image", &a->image},
                   {"--audio", &a->audio},
                   {"--out", &a->out},
                   {"--model", &a->model},
                   {"--prompt", &a->prompt},
                   {"--seed", &a->seed},
                   {"--resolution", &a->resolution},
                   {"--fps", &a->fps},
                   {"--aspect-ratio", &a->aspect_ratio},
                   {"--face-box", &a->face_box},
                   {"--motion-head", &a->head},
                   {"--motion-expression", &a->expression}};
    enum { OPTIONS = sizeof(options) / sizeof(options[0]) };
    for (int i = 1; i < argc; i++) {
        int k = 0;
        while (k < OPTIONS && strcmp(argv[i], options[k].name) != 0)
            k++;
        if (k < OPTIONS && i + 1 < argc)
            *options[k].value = argv[++i];
        else if (strcmp(argv[i], "--quiet") == 0)
            a->quiet = true;
        else if (strcmp(argv[i], "--no-blink") == 0)
            a->no_blink = true;
        else if (strcmp(argv[i], "--label") == 0)
            a->label = true;
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

/* A whole number or a fraction within [low, high]; left as it is if `text` is NULL. */
static enum orator_status read_whole(int64_t *out, const char *name, const char *text, int64_t low,
                                     int64_t high, struct orator_error *err)
{
    if (!text || text_to_i64(text, low, high, out))
        return ORATOR_OK;
    return orator_fail(err, ORATOR_INVALID_PARAMETER,
                       "%s is %.40s, need a whole number from %lld to %lld", name, text,
                       (long long)low, (long long)high);
}

static enum orator_status read_factor(float *out, const char *name, const char *text,
                                      struct orator_error *err)
{
    double v = (double)*out;
    if (text && !text_to_f64(text, 0, 2, &v))
        return orator_fail(err, ORATOR_INVALID_PARAMETER, "%s is %.40s, need a number from 0 to 2",
                           name, text);
    *out = (float)v;
    return ORATOR_OK;
}

static enum orator_status read_box(float box[4], const char *text, struct orator_error *err)
{
    int end = 0;
    if (sscanf(text, "%f,%f,%f,%f%n", &box[0], &box[1], &box[2], &box[3], &end) == 4 &&
        text[end] == '\0' && box[2] > 0 && box[3] > 0)
        return ORATOR_OK;
    return orator_fail(err, ORATOR_INVALID_PARAMETER,
                       "--face-box is %.60s, need x,y,width,height in pixels", text);
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
    struct motion_gains gains = {1, 1, 1, 1, true};
    float face_box[4];
    int64_t seed = 1, fps = 0, started_ms = clock_steady_ms();

    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return fputs(usage, stdout), 0;
    TRY(settings_init(&settings, &err));
    TRY(settings_from_arguments(&settings, &argc, argv, &err));
    TRY(parse(&a, argc, argv, &err));

    struct engine_job job = {.portrait = &portrait,
                             .voice = &voice,
                             .output_path = a.out,
                             .prompt = a.prompt,
                             .resolution = a.resolution,
                             .aspect_ratio = a.aspect_ratio,
                             .gains = &gains,
                             .max_voice_ms = settings.max_audio_seconds * 1000,
                             .progress = on_progress,
                             .ctx = &bar};
    TRY(tier_from(a.model, &job.tier, &err));
    TRY(read_whole(&seed, "--seed", a.seed, 0, INT64_MAX, &err));
    TRY(read_whole(&fps, "--fps", a.fps, 12, 60, &err));
    TRY(read_factor(&gains.head, "--motion-head", a.head, &err));
    TRY(read_factor(&gains.expression, "--motion-expression", a.expression, &err));
    gains.blink = !a.no_blink;
    job.label = a.label;
    if (a.face_box) {
        TRY(read_box(face_box, a.face_box, &err));
        job.face_box = face_box;
    }
    job.seed = (uint64_t)seed;
    job.fps = (int)fps;
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
    for (int i = 0; i < result.heard.count; i++)
        printf("prompt: \"%s\": %s, %s\n", result.heard.list[i].phrase,
               result.heard.list[i].amount == 0.0f ? "not" : result.heard.list[i].aspect,
               result.heard.list[i].means);
    for (int i = 0; i < result.warnings.count; i++)
        printf("note: %s\n", result.warnings.list[i].text);
done:
    engine_free(&engine);
    bytes_fini(&voice);
    bytes_fini(&portrait);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}
