#include "server/api/options.h"

#include <stdio.h>
#include <string.h>

#include "server/api/limits.h"

/* engine/tier.c and engine/framing.c know what they mean. */
static const char *const resolutions[] = {"480p", "720p", "1080p", "source", NULL};
static const char *const ratios[] = {"source", "16:9", "9:16", "1:1", "4:3", "3:4", NULL};
static const char *const caption_kinds[] = {"none", "vtt", NULL};

const char *options_type_name(const json_t *v)
{
    static const char *const names[] = {"an object", "an array", "a string", "a number",
                                        "a number",  "true",     "false",    "null"};
    return names[json_typeof(v)];
}

/* null counts as not sent, as everywhere. */
static const json_t *field(const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);
    return json_is_null(v) ? NULL : v;
}

/* A value as it came, for a sentence that says why it is refused: at most 40 bytes, whole letters. */
struct shown {
    char text[48];
};
static struct shown show(const json_t *v)
{
    struct shown s = {0};
    if (json_is_string(v)) {
        const char *from = json_string_value(v);
        int n = (int)strnlen(from, 40);
        while (n > 0 && (from[n] & 0xC0) == 0x80)
            n--;
        snprintf(s.text, sizeof(s.text), "\"%.*s\"", n, from);
    } else if (json_is_number(v)) {
        snprintf(s.text, sizeof(s.text), "%g", json_number_value(v));
    } else {
        snprintf(s.text, sizeof(s.text), "%s", options_type_name(v));
    }
    return s;
}

/* One of a list of words; left "" if it was not sent. */
static enum orator_status read_word(char *out, size_t size, const json_t *root, const char *name,
                                    const char *const words[], struct orator_error *err)
{
    char list[80] = "";
    const json_t *v = field(root, name);
    if (!v)
        return ORATOR_OK;
    for (int i = 0; words[i]; i++) {
        size_t n = strlen(list);
        snprintf(list + n, sizeof(list) - n, "%s%s", i ? words[i + 1] ? ", " : " or " : "",
                 words[i]);
        if (json_is_string(v) && strcmp(json_string_value(v), words[i]) == 0) {
            snprintf(out, size, "%s", words[i]);
            return ORATOR_OK;
        }
    }
    return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name, "%s is %s, need %s", name,
                             show(v).text, list);
}

static enum orator_status read_fps(int *out, const json_t *root, struct orator_error *err)
{
    const json_t *v = field(root, "fps");
    if (!v)
        return ORATOR_OK;
    json_int_t fps = json_integer_value(v);
    if (!json_is_integer(v) || fps < LIMIT_FPS_MIN || fps > LIMIT_FPS_MAX)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "fps",
                                 "fps is %s, need a whole number from %d to %d", show(v).text,
                                 LIMIT_FPS_MIN, LIMIT_FPS_MAX);
    *out = (int)fps;
    return ORATOR_OK;
}

static enum orator_status read_face_box(double out[4], const json_t *root, struct orator_error *err)
{
    const json_t *v = field(root, "face_box");
    if (!v)
        return ORATOR_OK;
    bool fits = json_is_array(v) && json_array_size(v) == 4;
    for (size_t k = 0; k < 4 && fits; k++) {
        const json_t *part = json_array_get(v, k);
        out[k] = json_number_value(part);
        fits = json_is_number(part) && out[k] <= LIMIT_IMAGE_MAX_PX &&
               out[k] >= (k < 2 ? -LIMIT_IMAGE_MAX_PX : 1);
    }
    if (fits)
        return ORATOR_OK;
    return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "face_box",
                             "face_box is %s, need [x, y, width, height] in pixels of the picture, "
                             "at most %d each, such as [310, 168, 205, 205]",
                             json_is_array(v) ? "no such box" : show(v).text, LIMIT_IMAGE_MAX_PX);
}

static enum orator_status read_factor(double *out, const json_t *motion, const char *name,
                                      const char *param, struct orator_error *err)
{
    const json_t *v = field(motion, name);
    if (!v)
        return ORATOR_OK;
    *out = json_number_value(v);
    if (!json_is_number(v) || !(*out >= 0 && *out <= LIMIT_MOTION_MAX))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, param,
                                 "%s is %s, need a number from 0 to %d, where 1 is usual", param,
                                 show(v).text, LIMIT_MOTION_MAX);
    return ORATOR_OK;
}

static enum orator_status read_motion(struct task_options *out, const json_t *root,
                                      struct orator_error *err)
{
    enum orator_status s;
    const json_t *motion = field(root, "motion");
    if (!motion)
        return ORATOR_OK;
    if (!json_is_object(motion))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "motion",
                                 "motion is %s, need an object such as {\"head\": 0.6, "
                                 "\"expression\": 1, \"blink\": true}",
                                 show(motion).text);
    out->moves = true;
    out->head = out->expression = 1;
    out->blink = true;
    TRY(read_factor(&out->head, motion, "head", "motion.head", err));
    TRY(read_factor(&out->expression, motion, "expression", "motion.expression", err));
    const json_t *blink = field(motion, "blink");
    if (blink && !json_is_boolean(blink))
        s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "motion.blink",
                              "motion.blink is %s, need true or false", show(blink).text);
    else if (blink)
        out->blink = json_is_true(blink);
done:
    return s;
}

static enum orator_status read_label(bool *out, const json_t *root, struct orator_error *err)
{
    const json_t *info = field(root, "watermark_info");
    const json_t *enabled = json_is_object(info) ? field(info, "enabled") : NULL;
    if ((info && !json_is_object(info)) || (enabled && !json_is_boolean(enabled)))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "watermark_info",
                                 "watermark_info is %s, need an object such as {\"enabled\": true}",
                                 enabled ? "without a true or false in enabled" : show(info).text);
    *out = json_is_true(enabled);
    return ORATOR_OK;
}

