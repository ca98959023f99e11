/* file.h - whole files in, whole files out.
 *
 * Errors: NOT_FOUND, IO, and NO_MEMORY; a file over `limit_bytes` is REQUEST_TOO_LARGE. Texts name
 * the file's last part only, never its folder. Threads: any.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct bytes {
    unsigned char
        *data; /* owned by whoever filled the struct, freed by bytes_fini; one spare NUL */
    size_t size;
};
void bytes_fini(struct bytes *b);
/* Appends; *room_bytes is what `b` has memory for, 0 at first. False: no memory, and `b` is as it was. */
ORATOR_MUST_CHECK bool bytes_add(struct bytes *b, size_t *room_bytes, const void *data,
                                 size_t size);

ORATOR_MUST_CHECK enum orator_status file_read(struct bytes *out, const char *path,
                                               size_t limit_bytes, struct orator_error *err);
/* Writes path.part, syncs and renames it: a reader sees the old file, the new one, or none. Who may read it, the
 * process's umask says: the server's lets nobody else. */
ORATOR_MUST_CHECK enum orator_status file_write(const char *path, const void *data, size_t size,
                                                struct orator_error *err);
/* mkdir -p with mode 0700 for what is new. */
ORATOR_MUST_CHECK enum orator_status folder_make(const char *path, struct orator_error *err);
/* rm -rf; follows no links, missing is fine. */
void folder_remove(const char *path);
