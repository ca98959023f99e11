/* s3_multipart.h - inside objects/: a large file goes up in parts, one of them in memory.
 *
 * A part that fails is sent again alone. If the whole fails, or is stopped, the store is told to forget the parts;
 * what even that does not reach (kill -9), s3_abort_stale() gives up later.
 */
#pragma once

#include "server/objects/s3.h"

ORATOR_MUST_CHECK enum orator_status s3_put_parts(struct s3 *, const char *name,
                                                  const char *content_type, const char *path,
                                                  const atomic_int *stop, struct orator_error *err);
