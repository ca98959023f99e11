#include "server/api/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *money_format(char out[MONEY_TEXT_SIZE], int64_t micro)
{
    /* the negative of INT64_MIN exists only as unsigned */
    uint64_t size = micro < 0 ? -(uint64_t)micro : (uint64_t)micro;
    int n = snprintf(out, MONEY_TEXT_SIZE, "%s%" PRIu64 ".%06" PRIu64, micro < 0 ? "-" : "",
                     size / MONEY_MICRO, size % MONEY_MICRO);
    for (int spare = 4; spare > 0 && out[n - 1] == '0'; spare--)
        out[--n] = '\0';
    return out;
}

bool money_parse(const char *text, int64_t *out)
{
    int64_t micro = 0;
    int places = -1; /* behind the point; -1: it has not come yet */
    if (*text < '0' || *text > '9')
        return false;
    for (const char *p = text; *p; p++) {
        if (*p == '.' && places < 0) {
            places = 0;
            continue;
        }
        if (*p < '0' || *p > '9' || places == 6 || __builtin_mul_overflow(micro, 10, &micro) ||
            __builtin_add_overflow(micro, *p - '0', &micro))
            return false;
        places += places >= 0;
    }
    if (places == 0) /* "12." */
        return false;
    for (int i = places < 0 ? 0 : places; i < 6; i++)
        if (__builtin_mul_overflow(micro, 10, &micro))
            return false;
    *out = micro;
    return true;
}

json_t *money_json(int64_t micro)
{
    char text[MONEY_TEXT_SIZE];
    return json_string(money_format(text, micro));
}
