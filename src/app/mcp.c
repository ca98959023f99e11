/* mcp.c - `orator mcp`: the Model Context Protocol over standard input and output, so that an assistant
 * can make videos. One JSON-RPC message a line; one thread reads, answers, and looks after the calls
 * that wait for a video.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/mcp_tools.h"
#include "app/remote.h"
#include "base/clock.h"

enum {
    LINE_MAX_BYTES = 1 << 20,
    WAITING_MAX = 32,
    TICK_MS = 250, /* how often waiting calls are looked at */
    PARSE_ERROR = -32700,
    INVALID_REQUEST = -32600,
    METHOD_NOT_FOUND = -32601,
    INVALID_PARAMS = -32602,
};

/* A call that is answered when its job is over or its time is. */
struct waiting {
    json_t *id, *token; /* of the call; of its progress, NULL: not asked for */
    char job[64];
    int64_t until_ms, told;
};

struct session {
    struct mcp_maker maker;
    struct waiting waiting[WAITING_MAX];
    int waiting_count;
    char *line; /* what was read of the next message */
    size_t line_size;
    bool skipping; /* the rest of a line that was too long */
};

static void send_message(json_t *message)
{
    json_object_set_new(message, "jsonrpc", json_string("2.0"));
    char *text = json_dumps(message, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(message);
    if (text)
        puts(text);
    fflush(stdout);
    free(text);
}

static void answer(const json_t *id, json_t *result)
{
    send_message(json_pack("{s:O, s:o}", "id", id, "result", result));
}

static void answer_error(const json_t *id, int code, const char *message)
{
    send_message(json_pack("{s:o, s:{s:i, s:s}}", "id", id ? json_deep_copy(id) : json_null(),
                           "error", "code", code, "message", message));
}

/* A tool's object as the protocol wants it: text for those who read, the object for those who can, and the
 * file as a link. */
static json_t *tool_result(json_t *job)
{
    char *text = json_dumps(job, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    json_t *content = json_pack("[{s:s, s:s}]", "type", "text", "text", text ? text : "");
    const char *status = json_string_value(json_object_get(job, "status"));
    const char *output = json_string_value(json_object_get(job, "output"));
    const char *url = json_string_value(json_object_get(job, "video_url"));
    bool failed = status && strcmp(status, "failed") == 0;
    if (status && strcmp(status, "completed") == 0 && (output || url)) {
        bool file = output && *output == '/';
        if (file || url)
            json_array_append_new(
                content, json_pack("{s:s, s:o, s:s, s:s}", "type", "resource_link", "uri",
                                   file ? json_sprintf("file://%s", output) : json_string(url),
                                   "name", "video", "mimeType", "video/mp4"));
    }
    free(text);
    return json_pack("{s:o, s:o, s:b}", "content", content, "structuredContent", job, "isError",
                     failed);
}

static json_t *tool_failure(const struct orator_error *err)
{
    return json_pack("{s:[{s:s, s:o}], s:b}", "content", "type", "text", "text",
                     json_sprintf("%s: %s", orator_status_word(err->status), err->text), "isError",
                     1);
}

static void initialize(const struct session *session, const json_t *id, const json_t *params)
{
    static const char *const versions[] = {"2025-06-18", "2025-11-25", "2025-03-26", "2024-11-05"};
    const char *asked = json_string_value(json_object_get(params, "protocolVersion"));
    const char *version = versions[0];
    for (size_t i = 0; asked && i < sizeof(versions) / sizeof(versions[0]); i++)
        if (strcmp(asked, versions[i]) == 0)
            version = versions[i];
    answer(id, json_pack("{s:s, s:{s:{s:b}}, s:{s:s, s:s, s:s}, s:s}", "protocolVersion", version,
                         "capabilities", "tools", "listChanged", 0, "serverInfo", "name", "orator",
                         "title", "Orator", "version", ORATOR_VERSION, "instructions",
                         session->maker.where));
}

static void wait_for(struct session *session, const json_t *id, const json_t *params,
                     const json_t *job, int wait_s)
{
    struct waiting *w = &session->waiting[session->waiting_count++];
    const char *name = json_string_value(json_object_get(job, "id"));
    *w = (struct waiting){
        .id = json_deep_copy(id),
        .token = json_deep_copy(json_object_get(json_object_get(params, "_meta"), "progressToken")),
        .until_ms = clock_steady_ms() + (int64_t)wait_s * 1000,
        .told = -1};
    snprintf(w->job, sizeof(w->job), "%s", name ? name : "");
}

static void call_tool(struct session *session, const json_t *id, const json_t *params)
{
    struct orator_error err;
    json_t *job;
    int wait_s;
    const char *name = json_string_value(json_object_get(params, "name"));
    const json_t *arguments = json_object_get(params, "arguments");
    if (!name || !mcp_tools_has(&session->maker, name)) {
        answer_error(id, INVALID_PARAMS, name ? "there is no such tool" : "name is missing");
        return;
    }
    if (arguments && !json_is_object(arguments)) {
        answer_error(id, INVALID_PARAMS, "arguments must be an object");
        return;
    }
    if (mcp_tools_call(&session->maker, name, arguments, &job, &wait_s, &err) != ORATOR_OK) {
        answer(id, tool_failure(&err));
        return;
    }
    if (wait_s > 0 && !remote_is_over(job) && session->waiting_count < WAITING_MAX) {
        wait_for(session, id, params, job, wait_s);
        json_decref(job);
        return;
    }
    answer(id, tool_result(job));
}

static void forget(struct session *session, int i)
{
    json_decref(session->waiting[i].id);
    json_decref(session->waiting[i].token);
    session->waiting[i] = session->waiting[--session->waiting_count];
}

/* notifications/cancelled: the call is not answered any more, and its video not made. */
static void canceled(struct session *session, const json_t *params)
{
    const json_t *id = json_object_get(params, "requestId");
    for (int i = 0; i < session->waiting_count; i++) {
        if (!json_equal(session->waiting[i].id, id))
            continue;
        json_t *job = NULL;
        if (session->maker.cancel(session->maker.self, session->waiting[i].job, &job, NULL) ==
            ORATOR_OK)
            json_decref(job);
        forget(session, i);
        return;
    }
}

static void handle(struct session *session, const json_t *message)
{
    const char *method = json_string_value(json_object_get(message, "method"));
    const json_t *id = json_object_get(message, "id"), *params = json_object_get(message, "params");
    if (!json_is_object(message) || (id && !json_is_string(id) && !json_is_integer(id))) {
        answer_error(NULL, INVALID_REQUEST, "a message is an object, its id a text or a number");
        return;
    }
    if (!method) {
        if (!json_object_get(message, "result") && !json_object_get(message, "error"))
            answer_error(id, INVALID_REQUEST, "method is missing");
        return;
    }
    if (!id) { /* a notification is never answered */
        if (strcmp(method, "notifications/cancelled") == 0)
            canceled(session, params);
        return;
    }
    if (strcmp(method, "initialize") == 0)
        initialize(session, id, params);
    else if (strcmp(method, "ping") == 0)
        answer(id, json_object());
    else if (strcmp(method, "tools/list") == 0)
        answer(id, mcp_tools_list(&session->maker));
    else if (strcmp(method, "tools/call") == 0)
        call_tool(session, id, params);
    else
        answer_error(id, METHOD_NOT_FOUND, "there is no such method");
}

static void tell_progress(struct waiting *w, const json_t *job)
{
    int64_t progress = json_integer_value(json_object_get(job, "progress"));
    const char *stage = json_string_value(json_object_get(job, "stage"));
    if (!w->token || progress <= w->told)
        return;
    w->told = progress;
    send_message(json_pack("{s:s, s:{s:O, s:I, s:i, s:s}}", "method", "notifications/progress",
                           "params", "progressToken", w->token, "progress", (json_int_t)progress,
                           "total", 100, "message", stage && *stage ? stage : "waiting"));
}

static void look_after_waiting(struct session *session)
{
    for (int i = session->waiting_count - 1; i >= 0; i--) {
        struct waiting *w = &session->waiting[i];
        struct orator_error err;
        json_t *job = NULL;
        enum orator_status s = session->maker.look(session->maker.self, w->job, &job, &err);
        bool late = clock_steady_ms() >= w->until_ms;
        if (s != ORATOR_OK && (late || !orator_status_retryable(s))) {
            answer(w->id, tool_failure(&err));
            forget(session, i);
        } else if (s == ORATOR_OK && (late || remote_is_over(job))) {
            answer(w->id, tool_result(json_incref(job)));
            forget(session, i);
        } else if (s == ORATOR_OK) {
            tell_progress(w, job);
        }
        json_decref(job);
    }
}

static void take_line(struct session *session, const char *line, size_t n)
{
    if (n == 0)
        return;
    json_t *message = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
    if (message)
        handle(session, message);
    else
        answer_error(NULL, PARSE_ERROR, "a line must be one JSON value");
    json_decref(message);
}

/* The lines that are whole of what was read; the rest is kept. */
static void take_bytes(struct session *session, const char *bytes, size_t n)
{
    while (n > 0) {
        const char *newline = memchr(bytes, '\n', n);
        size_t part = newline ? (size_t)(newline - bytes) : n;
        if (session->line_size + part > LINE_MAX_BYTES)
            session->skipping = true;
        if (!session->skipping) {
            memcpy(session->line + session->line_size, bytes, part);
            session->line_size += part;
        }
        if (newline) {
            if (session->skipping)
                answer_error(NULL, INVALID_REQUEST, "the message is longer than 1 MiB");
            else
                take_line(session, session->line, session->line_size);
            session->line_size = 0;
            session->skipping = false;
        }
        part += newline != NULL;
        bytes += part;
        n -= part;
    }
}

/* Until the client closes its end. */
static void serve(struct session *session)
{
    static char bytes[65536];
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!app_stopped()) {
        int ready = poll(&in, 1, session->waiting_count ? TICK_MS : -1);
        if (ready < 0 && errno != EINTR)
            return;
        if (ready > 0) {
            ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
            if (n <= 0)
                return;
            take_bytes(session, bytes, (size_t)n);
        }
        look_after_waiting(session);
    }
}

struct values {
    const char *url, *key_file;
};

static const struct option options[] = {
    {"url", "URL", "the server that makes the videos; ORATOR_URL; without it, this machine does",
     offsetof(struct values, url), 0},
    {"key-file", "FILE", "a file whose first line is the server's API key; ORATOR_API_KEY",
     offsetof(struct values, key_file), 0},
    {0},
};

static int run(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct values v = {0};
    static struct session session;

    TRY(app_read(self, &settings, &v, &argc, argv, &err));
    signal(SIGPIPE, SIG_IGN);
    app_stop_on_signals();
    session.line = malloc(LINE_MAX_BYTES);
    if (!session.line) {
        s = orator_fail(&err, ORATOR_NO_MEMORY, "no memory for messages");
        goto done;
    }
    if (v.url || getenv("ORATOR_URL")) {
        struct client_place place;
        TRY(client_place_find(&place, v.url, v.key_file, &err));
        TRY(mcp_remote(&session.maker, &place, &err));
    } else {
        TRY(mcp_local(&session.maker, &settings, &err));
    }
    serve(&session);
    while (session.waiting_count)
        forget(&session, 0);
    session.maker.close(session.maker.self);
done:
    free(session.line);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

const struct command mcp_command = {
    .name = "mcp",
    .sentence =
        "let an assistant make videos: the Model Context Protocol on standard input and output",
    .options = options,
    .settings = "models max_audio_seconds",
    .notes = "Tools: make_video, video_status, list_videos, cancel_video; with a server "
             "estimate_video, without one inspect_files. "
             "Portraits, voices and videos are files of this machine.",
    .also = "{\"mcpServers\": {\"orator\": {\"command\": \"orator\", \"args\": [\"mcp\"]}}}",
    .run = run,
};
