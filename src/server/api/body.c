#include "server/api/body.h"

#include <stdbool.h>
#include <string.h>

#include "server/api/limits.h"
#include "server/api/options.h"

/* Brackets outside of strings: jansson itself goes 2048 deep, on the caller's stack. */
static bool is_shallow(const char *text, size_t size)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > LIMIT_JSON_DEPTH)
                return false;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return true;
}

enum orator_status body_object(json_t **out, const void *body, size_t size,
                               struct orator_error *err)
{
    *out = NULL;
    if (size == 0)
        return orator_fail(err, ORATOR_INVALID_JSON, "the body is empty, need a JSON object");
    if (!is_shallow(body, size))
        return orator_fail(err, ORATOR_INVALID_JSON, "the JSON is nested deeper than %d levels",
                           LIMIT_JSON_DEPTH);
    json_error_t where;
    json_t *root = json_loadb(body, size, JSON_REJECT_DUPLICATES, &where);
    if (!root && json_error_code(&where) == json_error_out_of_memory)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
    if (!root)
        return orator_fail(err, ORATOR_INVALID_JSON, "not valid JSON at line %d, column %d: %s",
                           where.line, where.column, where.text);
    if (!json_is_object(root)) {
        const char *what = options_type_name(root);
        json_decref(root);
        return orator_fail(err, ORATOR_INVALID_JSON, "the body is %s, need a JSON object", what);
    }
    *out = root;
    return ORATOR_OK;
}

json_t *body_field(const json_t *object, const char *name)
{
    json_t *v = json_object_get(object, name);
    return json_is_null(v) ? NULL : v;
}

enum orator_status body_text(const json_t *object, const char *name, size_t max, const char **out,
                             struct orator_error *err)
{
    const json_t *v = body_field(object, name);
    if (!v)
        return ORATOR_OK;
    if (!json_is_string(v))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name, "%s is %s, need a text", name,
                                 options_type_name(v));
    size_t characters = 0;
    for (const char *p = json_string_value(v); *p; p++)
        characters += (*p & 0xC0) != 0x80; /* all but the tails of UTF-8 sequences */
    if (characters > max)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                                 "%s is %zu characters, at most %zu fit", name, characters, max);
    *out = json_string_value(v);
    return ORATOR_OK;
}
