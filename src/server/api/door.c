#include "server/api/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "server/api/generations.h"
#include "server/api/job_json.h"
#include "server/api/json_text.h"
#include "server/api/measure.h"

enum { LOOK_MS = 20 /* between looks at a measurement */ };
static const char waiting[] = "measure_";

/* "https://.../v1/files/file_x" as an address of ours is the file itself. */
static void shorten_file(json_t *root, const char *name)
{
    static const char folder[] = "/v1/files/file_";
    const char *url = json_string_value(json_object_get(root, name));
    const char *at = url ? strstr(url, folder) : NULL;
    if (!at || url_is_data(url))
        return;
    at += strlen("/v1/files/");
    json_object_set_new(root, name, json_stringn(at, strcspn(at, "/?#")));
}

enum orator_status door_submit(struct call *call, json_t *root, const struct upload *image,
                               const struct upload *audio, const struct shape *shape,
                               struct task *out, bool *done, struct orator_error *err)
{
    enum orator_status s;
    struct submission in = {0};
    struct inputs inputs = {0};
    *out = (struct task){0};
    *done = true;
    shorten_file(root, "image_url");
    shorten_file(root, "audio_url");
    TRY(submission_read(&in, root, image, audio, NEED_SOURCES, call->api, err));
    if (in.dry_run) {
        s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "dry_run",
                              "dry_run is known to POST /v1/video/generations; nothing was "
                              "submitted");
        goto done;
    }
    TRY(inputs_store(&inputs, &in, call->api, call->key->account_id, err));
    in.image = in.audio = (struct upload){0}; /* stored; the body that they point into goes */
    if (in.declared_ms > 0) {
        TRY(generation_accept(call, &in, &inputs, shape, out, done, err));
    } else {
        in.idempotency = call->idempotency;
        TRY(measure_begin(call->api, &in, &inputs, shape, call->answer->note, err));
        call->answer->again_ms = LOOK_MS;
        *done = false;
    }
done:
    inputs_drop(&inputs); /* empty by now if somebody has taken them over */
    submission_fini(&in);
    return s;
}

bool door_is_waiting(const struct call *call)
{
    return generation_is_waiting(call) || text_starts(call->answer->note, waiting);
}

enum orator_status door_resume(struct call *call, struct task *out, bool *done,
                               struct orator_error *err)
{
    struct submission in = {0};
    struct inputs inputs = {0};
    const struct shape *shape = NULL;
    *out = (struct task){0};
    *done = true;
    if (generation_is_waiting(call))
        return generation_resume(call, out, err);
    enum orator_status s =
        measure_end(call->api, call->answer->note, &in, &inputs, &shape, NULL, done, err);
    if (s == ORATOR_OK && !*done) {
        if (http_is_stopping(call->request))
            return orator_fail(err, ORATOR_SHUTTING_DOWN, "the server is stopping; try again");
        call->answer->again_ms = LOOK_MS;
        return ORATOR_OK;
    }
    call->answer->note[0] = '\0';
    call->idempotency = in.idempotency;
    if (s == ORATOR_OK)
        s = generation_accept(call, &in, &inputs, shape, out, done, err);
    inputs_drop(&inputs);
    submission_fini(&in);
    return s;
}

json_t *door_job(const struct call *call, const struct task *t)
{
    size_t size;
    char *text = job_text(call, t, &size);
    json_t *job = text ? json_loadb(text, size, 0, NULL) : NULL;
    free(text);
    return job;
}

char *door_text(json_t *v, size_t *size)
{
    char *text = v ? json_text(v, size) : NULL;
    json_decref(v);
    return text;
}

void door_iso_time(char out[40], int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    char day[24] = "1970-01-01T00:00:00";
    if (gmtime_r(&seconds, &utc))
        strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out, 40, "%s.%03dZ", day, (int)(ms % 1000));
}

json_t *door_iso_or_null(int64_t ms)
{
    char text[40];
    if (ms <= 0)
        return json_null();
    door_iso_time(text, ms);
    return json_string(text);
}

void door_rename(json_t *root, const json_t *from, const char *name, const char *new_name)
{
    json_t *v = json_object_get(from, name);
    if (v && !json_is_null(v))
        json_object_set(root, new_name, v);
}

enum orator_status door_cancel(struct call *call, const char *id, struct task *out,
                               struct orator_error *err)
{
    return queue_cancel(call->api->store, id, call->key->id, out, err);
}

json_t *door_webhook(const struct call *call, const char *shape, const struct task *t)
{
    if (strcmp(shape, "kling") == 0)
        return kling_callback(call, t);
    if (strcmp(shape, "fal") == 0)
        return fal_callback(call, t);
    if (strcmp(shape, "replicate") == 0)
        return replicate_prediction(call, t);
    return NULL;
}
