#include "server/api/generations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/estimate.h"
#include "server/api/events.h"
#include "server/api/form.h"
#include "server/api/inputs.h"
#include "server/api/job_json.h"
#include "server/api/money.h"
#include "server/api/repeat.h"
#include "server/api/submission.h"

/* What is charged never exceeds what is reserved, so this holds to the end. */
static enum orator_status check_max_cost(const struct submission *in, int64_t price_micro,
                                         struct orator_error *err)
{
    char cost_text[MONEY_TEXT_SIZE], most_text[MONEY_TEXT_SIZE];
    int64_t cost;
    enum orator_status s = queue_price(in->declared_ms, price_micro, &cost, err);
    if (s == ORATOR_OK && in->max_cost_micro >= 0 && cost > in->max_cost_micro)
        return orator_fail_param(err, ORATOR_MAX_COST_EXCEEDED, "max_cost",
                                 "%g seconds cost %s, max_cost is %s",
                                 (double)in->declared_ms / 1000, money_format(cost_text, cost),
                                 money_format(most_text, in->max_cost_micro));
    return s;
}

/* The answer to a submit, made once: within the transaction where it is kept for a second request. */
struct answering {
    struct call *call;
    const struct submission *in;
    const struct shape *shape;
    struct outlook outlook;
    bool outlook_known;
    char location[64], *kept; /* as repeat.h writes it */
};

static enum orator_status make_answer(void *ctx, const struct task *t, const char **text,
                                      struct orator_error *err)
{
    struct answering *a = ctx;
    a->outlook.position = t->position;
    a->call->outlook = a->outlook_known ? &a->outlook : NULL;
    snprintf(a->location, sizeof(a->location), "/v1/video/generations/%s", t->id);
    size_t size;
    char *body = a->shape->accepted(a->call, t, &size);
    a->kept = repeat_text(a->shape->status ? a->shape->status : 200,
                          a->shape->located ? a->location : NULL, body);
    free(body);
    if (text)
        *text = a->kept;
    return a->kept ? ORATOR_OK : orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
}

static enum orator_status give_answer(const struct answering *a, struct orator_error *err)
{
    struct http_answer *answer = a->call->answer;
    answer->status = a->shape->status;
    if (a->shape->located)
        http_answer_header(answer, "Location", a->location);
    free(answer->body);
    answer->body = strdup(strchr(a->kept, '\n') + 1);
    answer->body_size = answer->body ? strlen(answer->body) : 0;
    return answer->body ? ORATOR_OK
                        : orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
}

enum orator_status generation_accept(struct call *call, const struct submission *in,
                                     const struct inputs *inputs, const struct shape *shape,
                                     struct task *out, struct orator_error *err)
{
    const struct api_setup *api = call->api;
    enum orator_status s;
    char base_url[WEBHOOK_BASE_SIZE];
    struct answering answer = {.call = call, .in = in, .shape = shape};
    const int64_t price_micro = model_price_micro(in->model, api);
    const struct webhook_callback callback = {.url = in->callback_url,
                                              .events = in->callback_events,
                                              .base_url = base_url,
                                              .shape = shape->name};
    *out = (struct task){0};
    call_base_url(call, base_url, sizeof(base_url));
    TRY(check_max_cost(in, price_micro, err));
    answer.outlook_known = queue_forecast(api->store, in->model->id, in->declared_ms,
                                          &answer.outlook, NULL) == ORATOR_OK;
    TRY(queue_submit(
        api->store,
        &(struct task_request){.key_id = call->key->id,
                               .account_id = call->key->account_id,
                               .model = in->model->id,
                               .image_url = inputs->image_url,
                               .audio_url = inputs->audio_url,
                               .prompt = in->prompt,
                               .text = in->text,
                               .declared_ms = in->declared_ms,
                               .seed = in->seed,
                               .options = in->options,
                               .external_task_id = in->external_task_id,
                               .metadata = in->metadata,
                               .callback = in->callback_url ? &callback : NULL,
                               .retention_ms = in->retention_ms,
                               .parallel = api->parallel,
                               .queue_max = api->queue_max,
                               .idempotency = call->idempotency.name ? &call->idempotency : NULL,
                               .answer = make_answer,
                               .ctx = &answer,
                               .price_micro_per_s = price_micro},
        out, err));
    if (api->submitted)
        api->submitted(api->ctx);
    if (!answer.kept)
        TRY(make_answer(&answer, out, NULL, err));
    TRY(give_answer(&answer, err));
done:
    call->outlook = NULL;
    free(answer.kept);
    return s;
}

static const struct shape job_shape = {.name = "job", .accepted = job_text, .located = true};

static enum orator_status submit(struct call *call, const struct submission *in, struct task *out,
                                 struct orator_error *err)
{
    struct inputs inputs = {0};
    enum orator_status s = inputs_store(&inputs, in, call->api, call->key->account_id, err);
    if (s == ORATOR_OK)
        s = generation_accept(call, in, &inputs, &job_shape, out, err);
    if (s != ORATOR_OK)
        inputs_drop(&inputs);
    return s;
}

/* The body as JSON or as a form; `form` is what the submission may point into, the caller's to free. */
static enum orator_status read_submission(struct submission *out, struct multipart **form,
                                          enum submission_need need, const struct call *call,
                                          struct orator_error *err)
{
    enum orator_status s;
    const struct http_request *r = call->request;
    const char *type = http_header(r, "Content-Type");
    json_t *root = NULL;
    struct upload image, audio;
    if (!multipart_is(type))
        return submission_parse(out, r->body, r->body_size, need, call->api, err);
    *form = malloc(sizeof(**form));
    if (!*form)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the form");
    TRY(multipart_parse(*form, type, r->body, r->body_size, err));
    TRY(form_read(*form, "image", "audio", &root, &image, &audio, err));
    TRY(submission_read(out, root, &image, &audio, need, call->api, err));
done:
    return s;
}

static enum orator_status take(struct call *call, bool estimate, struct orator_error *err)
{
    enum orator_status s;
    struct multipart *form = NULL;
    struct submission in = {0};
    struct task task = {0};
    if (estimate_is_waiting(call))
        return estimate_resume(call, err);
    TRY(read_submission(&in, &form, estimate ? NEED_ONE_SOURCE : NEED_ALL, call, err));
    if (estimate || in.dry_run)
        TRY(estimate_begin(call, &in, err));
    else
        TRY(submit(call, &in, &task, err));
done:
    task_fini(&task);
    submission_fini(&in);
    free(form);
    return s;
}

enum orator_status generations_submit(struct call *call, struct orator_error *err)
{
    return take(call, false, err);
}

enum orator_status generations_estimate(struct call *call, struct orator_error *err)
{
    return take(call, true, err);
}

enum orator_status generations_get(struct call *call, struct orator_error *err)
{
    struct task task = {0};
    int64_t wait_ms;
    enum orator_status s;
    TRY(call_wait_ms(call, &wait_ms, err));
    TRY(queue_get(call->api->store, call->name, call->request->caller, &task, err));
    if (!call_waits(call, &task, wait_ms))
        TRY(job_answer(call, &task, err));
done:
    task_fini(&task);
    return s;
}
