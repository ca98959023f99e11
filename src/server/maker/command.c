/* command.c - a program of the operator's makes the video: docs/engines.md is its contract.
 *
 * The program finds its job as JSON on standard input and the files in a folder of its own, says how far it
 * is in lines of JSON on standard output, and leaves an MP4. It is ended when the task is.
 */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/text.h"
#include "engine/engine.h"
#include "server/maker/adopt.h"
#include "server/maker/kind.h"
#include "server/maker/maker.h"

enum {
    LINE_MAX_BYTES = 8192,
    PATH_SIZE = PATH_MAX + 80,
    EXIT_INPUT = 65,   /* EX_DATAERR of sysexits.h: these files will never work */
    EXIT_NOT_NOW = 75, /* EX_TEMPFAIL */
};

struct maker_command {
    char program[1024], folder[PATH_MAX];
    int64_t limit_ms;
    const struct log *log;
};

/* One run of the program, while its lines are heard. */
struct hearing {
    const struct maker_job *job;
    struct maker_progress now;
    struct maker_result *result;
    struct orator_error said; /* by the program: why it failed; OK: nothing */
    char line[LINE_MAX_BYTES];
    size_t size;
    bool skipping; /* the rest of a line that is too long */
};

/* What a program may call its failure; anything else is RENDER_FAILED. */
static enum orator_status failure_called(const char *code)
{
    static const enum orator_status allowed[] = {
        ORATOR_FACE_NOT_FOUND,          ORATOR_FACE_UNUSABLE,
        ORATOR_DECODE_FAILED,           ORATOR_IMAGE_TOO_SMALL,
        ORATOR_BAD_ASPECT_RATIO,        ORATOR_AUDIO_TOO_SHORT,
        ORATOR_AUDIO_TOO_LONG,          ORATOR_UNSUPPORTED_IMAGE_FORMAT,
        ORATOR_UNSUPPORTED_AUDIO_FORMAT};
    for (size_t i = 0; code && i < sizeof(allowed) / sizeof(allowed[0]); i++)
        if (strcmp(orator_status_word(allowed[i]), code) == 0)
            return allowed[i];
    return ORATOR_RENDER_FAILED;
}

static const char *word_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void take_frames(struct maker_progress *now, const json_t *line)
{
    const json_t *done = json_object_get(line, "frames_done"),
                 *total = json_object_get(line, "frames_total"),
                 *part = json_object_get(line, "progress");
    if (json_is_integer(done) && json_is_integer(total)) {
        now->frames_done = json_integer_value(done);
        now->frames_total = json_integer_value(total);
    } else if (json_is_number(part)) { /* 0..1: counted in thousandths */
        now->frames_total = 1000;
        now->frames_done = (int64_t)(json_number_value(part) * 1000);
    }
    if (now->frames_done < 0 || now->frames_total < now->frames_done)
        now->frames_done = now->frames_total = 0;
}

/* A line that says nothing we know is the program's own business. */
static enum orator_status take_line(struct hearing *h, struct orator_error *err)
{
    json_t *line = json_loadb(h->line, h->size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *error = json_object_get(line, "error"),
                 *warning = json_object_get(line, "warning");
    if (error) {
        const char *text =
            json_is_string(error) ? json_string_value(error) : word_of(error, "message");
        const char *param = word_of(error, "param");
        (void)orator_fail(&h->said, failure_called(word_of(error, "code")), "%.240s",
                          text ? text : "the engine gave no reason");
        snprintf(h->said.param, sizeof(h->said.param), "%s", param ? param : "");
    }
    if (warning && word_of(warning, "message"))
        warnings_add(&h->result->warnings, "engine", "%s", word_of(warning, "message"));
    take_frames(&h->now, line);
    json_decref(line);
    return h->job->progress(h->job->ctx, &h->now, err);
}

static enum orator_status hear(void *ctx, const char *data, size_t size, struct orator_error *err)
{
    struct hearing *h = ctx;
    enum orator_status s = ORATOR_OK;
    for (size_t i = 0; i < size && s == ORATOR_OK; i++) {
        if (data[i] != '\n') {
            h->skipping |= h->size == sizeof(h->line);
            if (!h->skipping)
                h->line[h->size++] = data[i];
            continue;
        }
        if (!h->skipping && h->size > 0)
            s = take_line(h, err);
        h->size = 0;
        h->skipping = false;
    }
    return s;
}

/* Optional ones are null where nothing was asked for. */
static char *describe(const struct maker_job *job, const char *portrait, const char *voice,
                      const char *output)
{
    const struct task *t = job->task;
    const struct task_options *o = &t->options;
    json_t *root = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:I, s:s?, s:o, s:s?, s:o, s:o, s:b}", "version",
        1, "task_id", t->id, "model", t->model, "tier", job->pro ? "pro" : "standard", "portrait",
        portrait, "voice", voice, "output", output, "prompt", t->prompt, "seed",
        (json_int_t)t->seed, "resolution", o->resolution[0] ? o->resolution : NULL, "fps",
        o->fps ? json_integer(o->fps) : json_null(), "aspect_ratio",
        o->aspect_ratio[0] ? o->aspect_ratio : NULL, "face_box",
        o->face_box[2] > 0
            ? json_pack("[f,f,f,f]", o->face_box[0], o->face_box[1], o->face_box[2], o->face_box[3])
            : json_null(),
        "motion",
        o->moves ? json_pack("{s:f, s:f, s:b}", "head", o->head, "expression", o->expression,
                             "blink", o->blink)
                 : json_null(),
        "label", o->label);
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return text;
}

