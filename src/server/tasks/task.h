/* task.h - one request for a video, from the submit to the last word about it.
 *
 *            submit               claim                    finish
 *   (nothing) -----> TASK_QUEUED -------> TASK_PROCESSING --------> TASK_COMPLETED
 *                     |  ^                   |      |     fail         | expire: the video is gone
 *                     |  |  lease lost or    |      +-------------> TASK_FAILED
 *                     |  +---- retry --------+                         ^
 *                     +--------- cancel, expire; both from PROCESSING too
 *
 * Units: times in ms since 1970, UTC; durations in ms; money in micro-units of the currency.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum task_state {                  /* the store keeps the numbers: only ever add */
                  TASK_QUEUED,     /* waiting in the store; any worker may claim it */
                  TASK_PROCESSING, /* claimed until lease_until_ms; then it may be claimed again */
                  TASK_COMPLETED,  /* the video is in the media store, complete, and paid for */
                  TASK_FAILED,     /* failure_word and failure_text say why; nothing was charged */
                  TASK_STATE_COUNT
};

enum task_billing {                   /* the store keeps the numbers: only ever add */
                    BILLING_RESERVED, /* the price of what was declared is held */
                    BILLING_SETTLED,  /* the video was charged, the rest given back */
                    BILLING_RELEASED, /* all was given back */
};

/* The words of the HTTP API: queued, processing, completed, failed. */
const char *task_state_word(enum task_state);

enum {
    TASK_ID_SIZE = 32, /* "task_" + 20 characters of [0-9a-z], the time first, + NUL, with room */
    TASK_PROMPT_MAX = 2500,    /* characters, as in the API's limits */
    TASK_TEXT_MAX = 10000,     /* characters; five minutes of fast speech are 6000 */
    TASK_EXTERNAL_ID_MAX = 64, /* characters of external_task_id */
    TASK_URL_MAX = 4096,       /* bytes; data: URLs are kept as files instead */
    TASK_ATTEMPTS_MAX = 3,     /* a task that kills three workers is not tried a fourth time */
    TASK_LEASE_MS = 15000,     /* kept alive by a beat every 5 s: two beats may be lost */
};

/* What a request may ask for beside its model's own; {0} asks for nothing. */
struct task_options {
    char resolution[8];      /* "480p", "720p", "1080p", "source"; "": the model's */
    int fps;                 /* 0: the model's */
    char aspect_ratio[8];    /* "16:9", ...; "": the picture's own */
    double face_box[4];      /* x, y, width, height in the portrait; a width of 0: the one face */
    bool moves;              /* the next three were sent */
    double head, expression; /* 0..2; 1 is as predicted */
    bool blink;
    bool captions; /* a WebVTT file comes with the video */
    bool label;    /* a corner of the video says that it was generated */
};

/* Everything the store keeps of a task. Strings are owned; task_fini() frees them. */
struct task {
    char id[TASK_ID_SIZE];
    char key_id[32];     /* whose it is */
    char account_id[32]; /* whose money; "": ACCOUNT_DEFAULT */
    int64_t seq;         /* the order of submits; 0 right after one */
    int64_t turn;        /* the order of claims, then seq */
    int64_t position;    /* after a submit: how many wait before it, or in all; else 0 */
    enum task_state state;
    char *model;                 /* "kling-avatar-v2-standard" or "-pro" */
    char *image_url, *audio_url; /* "blob:NAME": a file of the media store; "blob:": it was */
    char *prompt;                /* NULL: none */
    char *text;                  /* what the voice says, for captions; NULL: not known */
    int64_t declared_ms;         /* audio_duration_seconds of the request */
    uint64_t seed;
    struct task_options options;
    char *external_task_id; /* the client's own name for it, unique for its key; NULL: none */
    char *metadata;         /* a JSON object of texts, kept as it came; NULL: none */
    int64_t created_ms, updated_ms, completed_ms; /* 0: not yet */
    int64_t started_ms;                           /* the last claim; 0: not yet */
    int64_t
        retention_ms; /* how long it is kept, waiting, and again once it is completed; 0: for ever */
    int64_t expires_ms; /* when that ends; 0: never */

    int attempt;            /* 1 while first processed */
    char worker[48];        /* who holds the lease */
    int64_t lease_until_ms; /* processing: free for all after; queued: not claimed before */
    char stage[16];         /* fetch, inspect, speech, motion, render, store */
    int64_t frames_done, frames_total;
    char preview_name[48]; /* in the media store, growing while it is processed; "": none */

    int64_t price_micro_per_s; /* at the time of the submit */
    int64_t reserved_micro, charged_micro;
    enum task_billing billing;
    int64_t ledger_entry; /* number of the last row about it in the account's ledger */
    int64_t measured_ms;  /* length of the voice; 0: not measured yet */

    char *video_name;                /* in the media store; completed only */
    int64_t duration_ms, size_bytes; /* of the video */
    int width_px, height_px, fps;
    char *thumbnail_name, *captions_name; /* in the media store; NULL: none */
    char *direction; /* what of the prompt was understood, a JSON list; NULL: nobody said */
    char *sha256;    /* of the video, in hexadecimal; NULL: not known */
    char *quality;   /* a JSON object: what was seen of the portrait; NULL: nothing */
    char *warnings;  /* a JSON list as base/warning.h writes it; NULL: none; completed only */

    enum orator_status failure; /* failed only */
    char *failure_text, *failure_param;
};

void task_fini(struct task *);

/* Whether a sound is not the one that was declared: off by more than half a second and by a twentieth. */
bool task_lengths_differ(int64_t declared_ms, int64_t measured_ms);
