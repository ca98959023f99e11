#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/http/exchange.h"

const char *http_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->exchange->connection, MHD_HEADER_KIND, name);
}

const char *http_query(const struct http_request *request, const char *name)
{
    const struct http_exchange *x = request->exchange;
    for (int i = 0; i < x->query_count; i++)
        if (strcmp(x->query_names[i], name) == 0)
            return x->query_values[i];
    return NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A copy with "%41" made "A"; NULL and *s if an escape is broken or means a control character. */
static char *percent_decode(const char *text, enum orator_status *s, struct orator_error *err)
{
    char *out = malloc(strlen(text) + 1), *to = out;
    if (!out) {
        *s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
        return NULL;
    }
    for (const char *p = text; *p; p++) {
        char c = *p;
        if (c == '%') {
            int high = hex_digit(p[1]), low = high < 0 ? -1 : hex_digit(p[2]);
            c = '\0'; /* refused below, like a "%00" */
            if (low >= 0) {
                c = (char)(high * 16 + low);
                p += 2;
            }
        }
        if ((unsigned char)c < 0x20 || c == 0x7F) {
            *s = orator_fail(err, ORATOR_INVALID_PARAMETER,
                             "the address holds a control character or a broken %% escape");
            free(out);
            return NULL;
        }
        *to++ = c;
    }
    *to = '\0';
    return out;
}

/* What the headers say, gathered in one pass. */
struct head_facts {
    size_t size_bytes;
    int hosts, lengths, encodings, authorizations, types;
    bool odd_name;
};

/* RFC 9110 5.6.2. "Transfer-Encoding\t" is one header to us and another to a lenient proxy. */
static bool is_token(const char *name)
{
    size_t n = strspn(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return n > 0 && name[n] == '\0';
}

static enum MHD_Result count_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                    size_t name_size, const char *value, size_t value_size)
{
    (void)kind, (void)value;
    struct head_facts *facts = ctx;
    facts->size_bytes += name_size + value_size + sizeof(": \r\n") - 1;
    facts->hosts += strcasecmp(name, "Host") == 0;
    facts->lengths += strcasecmp(name, "Content-Length") == 0;
    facts->encodings += strcasecmp(name, "Transfer-Encoding") == 0;
    facts->authorizations += strcasecmp(name, "Authorization") == 0;
    facts->types += strcasecmp(name, "Content-Type") == 0;
    facts->odd_name |= !is_token(name) || strlen(name) != name_size;
    return MHD_YES;
}

/* "name", "name:8080", "192.0.2.1:80", "[2001:db8::1]:80": nothing that could leave the authority of
 * a URL, since answers may be built on it. */
static bool host_ok(const char *host)
{
    size_t n = host[0] == '[' ? 1 + strspn(host + 1, "0123456789abcdefABCDEF:.")
                              : strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789.-_");
    if (host[0] == '[' && host[n++] != ']')
        return false;
    if (n == 0 || n > 255) /* RFC 1035 2.3.4 */
        return false;
    int64_t port;
    return host[n] == '\0' || (host[n] == ':' && text_to_i64(host + n + 1, 1, 65535, &port));
}

/* How much body follows must have one answer only: a proxy in front that reads it another way would
 * see one request where we see two. The library takes both headers, and two different lengths. */
static enum orator_status check_framing(struct http_exchange *x, const struct head_facts *facts)
{
    struct orator_error *err = &x->error;
    const char *length = http_header(&x->request, "Content-Length");
    const char *encoding = http_header(&x->request, "Transfer-Encoding");
    const char *expect = http_header(&x->request, "Expect");
    x->content_length = -1;
    x->chunked = encoding != NULL;
    x->expects_continue = expect != NULL;

    if (facts->odd_name)
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "a header's name holds a character that no name may hold");
    if (facts->lengths > 1 || (length && !text_to_i64(length, 0, INT64_MAX, &x->content_length)))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "Content-Length",
                                 "Content-Length must be sent once, as a plain number");
    if (facts->encodings > 1 || (encoding && strcasecmp(encoding, "chunked") != 0))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "Transfer-Encoding",
                                 "the only Transfer-Encoding taken here is chunked");
    if (length && encoding)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "Transfer-Encoding",
                                 "Content-Length and Transfer-Encoding exclude each other");
    return ORATOR_OK;
}

static enum MHD_Result keep_query(void *ctx, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)kind;
    struct http_exchange *x = ctx;
    if (x->query_count == HTTP_QUERY_MAX)
        return MHD_NO;
    enum orator_status s = ORATOR_OK;
    char *n = percent_decode(name, &s, NULL);
    char *v = n ? percent_decode(value ? value : "", &s, NULL) : NULL;
    if (!v) { /* what cannot be read counts as not sent */
        free(n);
        return MHD_YES;
    }
    x->query_names[x->query_count] = n;
    x->query_values[x->query_count] = v;
    x->query_count++;
    return MHD_YES;
}

