/* kling_words.h - what is said to Kling's API, and what it says: text in, text out, no network.
 *
 * As its documentation has it: POST and GET under /v1/videos/avatar/image2video; each answer is
 * {code, message, request_id, data{task_id, task_status, task_status_msg, task_result{videos[{url}]}}}.
 * Threads: pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/file.h"
#include "server/maker/maker.h"

enum { KLING_TOKEN_SIZE = 600, KLING_ID_SIZE = 80, KLING_URL_SIZE = 2048 };

/* A token of HS256 {iss, exp, nbf}, good for half an hour. False: it does not fit. */
bool kling_sign(char out[KLING_TOKEN_SIZE], const char *access_key, const char *secret_key,
                int64_t now_s);

/* The body of a submit, malloc'ed; NULL: no memory. */
char *kling_submit_body(const struct maker_job *, const struct bytes *voice,
                        const char *external_id);

enum kling_state { KLING_WAITING, KLING_DONE, KLING_FAILED, KLING_BUSY, KLING_REFUSED };

struct kling_answer {
    enum kling_state state;
    char task_id[KLING_ID_SIZE];
    char video_url[KLING_URL_SIZE];
    enum orator_status status; /* of KLING_FAILED and KLING_REFUSED */
    char text[200];            /* why, for the client */
    int code;                  /* Kling's, for the log; -1: that was no answer of its API */
};
/* BUSY: too many at once, or a fault that passes: ask again later. REFUSED: never of use to ask again. */
void kling_read(struct kling_answer *out, int http_status, const struct bytes *body);
