/* generations.h - the road that every submit takes, whichever door it came through. Private to api/. */
#pragma once

#include "server/api/inputs.h"

/* In whose words a client is told of its task. */
struct shape {
    const char *name; /* to a callback_url: "job", "kling", "fal", "replicate" */
    /* The answer to the submit, malloc'ed. It must not ask the store: it is made within a transaction. */
    char *(*accepted)(const struct call *, const struct task *, size_t *size);
    int status;   /* 0: 200 */
    bool located; /* with a Location */
};

/* Has the task stored with its price. Takes over *in and *inputs, which become empty: they are the task's, or
 * dropped. *done = false: it is under way; return OK, and call generation_resume() when the handler is called
 * again. Otherwise the call is answered; *out is the caller's to task_fini(). The shape is static. */
ORATOR_MUST_CHECK enum orator_status generation_accept(struct call *, struct submission *in,
                                                       struct inputs *, const struct shape *,
                                                       struct task *out, bool *done,
                                                       struct orator_error *err);
bool generation_is_waiting(const struct call *);
ORATOR_MUST_CHECK enum orator_status generation_resume(struct call *, struct task *out,
                                                       struct orator_error *err);
/* Takes the task of the key away with its files. jobs.c */
ORATOR_MUST_CHECK enum orator_status generation_delete(struct call *, const char *id,
                                                       struct orator_error *err);
/* The answer becomes the file that ?variant= names: video, thumbnail, captions. NOT_FOUND while there is
 * none, EXPIRED when it is gone. jobs.c */
ORATOR_MUST_CHECK enum orator_status generation_content(struct call *, const char *id,
                                                        struct orator_error *err);
