#include "server/fetch/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "server/fetch/address.h"
#include "server/fetch/data_url.h"

static const char host_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

/* Names that only mean something inside a network (RFC 6761, RFC 8375, and what routers hand out). */
static const char *const inner_names[] = {"localhost", "local",    "localdomain", "internal",
                                          "intranet",  "lan",      "home",        "corp",
                                          "private",   "home.arpa"};

static bool ends_in(const char *host, const char *suffix)
{
    size_t n = strlen(host), k = strlen(suffix);
    return n >= k && strcmp(host + n - k, suffix) == 0 && (n == k || host[n - k - 1] == '.');
}

static bool is_inner_name(const char *host)
{
    if (!strchr(host, '.'))
        return true; /* a bare name is looked up in the local domain */
    for (size_t i = 0; i < sizeof(inner_names) / sizeof(inner_names[0]); i++)
        if (ends_in(host, inner_names[i]))
            return true;
    return false;
}

/* Labels of 1 to 63 letters, neither first nor last a dot. */
static bool is_name(const char *host)
{
    size_t label = 0;
    if (strspn(host, host_letters) != strlen(host))
        return false;
    for (const char *p = host; *p; p++) {
        label = *p == '.' ? 0 : label + 1;
        if (label > 63 || (*p == '.' && (p == host || p[-1] == '.')))
            return false;
    }
    return label > 0;
}

/* What libc's resolver would take for an IPv4 address in one of its old notations (127.1, 0x7f000001,
 * 017700000001): the last label is a number. */
static bool ends_in_number(const char *host)
{
    const char *dot = strrchr(host, '.'), *last = dot ? dot + 1 : host;
    if (last[0] == '0' && last[1] == 'x')
        return true;
    return strspn(last, "0123456789") == strlen(last);
}

/* "host:port" as the operator wrote it, in a list with commas; letter case does not matter. */
static bool on_list(const char *list, const char *host, int port)
{
    char entry[URL_HOST_SIZE + 16];
    size_t n =
        (size_t)snprintf(entry, sizeof(entry), strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, port);
    for (const char *p = list; p && *p;) {
        p += strspn(p, ", ");
        size_t length = strcspn(p, ", ");
        if (length == n && strncasecmp(p, entry, n) == 0)
            return true;
        p += length;
    }
    return false;
}

/* authority = host [":" port], from `p` to `end`. False: malformed. */
static bool split_authority(const char *p, const char *end, struct url *u)
{
    bool literal = p < end && *p == '[';
    const char *host = literal ? p + 1 : p;
    const char *host_end = memchr(host, literal ? ']' : ':', (size_t)(end - host));
    if (literal && !host_end)
        return false;
    if (!host_end)
        host_end = end;
    size_t n = (size_t)(host_end - host);
    if (n == 0 || n > 253)
        return false;
    for (size_t i = 0; i < n; i++)
        u->host[i] = (char)(host[i] >= 'A' && host[i] <= 'Z' ? host[i] - 'A' + 'a' : host[i]);
    u->host[n] = '\0';

    struct in6_addr v6;
    if (literal ? inet_pton(AF_INET6, u->host, &v6) != 1 : !is_name(u->host))
        return false;
    p = host_end + literal;
    if (p == end)
        return true;
    char digits[6] = "";
    int64_t port;
    if (*p != ':' || end - p < 2 || end - p > 6 || p[1] == '0')
        return false;
    memcpy(digits, p + 1, (size_t)(end - p - 1));
    if (!text_to_i64(digits, 1, 65535, &port))
        return false;
    u->port = (int)port;
    return true;
}

/* libcurl must read the same host and port out of the text as we did. */
static bool curl_agrees(const char *text, const struct url *u)
{
    bool agrees = false;
    char *host = NULL, *port = NULL, bracketed[URL_HOST_SIZE + 2];
    struct in6_addr ours, theirs;
    CURLU *h = curl_url();
    if (!h || curl_url_set(h, CURLUPART_URL, text, CURLU_DISALLOW_USER) != CURLUE_OK ||
        curl_url_get(h, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(h, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
        goto done;
    int64_t number;
    if (!text_to_i64(port, 1, 65535, &number) || number != u->port)
        goto done;
    if (host[0] == '[') { /* curl writes IPv6 in its own way: compare what it means */
        snprintf(bracketed, sizeof(bracketed), "%.*s", (int)strcspn(host + 1, "]"), host + 1);
        agrees = inet_pton(AF_INET6, bracketed, &theirs) == 1 &&
                 inet_pton(AF_INET6, u->host, &ours) == 1 &&
                 memcmp(&ours, &theirs, sizeof(ours)) == 0;
    } else {
        agrees = strcasecmp(host, u->host) == 0;
    }
done:
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(h);
    return agrees;
}

enum orator_status url_parse(struct url *out, const char *text, const struct fetch_policy *policy,
                             const char *param, struct orator_error *err)
{
    struct url u = {0};
    *out = u;
    if (strlen(text) > URL_MAX)
        return orator_fail_param(err, ORATOR_INVALID_URL, param,
                                 "the URL has %zu bytes, at most %d are allowed", strlen(text),
                                 URL_MAX);
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7F || *p == '\\')
            return orator_fail_param(err, ORATOR_INVALID_URL, param,
                                     "the URL holds a space, a backslash or a control character");
    u.https = strncasecmp(text, "https://", 8) == 0;
    if (!u.https && strncasecmp(text, "http://", 7) != 0)
        return orator_fail_param(err, ORATOR_INVALID_URL, param,
                                 "the URL does not begin with http://, https:// or data:");
    u.port = u.https ? 443 : 80;

    const char *authority = text + (u.https ? 8 : 7);
    const char *end = authority + strcspn(authority, "/?#");
    if (memchr(authority, '@', (size_t)(end - authority)))
        return orator_fail_param(err, ORATOR_INVALID_URL, param,
                                 "the URL holds a user name or password");
    if (!split_authority(authority, end, &u))
        return orator_fail_param(err, ORATOR_INVALID_URL, param,
                                 "the URL has no well-formed host and port");
    struct in_addr v4;
    bool literal = strchr(u.host, ':') || inet_pton(AF_INET, u.host, &v4) == 1;
    if (!literal && ends_in_number(u.host))
        return orator_fail_param(err, ORATOR_INVALID_URL, param,
                                 "an address is written as four decimal numbers");
    if (!curl_agrees(text, &u))
        return orator_fail_param(err, ORATOR_INVALID_URL, param, "the URL can be read in two ways");

    u.allowed = on_list(policy->allow_hosts, u.host, u.port);
    *out = u;
    if (u.allowed)
        return ORATOR_OK;
    if (literal ? !address_text_is_public(u.host) : is_inner_name(u.host))
        return orator_fail_param(err, ORATOR_URL_FORBIDDEN, param,
                                 "the URL leads to an address that is not public");
    /* the lower ports belong to mail, shells and file servers, which must not be talked to in HTTP */
    if (u.port < 1024 && u.port != 80 && u.port != 443)
        return orator_fail_param(err, ORATOR_URL_FORBIDDEN, param,
                                 "port %d is not one of a web server", u.port);
    return ORATOR_OK;
}

enum orator_status url_check(const char *url, const struct fetch_policy *policy, const char *param,
                             struct orator_error *err)
{
    struct url parsed;
    size_t size;
    return url_is_data(url) ? data_url_check(url, &size, param, err)
                            : url_parse(&parsed, url, policy, param, err);
}
