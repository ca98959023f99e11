/* jobs.c - `orator submit`, `status`, `wait`, `list`, `cancel`: videos that a server makes. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/app.h"
#include "app/remote.h"
#include "app/report.h"

struct values {
    struct video_request video;
    const char *url, *key_file;
    const char *out, *progress, *callback_url, *external_id, *seconds, *max_cost, *limit, *status;
    bool quiet, json, wait;
};

// clang-format off
#define SERVER_OPTIONS                                                                                                \
    {"url", "URL", "the server; ORATOR_URL in the environment", offsetof(struct values, url), 0},                      \
    {"key-file", "FILE", "a file whose first line is the API key; ORATOR_API_KEY", offsetof(struct values, key_file), 0}, \
    {"json", NULL, "print what the server answers", offsetof(struct values, json), 0}
#define WAIT_OPTIONS                                                                                                  \
    {"out", "FILE", "where to put the video", offsetof(struct values, out), 'o'}, \
    {"captions", "FILE", "where to put the captions, WebVTT", offsetof(struct values, video.captions), 0}, \
    {"thumbnail", "FILE", "where to put a small JPEG of the first picture", offsetof(struct values, video.thumbnail), 0},                                      \
    {"progress", PROGRESS_CHOICES, "how progress is shown on standard error", offsetof(struct values, progress), 0},   \
    {"quiet", NULL, "no progress", offsetof(struct values, quiet), 'q'}

static const struct option submit_options[] = {
    {"image", "FILE", "the portrait: a file or a URL", offsetof(struct values, video.image), 'i'},
    {"audio", "FILE", "the voice: a file or a URL", offsetof(struct values, video.audio), 'a'},
    VIDEO_OPTIONS(offsetof(struct values, video)),
    VIDEO_SPEECH(offsetof(struct values, video)),
    {"text", "TEXT", "what the voice says, for the captions", offsetof(struct values, video.text), 0},
    {"seconds", "N", "the voice's length; measured by the server if not said", offsetof(struct values, seconds), 0},
    {"max-cost", "AMOUNT", "refuse what costs more, such as 0.80", offsetof(struct values, max_cost), 0},
    {"external-id", "NAME", "your own name for the job", offsetof(struct values, external_id), 0},
    {"callback-url", "URL", "who is told of the end", offsetof(struct values, callback_url), 0},
    {"wait", NULL, "wait until it is over, as --out does", offsetof(struct values, wait), 'w'},
    WAIT_OPTIONS,
    SERVER_OPTIONS,
    {0},
};
static const struct option estimate_options[] = {
    {"image", "FILE", "the portrait: a file or a URL", offsetof(struct values, video.image), 'i'},
    {"audio", "FILE", "the voice: a file or a URL", offsetof(struct values, video.audio), 'a'},
    VIDEO_OPTIONS(offsetof(struct values, video)),
    VIDEO_SPEECH(offsetof(struct values, video)),
    SERVER_OPTIONS,
    {0},
};
static const struct option wait_options[] = {WAIT_OPTIONS, SERVER_OPTIONS, {0}};
static const struct option plain_options[] = {SERVER_OPTIONS, {0}};
static const struct option list_options[] = {
    {"limit", "N", "how many, 1 to 100; 20 is usual", offsetof(struct values, limit), 'n'},
    {"status", "queued|processing|completed|failed", "only these", offsetof(struct values, status), 0},
    SERVER_OPTIONS,
    {0},
};
// clang-format on

static const char server_notes[] =
    "Server and key come from the options, ORATOR_URL and ORATOR_API_KEY, or lines \"url = ...\" "
    "and \"api_key = "
    "...\" in ~/.config/orator/client.conf; without an URL it is http://127.0.0.1:8080.";

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static void print_json(const json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    puts("");
}

/* One line a job: id, state, what there is to say of it. */
static void print_job(const json_t *job)
{
    const json_t *result = json_object_get(job, "result"), *error = json_object_get(job, "error");
    const char *status = text_of(job, "status");
    char day[24] = "";
    time_t created = (time_t)json_integer_value(json_object_get(job, "created_at"));
    struct tm local;
    if (localtime_r(&created, &local))
        strftime(day, sizeof(day), "%Y-%m-%d %H:%M", &local);
    printf("%s  %s  %-10s  ", text_of(job, "id"), day, status);
    if (result)
        printf("%.1f s, %lldx%lld  %s\n",
               json_number_value(json_object_get(result, "duration_seconds")),
               (long long)json_integer_value(json_object_get(result, "width")),
               (long long)json_integer_value(json_object_get(result, "height")),
               text_of(job, "video_url"));
    else if (error)
        printf("%s: %s\n", text_of(error, "code"), text_of(error, "message"));
    else if (json_object_get(job, "stage"))
        printf("%s, %lld%%\n", text_of(job, "stage"),
               (long long)json_integer_value(json_object_get(job, "progress")));
    else
        printf("%lld before it\n",
               (long long)json_integer_value(json_object_get(job, "queue_position")));
}

