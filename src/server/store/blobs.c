#include "server/store/blobs.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "server/store/name.h"

enum { RANDOM_LETTERS = 26, EXTENSION_MAX = BLOB_NAME_SIZE - RANDOM_LETTERS - 2 };

static const char note_tail[] = ".note";
enum { NOTE_MAX_BYTES = 4 << 20 };

struct blobs {
    char *folder;
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
    if (b)
        b->folder = strdup(folder);
    if (!b || !b->folder) {
        blobs_close(&b);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the media store");
    }
    *out = b;
    return ORATOR_OK;
}

void blobs_close(struct blobs **b)
{
    if (!*b)
        return;
    free((*b)->folder);
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

enum orator_status blob_sync(struct blobs *b, const char *name, struct orator_error *err)
{
    char path[4096];
    enum orator_status s;
    TRY(blob_path(b, name, path, sizeof(path), err));
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
    return s == ORATOR_OK ? file_read(out, path, limit_bytes, err) : s;
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

enum orator_status blob_link(struct blobs *b, const char *name, const char *new_name,
                             struct orator_error *err)
{
    char from[4096], to[4096];
    enum orator_status s;
    TRY(blob_path(b, name, from, sizeof(from), err));
    TRY(blob_path(b, new_name, to, sizeof(to), err));
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

void blob_remove(struct blobs *b, const char *name)
{
    char path[4096];
    if (blob_path(b, name, path, sizeof(path), NULL) != ORATOR_OK)
        return;
    unlink(path);
    strcat(path, note_tail);
    unlink(path);
}

enum orator_status blobs_sweep(struct blobs *b,
                               enum orator_status (*keep)(void *ctx, const char *name, bool *kept,
                                                          struct orator_error *err),
                               void *ctx, int64_t *removed, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    *removed = 0;
    DIR *folder = opendir(b->folder);
    if (!folder)
        return orator_fail(err, ORATOR_IO, "the media folder cannot be read");
    for (struct dirent *e; (e = readdir(folder)) && s == ORATOR_OK;) {
        if (e->d_name[0] == '.')
            continue;
        bool kept = false;
        char whose[sizeof(e->d_name)];
        snprintf(whose, sizeof(whose), "%s", e->d_name);
        char *tail = strstr(whose, note_tail);
        if (tail && strcmp(tail, note_tail) == 0)
            *tail = '\0'; /* a note goes with its file */
        if (blob_name_ok(whose))
            s = keep(ctx, whose, &kept, err);
        if (s == ORATOR_OK && !kept && unlinkat(dirfd(folder), e->d_name, 0) == 0)
            ++*removed;
    }
    closedir(folder);
    return s;
}
