#include "server/api/estimate.h"

#include <stdio.h>
#include <string.h>

#include "server/api/door.h"
#include "server/api/facts.h"
#include "server/api/measure.h"
#include "server/api/money.h"
#include "server/store/accounts.h"

enum { LOOK_MS = 20 /* between looks at whether it is done */ };

void facts_add(struct facts *f, enum orator_status s, const struct orator_error *why,
               const char *param)
{
    if (f->problem_count == FACTS_PROBLEMS_MAX)
        return;
    struct orator_error *p = &f->problems[f->problem_count++];
    *p = *why;
    p->status = s;
    if (!p->param[0])
        snprintf(p->param, sizeof(p->param), "%s", param);
}

enum orator_status estimate_begin(struct call *call, struct submission *in,
                                  struct orator_error *err)
{
    enum orator_status s;
    struct inputs inputs = {0};
    TRY(inputs_store(&inputs, in, call->api, call->key->account_id, err));
    in->image = in->audio = (struct upload){0}; /* stored; the body that they point into goes */
    TRY(measure_begin(call->api, in, &inputs, NULL, call->answer->note, err));
    call->answer->again_ms = LOOK_MS;
done:
    if (s != ORATOR_OK)
        inputs_drop(&inputs);
    return s;
}

bool estimate_is_waiting(const struct call *call) { return door_is_waiting(call); }

/* What would be refused at the submit, in its order: the money, then the sound's length. */
static enum orator_status judge(struct facts *f, const struct call *call,
                                const struct submission *in, int64_t cost_micro,
                                struct orator_error *err)
{
    struct account account;
    struct orator_error why = {0};
    enum orator_status s = account_get(call->api->store, call->key->account_id, &account, err);
    if (s != ORATOR_OK)
        return s;
    char cost[MONEY_TEXT_SIZE], most[MONEY_TEXT_SIZE];
    money_format(cost, cost_micro);
    const struct api_key *k = call->key;
    if (in->max_cost_micro >= 0 && cost_micro > in->max_cost_micro)
        facts_add(f,
                  orator_fail_param(&why, ORATOR_MAX_COST_EXCEEDED, "max_cost",
                                    "it costs %s, max_cost is %s", cost,
                                    money_format(most, in->max_cost_micro)),
                  &why, "");
    if (account.prepaid && account.balance_micro < cost_micro)
        facts_add(f,
                  orator_fail(&why, ORATOR_INSUFFICIENT_BALANCE,
                              "it costs %s, the account holds %s", cost,
                              money_format(most, account.balance_micro)),
                  &why, "");
    if (k->budget_micro >= 0 && cost_micro > k->budget_micro - k->used_micro)
        facts_add(f,
                  orator_fail(&why, ORATOR_KEY_BUDGET_EXCEEDED, "it costs %s, the key has %s left",
                              cost, money_format(most, k->budget_micro - k->used_micro)),
                  &why, "");
    if (in->declared_ms > 0 && f->voice_ms > 0 && task_lengths_differ(in->declared_ms, f->voice_ms))
        facts_add(f,
                  orator_fail_param(&why, ORATOR_AUDIO_DURATION_MISMATCH, "audio_duration_seconds",
                                    "audio_duration_seconds is %.3f, the sound lasts %.3f seconds",
                                    (double)in->declared_ms / 1000, (double)f->voice_ms / 1000),
                  &why, "");
    return s;
}

static json_t *seconds_or_null(int64_t ms)
{
    return ms > 0 ? json_real((double)ms / 1000) : json_null();
}

static json_t *faces_json(const struct facts *f)
{
    json_t *list = json_array();
    for (int i = 0; i < f->face_count; i++)
        json_array_append_new(list,
                              json_pack("{s:[f, f, f, f], s:f, s:f, s:f, s:b}", "box",
                                        f->faces[i].box[0], f->faces[i].box[1], f->faces[i].box[2],
                                        f->faces[i].box[3], "confidence", f->faces[i].confidence,
                                        "yaw", f->faces[i].yaw_degrees, "eye_distance",
                                        f->faces[i].eye_distance_px, "usable", f->faces[i].usable));
    json_t *speaker = f->speaker < 0 ? NULL : json_array_get(list, (size_t)f->speaker);
    json_t *mesh = speaker ? json_array() : NULL; /* x, y, x, y, ... */
    for (int i = 0; mesh && i < 2 * FACTS_MESH_POINTS; i++)
        json_array_append_new(mesh, json_integer(f->mesh[i / 2][i % 2]));
    if (mesh)
        json_object_set_new(speaker, "mesh", mesh);
    return list;
}

