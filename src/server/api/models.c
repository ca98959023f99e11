#include "server/api/models.h"

#include <string.h>

#include "server/api/call.h"
#include "server/api/limits.h"
#include "server/api/money.h"
#include "server/api/options.h"

static const struct model models[] = {
    {"kling-avatar-v2-standard", "Standard", "720p", 25, 1280, 720, false},
    {"kling-avatar-v2-pro", "Pro", "1080p", 48, 1920, 1080, true},
};
enum { MODEL_COUNT = sizeof(models) / sizeof(models[0]) };

/* OpenAI's shape wants a time: 2026-01-01, the first day of these models here. */
enum { CREATED_S = 1767225600 };

const struct model *model_find(const char *id)
{
    for (int i = 0; i < MODEL_COUNT; i++)
        if (strcmp(models[i].id, id) == 0)
            return &models[i];
    return NULL;
}

int64_t model_price_micro(const struct model *m, const struct api_setup *api)
{
    return m->pro ? api->price_pro_micro : api->price_standard_micro;
}

int64_t model_max_voice_ms(const struct api_setup *api)
{
    return api->max_voice_ms > 0 ? api->max_voice_ms : LIMIT_AUDIO_MAX_MS;
}

static json_t *model_json(const struct model *m, const struct api_setup *api)
{
    char price[MONEY_TEXT_SIZE];
    return json_pack(
        "{s:s, s:s, s:i, s:s, s:s, s:{s:s, s:s, s:s}, s:{s:s, s:i, s:i, s:i, s:s, s:s},"
        " s:{s:f, s:f, s:i, s:i, s:i}, s:o, s:[s,s,s,s,s,s,s]}",
        "id", m->id, "object", "model", "created", CREATED_S, "owned_by", "orator", "title",
        m->title, "pricing", "currency", api->currency, "per_second",
        money_format(price, model_price_micro(m, api)), "billed_by", "output video duration",
        "output", "size_class", m->size_class, "fps", m->fps, "max_width", m->width_px,
        "max_height", m->height_px, "container", "mp4", "video_codec", "h264", "limits",
        "min_duration_seconds", LIMIT_AUDIO_MIN_MS / 1000.0, "max_duration_seconds",
        (double)model_max_voice_ms(api) / 1000.0, "max_image_bytes", LIMIT_IMAGE_BYTES,
        "max_audio_bytes", LIMIT_AUDIO_BYTES, "max_prompt_characters", TASK_PROMPT_MAX, "options",
        options_describe(m->size_class, m->fps), "capabilities", "lip_sync", "head_motion",
        "blinks", "prompt_direction", "seed", "aspect_ratio", "face_choice");
}

enum orator_status models_list(struct call *call, struct orator_error *err)
{
    json_t *data = json_array();
    for (int i = 0; i < MODEL_COUNT; i++)
        json_array_append_new(data, model_json(&models[i], call->api));
    return call_answer_json(call, json_pack("{s:s, s:o}", "object", "list", "data", data), err);
}

enum orator_status models_get(struct call *call, struct orator_error *err)
{
    const struct model *m = model_find(call->name);
    if (!m)
        return orator_fail_param(err, ORATOR_MODEL_NOT_FOUND, "model",
                                 "no model is called \"%s\"; there are %s and %s", call->name,
                                 models[0].id, models[1].id);
    return call_answer_json(call, model_json(m, call->api), err);
}
