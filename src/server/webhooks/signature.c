#include "server/webhooks/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"

static const char prefix[] = "whsec_";
enum { PREFIX = sizeof(prefix) - 1, NEW_KEY_BYTES = 32, KEY_MIN = 24, KEY_MAX = 64 };

void webhook_secret_new(char out[WEBHOOK_SECRET_SIZE])
{
    unsigned char key[NEW_KEY_BYTES];
    random_secret(key, sizeof(key));
    memcpy(out, prefix, PREFIX);
    EVP_EncodeBlock((unsigned char *)out + PREFIX, key, sizeof(key));
    OPENSSL_cleanse(key, sizeof(key));
}

/* The bytes of a secret; their number, 0: it is none. */
static size_t read_key(const char *secret, unsigned char out[KEY_MAX + 3])
{
    size_t n = strlen(secret);
    if (!text_starts(secret, prefix) || (n - PREFIX) % 4 != 0 || n - PREFIX > (KEY_MAX + 2) / 3 * 4)
        return 0;
    int bytes = EVP_DecodeBlock(out, (const unsigned char *)secret + PREFIX, (int)(n - PREFIX));
    if (bytes < 3)
        return 0;
    bytes -= (secret[n - 1] == '=') + (secret[n - 2] == '=');
    return bytes >= KEY_MIN && bytes <= KEY_MAX ? (size_t)bytes : 0;
}

enum orator_status webhook_sign(char out[WEBHOOK_SIGNATURE_SIZE], const char *secret,
                                const char *id, int64_t timestamp_s, const void *body, size_t size,
                                struct orator_error *err)
{
    unsigned char key[KEY_MAX + 3], mac[EVP_MAX_MD_SIZE];
    unsigned mac_size = 0;
    char head[160];
    size_t key_size = read_key(secret, key);
    int n = snprintf(head, sizeof(head), "%s.%lld.", id, (long long)timestamp_s);
    if (!key_size || n < 0 || (size_t)n >= sizeof(head))
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "a webhook secret is whsec_ and the base64 of 24 to 64 bytes");
    unsigned char *content = malloc((size_t)n + size);
    if (!content)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a webhook");
    memcpy(content, head, (size_t)n);
    memcpy(content + n, body, size);
    bool good =
        HMAC(EVP_sha256(), key, (int)key_size, content, (size_t)n + size, mac, &mac_size) != NULL;
    free(content);
    OPENSSL_cleanse(key, sizeof(key));
    if (!good)
        return orator_fail(err, ORATOR_INTERNAL, "HMAC-SHA256 is not to be had");
    memcpy(out, "v1,", 3);
    EVP_EncodeBlock((unsigned char *)out + 3, mac, (int)mac_size);
    return ORATOR_OK;
}