/* What its end means. */
static enum orator_status judge(const struct hearing *h, const struct child_end *end,
                                struct orator_error *err)
{
    if (end->exit_code == 0)
        return ORATOR_OK;
    if (h->said.status != ORATOR_OK) {
        *err = h->said;
        return h->said.status;
    }
    if (end->exit_code == EXIT_INPUT)
        return orator_fail(err, ORATOR_DECODE_FAILED, "the engine cannot use these files");
    if (end->exit_code == EXIT_NOT_NOW)
        return orator_fail(err, ORATOR_RENDER_FAILED, "the engine cannot work now");
    if (end->signal)
        return orator_fail(err, ORATOR_RENDER_FAILED, "the engine was ended by signal %d",
                           end->signal);
    return orator_fail(err, ORATOR_RENDER_FAILED, "the engine failed with exit status %d",
                       end->exit_code);
}

static enum orator_status run(const struct maker_command *m, struct hearing *h, const char *folder,
                              const char *output, struct orator_error *err)
{
    enum orator_status s;
    char portrait[PATH_SIZE], voice[PATH_SIZE], told[80];
    char *description = NULL;
    struct child_end end = {0};
    const struct maker_job *job = h->job;
    snprintf(portrait, sizeof(portrait), "%s/portrait.%s", folder, kind_of_picture(job->portrait));
    snprintf(voice, sizeof(voice), "%s/voice.%s", folder, kind_of_sound(job->voice));
    snprintf(told, sizeof(told), "TASK_ID=%s", job->task->id);
    TRY(file_write(portrait, job->portrait->data, job->portrait->size, err));
    TRY(file_write(voice, job->voice->data, job->voice->size, err));
    description = describe(job, portrait, voice, output);
    if (!description) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a job");
        goto done;
    }
    const char *const argv[] = {m->program, portrait, voice, output, NULL};
    const char *const env[] = {told, NULL};
    s = child_run(&(struct child_order){.argv = argv,
                                        .env = env,
                                        .input = description,
                                        .input_size = strlen(description),
                                        .limit_ms = m->limit_ms,
                                        .stop = job->stop,
                                        .out = hear,
                                        .ctx = h},
                  &end, err);
    if (s == ORATOR_NOT_FOUND)
        s = orator_fail(err, ORATOR_RENDER_FAILED, "the engine could not be started");
    if (s == ORATOR_OK)
        s = judge(h, &end, err);
    if (s != ORATOR_OK && s != ORATOR_CANCELED) /* for the operator; a client hears none of it */
        log_warn(m->log, "engine.command", "task=%s exit=%d signal=%d error=%s stderr=%s",
                 job->task->id, end.exit_code, end.signal, orator_status_word(s), end.complaint);
done:
    free(description);
    return s;
}

static enum orator_status make(const void *self, const struct maker_job *job,
                               struct maker_result *out, struct orator_error *err)
{
    const struct maker_command *m = self;
    enum orator_status s;
    struct engine_facts facts = {0};
    char folder[PATH_MAX + 40], output[PATH_SIZE];
    struct hearing *h = calloc(1, sizeof(*h));
    *out = (struct maker_result){0};
    if (!h)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a job");
    h->job = job;
    h->result = out;
    snprintf(folder, sizeof(folder), "%s/%s.%d", m->folder, job->task->id,
             job->task->attempt); /* another worker of this process may have the next attempt */
    snprintf(output, sizeof(output), "%s/output.mp4", folder);

    TRY(job->progress(job->ctx, &(struct maker_progress){.stage = "inspect"}, err));
    TRY(engine_inspect(NULL, NULL, job->voice, job->max_voice_ms, &facts, err));
    h->now = (struct maker_progress){.stage = "render", .voice_us = facts.voice_us};
    TRY(job->progress(job->ctx, &h->now, err));
    TRY(folder_make(folder, err));
    TRY(run(m, h, folder, output, err));
    TRY(maker_adopt(job, output, facts.voice_us, out, err));
done:
    folder_remove(folder);
    free(h);
    return s;
}

enum orator_status maker_command_open(struct maker_command **out, const char *program,
                                      const char *folder, int64_t limit_ms, const struct log *log,
                                      struct orator_error *err)
{
    struct maker_command *m = calloc(1, sizeof(*m));
    *out = m;
    if (!m)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for an engine");
    snprintf(m->program, sizeof(m->program), "%s", program);
    snprintf(m->folder, sizeof(m->folder), "%s", folder);
    m->limit_ms = limit_ms;
    m->log = log;
    return ORATOR_OK;
}

void maker_command_free(struct maker_command **m)
{
    free(*m);
    *m = NULL;
}

struct maker maker_command(const struct maker_command *m)
{
    return (struct maker){
        .name = "command", .needs_inputs = true, .limit_ms = m->limit_ms, .make = make, .self = m};
}
