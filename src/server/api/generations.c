#include <stdio.h>

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

enum orator_status generations_submit(struct call *call, struct orator_error *err)
{
    const struct api_setup *api = call->api;
    enum orator_status s;
    struct submission in = {0};
    struct inputs inputs = {0};
    struct task task = {0};
    bool accepted = false;
    char location[64];

    TRY(submission_parse(&in, call->request->body, call->request->body_size, api, err));
    TRY(inputs_store(&inputs, &in, api, err));
    TRY(queue_submit(api->store,
                     &(struct task_request){.key_id = call->key->id,
                                            .account_id = call->key->account_id,
                                            .model = in.model->id,
                                            .image_url = inputs.image_url,
                                            .audio_url = inputs.audio_url,
                                            .prompt = in.prompt,
                                            .declared_ms = in.declared_ms,
                                            .seed = in.seed,
                                            .options = in.options,
                                            .external_task_id = in.external_task_id,
                                            .metadata = in.metadata,
                                            .price_micro_per_s = model_price_micro(in.model, api)},
                     &task, err));
    accepted = true;
    if (api->submitted)
        api->submitted(api->ctx);
    snprintf(location, sizeof(location), "/v1/video/generations/%s", task.id);
    http_answer_header(call->answer, "Location", location);
    TRY(answer_job(call, &task, submission_warnings(&in), err));
done:
    if (!accepted)
        inputs_drop(&inputs);
    task_fini(&task);
    submission_fini(&in);
    return s;
}

enum orator_status generations_get(struct call *call, struct orator_error *err)
{
    struct task task = {0};
    enum orator_status s;
    TRY(queue_get(call->api->store, call->name, call->request->caller, &task, err));
    TRY(answer_job(call, &task, NULL, err));
done:
    task_fini(&task);
    return s;
}
