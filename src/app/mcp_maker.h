/* mcp_maker.h - who makes the videos that an assistant asks for: this machine, or a server.
 *
 * Jobs are objects in the words of the HTTP API: id, status (queued, processing, completed, failed), stage,
 * progress, result, error; "output" is the path of the file where there is one.
 * Threads: calls from one thread; a local maker has a thread of its own.
 */
#pragma once

#include <jansson.h>

#include "app/settings.h"
#include "app/video.h"
#include "client/client.h"

struct mcp_maker {
    void *self;
    const char *where; /* a sentence for the assistant */
    enum orator_status (*start)(void *self, const struct video_request *, json_t **job,
                                struct orator_error *err);
    enum orator_status (*look)(void *self, const char *id, json_t **job, struct orator_error *err);
    enum orator_status (*list)(void *self, int limit, json_t **jobs, struct orator_error *err);
    enum orator_status (*cancel)(void *self, const char *id, json_t **job,
                                 struct orator_error *err);
    /* What it would cost and what is wrong; NULL: costs nothing. */
    enum orator_status (*estimate)(void *self, const struct video_request *, json_t **estimate,
                                   struct orator_error *err);
    /* Face and length of files of this machine; NULL: cannot. */
    enum orator_status (*inspect)(void *self, const char *image, const char *audio, json_t **facts,
                                  struct orator_error *err);
    void (*close)(void *self); /* stops what is under way */
};

ORATOR_MUST_CHECK enum orator_status mcp_local(struct mcp_maker *out, const struct settings *,
                                               struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status mcp_remote(struct mcp_maker *out, const struct client_place *,
                                                struct orator_error *err);
