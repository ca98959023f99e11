#include "base/warning.h"

#include <stdarg.h>
#include <stdio.h>

void warnings_add(struct warnings *w, const char *code, const char *fmt, ...)
{
    if (w->count == WARNINGS_MAX)
        return;
    struct warning *one = &w->list[w->count++];
    va_list values;
    va_start(values, fmt);
    vsnprintf(one->text, sizeof(one->text), fmt, values);
    va_end(values);
    one->code = code;
}

void warnings_add_json(struct text *t, const struct warnings *w)
{
    text_add(t, "[");
    for (int i = 0; i < w->count; i++) {
        text_add(t, i ? ", {\"code\": " : "{\"code\": ");
        text_add_json(t, w->list[i].code);
        text_add(t, ", \"message\": ");
        text_add_json(t, w->list[i].text);
        text_add(t, "}");
    }
    text_add(t, "]");
}
