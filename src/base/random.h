/* random.h - two kinds of chance: one that repeats, one that nobody can guess.
 *
 * `struct random` is PCG32 (M. O'Neill, HMC-CS-2014-0905): the same seed gives the same numbers on
 * every machine. random_secret() asks the kernel and is for keys and ids.
 * Threads: a `struct random` belongs to one thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state, stream;
};

/* `stream` separates uses of one seed, so that a new use does not change an old one's numbers. */
struct random random_seeded(uint64_t seed, uint64_t stream);
uint32_t random_u32(struct random *r);
float random_unit(struct random *r);   /* 0 <= x < 1 */
float random_normal(struct random *r); /* mean 0, deviation 1 */

/* `n` unguessable bytes from getrandom(2), each given once, to any thread; aborts if the kernel has none,
 * which it never says. A child of fork() must exec() before it asks. */
void random_secret(void *out, size_t n);
