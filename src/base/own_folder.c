#include "base/own_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"

static int open_folder(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Whatever lies in `parent` and is locked by nobody. */
static void remove_orphans(const char *parent)
{
    char path[OWN_FOLDER_SIZE];
    DIR *folder = opendir(parent);
    for (struct dirent *e; folder && (e = readdir(folder));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            (size_t)snprintf(path, sizeof(path), "%s/%s", parent, e->d_name) >= sizeof(path))
            continue;
        int fd = open_folder(path);
        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
            folder_remove(path);
        if (fd >= 0)
            close(fd);
    }
    if (folder)
        closedir(folder);
}

enum orator_status own_folder_open(struct own_folder *out, const char *parent,
                                   struct orator_error *err)
{
    *out = (struct own_folder){.lock_fd = -1};
    enum orator_status s = folder_make(parent, err);
    if (s != ORATOR_OK)
        return s;
    int all_fd = open_folder(parent);
    if (all_fd >= 0)
        flock(all_fd, LOCK_EX); /* from making a folder to locking it nobody else may look */
    remove_orphans(parent);
    bool good =
        (size_t)snprintf(out->path, sizeof(out->path), "%s/XXXXXX", parent) < sizeof(out->path) &&
        mkdtemp(out->path);
    out->lock_fd = good ? open_folder(out->path) : -1;
    good = out->lock_fd >= 0 && flock(out->lock_fd, LOCK_EX | LOCK_NB) == 0;
    int why = errno;
    if (all_fd >= 0)
        close(all_fd);
    if (good)
        return ORATOR_OK;
    own_folder_close(out);
    return orator_fail(err, ORATOR_IO, "a folder to work in cannot be made: %s",
                       strerrordesc_np(why));
}

void own_folder_close(struct own_folder *f)
{
    if (f->lock_fd > 0) {
        folder_remove(f->path);
        close(f->lock_fd);
    }
    *f = (struct own_folder){.lock_fd = -1};
}
