/* blobs.h - media files by name: inputs that came as data: URLs, downloads, finished videos.
 *
 * What:    a local folder, or an object store with the folder as the place where files are built. Names are made
 *          here, 130 random bits and an extension; nobody outside chooses one, and a name with anything but
 *          [0-9a-z._] is NOT_FOUND, so no path can be smuggled. A file that lies in the folder is read there, so media
 *          of before an object store was chosen are found until their time is over.
 * Owns:    files under `folder`; each appears complete by rename. Several processes may share it.
 * Threads: any.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/file.h"
#include "server/objects/s3.h"

struct blobs;
enum { BLOB_NAME_SIZE = 48 };

ORATOR_MUST_CHECK enum orator_status blobs_open(struct blobs **out, const char *folder,
                                                struct orator_error *err);
/* From here on what is put or published lives in this object store. Before anything else is done with `blobs`;
 * s3_check() is made first. */
ORATOR_MUST_CHECK enum orator_status blobs_use_store(struct blobs *, const struct s3_place *,
                                                     struct orator_error *err);
void blobs_close(struct blobs **);

/* The extension of pictures made of videos, which may be served; a portrait may be a .jpg too. */
#define BLOB_THUMBNAIL "thumb.jpg"
/* And of what is served while it grows. */
#define BLOB_PREVIEW  "live.mp4"
#define BLOB_CAPTIONS "vtt"
void blob_name_new(char out[BLOB_NAME_SIZE], const char *extension); /* "mp4" -> "0k3v...x9.mp4" */
/* True for names of files that are complete: "x.mp4.part" and ".." are not. */
bool blob_name_ok(const char *name);

/* On the disk, content and name, once it returns OK. */
ORATOR_MUST_CHECK enum orator_status blob_put(struct blobs *, const char *name, const void *data,
                                              size_t size, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status blob_get(struct blobs *, const char *name, size_t limit_bytes,
                                              struct bytes *out, struct orator_error *err);
/* Where a writer may build the file under its final name; path is `size` bytes at most. */
ORATOR_MUST_CHECK enum orator_status blob_path(struct blobs *, const char *name, char *path,
                                               size_t size, struct orator_error *err);
/* What was built at blob_path() is kept for good: on the disk as blob_put() does, or in the object store, and then no
 * longer at blob_path(). *stop != 0 ends it with CANCELED; `stop` may be NULL. */
ORATOR_MUST_CHECK enum orator_status blob_publish(struct blobs *, const char *name,
                                                  const atomic_int *stop, struct orator_error *err);

/* --- for who serves files: one that is not at blob_path() --- */
bool blob_is_away(struct blobs *, const char *name); /* it may be in the object store */
ORATOR_MUST_CHECK enum orator_status blob_facts(struct blobs *, const char *name,
                                                struct s3_facts *out, struct orator_error *err);
/* Bytes `first` to `last`, both counted. */
ORATOR_MUST_CHECK enum orator_status blob_part(struct blobs *, const char *name, int64_t first,
                                               int64_t last, struct bytes *out,
                                               struct orator_error *err);
/* s3_address() of it. */
ORATOR_MUST_CHECK enum orator_status blob_address(struct blobs *, const char *name, int seconds,
                                                  const char *disposition, char out[S3_URL_SIZE],
                                                  struct orator_error *err);

enum {
    BLOB_SWEEP_AGE_MS =
        3600000 /* longer than anything is nobody's between two steps of its making */
};
/* Removes what a crash left behind: files half built, and those that keep() says no to. The first sweep, before anything
 * else is done, is of the folder alone, and of all that is in it if no other process has it open. Otherwise, of folder and
 * store, only what is older than BLOB_SWEEP_AGE_MS goes: somebody may be about to name what is younger. */
ORATOR_MUST_CHECK enum orator_status blobs_sweep(
    struct blobs *,
    enum orator_status (*keep)(void *ctx, const char *name, bool *kept, struct orator_error *err),
    void *ctx, int64_t *removed, struct orator_error *err);
/* A second name for the same bytes, which stay until both are removed. NOT_FOUND. */
ORATOR_MUST_CHECK enum orator_status blob_link(struct blobs *, const char *name,
                                               const char *new_name, struct orator_error *err);
/* A sound may have a note beside it: what is said when, as engine/voice writes it. It is linked, swept and removed
 * with its file. */
ORATOR_MUST_CHECK enum orator_status blob_note(struct blobs *, const char *name, const void *data,
                                               size_t size, struct orator_error *err);
/* NOT_FOUND if there is none. */
ORATOR_MUST_CHECK enum orator_status blob_note_get(struct blobs *, const char *name,
                                                   struct bytes *out, struct orator_error *err);
enum { BLOB_SHA256_SIZE = 65 };
/* The SHA-256, in hexadecimal, of what lies at blob_path(). */
ORATOR_MUST_CHECK enum orator_status
blob_sha256(struct blobs *, const char *name, char out[BLOB_SHA256_SIZE], struct orator_error *err);
void blob_remove(struct blobs *, const char *name); /* missing is fine */
