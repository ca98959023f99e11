/* batch.c - `orator batch`: many videos from a list, one after the other; what is done stays done. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "app/batch_record.h"
#include "app/progress.h"
#include "app/report.h"

struct values {
    struct video_request usual;
    const char *out, *progress;
    bool captions, thumbnails, again, quiet, json;
};

static const struct option options[] = {
    {"out", "DIR", "the folder of the results", offsetof(struct values, out), 'o'},
    VIDEO_OPTIONS(offsetof(struct values, usual)),
    {"captions", NULL,
     "write NAME.vtt beside every NAME.mp4, of the column text where there is one",
     offsetof(struct values, captions), 0},
    {"thumbnails", NULL, "write NAME.jpg beside every NAME.mp4",
     offsetof(struct values, thumbnails), 0},
    {"again", NULL, "make what is done already once more", offsetof(struct values, again), 0},
    {"progress", PROGRESS_CHOICES, "how progress is shown on standard error; json: objects",
     offsetof(struct values, progress), 0},
    {"quiet", NULL, "no progress", offsetof(struct values, quiet), 'q'},
    {"json", NULL, "print one JSON object at the end instead of a sentence",
     offsetof(struct values, json), 0},
    {0},
};

/* A batch on its way. */
struct batch {
    const struct engine *engine;
    int64_t max_voice_ms;
    struct batch_list *list;
    struct batch_record *record;
    struct progress progress;
    bool again;
    int made, skipped, failed;
    int64_t video_us, took_ms;
};

static enum orator_status on_progress(void *ctx, const struct engine_progress *now,
                                      struct orator_error *err)
{
    progress_show(ctx, &(struct progress_point){engine_stage_name(now->stage), now->frames_done,
                                                now->frames_total, -1, 0, 0});
    if (app_stopped())
        return orator_fail(err, ORATOR_CANCELED, "stopped");
    return ORATOR_OK;
}

static void tell_failure(struct batch *b, int i, const struct orator_error *failure)
{
    const struct batch_row *row = &b->list->rows[i];
    char line[32] = "";
    if (row->line)
        snprintf(line, sizeof(line), " (line %d)", row->line);
    progress_end(&b->progress);
    fprintf(stderr, "orator: row %d%s%s%s: %s\n", i + 1, line, *row->name ? ", " : "", row->name,
            failure->text);
}

/* Folders of "a/b.mp4" below the results. */
static enum orator_status make_folders(const char *path, struct orator_error *err)
{
    char folder[4096];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash)
        return ORATOR_OK;
    *slash = '\0';
    return folder_make(folder, err);
}

/* One row; OK also where the row failed. Anything else ends the batch. */
static enum orator_status run_row(struct batch *b, int i, struct orator_error *err)
{
    struct batch_row *row = &b->list->rows[i];
    enum orator_status s = row->status;
    struct orator_error failure = row->bad;
    struct video_made made = {0};
    char label[64], memory[REPORT_SIZE];
    struct text report = text_over(memory, sizeof(memory));

    if (s == ORATOR_OK && !b->again && batch_record_has(b->record, row)) {
        b->skipped++;
        return ORATOR_OK;
    }
    snprintf(label, sizeof(label), "%d/%d %.40s", i + 1, b->list->count, row->name);
    progress_next(&b->progress, label);
    if (s == ORATOR_OK)
        s = make_folders(row->video.out, &failure);
    if (s == ORATOR_OK)
        s = video_make(b->engine, &row->video, b->max_voice_ms, on_progress, &b->progress, &made,
                       &failure);
    progress_end(&b->progress);
    if (s == ORATOR_CANCELED) {
        *err = failure;
        return s;
    }
    if (s == ORATOR_OK) {
        b->made++;
        b->video_us += made.result.duration_us;
        b->took_ms += made.took_ms;
        report_video(&report, &row->video, &made);
    } else {
        b->failed++;
        tell_failure(b, i, &failure);
        report_failure(&report, &failure);
    }
    return batch_record_add(b->record, i + 1, row, &report, err);
}