static void show(const json_t *job, const struct values *v)
{
    if (v->json)
        print_json(job);
    else
        print_job(job);
}

static enum orator_status connect_to(struct client **client, const struct values *v,
                                     struct orator_error *err)
{
    enum orator_status s;
    struct client_place place;
    TRY(client_place_find(&place, v->url, v->key_file, err));
    app_stop_on_signals();
    TRY(client_open(client, &place, app_stopped, err));
done:
    return s;
}

/* Waits for the job, shows it, and puts its video where --out says. */
static enum orator_status follow(struct client *client, const char *id, const struct values *v,
                                 struct progress *progress, struct orator_error *err)
{
    enum orator_status s;
    json_t *job = NULL;
    s = remote_wait(client, id, progress, &job, err);
    progress_end(progress);
    TRY(s);
    show(job, v);
    TRY(remote_outcome(job, err));
    const char *const wanted[][2] = {
        {"video", v->out}, {"captions", v->video.captions}, {"thumbnail", v->video.thumbnail}};
    for (int i = 0; i < 3; i++) {
        if (!wanted[i][1])
            continue;
        TRY(client_download(client, id, wanted[i][0], wanted[i][1], err));
        if (!v->json)
            puts(wanted[i][1]);
    }
done:
    json_decref(job);
    return s;
}

static int run_submit(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct values v = {0};
    struct client *client = NULL;
    struct remote_parts parts;
    struct progress progress;
    json_t *job = NULL;
    TRY(app_read(self, NULL, &v, &argc, argv, &err));
    TRY(progress_start(&progress, v.progress, v.quiet, &err));
    TRY(connect_to(&client, &v, &err));
    TRY(remote_parts_from(&parts, client, &v.video, &err));
    remote_parts_add(&parts, "audio_duration_seconds", v.seconds);
    remote_parts_add(&parts, "max_cost", v.max_cost);
    remote_parts_add(&parts, "external_task_id", v.external_id);
    remote_parts_add(&parts, "callback_url", v.callback_url);
    TRY(client_submit(client, parts.list, parts.count, &job, &err));
    if (v.wait || v.out || v.video.captions || v.video.thumbnail)
        TRY(follow(client, text_of(job, "id"), &v, &progress, &err));
    else
        show(job, &v);
done:
    json_decref(job);
    client_close(&client);
    return report_end(s, &err, false);
}

static void print_estimate(const json_t *estimate)
{
    const json_t *price = json_object_get(estimate, "price"), *row;
    size_t i;
    printf("%s %s for %.1f s, done in about %lld s\n", text_of(price, "expected"),
           text_of(price, "currency"),
           json_number_value(json_object_get(estimate, "measured_seconds")),
           (long long)json_integer_value(json_object_get(estimate, "eta_seconds")));
    json_array_foreach(json_object_get(estimate, "warnings"), i, row)
        printf("note: %s\n", text_of(row, "message"));
}

/* OK, or the first of the problems. */
static enum orator_status judge_estimate(const json_t *estimate, struct orator_error *err)
{
    const json_t *problem = json_array_get(json_object_get(estimate, "problems"), 0);
    if (!problem)
        return ORATOR_OK;
    return orator_fail_param(err, orator_status_from_word(text_of(problem, "code")),
                             text_of(problem, "param"), "%s", text_of(problem, "message"));
}

static int run_estimate(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct values v = {0};
    struct client *client = NULL;
    struct remote_parts parts;
    json_t *estimate = NULL;
    TRY(app_read(self, NULL, &v, &argc, argv, &err));
    TRY(connect_to(&client, &v, &err));
    TRY(remote_parts_from(&parts, client, &v.video, &err));
    TRY(client_estimate(client, parts.list, parts.count, &estimate, &err));
    if (v.json)
        print_json(estimate);
    else
        print_estimate(estimate);
    TRY(judge_estimate(estimate, &err));
done:
    json_decref(estimate);
    client_close(&client);
    return report_end(s, &err, false);
}

