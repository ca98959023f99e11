#include "server/store/blobs.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/store/name.h"

enum { RANDOM_LETTERS = 26, EXTENSION_MAX = BLOB_NAME_SIZE - RANDOM_LETTERS - 2 };

static const char note_tail[] = ".note";
enum { NOTE_MAX_BYTES = 4 << 20, STALE_UPLOAD_MS = 86400000 };

struct blobs {
    char *folder;
    int lock_fd; /* of the folder, locked by each process that works in it */
    bool swept;
    struct s3 *s3; /* NULL: the folder is all there is */
};

enum orator_status blobs_open(struct blobs **out, const char *folder, struct orator_error *err)
{
    *out = NULL;
    enum orator_status s = folder_make(folder, err);
    if (s != ORATOR_OK)
        return s;
    if (access(folder, W_OK | X_OK) != 0)
        return orator_fail(err, ORATOR_IO, "the media folder cannot be written to");
    struct blobs *b = calloc(1, sizeof(*b));
    if (!b)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the media store");
    b->folder = strdup(folder);
    b->lock_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!b->folder || b->lock_fd < 0) {
        blobs_close(&b);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the media store");
    }
    flock(b->lock_fd, LOCK_SH); /* waits while another process sweeps alone */
    *out = b;
    return ORATOR_OK;
}

enum orator_status blobs_use_store(struct blobs *b, const struct s3_place *place,
                                   struct orator_error *err)
{
    enum orator_status s;
    assert(!b->s3);
    TRY(s3_open(&b->s3, place, err));
    TRY(s3_check(b->s3, err));
done:
    return s;
}

void blobs_close(struct blobs **b)
{
    if (!*b)
        return;
    s3_close(&(*b)->s3);
    free((*b)->folder);
    if ((*b)->lock_fd >= 0)
        close((*b)->lock_fd);
    free(*b);
    *b = NULL;
}

void blob_name_new(char out[BLOB_NAME_SIZE], const char *extension)
{
    assert(strlen(extension) <= EXTENSION_MAX);
    name_new(out, "", RANDOM_LETTERS);
    snprintf(out + RANDOM_LETTERS, BLOB_NAME_SIZE - RANDOM_LETTERS, ".%.*s", EXTENSION_MAX,
             extension);
}

