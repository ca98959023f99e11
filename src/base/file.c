#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void bytes_fini(struct bytes *b)
{
    free(b->data);
    *b = (struct bytes){0};
}

bool bytes_add(struct bytes *b, size_t *room_bytes, const void *data, size_t size)
{
    enum { FIRST_BYTES = 4096 };
    if (!b->data || b->size + size > *room_bytes) {
        size_t room = *room_bytes ? *room_bytes * 2 : FIRST_BYTES;
        while (room < b->size + size)
            room *= 2;
        unsigned char *larger = realloc(b->data, room + 1);
        if (!larger)
            return false;
        b->data = larger;
        *room_bytes = room;
    }
    memcpy(b->data + b->size, data, size);
    b->size += size;
    b->data[b->size] = '\0';
    return true;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum orator_status fail_errno(struct orator_error *err, const char *what, const char *path)
{
    char why[96];
    return orator_fail(err, errno == ENOENT ? ORATOR_NOT_FOUND : ORATOR_IO, "cannot %s %s: %s",
                       what, last_part(path), strerror_r(errno, why, sizeof(why)));
}

enum orator_status file_read(struct bytes *out, const char *path, size_t limit_bytes,
                             struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct stat st;
    *out = (struct bytes){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(err, "open", path);
    if (fstat(fd, &st) < 0) {
        s = fail_errno(err, "read", path);
        goto done;
    }
    if (!S_ISREG(st.st_mode)) {
        s = orator_fail(err, ORATOR_IO, "%s is not a file", last_part(path));
        goto done;
    }
    if ((uintmax_t)st.st_size > limit_bytes) {
        s = orator_fail(err, ORATOR_REQUEST_TOO_LARGE,
                        "%s holds %lld bytes, at most %zu are allowed", last_part(path),
                        (long long)st.st_size, limit_bytes);
        goto done;
    }
    out->data = malloc((size_t)st.st_size + 1);
    if (!out->data) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for %s", last_part(path));
        goto done;
    }
    while (out->size < (size_t)st.st_size) {
        ssize_t n = read(fd, out->data + out->size, (size_t)st.st_size - out->size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            s = fail_errno(err, "read", path);
            goto done;
        }
        if (n == 0)
            break; /* it shrank while we read; what there was is what it holds */
        out->size += (size_t)n;
    }
    out->data[out->size] = '\0';
done:
    close(fd);
    if (s != ORATOR_OK)
        bytes_fini(out);
    return s;
}

enum orator_status file_write(const char *path, const void *data, size_t size,
                              struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    char part[4096];
    if ((size_t)snprintf(part, sizeof(part), "%s.part", path) >= sizeof(part))
        return orator_fail(err, ORATOR_IO, "the path of %s is too long", last_part(path));
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail_errno(err, "create", path);
    const unsigned char *p = data;
    while (size > 0) {
        ssize_t n = write(fd, p, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            s = fail_errno(err, "write", path);
            break;
        }
        p += n;
        size -= (size_t)n;
    }
    if (s == ORATOR_OK && fsync(fd) < 0)
        s = fail_errno(err, "write", path);
    close(fd);
    if (s == ORATOR_OK && rename(part, path) < 0)
        s = fail_errno(err, "rename", path);
    if (s != ORATOR_OK)
        unlink(part);
    return s;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    remove(path);
    return 0;
}

void folder_remove(const char *path)
{
    enum { DESCRIPTORS = 8 };
    nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

enum orator_status folder_make(const char *path, struct orator_error *err)
{
    char p[4096];
    if ((size_t)snprintf(p, sizeof(p), "%s", path) >= sizeof(p))
        return orator_fail(err, ORATOR_IO, "the path of %s is too long", last_part(path));
    for (char *slash = p; *slash; slash++) {
        if (*slash != '/' || slash == p)
            continue;
        *slash = '\0';
        if (mkdir(p, 0700) < 0 && errno != EEXIST)
            return fail_errno(err, "create", p);
        *slash = '/';
    }
    if (mkdir(p, 0700) < 0 && errno != EEXIST)
        return fail_errno(err, "create", p);
    return ORATOR_OK;
}
