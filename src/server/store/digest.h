/* digest.h - SHA-256 and HMAC-SHA256 (FIPS 180-4, RFC 2104) of short texts.
 *
 * libcrypto's one-call functions look their algorithm up each time, by name and under a lock, which costs
 * five times what hashing a key does. These use the algorithm itself.
 * Threads: pure.
 */
#pragma once

#include <stddef.h>

enum { DIGEST_BYTES = 32 };

void digest_sha256(const void *data, size_t size, unsigned char out[DIGEST_BYTES]);
void digest_hmac(const unsigned char key[DIGEST_BYTES], const void *data, size_t size,
                 unsigned char out[DIGEST_BYTES]);
