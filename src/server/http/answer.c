#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/http/exchange.h"

void http_answer_header(struct http_answer *answer, const char *name, const char *value)
{
    int i = 0;
    while (i < HTTP_ANSWER_HEADERS && answer->header_names[i])
        i++;
    assert(i < HTTP_ANSWER_HEADERS);
    char *copy = i < HTTP_ANSWER_HEADERS ? strdup(value) : NULL;
    if (!copy)
        return;
    answer->header_names[i] = name;
    answer->header_values[i] = copy;
}

bool answer_has_header(const struct http_answer *answer, const char *name)
{
    for (int i = 0; i < HTTP_ANSWER_HEADERS && answer->header_names[i]; i++)
        if (strcasecmp(answer->header_names[i], name) == 0)
            return true;
    return false;
}

void answer_fini(struct http_answer *answer)
{
    free(answer->body);
    free(answer->file_path);
    if (answer->stream.free)
        answer->stream.free(answer->stream.ctx);
    if (answer->free_memory)
        answer->free_memory(answer->memory);
    for (int i = 0; i < HTTP_ANSWER_HEADERS; i++)
        free(answer->header_values[i]);
    *answer = (struct http_answer){0};
}

const char http_doc_path[] = "/docs/errors#";

const char *http_error_type(enum orator_status s)
{
    int http = orator_status_http(s);
    if (http == 401)
        return "authentication_error";
    if (http == 403)
        return "permission_error";
    if (http == 429)
        return "rate_limit_error";
    return http >= 500 ? "server_error" : "invalid_request_error";
}

/* OpenAI's envelope, or the problem document of RFC 9457 for who asks for it. */
static void write_error(struct http_exchange *x, enum orator_status s)
{
    const struct orator_error *e = &x->error;
    const char *word = orator_status_word(s);
    const char *text = e->text[0] ? e->text : orator_status_text(s);
    const char *accept = http_header(&x->request, "Accept");
    bool problem = accept && strstr(accept, "application/problem+json");

    if (x->answer.error_form) {
        char *own = x->answer.error_form(&x->request, s, e);
        if (own) {
            free(x->answer.body);
            free(x->answer.file_path);
            x->answer.file_path = NULL;
            x->answer.body = own;
            x->answer.body_size = strlen(own);
            x->answer.content_type = "application/json";
            return;
        }
    }

    char body[2048]; /* text and param fit six times over, as \u00xx; the rest is short */
    struct text t = text_over(body, sizeof(body));
    if (problem) {
        text_addf(&t, "{\"type\":\"%s%s\",\"title\":", http_doc_path, word);
        text_add_json(&t, orator_status_text(s));
        text_addf(&t, ",\"status\":%d,\"detail\":", x->status);
        text_add_json(&t, text);
        text_addf(&t, ",\"code\":\"%s\"", word);
    } else {
        text_add(&t, "{\"error\":{\"message\":");
        text_add_json(&t, text);
        text_addf(&t, ",\"type\":\"%s\",\"code\":\"%s\",\"doc_url\":\"%s%s\"", http_error_type(s),
                  word, http_doc_path, word);
    }
    text_add(&t, ",\"param\":");
    if (e->param[0])
        text_add_json(&t, e->param);
    else
        text_add(&t, "null");
    text_addf(&t, ",\"request_id\":\"%s\"%s", x->request.id, problem ? "}" : "}}");

    struct http_answer *a = &x->answer;
    free(a->body);
    free(a->file_path);
    a->file_path = NULL;
    a->body = strdup(body);
    a->body_size = a->body ? t.length : 0;
    a->content_type = problem ? "application/problem+json" : "application/json";
}

static void add(struct MHD_Response *r, const struct http_answer *a, const char *name,
                const char *value)
{
    if (!answer_has_header(a, name))
        MHD_add_response_header(r, name, value);
}

/* What every answer carries unless the handler has said otherwise. */
static void add_standing_headers(struct http_exchange *x, struct MHD_Response *r,
                                 enum orator_status s)
{
    const struct http_answer *a = &x->answer;
    MHD_add_response_header(r, "x-request-id", x->request.id);
    add(r, a, "X-Content-Type-Options", "nosniff");
    add(r, a, "Referrer-Policy", "no-referrer");
    if (!a->file_path && a->stream.size_bytes == 0) {
        /* JSON that someone opens in a browser: nothing in it may run or be framed */
        add(r, a, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        add(r, a, "Cache-Control", "no-store");
    }
    if (s == ORATOR_OK)
        return;
    if (!orator_status_retryable(s))
        add(r, a, "x-should-retry", "false");
    if (x->status == MHD_HTTP_TOO_MANY_REQUESTS)
        add(r, a, "Retry-After", "1");
    if (x->status == MHD_HTTP_SERVICE_UNAVAILABLE)
        add(r, a, "Retry-After",
            "5"); /* a restart, or one task of a full queue, takes about this */
}

static struct MHD_Response *bytes_response(struct http_answer *a)
{
    static char empty[] = "";
    if (!a->body_size)
        return MHD_create_response_from_buffer(0, empty, MHD_RESPMEM_PERSISTENT);
    struct MHD_Response *r =
        MHD_create_response_from_buffer(a->body_size, a->body, MHD_RESPMEM_MUST_FREE);
    if (r)
        a->body = NULL;
    return r;
}

enum MHD_Result exchange_answer(struct http_exchange *x, enum orator_status s, bool closing)
{
    struct http_answer *a = &x->answer;
    struct MHD_Response *r = NULL;
    x->state = EXCHANGE_ANSWERED;
    watch_set_phase(x->watched, WATCH_ANSWER);

    if (s == ORATOR_OK && a->stream.next && !stream_admit(x))
        s = orator_fail(&x->error, ORATOR_QUEUE_FULL,
                        "%d listeners are connected, no more fit; poll instead", HTTP_STREAMS_MAX);
    if (s == ORATOR_OK && a->file_path)
        r = file_response(x, &x->status, &s);
    else if (s == ORATOR_OK)
        x->status = a->status ? a->status : MHD_HTTP_OK;
    if (s != ORATOR_OK) {
        x->status = x->error_status ? x->error_status : orator_status_http(s);
        write_error(x, s);
    }
    if (s == ORATOR_OK && a->stream.next) {
        r = stream_response(x);
        if (r)
            MHD_add_response_header(r, "Content-Type", a->content_type);
    }
    if (!r) {
        bool any = a->body_size > 0;
        r = bytes_response(a);
        if (r && any)
            MHD_add_response_header(r, "Content-Type",
                                    a->content_type ? a->content_type : "application/json");
    }
    if (!r)
        return MHD_NO;

    for (int i = 0; i < HTTP_ANSWER_HEADERS && a->header_names[i]; i++)
        MHD_add_response_header(r, a->header_names[i], a->header_values[i]);
    add_standing_headers(x, r, s);
    if (closing || x->server->stopping)
        MHD_add_response_header(r, "Connection", "close");
    enum MHD_Result queued = MHD_queue_response(x->connection, (unsigned)x->status, r);
    MHD_destroy_response(r);
    return queued;
}
