/* child.h - another program, run to its end: bytes into its standard input, bytes out of its output.
 *
 * What:    the program gets a process group of its own, no file of ours but the three standard ones, usual
 *          signals, and our environment without what begins with ORATOR_. It is ended by SIGTERM, two
 *          seconds later by SIGKILL, with all it started: when its time is over, when *stop is not 0, or when
 *          what reads its output says so. What it leaves running in its group when it ends is killed too.
 * Errors:  NOT_FOUND if it cannot be started, CANCELED by *stop, STAGE_TIMEOUT, IO, what out() returned.
 *          An exit status is no error here.
 * Threads: any; each call watches its own program.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { CHILD_COMPLAINT_SIZE = 1024 };

struct child_order {
    const char *const *argv; /* argv[0] is looked up in PATH if it has no '/'; NULL ends */
    const char *const *env;  /* "NAME=value", added; NULL ends; may be NULL */
    const void *input;
    size_t input_size;
    int64_t limit_ms;
    const atomic_int *stop; /* may be NULL */
    /* Pieces of its output as they come; anything but OK ends it with that. May be NULL. */
    enum orator_status (*out)(void *ctx, const char *data, size_t size, struct orator_error *err);
    void *ctx;
};

struct child_end {
    int exit_code; /* -1: a signal ended it */
    int signal;
    char complaint[CHILD_COMPLAINT_SIZE]; /* the last of its standard error, for a log */
};

ORATOR_MUST_CHECK enum orator_status child_run(const struct child_order *, struct child_end *end,
                                               struct orator_error *err);
