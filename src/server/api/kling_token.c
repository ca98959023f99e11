/* kling_token.c - JSON Web Tokens as Kling's clients make them: HS256, {iss: access key, exp, nbf}.
 *
 * The access key is the id of an API key. Its secret is made of a secret of this server, the id and the
 * prefix of the key, so it changes when the key is rotated and needs no row of its own; who holds the key
 * reads it at GET /v1/kling/credentials.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/api/door.h"
#include "server/store/secrets.h"

enum { TOKEN_MAX = 2048, SECRET_SIZE = 65, LEEWAY_S = 5 };

static enum orator_status secret_of(const struct api_setup *api, const struct api_key *key,
                                    char out[SECRET_SIZE], struct orator_error *err)
{
    unsigned char own[SECRET_BYTES], mac[32];
    char text[96];
    enum orator_status s = secret_get(api->store, "kling", own, err);
    if (s != ORATOR_OK)
        return s;
    int n = snprintf(text, sizeof(text), "%s:%s", key->id, key->prefix);
    if (!HMAC(EVP_sha256(), own, sizeof(own), (const unsigned char *)text, (size_t)n, mac, NULL))
        return orator_fail(err, ORATOR_INTERNAL, "HMAC-SHA256 is not to be had");
    for (int i = 0; i < 32; i++)
        snprintf(out + 2 * i, 3, "%02x", mac[i]);
    return ORATOR_OK;
}

bool kling_is_token(const char *text)
{
    const char *first = strchr(text, '.'), *second = first ? strchr(first + 1, '.') : NULL;
    return second && !strchr(second + 1, '.') && strlen(text) < TOKEN_MAX;
}

/* base64url without padding; the number of bytes, 0: malformed. `out` has room for TOKEN_MAX. */
static size_t decode(const char *text, size_t n, unsigned char *out)
{
    char padded[TOKEN_MAX + 4];
    if (n == 0 || n >= TOKEN_MAX || n % 4 == 1)
        return 0;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (c == '+' || c == '/' || c == '=')
            return 0;
        padded[i] = (char)(c == '-' ? '+' : c == '_' ? '/' : c);
    }
    size_t pads = (4 - n % 4) % 4;
    memset(padded + n, '=', pads);
    int bytes = EVP_DecodeBlock(out, (const unsigned char *)padded, (int)(n + pads));
    return bytes > (int)pads ? (size_t)bytes - pads : 0;
}

static json_t *decode_json(const char *text, size_t n)
{
    unsigned char bytes[TOKEN_MAX + 4];
    size_t size = decode(text, n, bytes);
    json_t *v = size ? json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json_is_object(v))
        return v;
    json_decref(v);
    return NULL;
}

static enum orator_status check_times(const struct api_setup *api, const json_t *claims,
                                      struct orator_error *err)
{
    const json_t *exp = json_object_get(claims, "exp"), *nbf = json_object_get(claims, "nbf");
    double now_s = (double)store_now_ms(api->store) / 1000;
    if (!json_is_number(exp))
        return orator_fail(err, ORATOR_INVALID_API_KEY, "the token has no exp");
    if (json_number_value(exp) + LEEWAY_S < now_s)
        return orator_fail(err, ORATOR_EXPIRED_API_KEY, "the token has expired");
    if (nbf && (!json_is_number(nbf) || json_number_value(nbf) - LEEWAY_S > now_s))
        return orator_fail_param(err, ORATOR_INVALID_API_KEY, "nbf", "the token is not valid yet");
    return ORATOR_OK;
}

enum orator_status kling_token_check(const struct api_setup *api, const char *token,
                                     struct api_key *out, struct orator_error *err)
{
    enum orator_status s;
    const char *first = strchr(token, '.'), *second = strchr(first + 1, '.');
    unsigned char mac[32], sent[TOKEN_MAX + 4];
    char secret[SECRET_SIZE];
    json_t *head = decode_json(token, (size_t)(first - token));
    json_t *claims = decode_json(first + 1, (size_t)(second - first - 1));
    const char *algorithm = json_string_value(json_object_get(head, "alg"));
    const char *issuer = json_string_value(json_object_get(claims, "iss"));
    *out = (struct api_key){0};
    s = orator_fail(err, ORATOR_INVALID_API_KEY, "the token is none that this server knows");
    if (!algorithm || strcmp(algorithm, "HS256") != 0 || !issuer || !text_starts(issuer, "key_"))
        goto done;
    if (key_get(api->store, issuer, out, NULL) != ORATOR_OK || strcmp(out->id, issuer) != 0 ||
        out->revoked_ms != 0)
        goto done;
    TRY(secret_of(api, out, secret, err));
    s = orator_fail(err, ORATOR_INVALID_API_KEY, "the token's signature is not right");
    if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)token,
              (size_t)(second - token), mac, NULL) ||
        decode(second + 1, strlen(second + 1), sent) != sizeof(mac) ||
        CRYPTO_memcmp(mac, sent, sizeof(mac)) != 0)
        goto done;
    TRY(check_times(api, claims, err));
    if (out->expires_ms > 0 && out->expires_ms <= store_now_ms(api->store))
        s = orator_fail(err, ORATOR_EXPIRED_API_KEY, "the key behind the token has expired");
done:
    json_decref(head);
    json_decref(claims);
    if (s != ORATOR_OK)
        *out = (struct api_key){0};
    return s;
}

enum orator_status kling_credentials(struct call *call, struct orator_error *err)
{
    char secret[SECRET_SIZE];
    enum orator_status s = secret_of(call->api, call->key, secret, err);
    if (s != ORATOR_OK)
        return s;
    return call_answer_json(
        call, json_pack("{s:s, s:s}", "access_key", call->key->id, "secret_key", secret), err);
}
