/* scratch.h - a folder for one test, gone with everything in it afterwards. */
#pragma once

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRATCH_SIZE = 64 };

static inline void scratch_new(char out[SCRATCH_SIZE])
{
    strcpy(out, "/tmp/orator-test-XXXXXX");
    if (!mkdtemp(out))
        abort();
}

static inline int scratch_drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static inline void scratch_remove(const char *folder)
{
    nftw(folder, scratch_drop, 8, FTW_DEPTH | FTW_PHYS);
}
