#include "server/api/form.h"

#include <stdio.h>
#include <string.h>

/* Fields that are texts whatever they look like; the others are JSON where they are valid JSON. */
static bool is_text(const char *name)
{
    static const char *const texts[] = {
        "model",        "prompt",   "image_url", "audio_url",        "resolution",
        "aspect_ratio", "captions", "text",      "callback_url",     "max_cost",
        "seconds",      "size",     "voice",     "external_task_id", "input_reference",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcmp(name, texts[i]) == 0)
            return true;
    return false;
}

const struct multipart_part *form_part(const struct multipart *form, const char *name)
{
    for (int i = 0; i < form->count; i++)
        if (strcmp(form->parts[i].name, name) == 0)
            return &form->parts[i];
    return NULL;
}

static json_t *value_of(const struct multipart_part *part, bool text, const char *field,
                        enum orator_status *s, struct orator_error *err)
{
    const char *bytes = (const char *)part->data;
    json_t *v = NULL;
    if (!text && part->size > 0 && part->size < 4096 && strchr("-0123456789tfn[{\"", *bytes))
        v = json_loadb(bytes, part->size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (!v)
        v = json_stringn(bytes, part->size); /* refuses what is not UTF-8 */
    if (!v)
        *s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, field, "%s is not a text in UTF-8",
                               field);
    return v;
}

/* "motion[head]": puts the value into the object `motion`; "events[]" or "events[0]": into a list. */
static enum orator_status put_nested(json_t *root, const struct multipart_part *part,
                                     struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    char name[MULTIPART_NAME_SIZE], *bracket;
    snprintf(name, sizeof(name), "%s", part->name);
    bracket = strchr(name, '[');
    size_t n = strlen(bracket);
    if (bracket == name || bracket[n - 1] != ']' || strpbrk(bracket + 1, "[]") != bracket + n - 1)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, part->name,
                                 "the field %s is not name[key]", part->name);
    bracket[n - 1] = *bracket = '\0';
    const char *key = bracket + 1;
    bool list = strspn(key, "0123456789") == strlen(key);
    json_t *v = value_of(part, list || strcmp(name, "metadata") == 0, part->name, &s, err);
    if (!v)
        return s;
    json_t *into = json_object_get(root, name);
    if (!into) {
        into = list ? json_array() : json_object();
        json_object_set_new(root, name, into);
    }
    if (list ? !json_is_array(into) : !json_is_object(into) || json_object_get(into, key)) {
        json_decref(v);
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name, "%s was sent twice", name);
    }
    if (list)
        json_array_append_new(into, v);
    else
        json_object_set_new(into, key, v);
    return s;
}

enum orator_status form_read(const struct multipart *form, const char *image_name,
                             const char *audio_name, json_t **root, struct upload *image,
                             struct upload *audio, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    *root = json_object();
    *image = *audio = (struct upload){0};
    if (!*root)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
    for (int i = 0; i < form->count; i++) {
        const struct multipart_part *part = &form->parts[i];
        bool is_image = strcmp(part->name, image_name) == 0;
        bool is_audio = strcmp(part->name, audio_name) == 0;
        if ((is_image || is_audio) && (part->is_file || part->type[0])) {
            struct upload *into = is_image ? image : audio;
            if (into->data)
                s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, part->name,
                                      "the file %s was sent twice", part->name);
            *into = (struct upload){part->data, part->size};
        } else if (part->is_file) {
            s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, part->name,
                                  "%s is a file; the files are called %s and %s", part->name,
                                  image_name, audio_name);
        } else if (strchr(part->name, '[')) {
            s = put_nested(*root, part, err);
        } else if (json_object_get(*root, part->name)) {
            s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, part->name, "%s was sent twice",
                                  part->name);
        } else {
            json_t *v = value_of(part, is_text(part->name), part->name, &s, err);
            if (v && json_object_set_new(*root, part->name, v) != 0)
                s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "",
                                      "the name of a field is not UTF-8");
        }
        if (s != ORATOR_OK)
            break;
    }
    if (s != ORATOR_OK) {
        json_decref(*root);
        *root = NULL;
    }
    return s;
}
