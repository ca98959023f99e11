#include "base/log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

/* Where the next " name=" begins, or the end. Names are letters, digits, '_' and '.'. */
static const char *value_end(const char *p)
{
    for (const char *s = strchr(p, ' '); s; s = strchr(s + 1, ' ')) {
        const char *n = s + 1;
        while (isalnum((unsigned char)*n) || *n == '_' || *n == '.')
            n++;
        if (*n == '=' && n > s + 1)
            return s;
    }
    return p + strlen(p);
}

static void put_pairs(struct text *t, const char *p)
{
    while (*p) {
        const char *eq = strchr(p, '=');
        if (!eq)
            break;
        const char *end = value_end(eq + 1);
        text_add(t, ",");
        text_add_json_n(t, p, (size_t)(eq - p));
        text_add(t, ":");
        text_add_json_n(t, eq + 1, (size_t)(end - eq - 1));
        p = *end ? end + 1 : end;
    }
}

void log_line(const struct log *log, enum log_level level, const char *event, const char *fmt, ...)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    if (!log || level > log->level)
        return;

    char pairs[1024], line[2048], when[32];
    va_list args;
    va_start(args, fmt);
    vsnprintf(pairs, sizeof(pairs), fmt, args);
    va_end(args);

    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &utc);

    struct text t = text_over(line, sizeof(line) - 1);
    text_addf(&t, "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\",\"event\":", when,
              now.tv_nsec / 1000000, names[level]);
    text_add_json(&t, event);
    if (log->key) {
        text_add(&t, ",");
        text_add_json(&t, log->key);
        text_add(&t, ":");
        text_add_json(&t, log->value);
    }
    put_pairs(&t, pairs);
    text_add(&t, "}");
    line[t.length] = '\n';
    /* one write, so that lines of two threads never mix; nobody could do anything about a failure */
    if (write(STDERR_FILENO, line, t.length + 1) < 0)
        return;
}
