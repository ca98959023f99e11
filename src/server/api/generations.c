#include "server/api/generations.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/api/events.h"
#include "server/api/form.h"
#include "server/api/inputs.h"
#include "server/api/job_json.h"
#include "server/api/submission.h"

/* A task that is accepted must be answered as accepted: a position that cannot be read is left out. */
static enum orator_status answer_job(struct call *call, const struct task *t, json_t *warnings,
                                     struct orator_error *err)
{
    int64_t position = -1;
    if (t->state == TASK_QUEUED &&
        queue_position(call->api->store, t, &position, NULL) != ORATOR_OK)
        position = -1;
    return call_answer_json(call, job_json(call, t, position, warnings), err);
}

enum orator_status generation_accept(struct call *call, const struct submission *in,
                                     const struct inputs *inputs, const char *shape,
                                     struct task *out, struct orator_error *err)
{
    const struct api_setup *api = call->api;
    enum orator_status s;
    char base_url[WEBHOOK_BASE_SIZE];
    const struct webhook_callback callback = {.url = in->callback_url,
                                              .events = in->callback_events,
                                              .base_url = base_url,
                                              .shape = shape};
    *out = (struct task){0};
    call_base_url(call, base_url, sizeof(base_url));
    TRY(queue_submit(api->store,
                     &(struct task_request){.key_id = call->key->id,
                                            .account_id = call->key->account_id,
                                            .model = in->model->id,
                                            .image_url = inputs->image_url,
                                            .audio_url = inputs->audio_url,
                                            .prompt = in->prompt,
                                            .declared_ms = in->declared_ms,
                                            .seed = in->seed,
                                            .options = in->options,
                                            .external_task_id = in->external_task_id,
                                            .metadata = in->metadata,
                                            .callback = in->callback_url ? &callback : NULL,
                                            .price_micro_per_s = model_price_micro(in->model, api)},
                     out, err));
    if (api->submitted)
        api->submitted(api->ctx);
done:
    return s;
}

static enum orator_status submit(struct call *call, const struct submission *in, struct task *out,
                                 struct orator_error *err)
{
    struct inputs inputs = {0};
    enum orator_status s = inputs_store(&inputs, in, call->api, call->key->account_id, err);
    if (s == ORATOR_OK)
        s = generation_accept(call, in, &inputs, "job", out, err);
    if (s != ORATOR_OK)
        inputs_drop(&inputs);
    return s;
}

/* The body as JSON or as a form; `form` is what the submission may point into, the caller's to free. */
static enum orator_status read_submission(struct submission *out, struct multipart **form,
                                          const struct call *call, struct orator_error *err)
{
    enum orator_status s;
    const struct http_request *r = call->request;
    const char *type = http_header(r, "Content-Type");
    json_t *root = NULL;
    struct upload image, audio;
    if (!multipart_is(type))
        return submission_parse(out, r->body, r->body_size, call->api, err);
    *form = malloc(sizeof(**form));
    if (!*form)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the form");
    TRY(multipart_parse(*form, type, r->body, r->body_size, err));
    TRY(form_read(*form, "image", "audio", &root, &image, &audio, err));
    TRY(submission_read(out, root, &image, &audio, false, call->api, err));
done:
    return s;
}

enum orator_status generations_submit(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    struct multipart *form = NULL;
    struct submission in = {0};
    struct task task = {0};
    char location[64];

    TRY(read_submission(&in, &form, call, err));
    TRY(submit(call, &in, &task, err));
    snprintf(location, sizeof(location), "/v1/video/generations/%s", task.id);
    http_answer_header(call->answer, "Location", location);
    TRY(answer_job(call, &task, submission_warnings(&in), err));
done:
    task_fini(&task);
    submission_fini(&in);
    free(form);
    return s;
}

enum orator_status generations_get(struct call *call, struct orator_error *err)
{
    struct task task = {0};
    int64_t wait_ms;
    enum orator_status s;
    TRY(call_wait_ms(call, &wait_ms, err));
    TRY(queue_get(call->api->store, call->name, call->request->caller, &task, err));
    if (!call_waits(call, &task, wait_ms))
        TRY(answer_job(call, &task, NULL, err));
done:
    task_fini(&task);
    return s;
}
