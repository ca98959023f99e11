#include "server/api/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/api/job_json.h"

enum { BEAT_MS = 15000 }; /* between comments, so that proxies and lost clients are noticed */

/* "wait", "wait=30" among other preferences (RFC 7240); -1: not there, -2: not a number. */
static int64_t preferred_wait_s(const char *prefer)
{
    for (const char *p = prefer; p && *p;) {
        p += strspn(p, ", \t");
        size_t n = strcspn(p, ",;");
        if (n >= 4 && strncasecmp(p, "wait", 4) == 0 && (n == 4 || p[4] == '=' || p[4] == ' ')) {
            char digits[16] = "";
            int64_t s = WAIT_USUAL_S;
            if (p[4] != '=')
                return s;
            snprintf(digits, sizeof(digits), "%.*s", (int)(n - 5 < 15 ? n - 5 : 15), p + 5);
            return text_to_i64(digits, 0, 1000000, &s) ? s : -2;
        }
        p += strcspn(p, ",");
    }
    return -1;
}

enum orator_status call_wait_ms(const struct call *call, int64_t *out, struct orator_error *err)
{
    const char *wait = http_query(call->request, "wait");
    int64_t s = 0;
    *out = 0;
    if (wait && !text_to_i64(wait, 0, WAIT_MAX_S, &s))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "wait",
                                 "wait must be a number of seconds from 0 to %d", WAIT_MAX_S);
    if (!wait) {
        /* a preference that cannot be met is no error: as much of it as there is */
        s = preferred_wait_s(http_header(call->request, "Prefer"));
        s = s < 0 ? 0 : s > WAIT_MAX_S ? WAIT_MAX_S : s;
    }
    *out = s * 1000;
    return ORATOR_OK;
}

bool call_waits(struct call *call, const struct task *t, int64_t wait_ms)
{
    int64_t left_ms = wait_ms - http_elapsed_ms(call->request);
    if (t->state >= TASK_COMPLETED || left_ms <= 0 || http_is_stopping(call->request))
        return false;
    call->answer->again_ms = left_ms < WAIT_LOOK_MS ? left_ms : WAIT_LOOK_MS;
    return true;
}

/* Who listens to one task. An event's id is when the store last wrote the task: a client that comes back
 * with it hears what has changed since. */
struct listener {
    const struct api_setup *api;
    char task_id[TASK_ID_SIZE], key_id[32];
    int64_t told_ms;       /* updated_ms of the last event; -1: none yet */
    enum task_state state; /* of the last event */
    int64_t beat_ms;       /* steady; when something was last sent */
    bool greeted, over;
};

static char *event_text(const struct listener *l, const struct http_request *request,
                        const struct task *t, size_t *size)
{
    static const char *const names[TASK_STATE_COUNT] = {"video.queued", "video.processing",
                                                        "video.completed", "video.failed"};
    struct call call = {.api = l->api, .request = request};
    size_t json_size;
    char *json = job_text(&call, t, &json_size);
    char *out = NULL;
    int n = json ? asprintf(&out, "%sid: %lld\nevent: %s\ndata: %s\n\n",
                            l->greeted ? "" : "retry: 2000\n\n", (long long)t->updated_ms,
                            names[t->state], json)
                 : -1;
    free(json);
    *size = n > 0 ? (size_t)n : 0;
    return n > 0 ? out : NULL;
}

static enum http_next listen_on(void *ctx, const struct http_request *request, char **piece,
                                size_t *size)
{
    struct listener *l = ctx;
    struct task t = {0};
    int64_t now_ms = clock_steady_ms();
    if (l->over)
        return HTTP_STREAM_END;
    enum orator_status s = queue_get(l->api->store, l->task_id, l->key_id, &t, NULL);
    if (s == ORATOR_TASK_NOT_FOUND) { /* deleted while it was watched */
        *piece = strdup("event: video.deleted\ndata: {}\n\n");
        *size = *piece ? strlen(*piece) : 0;
        l->over = true;
        return HTTP_STREAM_MORE;
    }
    /* a store that is away for a moment is no end */
    if (s == ORATOR_OK && (t.updated_ms != l->told_ms || t.state != l->state)) {
        *piece = event_text(l, request, &t, size);
        l->told_ms = t.updated_ms;
        l->state = t.state;
        l->over = t.state >= TASK_COMPLETED;
    } else if (now_ms - l->beat_ms >= BEAT_MS || !l->greeted) {
        *piece = strdup(l->greeted ? ":\n\n" : "retry: 2000\n\n");
        *size = *piece ? strlen(*piece) : 0;
    }
    task_fini(&t);
    if (*piece) {
        l->beat_ms = now_ms;
        l->greeted = true;
    }
    return l->over ? HTTP_STREAM_MORE : HTTP_STREAM_LATER;
}

enum orator_status generations_events(struct call *call, struct orator_error *err)
{
    struct task t = {0};
    enum orator_status s;
    struct listener *l = NULL;
    const char *last = http_header(call->request, "Last-Event-ID");
    int64_t told_ms = -1;
    TRY(queue_get(call->api->store, call->name, call->request->caller, &t, err));
    if (last && *last && !text_to_i64(last, 0, INT64_MAX, &told_ms)) {
        s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "Last-Event-ID",
                              "Last-Event-ID must be the id of an event of this stream");
        goto done;
    }
    if (t.state >= TASK_COMPLETED && told_ms == t.updated_ms) {
        call->answer->status = 204; /* nothing more will come: tells browsers to stop asking */
        goto done;
    }
    l = calloc(1, sizeof(*l));
    if (!l) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a listener");
        goto done;
    }
    l->api = call->api;
    l->told_ms = told_ms;
    l->state = told_ms == t.updated_ms ? t.state : TASK_STATE_COUNT;
    snprintf(l->task_id, sizeof(l->task_id), "%s", t.id);
    snprintf(l->key_id, sizeof(l->key_id), "%s", call->request->caller);
    call->answer->content_type = "text/event-stream";
    call->answer->stream =
        (struct http_stream){.next = listen_on, .free = free, .ctx = l, .wait_ms = EVENTS_LOOK_MS};
    http_answer_header(call->answer, "X-Accel-Buffering", "no"); /* nginx would hold events back */
done:
    task_fini(&t);
    return s;
}
