#include "server/api/submission.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "server/api/body.h"
#include "server/api/inputs.h"
#include "server/api/limits.h"
#include "server/api/money.h"
#include "server/api/options.h"

/* null counts as not sent: that is how clients with fixed structs leave a field out. */
static const json_t *field(const struct submission *in, const char *name)
{
    return body_field(in->root, name);
}

static enum orator_status read_string(const struct submission *in, const char *name,
                                      const char *what, const char **out, struct orator_error *err)
{
    const json_t *v = field(in, name);
    if (!v)
        return orator_fail_param(err, ORATOR_MISSING_PARAMETER, name, "%s is missing: send %s",
                                 name, what);
    if (!json_is_string(v))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name, "%s is %s, need %s", name,
                                 options_type_name(v), what);
    *out = json_string_value(v);
    return ORATOR_OK;
}

static enum orator_status read_model(struct submission *in, struct orator_error *err)
{
    static const char what[] = "\"kling-avatar-v2-standard\" or \"kling-avatar-v2-pro\"";
    const char *id = NULL;
    enum orator_status s = read_string(in, "model", what, &id, err);
    if (s != ORATOR_OK)
        return s;
    in->model = model_find(id);
    if (!in->model)
        return orator_fail_param(err, ORATOR_MODEL_NOT_FOUND, "model",
                                 "no model is called \"%.64s\", send %s", id, what);
    return ORATOR_OK;
}

static enum orator_status read_url(const struct submission *in, const char *name, const char *what,
                                   const struct upload *upload, bool may_lack,
                                   const struct api_setup *api, const char **out,
                                   struct orator_error *err)
{
    if (upload->data && field(in, name))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                                 "the file and %s were sent; send one of them", name);
    if (upload->data || (may_lack && !field(in, name)))
        return ORATOR_OK;
    enum orator_status s = read_string(in, name, what, out, err);
    if (s != ORATOR_OK)
        return s;
    /* the bytes of a data: URL are judged when they are decoded, a file when it is looked up */
    if (url_is_data(*out) || input_is_file(*out))
        return ORATOR_OK;
    size_t size = strlen(*out);
    if (size >= TASK_URL_MAX)
        return orator_fail_param(err, ORATOR_INVALID_URL, name, "%s is %zu bytes, at most %d fit",
                                 name, size, TASK_URL_MAX - 1);
    return url_check(*out, &api->fetch, name, err);
}

static enum orator_status read_duration(struct submission *in, const struct api_setup *api,
                                        struct orator_error *err)
{
    static const char name[] = "audio_duration_seconds";
    const double low = LIMIT_AUDIO_MIN_MS / 1000.0, high = (double)model_max_voice_ms(api) / 1000.0;
    const json_t *v = field(in, name);
    if (!v)
        return orator_fail_param(err, ORATOR_MISSING_PARAMETER, name,
                                 "%s is missing: send the length of the audio, a number from %g to "
                                 "%g such as 12.5",
                                 name, low, high);
    if (!json_is_number(v))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                                 "%s is %s, need a number from %g to %g such as 12.5", name,
                                 options_type_name(v), low, high);
    double seconds = json_number_value(v);
    if (!(seconds >= low && seconds <= high)) /* in this form a NaN is refused too */
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                                 "%s is %g, need a number from %g to %g", name, seconds, low, high);
    in->declared_ms = llround(seconds * 1000);
    return ORATOR_OK;
}

/* A text of people; left as it is if it was not sent. */
static enum orator_status read_words(const struct submission *in, const char *name, int most,
                                     const char **out, struct orator_error *err)
{
    if (!field(in, name))
        return ORATOR_OK;
    enum orator_status s = read_string(in, name, "a text", out, err);
    if (s != ORATOR_OK)
        return s;
    size_t characters = 0;
    for (const char *p = *out; *p; p++)
        characters += (*p & 0xC0) != 0x80; /* all but the tails of UTF-8 sequences */
    if (characters > (size_t)most)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                                 "%s is %zu characters, at most %d fit", name, characters, most);
    return ORATOR_OK;
}

static enum orator_status read_seed(struct submission *in, struct orator_error *err)
{
    const json_t *v = field(in, "seed");
    if (!v) {
        random_secret(&in->seed, sizeof(in->seed));
        in->seed >>= 32; /* ten digits: short enough to be copied by hand */
        return ORATOR_OK;
    }
    json_int_t seed = json_integer_value(v);
    if (!json_is_integer(v) || seed < 0 || seed > LIMIT_SEED)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "seed",
                                 "seed must be a whole number from 0 to %lld", LIMIT_SEED);
    in->seed = (uint64_t)seed;
    return ORATOR_OK;
}

