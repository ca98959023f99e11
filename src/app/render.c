/* render.c - `orator render`: one video from two files. */
#include <stdio.h>
#include <unistd.h>

#include "app/app.h"
#include "app/progress.h"
#include "app/report.h"
#include "app/video.h"

struct values {
    struct video_request video;
    const char *progress;
    bool quiet, json;
};

static const struct option options[] = {
    {"image", "FILE", "the portrait: jpg, png or webp", offsetof(struct values, video.image), 'i'},
    {"audio", "FILE", "the voice: mp3, wav, m4a, aac, ogg or flac",
     offsetof(struct values, video.audio), 'a'},
    {"out", "FILE", "the video to write, an MP4", offsetof(struct values, video.out), 'o'},
    VIDEO_OPTIONS(offsetof(struct values, video)),
    VIDEO_SPEECH(offsetof(struct values, video)),
    VIDEO_FILES(offsetof(struct values, video)),
    {"preview", "FILE", "write an MP4 too that can be played while it grows",
     offsetof(struct values, video.preview), 0},
    {"progress", PROGRESS_CHOICES, "how progress is shown on standard error; json: objects",
     offsetof(struct values, progress), 0},
    {"quiet", NULL, "no progress", offsetof(struct values, quiet), 'q'},
    {"json", NULL, "print one JSON object at the end instead of a sentence",
     offsetof(struct values, json), 0},
    {0},
};

static enum orator_status on_progress(void *ctx, const struct engine_progress *now,
                                      struct orator_error *err)
{
    progress_show(ctx, &(struct progress_point){engine_stage_name(now->stage), now->frames_done,
                                                now->frames_total, -1, now->preview_us, 0});
    if (app_stopped())
        return orator_fail(err, ORATOR_CANCELED, "stopped; nothing was written");
    return ORATOR_OK;
}

static void say(const struct video_request *request, const struct video_made *made)
{
    const struct engine_result *r = &made->result;
    double seconds = (double)made->took_ms / 1000.0, length = (double)r->duration_us / 1e6;
    printf("%s: %.2f s, %dx%d, %d frames a second, %.1f MB; made in %.2f s (%.1f x real time)\n",
           request->out, length, r->width_px, r->height_px, r->fps, (double)r->size_bytes / 1e6,
           seconds, seconds > 0 ? length / seconds : 0);
    for (int i = 0; i < r->heard.count; i++)
        printf("prompt: \"%s\": %s, %s\n", r->heard.list[i].phrase,
               r->heard.list[i].amount == 0.0f ? "not" : r->heard.list[i].aspect,
               r->heard.list[i].means);
    for (int i = 0; i < r->warnings.count; i++)
        printf("note: %s\n", r->warnings.list[i].text);
}

static int run(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct values v = {0};
    struct engine *engine = NULL;
    struct progress progress;
    struct video_made made;

    TRY(app_read(self, &settings, &v, &argc, argv, &err));
    TRY(progress_start(&progress, v.progress, v.quiet, &err));
    TRY(video_check(&v.video, &err));
    TRY(engine_open(&engine, settings.models, &err));
    app_stop_on_signals();
    s = video_make(engine, &v.video, settings.max_audio_seconds * 1000, on_progress, &progress,
                   &made, &err);
    progress_end(&progress);
    if (s != ORATOR_OK && v.video.preview)
        unlink(v.video.preview); /* the video it is of will never be */
    TRY(s);
    if (v.json) {
        char memory[REPORT_SIZE];
        struct text t = text_over(memory, sizeof(memory));
        report_video(&t, &v.video, &made);
        puts(t.start);
    } else {
        say(&v.video, &made);
    }
done:
    engine_free(&engine);
    return report_end(s, &err, v.json);
}

const struct command render_command = {
    .name = "render",
    .sentence = "make one video, without a server",
    .options = options,
    .settings = "models max_audio_seconds",
    .notes = "The video appears under its name when it is complete; a run that fails or is stopped "
             "leaves nothing.",
    .also = "orator render -i portrait.jpg -a voice.mp3 -o video.mp4 --prompt \"warm smile\"\n"
            "orator render -i portrait.jpg -a voice.mp3 -o story.mp4 --aspect-ratio 9:16 --json\n"
            "orator render -i portrait.jpg --say \"Hello, I am a picture.\" -o hello.mp4",
    .run = run,
};
