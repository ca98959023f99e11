/* secrets.h - random bytes that this server signs with: made when first asked for, the same ever after. */
#pragma once

#include "server/store/store.h"

enum { SECRET_BYTES = 32 };

ORATOR_MUST_CHECK enum orator_status secret_get(struct store *, const char *name,
                                                unsigned char out[SECRET_BYTES],
                                                struct orator_error *err);
