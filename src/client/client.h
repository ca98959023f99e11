/* client.h - an Orator server as its client sees it: where it is, its routes as calls.
 *
 *     struct client_place place;
 *     client_place_find(&place, NULL, NULL, &err);      options, environment, configuration file
 *     client_open(&client, &place, NULL, &err);
 *     client_submit(client, parts, count, &job, &err);  a task's job as the API shows it
 *     client_job(client, id, 30, &job, &err);           after at most 30 s, at once when it is over
 *     client_close(&client);
 *
 * Errors:  the server's own code, message and field where it answers with one; IO where it does not answer,
 *          with the address; CANCELED when stop() said so.
 * Owns:    what comes out as json_t is the caller's, to json_decref().
 * Threads: a client belongs to one thread.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

enum { CLIENT_URL_SIZE = 512, CLIENT_KEY_SIZE = 256 };

struct client_place {
    char url[CLIENT_URL_SIZE]; /* without a slash at the end */
    char key[CLIENT_KEY_SIZE];
};

/* Each of the two from the first that has it: the arguments (NULL: not said; the key is the first line of
 * its file), ORATOR_URL and ORATOR_API_KEY, "url = ..." and "api_key = ..." in
 * $XDG_CONFIG_HOME/orator/client.conf (~/.config/...), the server of this machine. MISSING_API_KEY says
 * all of these. */
ORATOR_MUST_CHECK enum orator_status client_place_find(struct client_place *, const char *url,
                                                       const char *key_file,
                                                       struct orator_error *err);

struct client;

/* `stop` is asked a few times a second, NULL: never stops. */
ORATOR_MUST_CHECK enum orator_status client_open(struct client **out, const struct client_place *,
                                                 bool (*stop)(void), struct orator_error *err);
void client_close(struct client **);

struct client_part {
    const char *name, *value;
    bool file; /* the value is the path of what is sent */
};

/* Form fields of a submit; without audio_duration_seconds the server measures the voice. A broken
 * connection or a busy server is tried again under one Idempotency-Key, so that a job is made once. */
ORATOR_MUST_CHECK enum orator_status client_submit(struct client *, const struct client_part *,
                                                   int count, json_t **job,
                                                   struct orator_error *err);
/* A text spoken and kept as a file of the server; its id stands for a URL. `voice` NULL: English; `speed` NULL: 1. */
enum { CLIENT_FILE_ID_SIZE = 64 };
ORATOR_MUST_CHECK enum orator_status client_speak(struct client *, const char *text,
                                                  const char *voice, const char *speed,
                                                  char id[CLIENT_FILE_ID_SIZE],
                                                  struct orator_error *err);
/* What a submit of these would cost, when it would be done, and what is wrong with it. */
ORATOR_MUST_CHECK enum orator_status client_estimate(struct client *, const struct client_part *,
                                                     int count, json_t **estimate,
                                                     struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status client_job(struct client *, const char *id, int wait_s,
                                                json_t **job, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status client_cancel(struct client *, const char *id, json_t **job,
                                                   struct orator_error *err);
/* The newest first; `status` NULL: all; `after` NULL: from the start. *list has "data", "last_id", "has_more". */
ORATOR_MUST_CHECK enum orator_status client_list(struct client *, int limit, const char *status,
                                                 const char *after, json_t **list,
                                                 struct orator_error *err);
/* What a completed job made: "video", "captions", "thumbnail"; the file appears when it is whole. */
ORATOR_MUST_CHECK enum orator_status client_download(struct client *, const char *id,
                                                     const char *variant, const char *path,
                                                     struct orator_error *err);
