/* files_table.h - rows of uploaded files. The bytes are in the media folder, see blobs.h.
 *
 * Units:   times in ms since 1970, UTC.
 * Errors:  those of the store; NOT_FOUND where it says so.
 * Threads: calls stand between store_write() or store_read() and store_end().
 */
#pragma once

#include <stdbool.h>

#include "server/store/blobs.h"
#include "server/store/transaction.h"

enum { FILE_ID_SIZE = 32, FILE_NAME_SIZE = 160 };

struct stored_file {
    char id[FILE_ID_SIZE]; /* "file_..." */
    char account_id[32], key_id[32];
    char purpose[8];               /* "image" or "audio" */
    char filename[FILE_NAME_SIZE]; /* as its owner calls it, cut to fit */
    char media_type[32];           /* by its first bytes */
    char blob_name[BLOB_NAME_SIZE];
    int64_t size_bytes;
    int64_t duration_ms; /* of a sound; 0: not measured */
    int64_t created_ms, expires_ms;
};

ORATOR_MUST_CHECK enum orator_status files_insert(struct connection *, const struct stored_file *,
                                                  struct orator_error *err);
/* `account_id` must own it, and its time must not be over. NOT_FOUND. */
ORATOR_MUST_CHECK enum orator_status files_get(struct connection *, const char *id,
                                               const char *account_id, int64_t now_ms,
                                               struct stored_file *out, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status files_delete(struct connection *, const char *id,
                                                  struct orator_error *err);
/* Newest first: the next one before row *before (0: the newest), which becomes its row. `purpose` NULL:
 * any. */
ORATOR_MUST_CHECK enum orator_status files_next(struct connection *, const char *account_id,
                                                const char *purpose, int64_t now_ms,
                                                int64_t *before, struct stored_file *out,
                                                bool *found, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status files_row(struct connection *, const char *id, int64_t *out,
                                               struct orator_error *err);
/* What an account holds now. */
ORATOR_MUST_CHECK enum orator_status files_usage(struct connection *, const char *account_id,
                                                 int64_t *count, int64_t *size_bytes,
                                                 struct orator_error *err);
/* Removes the row of one whose time is over; blob_name is what to remove then. */
ORATOR_MUST_CHECK enum orator_status files_remove_expired(struct connection *, int64_t now_ms,
                                                          char blob_name[BLOB_NAME_SIZE],
                                                          bool *found, struct orator_error *err);
/* Whether some file's bytes are the media file `name`. */
ORATOR_MUST_CHECK enum orator_status files_name_blob(struct connection *, const char *name,
                                                     bool *named, struct orator_error *err);