enum orator_status exchange_read_head(struct http_exchange *x, const char *url, const char *method,
                                      const char *version)
{
    enum orator_status s = ORATOR_OK;
    struct orator_error *err = &x->error;
    struct head_facts facts = {.size_bytes =
                                   strlen(method) + strlen(url) + sizeof("  HTTP/1.1\r\n")};
    x->request.method = method;
    x->request.path = "";
    MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, count_header, &facts);

    TRY(check_framing(x, &facts));
    if (facts.size_bytes > HTTP_HEAD_LIMIT) {
        x->error_status = MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
        return orator_fail(err, ORATOR_REQUEST_TOO_LARGE,
                           "the head of the request is over the limit of %d bytes",
                           HTTP_HEAD_LIMIT);
    }
    const char *host = http_header(&x->request, "Host");
    bool needs_host = strcmp(version, MHD_HTTP_VERSION_1_0) != 0; /* RFC 9112 3.2 */
    if (facts.hosts > 1 || (host ? !host_ok(host) : needs_host))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "Host",
                                 "Host must be sent once, as a name with an optional port");
    if (facts.authorizations > 1 || facts.types > 1)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER,
                                 facts.types > 1 ? "Content-Type" : "Authorization",
                                 "this header must be sent once");

    x->path = percent_decode(url, &s, err);
    if (!x->path)
        return s;
    x->request.path = x->path;
    MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND, keep_query, x);

    if (x->content_length > (int64_t)x->server->setup.body_limit_bytes)
        return orator_fail(err, ORATOR_REQUEST_TOO_LARGE,
                           "the body is %lld bytes, the limit is %zu", (long long)x->content_length,
                           x->server->setup.body_limit_bytes);
done:
    return s;
}

void exchange_drop_body(struct http_exchange *x)
{
    atomic_fetch_sub(&x->server->body_bytes, x->body_room);
    free(x->body);
    x->body = NULL;
    x->body_room = x->body_size = 0;
}

static bool refuse(struct http_exchange *x, enum orator_status s)
{
    exchange_drop_body(x);
    x->error.status = s;
    x->state = EXCHANGE_REFUSED;
    return true;
}

/* Room for `size` bytes more; the status is what to refuse the body with. */
static enum orator_status grow(struct http_exchange *x, size_t size)
{
    const size_t limit = x->server->setup.body_limit_bytes;
    if (size > limit - x->body_size)
        return orator_fail(&x->error, ORATOR_REQUEST_TOO_LARGE,
                           "the body is over the limit of %zu bytes", limit);
    size_t need = x->body_size + size, room = x->body_room ? x->body_room : 4096;
    if (need <= x->body_room)
        return ORATOR_OK;
    /* The promised length is not taken at its word: memory follows what really came. */
    while (room < need)
        room *= 2;
    if (room > limit)
        room = limit;
    size_t held = atomic_fetch_add(&x->server->body_bytes, room - x->body_room);
    unsigned char *body = NULL;
    if (room <= HTTP_SMALL_BODY || held + room - x->body_room <= limit * HTTP_BODIES_AT_ONCE)
        body = realloc(x->body, room);
    if (!body) {
        atomic_fetch_sub(&x->server->body_bytes, room - x->body_room);
        return orator_fail(&x->error, ORATOR_NO_MEMORY,
                           "too many uploads are in memory at once; try again in a few seconds");
    }
    x->body = body;
    x->body_room = room;
    return ORATOR_OK;
}

bool exchange_read_body(struct http_exchange *x, const char *data, size_t size)
{
    watch_received(x->watched, size);
    if (x->state == EXCHANGE_READING) {
        enum orator_status s = grow(x, size);
        if (s != ORATOR_OK)
            return refuse(x, s);
        memcpy(x->body + x->body_size, data, size);
        x->body_size += size;
        return true;
    }
    /* The library takes an answer before a body or after it, not within: drop the rest, as long as
     * there is hope for an end. */
    x->dropped_bytes += size;
    return x->dropped_bytes <= x->server->setup.body_limit_bytes;
}

void exchange_free(struct http_exchange **exchange)
{
    struct http_exchange *x = *exchange;
    if (!x)
        return;
    exchange_drop_body(x);
    if (x->streams)
        atomic_fetch_sub(&x->server->streams, 1);
    answer_fini(&x->answer);
    free(x->piece);
    for (int i = 0; i < x->query_count; i++) {
        free(x->query_names[i]);
        free(x->query_values[i]);
    }
    free(x->request.admitted);
    free(x->path);
    free(x);
    *exchange = NULL;
}
