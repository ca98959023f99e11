#define OPENSSL_SUPPRESS_DEPRECATED /* the functions that need no look-up are called old */
#include "server/store/digest.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

_Static_assert((int)DIGEST_BYTES == SHA256_DIGEST_LENGTH, "callers' arrays");

void digest_sha256(const void *data, size_t size, unsigned char out[DIGEST_BYTES])
{
    SHA256_CTX c;
    SHA256_Init(&c);
    SHA256_Update(&c, data, size);
    SHA256_Final(out, &c);
}

/* SHA-256 over a block of key XOR `pad`, then the data. */
static void keyed(const unsigned char key[DIGEST_BYTES], unsigned char pad, const void *data,
                  size_t size, unsigned char out[DIGEST_BYTES])
{
    SHA256_CTX c;
    unsigned char block[SHA256_CBLOCK];
    for (int i = 0; i < SHA256_CBLOCK; i++)
        block[i] = (unsigned char)((i < DIGEST_BYTES ? key[i] : 0) ^ pad);
    SHA256_Init(&c);
    SHA256_Update(&c, block, sizeof(block));
    SHA256_Update(&c, data, size);
    SHA256_Final(out, &c);
    OPENSSL_cleanse(block, sizeof(block));
    OPENSSL_cleanse(&c, sizeof(c));
}

void digest_hmac(const unsigned char key[DIGEST_BYTES], const void *data, size_t size,
                 unsigned char out[DIGEST_BYTES])
{
    unsigned char inner[DIGEST_BYTES];
    keyed(key, 0x36, data, size, inner);
    keyed(key, 0x5C, inner, sizeof(inner), out);
}
