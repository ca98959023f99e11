#include "base/random.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct random random_seeded(uint64_t seed, uint64_t stream)
{
    struct random r = {.state = 0, .stream = stream << 1 | 1};
    random_u32(&r);
    r.state += seed;
    random_u32(&r);
    return r;
}

uint32_t random_u32(struct random *r)
{
    uint64_t old = r->state;
    r->state = old * 6364136223846793005u + r->stream;
    uint32_t mixed = (uint32_t)((old >> 18 ^ old) >> 27);
    unsigned turn = (unsigned)(old >> 59);
    return mixed >> turn | mixed << (-turn & 31);
}

float random_unit(struct random *r) { return (float)(random_u32(r) >> 8) * 0x1p-24f; }

float random_normal(struct random *r)
{
    /* Box and Muller; 1 - u keeps the logarithm finite */
    float radius = sqrtf(-2.0f * logf(1.0f - random_unit(r)));
    return radius * cosf(6.2831853f * random_unit(r));
}

static void ask_kernel(unsigned char *p, size_t n)
{
    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        p += got;
        n -= (size_t)got;
    }
}

/* The kernel is asked for some names' worth at a time; what was given out is wiped, so that it is nowhere
 * but with its owner. */
void random_secret(void *out, size_t n)
{
    static _Thread_local unsigned char pool[512];
    static _Thread_local size_t used = sizeof(pool);
    if (n > sizeof(pool) / 4) {
        ask_kernel(out, n);
        return;
    }
    if (n > sizeof(pool) - used) {
        ask_kernel(pool, sizeof(pool));
        used = 0;
    }
    memcpy(out, pool + used, n);
    explicit_bzero(pool + used, n);
    used += n;
}
