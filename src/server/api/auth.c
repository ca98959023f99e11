#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/api/door.h"
#include "server/store/keys.h"

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
        s = key_check(api->store, token, &key, err);
    if (s == ORATOR_INVALID_API_KEY || s == ORATOR_EXPIRED_API_KEY)
        http_answer_header(answer, "WWW-Authenticate",
                           "Bearer realm=\"orator\", error=\"invalid_token\"");
    if (s != ORATOR_OK)
        return s;
    snprintf(request->caller, sizeof(request->caller), "%s", key.id);
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
