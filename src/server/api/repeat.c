#include "server/api/repeat.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum orator_status read_name(struct call *call, struct orator_error *err)
{
    static const char header[] = "Idempotency-Key";
    const char *name = http_header(call->request, header);
    if (!name)
        return ORATOR_OK;
    size_t n = strlen(name);
    bool visible = n > 0;
    for (const char *p = name; *p; p++)
        visible &= *p >= ' ' && *p <= '~';
    if (!visible || n > IDEMPOTENCY_NAME_MAX)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, header,
                                 "Idempotency-Key must be 1 to %d visible ASCII characters, such "
                                 "as a UUID",
                                 IDEMPOTENCY_NAME_MAX);
    call->idempotency.name = name;
    return ORATOR_OK;
}

static bool hash_request(const struct http_request *r, unsigned char out[32])
{
    const char *target = http_header(r, "x-fal-target-url");
    const char *const parts[] = {r->method, r->path, target ? target : ""};
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool good = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL);
    for (int i = 0; good && i < 3; i++) /* with the NUL: no two lists read alike */
        good = EVP_DigestUpdate(md, parts[i], strlen(parts[i]) + 1);
    good = good && (r->body_size == 0 || EVP_DigestUpdate(md, r->body, r->body_size)) &&
           EVP_DigestFinal_ex(md, out, NULL);
    EVP_MD_CTX_free(md);
    return good;
}

char *repeat_text(int status, const char *location, const char *body)
{
    char *out = NULL;
    if (!body || asprintf(&out, "%d %s\n%s", status, location ? location : "-", body) < 0)
        return NULL;
    return out;
}

/* As repeat_text() wrote it. */
static enum orator_status replay(struct call *call, const char *kept, struct orator_error *err)
{
    char location[128] = "";
    const char *line = strchr(kept, '\n');
    int status = atoi(kept);
    if (!line || sscanf(kept, "%*d %127s", location) != 1)
        return orator_fail(err, ORATOR_INTERNAL, "the kept answer is damaged");
    call->answer->status = status;
    call->answer->body = strdup(line + 1);
    if (!call->answer->body)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
    call->answer->body_size = strlen(line + 1);
    if (strcmp(location, "-") != 0)
        http_answer_header(call->answer, "Location", location);
    http_answer_header(call->answer, "Idempotency-Replayed", "true");
    return ORATOR_OK;
}

enum orator_status repeat_begin(struct call *call, bool *replayed, struct orator_error *err)
{
    enum orator_status s;
    char *kept = NULL, task_id[TASK_ID_SIZE];
    bool same;
    *replayed = false;
    TRY(read_name(call, err));
    if (!call->idempotency.name || call->answer->note[0] || call->answer->memory)
        goto done; /* called again, without the body: who waits has kept the hash */
    if (!hash_request(call->request, call->idempotency.body_hash)) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the request");
        goto done;
    }
    TRY(idempotency_find(call->api->store, call->key->id, &call->idempotency, &kept, task_id, &same,
                         err));
    if (!kept)
        goto done;
    if (!same) {
        s = orator_fail_param(err, ORATOR_IDEMPOTENCY_KEY_REUSED, "Idempotency-Key",
                              "this Idempotency-Key came with another request before; a new "
                              "request needs a new one");
        goto done;
    }
    *replayed = true;
    TRY(replay(call, kept, err));
done:
    free(kept);
    return s;
}

enum orator_status repeat_answer(struct call *call, struct connection *c, json_t *answer,
                                 struct orator_error *err)
{
    enum orator_status s;
    char *kept = NULL;
    TRY(call_answer_json(call, answer, err));
    if (!call->idempotency.name)
        goto done;
    kept = repeat_text(call->answer->status ? call->answer->status : 200, NULL, call->answer->body);
    if (!kept)
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
    else
        s = idempotency_add(c, call->key->id, &call->idempotency, "", kept, err);
done:
    free(kept);
    return s;
}
