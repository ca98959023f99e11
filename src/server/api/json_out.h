/* json_out.h - inside api/: JSON written as text, name by name, without a tree of values before it.
 *
 *     struct json_out o = {0};
 *     json_begin(&o, NULL, '{');
 *     json_put_text(&o, "id", task->id);
 *     json_end(&o, '}');
 *     char *body = json_take(&o, &size);
 *
 * `name` is a literal without anything to escape; NULL within a list, or at the top. A job is written tens of thousands of times a second
 * where many clients poll; as a tree of jansson's it took ten times as long.
 *
 * Errors:  for want of memory the rest is left out and json_take() gives NULL.
 * Threads: one owner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_out {
    char *start;
    size_t length, room;
    bool failed;
    bool more; /* something stands before what comes next, on its level */
};

void json_begin(struct json_out *, const char *name, char bracket); /* '{' or '[' */
void json_end(struct json_out *, char bracket);
/* Bytes that are not UTF-8 become U+FFFD; NULL is null. */
void json_put_text(struct json_out *, const char *name, const char *text);
void json_put_number(struct json_out *, const char *name, int64_t);
void json_put_real(struct json_out *, const char *name, double); /* 15 digits: 0.1 stays 0.1 */
void json_put_seconds(struct json_out *, const char *name, int64_t ms);
void json_put_money(struct json_out *, const char *name, int64_t micro); /* as money.h has it */
void json_put_bool(struct json_out *, const char *name, bool);
void json_put_null(struct json_out *, const char *name);
/* What is JSON already; NULL or "": `instead`. */
void json_put_raw(struct json_out *, const char *name, const char *json, const char *instead);

/* The pieces of the above, for json_text.c: as they are, without a comma. */
void json_out_bytes(struct json_out *, const char *, size_t);
void json_out_string(struct json_out *, const char *, size_t);

/* The text, malloc'ed and ended by NUL, which *size does not count; *o is empty again. NULL: no memory. */
char *json_take(struct json_out *o, size_t *size);
