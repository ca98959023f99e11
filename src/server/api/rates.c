#include "server/api/rates.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW_US = 60000000, PROBES = 8 };

/* `spent_us` is how long the bucket needs to be full again: each request adds what it takes to fill in one. */
struct bucket {
    char key_id[32]; /* "": free */
    int64_t spent_us, at_us;
};

struct rates {
    pthread_mutex_t lock;
    struct bucket buckets[RATES_MAX];
};

enum orator_status rates_open(struct rates **out, struct orator_error *err)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the rates of keys");
    pthread_mutex_init(&(*out)->lock, NULL);
    return ORATOR_OK;
}

void rates_close(struct rates **rates)
{
    if (!*rates)
        return;
    pthread_mutex_destroy(&(*rates)->lock);
    free(*rates);
    *rates = NULL;
}

/* The key's own bucket, or in its place the one of its neighbours that was away longest. */
static struct bucket *find(struct rates *r, const char *key_id)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a, 64 bits */
    for (const char *p = key_id; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 1099511628211u;
    struct bucket *oldest = NULL;
    for (uint64_t i = 0; i < PROBES; i++) {
        struct bucket *b = &r->buckets[(hash + i) % RATES_MAX];
        if (strcmp(b->key_id, key_id) == 0)
            return b;
        if (!oldest || (oldest->key_id[0] && (!b->key_id[0] || b->at_us < oldest->at_us)))
            oldest = b;
    }
    *oldest = (struct bucket){0};
    strncpy(oldest->key_id, key_id, sizeof(oldest->key_id) - 1);
    return oldest;
}

bool rates_take(struct rates *r, const char *key_id, int per_minute, int64_t now_ms,
                struct rate *out)
{
    const int64_t now_us = now_ms * 1000, cost_us = WINDOW_US / per_minute;
    pthread_mutex_lock(&r->lock);
    struct bucket *b = find(r, key_id);
    int64_t away_us = now_us - b->at_us;
    b->spent_us = away_us < 0 || b->spent_us < away_us ? 0 : b->spent_us - away_us;
    b->at_us = now_us;
    int64_t room_us = cost_us * per_minute - b->spent_us;
    bool taken = room_us >= cost_us;
    if (taken) {
        b->spent_us += cost_us;
        room_us -= cost_us;
    }
    *out = (struct rate){
        .left = (int)(room_us / cost_us),
        .full_s = (b->spent_us + 999999) / 1000000,
        .again_s = taken ? 0 : (cost_us - room_us + 999999) / 1000000,
    };
    pthread_mutex_unlock(&r->lock);
    return taken;
}
