#include "server/api/link.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/store/digest.h"

enum { STEP_S = 3600, SIGNED_BYTES = 16, SIGNATURE_SIZE = 25 /* base64 of 16 bytes, and NUL */ };

/* False: the name is too long to be one of ours. */
static bool sign(char out[SIGNATURE_SIZE], const struct api_setup *api, const char *name,
                 int64_t exp_s)
{
    char text[160];
    unsigned char digest[DIGEST_BYTES];
    int n = snprintf(text, sizeof(text), "%s\n%lld", name, (long long)exp_s);
    if (n < 0 || n >= (int)sizeof(text))
        return false;
    digest_hmac(api->link_key, text, (size_t)n, digest);
    EVP_EncodeBlock((unsigned char *)out, digest, SIGNED_BYTES);
    for (char *p = out; *p; p++)
        *p = (char)(*p == '+' ? '-' : *p == '/' ? '_' : *p == '=' ? '\0' : *p);
    return true;
}

void link_make(char out[LINK_SIZE], const struct api_setup *api, const char *base_url,
               const char *name, int64_t until_ms)
{
    char signature[SIGNATURE_SIZE] = "";
    int64_t open_ms = api->link_ms > 0 ? api->link_ms : LINK_USUAL_MS;
    int64_t exp_s = (store_now_ms(api->store) + open_ms) / 1000;
    exp_s = (exp_s / STEP_S + 1) * STEP_S;
    if (until_ms > 0 && exp_s > until_ms / 1000)
        exp_s = until_ms / 1000;
    (void)sign(signature, api, name, exp_s); /* without one the address leads nowhere */
    snprintf(out, LINK_SIZE, "%s/media/%s?exp=%lld&sig=%s", base_url, name, (long long)exp_s,
             signature);
}

enum orator_status link_check(const struct api_setup *api, const char *name, const char *exp,
                              const char *sig, int64_t *left_s, struct orator_error *err)
{
    char good[SIGNATURE_SIZE];
    int64_t exp_s;
    *left_s = 0;
    if (!exp || !sig)
        return orator_fail_param(err, ORATOR_PERMISSION_DENIED, exp ? "sig" : "exp",
                                 "the address is not signed; use the video_url of the job as it "
                                 "is, or GET /v1/video/generations/{id}/content with a key");
    if (!text_to_i64(exp, 0, INT64_MAX / 1000, &exp_s) || !sign(good, api, name, exp_s) ||
        strlen(sig) != strlen(good) || CRYPTO_memcmp(sig, good, strlen(good)) != 0)
        return orator_fail_param(err, ORATOR_PERMISSION_DENIED, "sig",
                                 "the signature is not of this address; ask for the job again");
    *left_s = exp_s - store_now_ms(api->store) / 1000;
    if (*left_s <= 0)
        return orator_fail_param(err, ORATOR_EXPIRED, "exp",
                                 "the address was open until %lld; ask for the job again",
                                 (long long)exp_s);
    return ORATOR_OK;
}
