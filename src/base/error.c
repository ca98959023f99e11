#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
    const char *word;
    int http, exit_code;
    bool retryable;
    const char *text;
} table[] = {
#define X(name, word, http, exit_code, retryable, text) \
    [ORATOR_##name] = {word, http, exit_code, retryable, text},
    ORATOR_STATUS_LIST(X)
#undef X
};

const char *orator_status_word(enum orator_status s) { return table[s].word; }
int orator_status_http(enum orator_status s) { return table[s].http; }
int orator_status_exit(enum orator_status s) { return table[s].exit_code; }
bool orator_status_retryable(enum orator_status s) { return table[s].retryable; }
const char *orator_status_text(enum orator_status s) { return table[s].text; }

enum orator_status orator_status_from_word(const char *word)
{
    for (int s = 0; s < ORATOR_STATUS_COUNT; s++)
        if (strcmp(table[s].word, word) == 0)
            return (enum orator_status)s;
    return ORATOR_INTERNAL;
}

__attribute__((format(printf, 4, 0))) static void fill(struct orator_error *err,
                                                       enum orator_status s, const char *param,
                                                       const char *fmt, va_list args)
{
    err->status = s;
    snprintf(err->param, sizeof(err->param), "%s", param);
    vsnprintf(err->text, sizeof(err->text), fmt, args);
}

enum orator_status orator_fail(struct orator_error *err, enum orator_status s, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        fill(err, s, "", fmt, args);
        va_end(args);
    }
    return s;
}

enum orator_status orator_fail_param(struct orator_error *err, enum orator_status s,
                                     const char *param, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        fill(err, s, param, fmt, args);
        va_end(args);
    }
    return s;
}

enum orator_status orator_within(struct orator_error *err, enum orator_status s, const char *where)
{
    if (err && s != ORATOR_OK) {
        char below[sizeof(err->text)];
        memcpy(below, err->text, sizeof(below));
        /* a long text from below may lose its tail; the place never gets lost */
        struct text t = text_over(err->text, sizeof(err->text));
        text_add(&t, where);
        text_add(&t, ": ");
        text_add(&t, below);
    }
    return s;
}
