/* mcp_remote.c - videos that a server makes; the file is fetched when it is asked for and done. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/mcp_maker.h"
#include "app/remote.h"

struct remote {
    struct client *client;
    json_t *outputs; /* id -> path where the video is wanted */
};

/* Fetches the video of a job that is done, where it is wanted. */
static enum orator_status fetch(struct remote *r, json_t *job, struct orator_error *err)
{
    const char *id = json_string_value(json_object_get(job, "id"));
    const char *status = json_string_value(json_object_get(job, "status"));
    const char *path = id ? json_string_value(json_object_get(r->outputs, id)) : NULL;
    if (!path || !status || strcmp(status, "completed") != 0)
        return ORATOR_OK;
    if (access(path, F_OK) != 0) {
        enum orator_status s = client_download(r->client, id, "video", path, err);
        if (s != ORATOR_OK)
            return s;
    }
    json_object_set_new(job, "output", json_string(path));
    return ORATOR_OK;
}

static enum orator_status start(void *self, const struct video_request *request, json_t **job,
                                struct orator_error *err)
{
    struct remote *r = self;
    enum orator_status s;
    struct remote_parts parts;
    TRY(remote_parts_from(&parts, r->client, request, err));
    TRY(client_submit(r->client, parts.list, parts.count, job, err));
    if (request->out)
        json_object_set_new(r->outputs, json_string_value(json_object_get(*job, "id")),
                            json_string(request->out));
done:
    return s;
}

static enum orator_status estimate(void *self, const struct video_request *request, json_t **out,
                                   struct orator_error *err)
{
    struct remote *r = self;
    struct remote_parts parts;
    enum orator_status s = remote_parts_from(&parts, r->client, request, err);
    return s == ORATOR_OK ? client_estimate(r->client, parts.list, parts.count, out, err) : s;
}

static enum orator_status look(void *self, const char *id, json_t **job, struct orator_error *err)
{
    struct remote *r = self;
    enum orator_status s;
    TRY(client_job(r->client, id, 0, job, err));
    s = fetch(r, *job, err);
    if (s != ORATOR_OK) {
        json_decref(*job);
        *job = NULL;
    }
done:
    return s;
}

static enum orator_status list(void *self, int limit, json_t **jobs, struct orator_error *err)
{
    struct remote *r = self;
    enum orator_status s;
    json_t *page = NULL;
    TRY(client_list(r->client, limit, NULL, NULL, &page, err));
    *jobs = json_incref(json_object_get(page, "data"));
done:
    json_decref(page);
    return s;
}

static enum orator_status cancel(void *self, const char *id, json_t **job, struct orator_error *err)
{
    struct remote *r = self;
    return client_cancel(r->client, id, job, err);
}

static void close_remote(void *self)
{
    struct remote *r = self;
    client_close(&r->client);
    json_decref(r->outputs);
    free(r);
}

enum orator_status mcp_remote(struct mcp_maker *out, const struct client_place *place,
                              struct orator_error *err)
{
    struct remote *r = calloc(1, sizeof(*r));
    if (!r || !(r->outputs = json_object())) {
        free(r);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the maker");
    }
    enum orator_status s = client_open(&r->client, place, app_stopped, err);
    if (s != ORATOR_OK) {
        close_remote(r);
        return s;
    }
    *out =
        (struct mcp_maker){.self = r,
                           .where = "Videos are made by a server and cost what its prices say; "
                                    "portraits and voices are files, by absolute paths, or URLs.",
                           .start = start,
                           .look = look,
                           .list = list,
                           .cancel = cancel,
                           .estimate = estimate,
                           .close = close_remote};
    return ORATOR_OK;
}
