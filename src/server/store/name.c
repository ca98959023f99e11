#include "server/store/name.h"

#include <string.h>

#include "base/random.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* in the order of their bytes */

void name_new(char *out, const char *prefix, int letters)
{
    size_t length = strlen(prefix);
    memcpy(out, prefix, length);
    random_secret(out + length, (size_t)letters);
    for (int i = 0; i < letters; i++, length++)
        out[length] = alphabet[out[length] & 31];
    out[length] = '\0';
}

void name_new_at(char *out, const char *prefix, int letters, int64_t now_ms)
{
    name_new(out, prefix, letters);
    char *time = out + strlen(prefix);
    for (int i = 0; i < NAME_TIME_LETTERS; i++)
        time[i] = alphabet[now_ms >> 5 * (NAME_TIME_LETTERS - 1 - i) & 31];
}