bool blob_name_ok(const char *name)
{
    static const char part[] = ".part";
    size_t n = strlen(name), tail = sizeof(part) - 1;
    if (n == 0 || n >= BLOB_NAME_SIZE || name[0] == '.' || strstr(name, "..") ||
        strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz._") != n)
        return false;
    return n < tail || strcmp(name + n - tail, part) != 0;
}

enum orator_status blob_path(struct blobs *b, const char *name, char *path, size_t size,
                             struct orator_error *err)
{
    if (!blob_name_ok(name))
        return orator_fail(err, ORATOR_NOT_FOUND, "no media file has this name");
    if ((size_t)snprintf(path, size, "%s/%s", b->folder, name) + sizeof(note_tail) > size)
        return orator_fail(err, ORATOR_IO, "the path of the media folder is too long");
    return ORATOR_OK;
}

bool blob_is_away(struct blobs *b, const char *name)
{
    char path[4096];
    return b->s3 &&
           (blob_path(b, name, path, sizeof(path), NULL) != ORATOR_OK || access(path, F_OK) != 0);
}

static enum orator_status sync_one(const char *path, int flags, struct orator_error *err)
{
    int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    return good ? ORATOR_OK
                : orator_fail(err, ORATOR_IO, "a media file was not written to the disk: %s",
                              strerrordesc_np(why));
}

enum orator_status blob_publish(struct blobs *b, const char *name, const atomic_int *stop,
                                struct orator_error *err)
{
    char path[4096];
    enum orator_status s;
    TRY(blob_path(b, name, path, sizeof(path), err));
    if (b->s3) {
        TRY(s3_put_file(b->s3, name, path, stop, err));
        unlink(path);
        return ORATOR_OK;
    }
    TRY(sync_one(path, 0, err));
    TRY(sync_one(b->folder, O_DIRECTORY, err)); /* the name is the folder's content */
done:
    return s;
}

enum orator_status blob_put(struct blobs *b, const char *name, const void *data, size_t size,
                            struct orator_error *err)
{
    char path[4096];
    enum orator_status s;
    TRY(blob_path(b, name, path, sizeof(path), err));
    if (b->s3)
        return s3_put(b->s3, name, data, size, err);
    TRY(file_write(path, data, size, err));
    TRY(sync_one(b->folder, O_DIRECTORY, err));
done:
    return s;
}

enum orator_status blob_get(struct blobs *b, const char *name, size_t limit_bytes,
                            struct bytes *out, struct orator_error *err)
{
    char path[4096];
    *out = (struct bytes){0};
    enum orator_status s = blob_path(b, name, path, sizeof(path), err);
    if (s == ORATOR_OK && blob_is_away(b, name))
        return s3_get(b->s3, name, limit_bytes, out, err);
    return s == ORATOR_OK ? file_read(out, path, limit_bytes, err) : s;
}

enum orator_status blob_facts(struct blobs *b, const char *name, struct s3_facts *out,
                              struct orator_error *err)
{
    if (!b->s3 || !blob_name_ok(name))
        return orator_fail(err, ORATOR_NOT_FOUND, "no media file has this name");
    return s3_head(b->s3, name, out, err);
}

enum orator_status blob_part(struct blobs *b, const char *name, int64_t first, int64_t last,
                             struct bytes *out, struct orator_error *err)
{
    *out = (struct bytes){0};
    if (!b->s3 || !blob_name_ok(name))
        return orator_fail(err, ORATOR_NOT_FOUND, "no media file has this name");
    return s3_get_range(b->s3, name, first, last, out, err);
}

enum orator_status blob_address(struct blobs *b, const char *name, int seconds,
                                const char *disposition, char out[S3_URL_SIZE],
                                struct orator_error *err)
{
    if (!b->s3 || !blob_name_ok(name))
        return orator_fail(err, ORATOR_NOT_FOUND, "no media file has this name");
    return s3_address(b->s3, name, seconds, disposition, out, err);
}

static void note_name(char out[BLOB_NAME_SIZE + sizeof(note_tail)], const char *name)
{
    snprintf(out, BLOB_NAME_SIZE + sizeof(note_tail), "%s%s", name, note_tail);
}

enum orator_status blob_note(struct blobs *b, const char *name, const void *data, size_t size,
                             struct orator_error *err)
{
    char note[BLOB_NAME_SIZE + sizeof(note_tail)];
    note_name(note, name);
    return blob_put(b, note, data, size, err);
}

enum orator_status blob_note_get(struct blobs *b, const char *name, struct bytes *out,
                                 struct orator_error *err)
{
    char note[BLOB_NAME_SIZE + sizeof(note_tail)];
    note_name(note, name);
    return blob_get(b, note, NOTE_MAX_BYTES, out, err);
}

/* A second object with the same bytes; its note too, if it has one. */
static enum orator_status copy_away(struct blobs *b, const char *name, const char *new_name,
                                    struct orator_error *err)
{
    char note[BLOB_NAME_SIZE + sizeof(note_tail)], new_note[BLOB_NAME_SIZE + sizeof(note_tail)];
    enum orator_status s;
    note_name(note, name);
    note_name(new_note, new_name);
    TRY(s3_copy(b->s3, name, new_name, err));
    s = s3_copy(b->s3, note, new_note, err);
    if (s == ORATOR_NOT_FOUND)
        s = ORATOR_OK;
done:
    return s;
}

/* Of a file of before the store was chosen. */
static enum orator_status put_away(struct blobs *b, const char *path, const char *new_name,
                                   struct orator_error *err)
{
    char note[4096], new_note[BLOB_NAME_SIZE + sizeof(note_tail)];
    enum orator_status s;
    snprintf(note, sizeof(note), "%.4000s%s", path, note_tail);
    note_name(new_note, new_name);
    TRY(s3_put_file(b->s3, new_name, path, NULL, err));
    if (access(note, F_OK) == 0)
        TRY(s3_put_file(b->s3, new_note, note, NULL, err));
done:
    return s;
}

enum orator_status blob_link(struct blobs *b, const char *name, const char *new_name,
                             struct orator_error *err)
{
    char from[4096], to[4096];
    enum orator_status s;
    TRY(blob_path(b, name, from, sizeof(from), err));
    TRY(blob_path(b, new_name, to, sizeof(to), err));
    if (b->s3)
        return blob_is_away(b, name) ? copy_away(b, name, new_name, err)
                                     : put_away(b, from, new_name, err);
    if (link(from, to) != 0)
        return orator_fail(err, errno == ENOENT ? ORATOR_NOT_FOUND : ORATOR_IO,
                           "a media file cannot be linked: %s", strerrordesc_np(errno));
    strcat(from, note_tail); /* there is room: blob_path() kept some */
    strcat(to, note_tail);
    if (link(from, to) != 0 && errno != ENOENT)
        return orator_fail(err, ORATOR_IO, "a media file's note cannot be linked: %s",
                           strerrordesc_np(errno));
    TRY(sync_one(b->folder, O_DIRECTORY, err));
done:
    return s;
}

enum orator_status blob_sha256(struct blobs *b, const char *name, char out[BLOB_SHA256_SIZE],
                               struct orator_error *err)
{
    char path[4096];
    unsigned char chunk[16384], hash[EVP_MAX_MD_SIZE];
    enum orator_status s;
    FILE *f = NULL;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    TRY(blob_path(b, name, path, sizeof(path), err));
    f = fopen(path, "rbe");
    bool good = f && digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
    for (size_t n; good && (n = fread(chunk, 1, sizeof(chunk), f)) > 0;)
        good = EVP_DigestUpdate(digest, chunk, n);
    if (!good || ferror(f) || !EVP_DigestFinal_ex(digest, hash, NULL)) {
        s = orator_fail(err, ORATOR_IO, "a media file cannot be read");
        goto done;
    }
    for (size_t i = 0; i < BLOB_SHA256_SIZE / 2; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
done:
    if (f)
        fclose(f);
    EVP_MD_CTX_free(digest);
    return s;
}

static bool ends_in(const char *name, const char *tail)
{
    size_t n = strlen(name), k = strlen(tail);
    return n >= k && strcmp(name + n - k, tail) == 0;
}

/* What fails here is swept later. */
static void remove_away(struct blobs *b, const char *name)
{
    static const char *const without_note[] = {".mp4", ".jpg", ".png", ".webp", ".vtt"};
    char note[BLOB_NAME_SIZE + sizeof(note_tail)];
    bool may_have_note = true;
    if (ends_in(name, "." BLOB_PREVIEW))
        return; /* never put away */
    if (s3_remove(b->s3, name, NULL) != ORATOR_OK)
        return;
    for (size_t i = 0; i < sizeof(without_note) / sizeof(without_note[0]); i++)
        may_have_note = may_have_note && !ends_in(name, without_note[i]);
    note_name(note, name);
    if (may_have_note && s3_remove(b->s3, note, NULL) != ORATOR_OK)
        return;
}

void blob_remove(struct blobs *b, const char *name)
{
    char path[4096];
    if (blob_path(b, name, path, sizeof(path), NULL) != ORATOR_OK)
        return;
    bool was_here = unlink(path) == 0;
    strcat(path, note_tail);
    unlink(path);
    if (b->s3 && !was_here)
        remove_away(b, name);
}

/* One sweep; what its steps share. */
struct sweep {
    struct blobs *blobs;
    enum orator_status (*keep)(void *ctx, const char *name, bool *kept, struct orator_error *err);
    void *ctx;
    int64_t before_ms; /* only what was written before this goes */
    int64_t removed;
};

static enum orator_status is_kept(const struct sweep *w, const char *name, int64_t written_ms,
                                  bool *kept, struct orator_error *err)
{
    char whose[256];
    *kept = written_ms >= w->before_ms;
    snprintf(whose, sizeof(whose), "%s", name);
    if (ends_in(whose, note_tail))
        whose[strlen(whose) - strlen(note_tail)] = '\0'; /* a note goes with its file */
    return *kept || !blob_name_ok(whose) ? ORATOR_OK : w->keep(w->ctx, whose, kept, err);
}

static enum orator_status sweep_folder(struct sweep *w, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    DIR *folder = opendir(w->blobs->folder);
    if (!folder)
        return orator_fail(err, ORATOR_IO, "the media folder cannot be read");
    for (struct dirent *e; (e = readdir(folder)) && s == ORATOR_OK;) {
        struct stat st;
        bool kept = true;
        if (e->d_name[0] == '.' || fstatat(dirfd(folder), e->d_name, &st, 0) != 0)
            continue;
        int64_t written_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
        s = is_kept(w, e->d_name, written_ms, &kept, err);
        if (s == ORATOR_OK && !kept && unlinkat(dirfd(folder), e->d_name, 0) == 0)
            w->removed++;
    }
    closedir(folder);
    return s;
}

static enum orator_status sweep_object(void *ctx, const char *name, int64_t modified_ms,
                                       struct orator_error *err)
{
    struct sweep *w = ctx;
    bool kept;
    enum orator_status s = is_kept(w, name, modified_ms, &kept, err);
    if (s == ORATOR_OK && !kept) {
        s = s3_remove(w->blobs->s3, name, err);
        w->removed += s == ORATOR_OK;
    }
    return s;
}

enum orator_status blobs_sweep(struct blobs *b,
                               enum orator_status (*keep)(void *ctx, const char *name, bool *kept,
                                                          struct orator_error *err),
                               void *ctx, int64_t *removed, struct orator_error *err)
{
    enum orator_status s;
    int64_t uploads, old_ms = clock_wall_ms() - BLOB_SWEEP_AGE_MS;
    struct sweep w = {.blobs = b, .keep = keep, .ctx = ctx, .before_ms = old_ms};
    bool first = !b->swept;
    b->swept = true;
    /* a lock that is not given takes ours for a moment, so it is asked for before we have begun anything */
    if (first && flock(b->lock_fd, LOCK_EX | LOCK_NB) == 0)
        w.before_ms = INT64_MAX;
    s = sweep_folder(&w, err);
    if (first)
        flock(b->lock_fd, LOCK_SH);
    w.before_ms = old_ms;
    if (s == ORATOR_OK && b->s3 && !first) {
        s = s3_list(b->s3, sweep_object, &w, err);
        if (s == ORATOR_OK)
            s = s3_abort_stale(b->s3, clock_wall_ms() - STALE_UPLOAD_MS, &uploads, err);
    }
    *removed = w.removed;
    return s;
}
