/* secrets.h - random bytes that this server signs with: made when first asked for, the same until they are renewed. */
#pragma once

#include "server/store/store.h"

enum { SECRET_BYTES = 32 };

ORATOR_MUST_CHECK enum orator_status secret_get(struct store *, const char *name,
                                                unsigned char out[SECRET_BYTES],
                                                struct orator_error *err);
/* Another value from now on; a server that runs has the old one until it is restarted. */
ORATOR_MUST_CHECK enum orator_status secret_renew(struct store *, const char *name,
                                                  struct orator_error *err);