static enum orator_status read_dry_run(struct submission *in, struct orator_error *err)
{
    const json_t *v = field(in, "dry_run");
    if (v && !json_is_boolean(v))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "dry_run",
                                 "dry_run is %s, need true or false", options_type_name(v));
    in->dry_run = v && json_is_true(v);
    return ORATOR_OK;
}

static enum orator_status read_max_cost(struct submission *in, struct orator_error *err)
{
    const json_t *v = field(in, "max_cost");
    in->max_cost_micro = -1;
    if (v && (!json_is_string(v) || !money_parse(json_string_value(v), &in->max_cost_micro)))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "max_cost",
                                 "max_cost is %s%.40s, need an amount as a text such as \"0.80\"",
                                 options_type_name(v),
                                 json_is_string(v) ? " that is no amount" : "");
    return ORATOR_OK;
}

static enum orator_status read_expiry(struct submission *in, const struct api_setup *api,
                                      struct orator_error *err)
{
    const json_t *v = field(in, "expires_in");
    int64_t most_s = api->retention_ms > 0 ? api->retention_ms / 1000 : LIMIT_EXPIRES_MAX_S;
    int64_t seconds = json_integer_value(v);
    in->retention_ms = api->retention_ms;
    if (!v)
        return ORATOR_OK;
    if (!json_is_integer(v) || seconds < LIMIT_EXPIRES_MIN_S || seconds > most_s)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "expires_in",
                                 "expires_in must be a whole number of seconds from %d to %lld",
                                 LIMIT_EXPIRES_MIN_S, (long long)most_s);
    in->retention_ms = seconds * 1000;
    return ORATOR_OK;
}

static enum orator_status read_callback(struct submission *in, const struct api_setup *api,
                                        struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    const json_t *events = field(in, "callback_events");
    TRY(body_text(in->root, "callback_url", TASK_URL_MAX, &in->callback_url, err));
    if (in->callback_url)
        TRY(callback_url_check(in->callback_url, "callback_url", api, err));
    else if (events)
        return orator_fail_param(err, ORATOR_MISSING_PARAMETER, "callback_url",
                                 "callback_events were sent without a callback_url");
    TRY(hook_events_read(events, "callback_events", in->callback_events, err));
done:
    return s;
}

enum orator_status submission_parse(struct submission *out, const void *body, size_t size,
                                    enum submission_need need, const struct api_setup *api,
                                    struct orator_error *err)
{
    json_t *root = NULL;
    enum orator_status s = body_object(&root, body, size, err);
    *out = (struct submission){0};
    return s == ORATOR_OK ? submission_read(out, root, NULL, NULL, need, api, err) : s;
}

enum orator_status submission_read(struct submission *out, json_t *root, const struct upload *image,
                                   const struct upload *audio, enum submission_need need,
                                   const struct api_setup *api, struct orator_error *err)
{
    enum orator_status s;
    *out = (struct submission){.root = root,
                               .image = image ? *image : (struct upload){0},
                               .audio = audio ? *audio : (struct upload){0}};
    TRY(read_model(out, err));
    bool one_is_enough = need == NEED_ONE_SOURCE;
    bool hears = out->audio.data || body_field(root, "audio_url");
    TRY(read_url(out, "image_url", "the URL of a JPEG, PNG or WebP picture", &out->image,
                 one_is_enough && hears, api, &out->image_url, err));
    TRY(read_url(out, "audio_url", "the URL of an mp3, wav, m4a, aac, ogg or flac recording",
                 &out->audio, one_is_enough, api, &out->audio_url, err));
    if (need == NEED_ALL || body_field(root, "audio_duration_seconds"))
        TRY(read_duration(out, api, err));
    TRY(read_words(out, "prompt", TASK_PROMPT_MAX, &out->prompt, err));
    TRY(read_words(out, "text", TASK_TEXT_MAX, &out->text, err));
    TRY(read_seed(out, err));
    TRY(options_read(&out->options, out->root, err));
    TRY(options_read_external_id(&out->external_task_id, out->root, err));
    TRY(options_read_metadata(&out->metadata, out->root, err));
    TRY(read_callback(out, api, err));
    TRY(read_max_cost(out, err));
    TRY(read_expiry(out, api, err));
    TRY(read_dry_run(out, err));
done:
    if (s != ORATOR_OK)
        submission_fini(out);
    return s;
}

void submission_fini(struct submission *in)
{
    free(in->metadata);
    json_decref(in->root);
    *in = (struct submission){0};
}
