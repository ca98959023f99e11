#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/store/digest.h"

static void is_hex(const unsigned char digest[DIGEST_BYTES], const char *hex)
{
    char text[2 * DIGEST_BYTES + 1];
    for (int i = 0; i < DIGEST_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(text, hex);
}

static void abc_hashes_to_the_value_of_the_standard(void **state)
{
    (void)state;
    unsigned char out[DIGEST_BYTES];
    digest_sha256("abc", 3, out);
    is_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* The key of RFC 4231's second case, padded with zeros, which changes nothing about an HMAC. */
static void hmac_is_that_of_the_rfc(void **state)
{
    (void)state;
    unsigned char out[DIGEST_BYTES];
    static const unsigned char key[DIGEST_BYTES] = "Jefe";
    digest_hmac(key, "what do ya want for nothing?", 28, out);
    is_hex(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(abc_hashes_to_the_value_of_the_standard),
        cmocka_unit_test(hmac_is_that_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
