/* maker.h - who makes a task's video: several engines behind one function, chosen for each model.
 *
 * What:    a maker is a row: a name, what it needs, and the function that turns a task and its two files
 *          into an MP4. maker_orator() is the engine of this tree, maker_command() a program of the
 *          operator's, maker_kling() Kling's own service; maker_none() gives the same tiny video to everybody, for measuring what surrounds an
 *          engine. docs/engines.md is the operator's page.
 * Output:  the video appears at `video_path` complete, by rename, or not at all.
 * Owns:    nothing of the job; what a maker holds is released by its own _free.
 * Errors:  the words of base/error.h; CANCELED once *stop is not 0, within a second.
 * Threads: make() may run on several threads at once.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/warning.h"
#include "server/fetch/fetch.h"
#include "server/tasks/task.h"

struct maker_progress {
    const char *stage; /* "inspect", "speech", "motion", "render": static text */
    int64_t frames_done, frames_total;
    int64_t voice_us;   /* measured; 0: not known yet */
    int64_t preview_us; /* so much of what is at preview_path can be played by now */
};

enum { MAKER_DIRECTION_SIZE = 5120 };

struct maker_job {
    const struct task *task;              /* borrowed, as all here */
    bool pro;                             /* the better of the two models */
    const struct bytes *portrait, *voice; /* whole files; NULL unless needs_inputs */
    const struct bytes
        *notes; /* what the voice says when, as engine/voice writes it; NULL: not known */
    const char *video_path;
    const char *thumbnail_path; /* a small JPEG is written there, where result.thumbnail says so */
    const char *preview_path;   /* may be written: an MP4 that can be played while it grows */
    const char *captions_path;  /* WebVTT, likewise; NULL: not asked for */
    int64_t max_voice_ms;
    /* Called as often as there is news. Anything but OK ends the making with that status. */
    enum orator_status (*progress)(void *ctx, const struct maker_progress *,
                                   struct orator_error *err);
    void *ctx;
    const atomic_int *stop; /* not 0: end with CANCELED */
};

struct maker_result {
    int64_t frames, size_bytes, voice_us, duration_us;
    int width_px, height_px, fps;
    bool thumbnail, captions;
    char direction
        [MAKER_DIRECTION_SIZE]; /* what of the prompt was understood, a JSON list; "": not said */
    struct warnings warnings;
    struct {
        float box[4], yaw_degrees, confidence, eye_distance_px; /* in portrait pixels */
        float brightness, contrast;                             /* 0..1 */
    } face; /* a confidence of 0: nobody looked */
};

struct maker {
    const char *name;  /* "orator": the word of the settings */
    bool needs_inputs; /* the portrait and the voice are fetched for it */
    int64_t limit_ms;  /* its render stage may take so long; 0: as long as the worker thinks */
    enum orator_status (*make)(const void *self, const struct maker_job *, struct maker_result *,
                               struct orator_error *err);
    const void *self; /* for make() */
};

struct engine;
/* The engine is borrowed for the maker's life. */
struct maker maker_orator(const struct engine *);

/* The video is made once, in `folder`, and kept in memory. */
struct maker_none;
ORATOR_MUST_CHECK enum orator_status maker_none_open(struct maker_none **out, const char *folder,
                                                     struct orator_error *err);
void maker_none_free(struct maker_none **);
struct maker maker_none(const struct maker_none *);

/* A program of the operator's; works below `folder`. The log is borrowed; NULL: none. */
struct maker_command;
ORATOR_MUST_CHECK enum orator_status maker_command_open(struct maker_command **out,
                                                        const char *program, const char *folder,
                                                        int64_t limit_ms, const struct log *log,
                                                        struct orator_error *err);
void maker_command_free(struct maker_command **);
struct maker maker_command(const struct maker_command *);

/* Kling's official avatar API, with the operator's keys. */
struct maker_kling;
struct maker_kling_setup {
    const char *url;        /* "https://api-singapore.klingai.com", no slash at the end */
    const char *access_key; /* NULL or "": secret_key is a bearer key as it is */
    const char *secret_key;
    const char *folder;        /* where videos lie while they are looked at */
    struct fetch_policy fetch; /* its strings are borrowed */
    int64_t limit_ms, poll_ms; /* for the whole of a video; the first wait between two looks */
    const struct log *log;     /* borrowed; NULL: none */
};
ORATOR_MUST_CHECK enum orator_status maker_kling_open(struct maker_kling **out,
                                                      const struct maker_kling_setup *,
                                                      struct orator_error *err);
void maker_kling_free(struct maker_kling **);
struct maker maker_kling(const struct maker_kling *);
