/* own_folder.h - a folder that this process alone works in, below one that several processes may share.
 *
 * What:    a new folder, locked while the process lives. Opening one removes those of processes that are gone, however
 *          they went.
 * Errors:  those of folder_make(). Threads: one.
 */
#pragma once

#include "base/error.h"

enum { OWN_FOLDER_SIZE = 4096 };

struct own_folder {
    char path[OWN_FOLDER_SIZE]; /* "" if there is none */
    int lock_fd;
};

ORATOR_MUST_CHECK enum orator_status own_folder_open(struct own_folder *out, const char *parent,
                                                     struct orator_error *err);
void own_folder_close(
    struct own_folder *); /* removes it; of an open that failed, or {0}, nothing */