enum orator_status options_read(struct task_options *out, const json_t *root,
                                struct orator_error *err)
{
    enum orator_status s;
    char captions[8] = "";
    *out = (struct task_options){0};
    TRY(read_word(out->resolution, sizeof(out->resolution), root, "resolution", resolutions, err));
    TRY(read_fps(&out->fps, root, err));
    TRY(read_word(out->aspect_ratio, sizeof(out->aspect_ratio), root, "aspect_ratio", ratios, err));
    TRY(read_face_box(out->face_box, root, err));
    TRY(read_motion(out, root, err));
    TRY(read_word(captions, sizeof(captions), root, "captions", caption_kinds, err));
    out->captions = strcmp(captions, "vtt") == 0;
    TRY(read_label(&out->label, root, err));
done:
    return s;
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += (*text & 0xC0) != 0x80; /* all but the tails of UTF-8 sequences */
    return n;
}

enum orator_status options_read_external_id(const char **out, const json_t *root,
                                            struct orator_error *err)
{
    static const char name[] = "external_task_id";
    const json_t *v = field(root, name);
    *out = NULL;
    if (!v)
        return ORATOR_OK;
    const char *id = json_string_value(v);
    if (!id || !*id)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                                 "%s is %s, need a text of 1 to %d characters", name, show(v).text,
                                 TASK_EXTERNAL_ID_MAX);
    if (characters(id) > TASK_EXTERNAL_ID_MAX)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                                 "%s is %zu characters, at most %d fit", name, characters(id),
                                 TASK_EXTERNAL_ID_MAX);
    *out = id;
    return ORATOR_OK;
}

static enum orator_status check_pair(const char *key, const json_t *value, struct orator_error *err)
{
    if (!*key || characters(key) > LIMIT_METADATA_KEY)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "metadata",
                                 "a name in metadata is %zu characters, need 1 to %d",
                                 characters(key), LIMIT_METADATA_KEY);
    if (!json_is_string(value))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "metadata",
                                 "metadata.%s is %s, need a string", key, options_type_name(value));
    size_t n = characters(json_string_value(value));
    if (n > LIMIT_METADATA_VALUE)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "metadata",
                                 "metadata.%s is %zu characters, at most %d fit", key, n,
                                 LIMIT_METADATA_VALUE);
    return ORATOR_OK;
}

enum orator_status options_read_metadata(char **out, const json_t *root, struct orator_error *err)
{
    const json_t *v = field(root, "metadata");
    *out = NULL;
    if (!v)
        return ORATOR_OK;
    if (!json_is_object(v))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "metadata",
                                 "metadata is %s, need an object of strings", show(v).text);
    size_t count = json_object_size(v);
    if (count > LIMIT_METADATA_PAIRS)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "metadata",
                                 "metadata has %zu names, at most %d fit", count,
                                 LIMIT_METADATA_PAIRS);
    json_t *pairs = json_object_get(root, "metadata"), *value;
    const char *key;
    json_object_foreach(pairs, key, value)
    {
        enum orator_status s = check_pair(key, value, err);
        if (s != ORATOR_OK)
            return s;
    }
    if (count == 0)
        return ORATOR_OK;
    *out = json_dumps(v, JSON_COMPACT);
    return *out ? ORATOR_OK : orator_fail(err, ORATOR_NO_MEMORY, "no memory for the metadata");
}

void options_show(struct json_out *job, const struct task *t, const char *resolution, int fps)
{
    const struct task_options *o = &t->options;
    json_put_text(job, "resolution", o->resolution[0] ? o->resolution : resolution);
    json_put_number(job, "fps", o->fps ? o->fps : fps);
    json_put_text(job, "aspect_ratio", o->aspect_ratio[0] ? o->aspect_ratio : "source");
    json_put_number(job, "seed", (int64_t)t->seed);
    if (o->face_box[2] > 0) {
        json_begin(job, "face_box", '[');
        for (int k = 0; k < 4; k++)
            json_put_real(job, NULL, o->face_box[k]);
        json_end(job, ']');
    } else {
        json_put_null(job, "face_box");
    }
    if (o->moves) {
        json_begin(job, "motion", '{');
        json_put_real(job, "head", o->head);
        json_put_real(job, "expression", o->expression);
        json_put_bool(job, "blink", o->blink);
        json_end(job, '}');
    } else {
        json_put_raw(job, "motion", NULL, "{\"head\":1.0,\"expression\":1.0,\"blink\":true}");
    }
    json_put_text(job, "captions", o->captions ? "vtt" : "none");
    json_begin(job, "watermark_info", '{');
    json_put_bool(job, "enabled", o->label);
    json_end(job, '}');
    json_put_text(job, "external_task_id", t->external_task_id);
    json_put_raw(job, "metadata", t->metadata, "{}");
}

static json_t *words_json(const char *const words[])
{
    json_t *list = json_array();
    for (int i = 0; words[i]; i++)
        json_array_append_new(list, json_string(words[i]));
    return list;
}

json_t *options_describe(const char *resolution, int fps)
{
    return json_pack(
        "{s:{s:o, s:s}, s:{s:i, s:i, s:i}, s:{s:o, s:s}, s:{s:i, s:i, s:i}, s:{s:o, s:s}}",
        "resolution", "values", words_json(resolutions), "default", resolution, "fps", "min",
        LIMIT_FPS_MIN, "max", LIMIT_FPS_MAX, "default", fps, "aspect_ratio", "values",
        words_json(ratios), "default", "source", "motion", "min", 0, "max", LIMIT_MOTION_MAX,
        "default", 1, "captions", "values", words_json(caption_kinds), "default", "none");
}
