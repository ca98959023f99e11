/* log.h - one event, one line of JSON on standard error.
 *
 *     log_info(log, "task.done", "frames=%lld ms=%lld", frames, ms);
 *  -> {"time":"2026-01-31T12:00:00.123Z","level":"info","event":"task.done","task":"task_x",
 *      "frames":"250","ms":"1900"}
 *
 * `fmt` is a list of name=value pairs; a value ends at the next " name=" or at the end of the text,
 * so values may hold spaces. `log` carries the id that its lines are about; NULL is silent. Secrets
 * (keys, signed URLs, bodies) never go into a line. Threads: any; a line is written whole.
 */
#pragma once

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log {
    enum log_level level;    /* lines above it are dropped */
    const char *key, *value; /* bound pair such as "task", "task_x"; NULL: none. Borrowed. */
};

void log_line(const struct log *log, enum log_level level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#define log_error(log, ...) log_line((log), LOG_ERROR, __VA_ARGS__)
#define log_warn(log, ...)  log_line((log), LOG_WARN, __VA_ARGS__)
#define log_info(log, ...)  log_line((log), LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_line((log), LOG_DEBUG, __VA_ARGS__)
