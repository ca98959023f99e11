/* known_keys.h - keys that were good a moment ago, so that not every request asks the store for its key.
 *
 * What:    what key_check() said is believed for KEY_REMEMBERED_MS: a key that another process revokes is refused that
 *          much later (the command line waits as long before it says that it is done), one that this server revokes at
 *          once. used_micro and open_tasks are as old as that too; who shows or judges them asks the store.
 * Kept:    the key's SHA-256, never the key.
 * Threads: any.
 */
#pragma once

#include "server/store/keys.h"

struct known_keys;
ORATOR_MUST_CHECK enum orator_status known_keys_open(struct known_keys **out,
                                                     struct orator_error *err);
void known_keys_close(struct known_keys **);

/* As key_check(); `known` may be NULL. */
ORATOR_MUST_CHECK enum orator_status known_keys_check(struct known_keys *known, struct store *,
                                                      const char *secret, struct api_key *out,
                                                      struct orator_error *err);
void known_keys_forget(struct known_keys *); /* all; NULL is fine */
