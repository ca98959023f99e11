#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "server/api/door.h"
#include "server/api/known_keys.h"
#include "server/api/rates.h"

/* One request more of this key; the headers are those of draft-ietf-httpapi-ratelimit-headers. */
static enum orator_status check_rate(const struct api_setup *api, const struct api_key *key,
                                     struct http_answer *answer, struct orator_error *err)
{
    char text[80];
    struct rate rate;
    int per_minute = key->rate_per_minute > 0 ? key->rate_per_minute : api->rate_per_minute;
    if (!api->rates || per_minute <= 0)
        return ORATOR_OK;
    bool taken = rates_take(api->rates, key->id, per_minute, clock_steady_ms(), &rate);
    snprintf(text, sizeof(text), "\"key\";q=%d;w=60", per_minute);
    http_answer_header(answer, "RateLimit-Policy", text);
    snprintf(text, sizeof(text), "\"key\";r=%d;t=%lld", rate.left, (long long)rate.full_s);
    http_answer_header(answer, "RateLimit", text);
    if (taken)
        return ORATOR_OK;
    snprintf(text, sizeof(text), "%lld", (long long)rate.again_s);
    http_answer_header(answer, "Retry-After", text);
    return orator_fail(err, ORATOR_RATE_LIMIT,
                       "this key may make %d requests a minute; the next one is taken in %lld s",
                       per_minute, (long long)rate.again_s);
}

enum orator_status auth_check(const struct api_setup *api, struct http_request *request,
                              unsigned scope, struct http_answer *answer, struct orator_error *err)
{
    const char *header = http_header(request, "Authorization");
    if (!header) {
        http_answer_header(answer, "WWW-Authenticate", "Bearer realm=\"orator\"");
        return orator_fail(err, ORATOR_MISSING_API_KEY,
                           "no API key was sent; send the header \"Authorization: Bearer sk-...\"");
    }
    enum orator_status s = ORATOR_INVALID_API_KEY;
    struct api_key key = {0};
    /* "Key" is what fal's client says, "Token" what old ones of Replicate do */
    size_t n = strcspn(header, " ");
    const char *token = header + n + strspn(header + n, " ");
    bool known = header[n] && ((n == 6 && strncasecmp(header, "Bearer", n) == 0) ||
                               (n == 3 && strncasecmp(header, "Key", n) == 0) ||
                               (n == 5 && strncasecmp(header, "Token", n) == 0));
    if (!known)
        s = orator_fail(err, s, "the Authorization header must be \"Bearer sk-...\"");
    else if (kling_is_token(token))
        s = kling_token_check(api, token, &key, err);
    else
        s = known_keys_check(api->known_keys, api->store, token, &key, err);
    if (s == ORATOR_INVALID_API_KEY || s == ORATOR_EXPIRED_API_KEY)
        http_answer_header(answer, "WWW-Authenticate",
                           "Bearer realm=\"orator\", error=\"invalid_token\"");
    if (s != ORATOR_OK)
        return s;
    snprintf(request->caller, sizeof(request->caller), "%s", key.id);
    s = check_rate(api, &key, answer, err);
    if (s != ORATOR_OK)
        return s;
    if ((key.scopes & scope) != scope)
        return orator_fail(err, ORATOR_PERMISSION_DENIED, "this needs a key with the scope \"%s\"",
                           key_scope_word((enum key_scope)scope));
    struct api_key *kept = malloc(sizeof(*kept));
    if (!kept)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
    *kept = key;
    request->admitted = kept;
    return ORATOR_OK;
}