static void say_end(const struct batch *b, bool stopped, bool json)
{
    double video = (double)b->video_us / 1e6, took = (double)b->took_ms / 1000.0;
    int left = b->list->count - b->made - b->skipped - b->failed;
    if (json) {
        char path[4200];
        struct text t = text_over(path, sizeof(path));
        text_add_json(&t, batch_record_path(b->record));
        printf("{\"status\":\"%s\",\"rows\":%d,\"completed\":%d,\"skipped\":%d,\"failed\":%d,"
               "\"left\":%d,"
               "\"video_seconds\":%.3f,\"made_in_seconds\":%.3f,\"record\":%s}\n",
               stopped     ? "stopped"
               : b->failed ? "failed"
                           : "completed",
               b->list->count, b->made, b->skipped, b->failed, left, video, took, path);
        return;
    }
    printf("%d rows: %d made", b->list->count, b->made);
    if (b->skipped)
        printf(", %d done before", b->skipped);
    if (b->failed)
        printf(", %d failed", b->failed);
    if (left)
        printf(", %d left; the same command goes on", left);
    if (b->made)
        printf("; %.1f s of video in %.1f s (%.1f x real time)", video, took,
               took > 0 ? video / took : 0);
    puts("");
}

static int run(const struct command *self, int argc, char **argv)
{
    enum { SOME_FAILED = 1 };
    enum orator_status s;
    struct orator_error err = {0};
    struct settings settings;
    struct values v = {0};
    struct batch_list list = {0};
    struct engine *engine = NULL;
    struct batch batch = {.list = &list};

    TRY(app_read(self, &settings, &v, &argc, argv, &err));
    if (argc != 2 || !v.out) {
        s = orator_fail(&err, ORATOR_MISSING_PARAMETER,
                        "say which list and where to: orator batch LIST.csv --out DIR");
        goto done;
    }
    TRY(progress_start(&batch.progress, v.progress, v.quiet, &err));
    TRY(batch_list_open(&list, argv[1],
                        &(struct batch_usual){v.out, v.usual, v.captions, v.thumbnails}, &err));
    TRY(batch_record_open(&batch.record, v.out, &err));
    TRY(engine_open(&engine, settings.models, &err));
    batch.engine = engine;
    batch.max_voice_ms = settings.max_audio_seconds * 1000;
    batch.again = v.again;
    app_stop_on_signals();
    for (int i = 0; i < list.count && s == ORATOR_OK; i++)
        s = app_stopped() ? orator_fail(&err, ORATOR_CANCELED, "stopped")
                          : run_row(&batch, i, &err);
    say_end(&batch, s == ORATOR_CANCELED, v.json);
done:
    engine_free(&engine);
    batch_record_close(&batch.record);
    batch_list_fini(&list);
    if (s != ORATOR_OK)
        return app_fail(&err);
    return batch.failed ? SOME_FAILED : 0;
}

const struct command batch_command = {
    .name = "batch",
    .sentence = "make many videos from a table or a folder",
    .operands = "LIST.csv | DIR",
    .options = options,
    .settings = "models max_audio_seconds",
    .notes =
        "The table's first line names its columns: portrait, voice, output, and the options above "
        "without their dashes (prompt, tier or model, resolution, ...), text, and say (with "
        "speaker and speed) instead of a voice; an empty cell is "
        "as the "
        "command "
        "line says. Paths are relative to the table. In a folder every voice is a row: NAME.mp3 is "
        "spoken by "
        "NAME.jpg, or by the only picture there is, as NAME.txt directs. Each end is recorded in "
        "OUT/batch.jsonl; the same command again makes only what is not done, what failed, and "
        "what has "
        "changed. A bad row does not stop the others; the exit code is 1 if there was one.",
    .also = "orator batch talks.csv --out videos --resolution 720p",
    .run = run,
};
