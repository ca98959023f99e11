#include "server/store/name.h"

#include <string.h>

#include "base/random.h"

void name_new(char *out, const char *prefix, int letters)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    size_t length = strlen(prefix);
    memcpy(out, prefix, length);
    random_secret(out + length, (size_t)letters);
    for (int i = 0; i < letters; i++, length++)
        out[length] = alphabet[out[length] & 31];
    out[length] = '\0';
}
