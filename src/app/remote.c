#include "app/remote.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/text.h"

bool remote_is_url(const char *s)
{
    return text_starts(s, "http://") || text_starts(s, "https://") || text_starts(s, "data:") ||
           (text_starts(s, "file_") && access(s, F_OK) != 0);
}

void remote_parts_add(struct remote_parts *p, const char *name, const char *value)
{
    if (value && p->count < REMOTE_PARTS_MAX)
        p->list[p->count++] = (struct client_part){name, value, false};
}

static enum orator_status add_source(struct remote_parts *p, const char *name, const char *url_name,
                                     const char *value, struct orator_error *err)
{
    if (!value)
        return orator_fail_param(err, ORATOR_MISSING_PARAMETER, name, "--%s is missing", name);
    if (remote_is_url(value)) {
        remote_parts_add(p, url_name, value);
        return ORATOR_OK;
    }
    if (access(value, R_OK) != 0)
        return orator_fail_param(err, ORATOR_NOT_FOUND, name, "%.150s cannot be read", value);
    p->list[p->count++] = (struct client_part){name, value, true};
    return ORATOR_OK;
}

enum orator_status remote_parts_from(struct remote_parts *p, struct client *client,
                                     const struct video_request *v, struct orator_error *err)
{
    enum orator_status s;
    const char *model = v->model ? v->model : "standard";
    *p = (struct remote_parts){0};
    snprintf(p->model, sizeof(p->model), "%s%s", strchr(model, '-') ? "" : "kling-avatar-v2-",
             model);
    remote_parts_add(p, "model", p->model);
    TRY(add_source(p, "image", "image_url", v->image, err));
    if (v->say && v->audio)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "say",
                                 "say and audio exclude each other: a text or a recording");
    if (v->say) {
        TRY(client_speak(client, v->say, v->voice, v->speed, p->speech, err));
        remote_parts_add(p, "audio_url", p->speech);
    } else {
        TRY(add_source(p, "audio", "audio_url", v->audio, err));
    }
    remote_parts_add(p, "prompt", v->prompt);
    remote_parts_add(p, "seed", v->seed);
    remote_parts_add(p, "resolution", v->resolution);
    remote_parts_add(p, "fps", v->fps);
    remote_parts_add(p, "aspect_ratio", v->aspect_ratio);
    remote_parts_add(p, "motion[head]", v->motion_head);
    remote_parts_add(p, "motion[expression]", v->motion_expression);
    remote_parts_add(p, "motion[blink]", v->no_blink ? "false" : NULL);
    remote_parts_add(p, "captions", v->captions ? "vtt" : NULL);
    remote_parts_add(p, "text", v->text ? v->text : v->captions ? v->say : NULL);
    remote_parts_add(p, "watermark_info[enabled]", v->label ? "true" : NULL);
    if (v->face_box) {
        snprintf(p->face_box, sizeof(p->face_box), "[%s]", v->face_box);
        remote_parts_add(p, "face_box", p->face_box);
    }
done:
    return s;
}

static const char *status_of(const json_t *job)
{
    const char *status = json_string_value(json_object_get(job, "status"));
    return status ? status : "";
}

bool remote_is_over(const json_t *job)
{
    return strcmp(status_of(job), "completed") == 0 || strcmp(status_of(job), "failed") == 0;
}

enum orator_status remote_outcome(const json_t *job, struct orator_error *err)
{
    const json_t *error = json_object_get(job, "error");
    const char *code = json_string_value(json_object_get(error, "code"));
    const char *message = json_string_value(json_object_get(error, "message"));
    const char *param = json_string_value(json_object_get(error, "param"));
    if (strcmp(status_of(job), "failed") != 0)
        return ORATOR_OK;
    return orator_fail_param(err, orator_status_from_word(code ? code : ""), param ? param : "",
                             "%s", message ? message : "the job failed");
}

struct progress_point remote_point(const json_t *job)
{
    const char *stage = json_string_value(json_object_get(job, "stage"));
    const json_t *position = json_object_get(job, "queue_position");
    return (struct progress_point){
        .stage = stage ? stage : status_of(job),
        .frames_done = json_integer_value(json_object_get(job, "frames_done")),
        .frames_total = json_integer_value(json_object_get(job, "frames_total")),
        .queue_position = position ? json_integer_value(position) : -1,
        .eta_s = json_integer_value(json_object_get(job, "eta_seconds")),
    };
}

enum orator_status remote_wait(struct client *client, const char *id, struct progress *progress,
                               json_t **job, struct orator_error *err)
{
    enum { PATIENCE_MS = 60000, SILENT_WAIT_S = 30, SHOWN_WAIT_S = 1 };
    int64_t last_ms = clock_steady_ms();
    int wait_s = progress->style == PROGRESS_NONE ? SILENT_WAIT_S : SHOWN_WAIT_S;
    for (;;) {
        enum orator_status s = client_job(client, id, wait_s, job, err);
        if (app_stopped()) {
            json_decref(*job);
            *job = NULL;
            return orator_fail(err, ORATOR_CANCELED, "stopped waiting; %s goes on", id);
        }
        if (s != ORATOR_OK &&
            (!orator_status_retryable(s) || clock_steady_ms() - last_ms > PATIENCE_MS))
            return s;
        if (s != ORATOR_OK) {
            sleep(1);
            continue;
        }
        last_ms = clock_steady_ms();
        if (remote_is_over(*job))
            return ORATOR_OK;
        struct progress_point point = remote_point(*job);
        progress_show(progress, &point);
        json_decref(*job);
        *job = NULL;
    }
}