static enum orator_status one_id(const struct command *self, int argc, struct orator_error *err)
{
    return argc == 2
               ? ORATOR_OK
               : orator_fail(err, ORATOR_MISSING_PARAMETER, "say which: orator %s ID", self->name);
}

static int run_wait(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct values v = {0};
    struct client *client = NULL;
    struct progress progress;
    TRY(app_read(self, NULL, &v, &argc, argv, &err));
    TRY(one_id(self, argc, &err));
    TRY(progress_start(&progress, v.progress, v.quiet, &err));
    TRY(connect_to(&client, &v, &err));
    TRY(follow(client, argv[1], &v, &progress, &err));
done:
    client_close(&client);
    return report_end(s, &err, false);
}

static int run_job(const struct command *self, int argc, char **argv,
                   enum orator_status (*ask)(struct client *, const char *id, json_t **,
                                             struct orator_error *))
{
    enum orator_status s;
    struct orator_error err;
    struct values v = {0};
    struct client *client = NULL;
    json_t *job = NULL;
    TRY(app_read(self, NULL, &v, &argc, argv, &err));
    TRY(one_id(self, argc, &err));
    TRY(connect_to(&client, &v, &err));
    TRY(ask(client, argv[1], &job, &err));
    show(job, &v);
done:
    json_decref(job);
    client_close(&client);
    return report_end(s, &err, false);
}

static enum orator_status ask_now(struct client *client, const char *id, json_t **job,
                                  struct orator_error *err)
{
    return client_job(client, id, 0, job, err);
}

static int run_status(const struct command *self, int argc, char **argv)
{
    return run_job(self, argc, argv, ask_now);
}

static int run_cancel(const struct command *self, int argc, char **argv)
{
    return run_job(self, argc, argv, client_cancel);
}

static int run_list(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct values v = {0};
    struct client *client = NULL;
    json_t *list = NULL, *job;
    int64_t limit = 20;
    size_t i;
    TRY(app_read(self, NULL, &v, &argc, argv, &err));
    if (v.limit && !text_to_i64(v.limit, 1, 100, &limit)) {
        s = orator_fail(&err, ORATOR_INVALID_PARAMETER, "--limit is %.20s, need 1 to 100", v.limit);
        goto done;
    }
    TRY(connect_to(&client, &v, &err));
    TRY(client_list(client, (int)limit, v.status, NULL, &list, &err));
    if (v.json)
        print_json(list);
    else
        json_array_foreach(json_object_get(list, "data"), i, job) print_job(job);
done:
    json_decref(list);
    client_close(&client);
    return report_end(s, &err, false);
}

const struct command submit_command = {
    .name = "submit",
    .sentence = "have a server make a video",
    .options = submit_options,
    .notes = server_notes,
    .also = "orator submit -i portrait.jpg -a voice.mp3 -o video.mp4\n"
            "orator submit -i https://cdn.example.com/face.png -a voice.mp3 --json",
    .run = run_submit,
};

const struct command estimate_command = {
    .name = "estimate",
    .sentence = "say what a server would charge and when it would be done, and what is wrong",
    .options = estimate_options,
    .notes = "Nothing is charged or kept. The exit code is that of the first thing that is wrong.",
    .run = run_estimate,
};

const struct command wait_command = {
    .name = "wait",
    .sentence = "wait until a server's job is over, and fetch its video",
    .operands = "ID",
    .options = wait_options,
    .notes = "A job that failed gives the exit code of its failure. A server that does not answer "
             "is asked "
             "again for a minute.",
    .also = "orator wait task_x -o video.mp4",
    .run = run_wait,
};

const struct command status_command = {
    .name = "status",
    .sentence = "show a server's job",
    .operands = "ID",
    .options = plain_options,
    .run = run_status,
};

const struct command list_command = {
    .name = "list",
    .sentence = "show the newest jobs of a server",
    .options = list_options,
    .run = run_list,
};

const struct command cancel_command = {
    .name = "cancel",
    .sentence = "stop a server's job; nothing is charged",
    .operands = "ID",
    .options = plain_options,
    .run = run_cancel,
};
