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
#include "server/tasks/intake.h"

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

/* A submit between its request and its answer. */
struct acceptance {
    struct submit submit; /* first: it is what the intake gives back */
    struct call call;     /* as it was; without its answer */
    struct submission in;
    struct inputs inputs;
    const struct shape *shape;
    struct webhook_callback callback;
    char base_url[WEBHOOK_BASE_SIZE], idempotency_name[IDEMPOTENCY_NAME_MAX + 1];
    struct idempotency idempotency;
    char location[64], *kept; /* the answer, as repeat.h writes it */
};

static void acceptance_free(void *memory)
{
    struct acceptance *a = memory;
    if (!a)
        return;
    inputs_drop(&a->inputs);
    submission_fini(&a->in);
    task_fini(&a->submit.task);
    free(a->kept);
    free(a);
}

/* The answer is made once: within the transaction where it is kept for a second request. */
static enum orator_status make_answer(void *ctx, const struct task *t,
                                      const struct outlook *outlook, const char **text,
                                      struct orator_error *err)
{
    struct acceptance *a = ctx;
    size_t size;
    struct call call = a->call;
    call.outlook = outlook;
    snprintf(a->location, sizeof(a->location), "/v1/video/generations/%s", t->id);
    char *body = a->shape->accepted(&call, t, &size);
    free(a->kept);
    a->kept = repeat_text(a->shape->status ? a->shape->status : 200,
                          a->shape->located ? a->location : NULL, body);
    free(body);
    if (text)
        *text = a->kept;
    return a->kept ? ORATOR_OK : orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
}

static enum orator_status give_answer(struct call *call, struct acceptance *a,
                                      struct orator_error *err)
{
    struct http_answer *answer = call->answer;
    enum orator_status s = ORATOR_OK;
    if (!a->kept)
        TRY(make_answer(a, &a->submit.task, &a->submit.outlook, NULL, err));
    answer->status = a->shape->status;
    if (a->shape->located)
        http_answer_header(answer, "Location", a->location);
    const char *body = strchr(a->kept, '\n') + 1;
    char *text = strdup(body);
    TRY(call_answer_text(call, text, strlen(body), err));
done:
    return s;
}

static void fill_request(struct acceptance *a, int64_t price_micro)
{
    const struct api_setup *api = a->call.api;
    const struct submission *in = &a->in;
    a->callback = (struct webhook_callback){.url = in->callback_url,
                                            .events = in->callback_events,
                                            .base_url = a->base_url,
                                            .shape = a->shape->name};
    a->submit.request =
        (struct task_request){.key_id = a->call.key->id,
                              .account_id = a->call.key->account_id,
                              .model = in->model->id,
                              .image_url = a->inputs.image_url,
                              .audio_url = a->inputs.audio_url,
                              .prompt = in->prompt,
                              .text = in->text,
                              .declared_ms = in->declared_ms,
                              .seed = in->seed,
                              .options = in->options,
                              .external_task_id = in->external_task_id,
                              .metadata = in->metadata,
                              .callback = in->callback_url ? &a->callback : NULL,
                              .retention_ms = in->retention_ms,
                              .parallel = api->parallel,
                              .queue_max = api->queue_max,
                              .idempotency = a->idempotency.name ? &a->idempotency : NULL,
                              .answer = make_answer,
                              .ctx = a,
                              .price_micro_per_s = price_micro};
}

/* The submit is over, one way or the other. */
static enum orator_status conclude(struct call *call, struct acceptance *a, struct task *out,
                                   struct orator_error *err)
{
    enum orator_status s = a->submit.status;
    if (s != ORATOR_OK) {
        *err = a->submit.err;
    } else {
        a->inputs = (struct inputs){0}; /* the task's now */
        if (call->api->submitted)
            call->api->submitted(call->api->ctx);
        s = give_answer(call, a, err);
        *out = a->submit.task;
        a->submit.task = (struct task){0};
    }
    acceptance_free(a);
    return s;
}

static void on_done(struct submit *submit)
{
    const struct acceptance *a = (struct acceptance *)submit;
    http_go_on(a->call.request);
}

enum orator_status generation_accept(struct call *call, struct submission *in,
                                     struct inputs *inputs, const struct shape *shape,
                                     struct task *out, bool *done, struct orator_error *err)
{
    const struct api_setup *api = call->api;
    enum orator_status s;
    const int64_t price_micro = model_price_micro(in->model, api);
    struct acceptance *a = calloc(1, sizeof(*a));
    *out = (struct task){0};
    *done = true;
    if (!a) {
        inputs_drop(inputs);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
    }
    a->call = *call;
    a->call.answer = NULL;
    a->shape = shape;
    a->in = *in;
    *in = (struct submission){0};
    inputs_move(&a->inputs, inputs);
    call_base_url(call, a->base_url, sizeof(a->base_url));
    if (call->idempotency.name) {
        snprintf(a->idempotency_name, sizeof(a->idempotency_name), "%s", call->idempotency.name);
        a->idempotency = call->idempotency;
        a->idempotency.name = a->idempotency_name;
    }
    TRY(check_max_cost(&a->in, price_micro, err));
    fill_request(a, price_micro);
    if (!api->intake) {
        submit_all(api->store, &a->submit);
        return conclude(call, a, out, err);
    }
    *done = false;
    a->submit.done = on_done;
    call->answer->memory = a;
    call->answer->free_memory = acceptance_free;
    http_hold(call->request);
    intake_add(api->intake, &a->submit);
    return ORATOR_OK;
done:
    acceptance_free(a);
    return s;
}

bool generation_is_waiting(const struct call *call)
{
    return call->answer->free_memory == acceptance_free;
}

enum orator_status generation_resume(struct call *call, struct task *out, struct orator_error *err)
{
    struct acceptance *a = call->answer->memory;
    call->answer->memory = NULL;
    call->answer->free_memory = NULL;
    *out = (struct task){0};
    return conclude(call, a, out, err);
}

static const struct shape job_shape = {.name = "job", .accepted = job_text, .located = true};

static enum orator_status submit(struct call *call, struct submission *in, struct task *out,
                                 struct orator_error *err)
{
    struct inputs inputs = {0};
    bool done;
    enum orator_status s = inputs_store(&inputs, in, call->api, call->key->account_id, err);
    if (s == ORATOR_OK)
        return generation_accept(call, in, &inputs, &job_shape, out, &done, err);
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
    if (generation_is_waiting(call)) { /* asked first: a door that waits may wait for this */
        TRY(generation_resume(call, &task, err));
        goto done;
    }
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
