/* files.h - uploads that are kept for later submits. Private to api/. */
#pragma once

#include "server/api/call.h"
#include "server/store/files_table.h"

/* Stores these bytes as a file: account_id, key_id, purpose, filename, media_type, duration_ms are the
 * caller's, expires_ms how long from now it is kept; id, blob_name and times are made here.
 * `answered` is answered with it in the same transaction (repeat.h); NULL: nobody is.
 * REQUEST_TOO_LARGE when the account's quota is used up; then nothing is left behind. */
ORATOR_MUST_CHECK enum orator_status file_keep(const struct api_setup *, struct stored_file *,
                                               const void *data, size_t size, const char *extension,
                                               struct call *answered, struct orator_error *err);
/* As clients see it. */
json_t *file_json(const struct call *, const struct stored_file *);
