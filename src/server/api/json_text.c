#include "server/api/json_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "server/api/json_out.h"

static void put_number(struct json_out *o, const json_t *v)
{
    if (json_is_integer(v)) {
        o->more = false;
        json_put_number(o, NULL, json_integer_value(v));
        return;
    }
    char text[32];
    size_t n = json_dumpb(v, text, sizeof(text), JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    json_out_bytes(o, text, n <= sizeof(text) ? n : 0);
}

static bool put_value(struct json_out *o, const json_t *v, int depth);

static bool put_object(struct json_out *o, const json_t *v, int depth)
{
    json_t *object = (json_t *)(uintptr_t)v; /* iterating changes nothing */
    bool more = false;
    json_out_bytes(o, "{", 1);
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        const char *key = json_object_iter_key(i);
        if (more)
            json_out_bytes(o, ",", 1);
        json_out_string(o, key, strlen(key));
        json_out_bytes(o, ":", 1);
        if (!put_value(o, json_object_iter_value(i), depth - 1))
            return false;
        more = true;
    }
    json_out_bytes(o, "}", 1);
    return true;
}

static bool put_array(struct json_out *o, const json_t *v, int depth)
{
    json_out_bytes(o, "[", 1);
    for (size_t i = 0; i < json_array_size(v); i++) {
        if (i > 0)
            json_out_bytes(o, ",", 1);
        if (!put_value(o, json_array_get(v, i), depth - 1))
            return false;
    }
    json_out_bytes(o, "]", 1);
    return true;
}

static bool put_value(struct json_out *o, const json_t *v, int depth)
{
    if (depth == 0)
        return false;
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return put_object(o, v, depth);
    case JSON_ARRAY:
        return put_array(o, v, depth);
    case JSON_STRING:
        json_out_string(o, json_string_value(v), json_string_length(v));
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        put_number(o, v);
        break;
    case JSON_TRUE:
        json_out_bytes(o, "true", 4);
        break;
    case JSON_FALSE:
        json_out_bytes(o, "false", 5);
        break;
    case JSON_NULL:
        json_out_bytes(o, "null", 4);
        break;
    }
    return true;
}

char *json_text(const json_t *value, size_t *size)
{
    struct json_out o = {0};
    o.failed = !put_value(&o, value, JSON_TEXT_DEPTH) || o.failed;
    return json_take(&o, size);
}
