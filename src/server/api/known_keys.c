#include "server/api/known_keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "server/store/digest.h"

enum { SLOTS = 256 /* keys in use at a time; two of the same slot take turns */ };

struct known {
    unsigned char hash[DIGEST_BYTES];
    int64_t until_ms; /* steady; 0: nothing here */
    struct api_key key;
};

struct known_keys {
    pthread_mutex_t lock;
    uint64_t age; /* how often all were forgotten */
    struct known slots[SLOTS];
};

enum orator_status known_keys_open(struct known_keys **out, struct orator_error *err)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for keys");
    pthread_mutex_init(&(*out)->lock, NULL);
    return ORATOR_OK;
}

void known_keys_close(struct known_keys **known)
{
    if (!*known)
        return;
    pthread_mutex_destroy(&(*known)->lock);
    free(*known);
    *known = NULL;
}

void known_keys_forget(struct known_keys *known)
{
    if (!known)
        return;
    pthread_mutex_lock(&known->lock);
    known->age++;
    for (int i = 0; i < SLOTS; i++)
        known->slots[i].until_ms = 0;
    pthread_mutex_unlock(&known->lock);
}

enum orator_status known_keys_check(struct known_keys *known, struct store *store,
                                    const char *secret, struct api_key *out,
                                    struct orator_error *err)
{
    unsigned char hash[DIGEST_BYTES];
    size_t length = strnlen(secret, KEY_SIZE);
    if (!known || length == KEY_SIZE)
        return key_check(store, secret, out, err);
    digest_sha256(secret, length, hash);
    struct known *slot = &known->slots[hash[0] % SLOTS];
    int64_t now_ms = clock_steady_ms();

    pthread_mutex_lock(&known->lock);
    bool good = now_ms < slot->until_ms && memcmp(slot->hash, hash, sizeof(hash)) == 0 &&
                (!slot->key.expires_ms || store_now_ms(store) < slot->key.expires_ms);
    if (good)
        *out = slot->key;
    uint64_t age = known->age;
    pthread_mutex_unlock(&known->lock);
    if (good)
        return ORATOR_OK;

    enum orator_status s = key_check(store, secret, out, err);
    pthread_mutex_lock(&known->lock);
    if (s == ORATOR_OK && age == known->age) { /* else it was asked before a change */
        memcpy(slot->hash, hash, sizeof(hash));
        slot->key = *out;
        slot->until_ms = now_ms + KEY_REMEMBERED_MS;
    }
    pthread_mutex_unlock(&known->lock);
    return s;
}