static json_t *problems_json(const struct facts *f)
{
    json_t *list = json_array();
    for (int i = 0; i < f->problem_count; i++) {
        const struct orator_error *p = &f->problems[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:o}", "code", orator_status_word(p->status), "type",
                            http_error_type(p->status), "message",
                            p->text[0] ? p->text : orator_status_text(p->status), "param",
                            p->param[0] ? json_string(p->param) : json_null()));
    }
    return list;
}

static json_t *warnings_json(const struct facts *f)
{
    json_t *list = json_array();
    for (int i = 0; list && i < f->warnings.count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "code", f->warnings.list[i].code,
                                              "message", f->warnings.list[i].text));
    return list;
}

static enum orator_status answer(struct call *call, const struct submission *in, struct facts *f,
                                 struct orator_error *err)
{
    enum orator_status s;
    const struct api_setup *api = call->api;
    const int64_t price = model_price_micro(in->model, api);
    const int64_t declared_ms = in->declared_ms > 0 ? in->declared_ms : f->voice_ms;
    const int64_t video_ms =
        f->voice_ms > 0 && f->voice_ms < declared_ms ? f->voice_ms : declared_ms;
    int64_t reserve, cost;
    struct outlook outlook;
    TRY(queue_price(declared_ms, price, &reserve, err));
    TRY(queue_price(video_ms, price, &cost, err));
    TRY(queue_forecast(api->store, in->model->id, declared_ms, &outlook, err));
    TRY(judge(f, call, in, reserve, err));
    json_t *v = json_pack(
        "{s:s, s:b, s:s, s:{s:s, s:o, s:o, s:o}, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o}",
        "object", "video.generation.estimate", "ok", f->problem_count == 0, "model", in->model->id,
        "price", "currency", api->currency, "unit_price_per_second", money_json(price), "reserved",
        money_json(reserve), "expected", money_json(cost), "declared_seconds",
        seconds_or_null(in->declared_ms), "measured_seconds", seconds_or_null(f->voice_ms),
        "eta_seconds", (json_int_t)((outlook.eta_ms + 999) / 1000), "queue_position",
        (json_int_t)outlook.position, "image",
        f->width_px > 0 ? json_pack("{s:i, s:i}", "width", f->width_px, "height", f->height_px)
                        : json_null(),
        "faces", faces_json(f), "audio",
        f->voice_ms > 0 ? json_pack("{s:s, s:i, s:i, s:f, s:f, s:f}", "codec", f->codec,
                                    "sample_rate", f->rate_hz, "channels", f->channels,
                                    "duration_seconds", (double)f->voice_ms / 1000, "speech_ratio",
                                    f->speech_ratio, "clipping", f->clipping)
                        : json_null(),
        "warnings", warnings_json(f), "problems", problems_json(f));
    TRY(call_answer_json(call, v, err));
done:
    return s;
}

enum orator_status estimate_resume(struct call *call, struct orator_error *err)
{
    struct submission in = {0};
    struct inputs inputs = {0};
    const struct shape *none;
    struct facts facts;
    bool done;
    enum orator_status s =
        measure_end(call->api, call->answer->note, &in, &inputs, &none, &facts, &done, err);
    if (s == ORATOR_OK && !done) {
        if (http_is_stopping(call->request))
            return orator_fail(err, ORATOR_SHUTTING_DOWN, "the server is stopping; try again");
        call->answer->again_ms = LOOK_MS;
        return ORATOR_OK;
    }
    call->answer->note[0] = '\0';
    if (s == ORATOR_OK)
        s = answer(call, &in, &facts, err);
    inputs_drop(&inputs);
    submission_fini(&in);
    return s;
}
