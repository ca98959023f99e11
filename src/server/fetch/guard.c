#include "server/fetch/guard.h"

#include <sys/socket.h>
#include <unistd.h>

#include "server/fetch/address.h"

enum { CONNECT_TIMEOUT_MS = 10000 };

/* The address that was checked is the address of the socket that is made: no second look-up between. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct guard *g = ctx;
    if (purpose != CURLSOCKTYPE_IPCXN || (!g->url.allowed && !address_is_public(&a->addr))) {
        g->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* And again when the connection stands, before a byte of the request is sent. */
// NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's
static int before_request(void *ctx, char *peer, char *own, int peer_port, int own_port)
{
    struct guard *g = ctx;
    (void)own, (void)own_port;
    if (peer_port == g->url.port && (g->url.allowed || address_text_is_public(peer)))
        return CURL_PREREQFUNC_OK;
    g->forbidden = true;
    return CURL_PREREQFUNC_ABORT;
}

void guard_set_up(CURL *h, struct guard *g, const struct fetch_policy *policy)
{
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L); /* each hop goes through url_parse() */
    curl_easy_setopt(h, CURLOPT_PROXY, ""); /* an http_proxy variable would bypass the check */
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L); /* a kept connection was checked for another */
    curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(h, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "orator/" ORATOR_VERSION);
    curl_easy_setopt(
        h, CURLOPT_CONNECTTIMEOUT_MS,
        (long)(policy->connect_timeout_ms > 0 ? policy->connect_timeout_ms : CONNECT_TIMEOUT_MS));
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, g);
    curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(h, CURLOPT_PREREQDATA, g);
}

const char *guard_explain(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OPERATION_TIMEDOUT:
        return "took too long";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "has a host name that is unknown";
    case CURLE_COULDNT_CONNECT:
        return "does not take connections";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
        return "has a TLS certificate that is not good";
    default:
        return "broke off the transfer";
    }
}
