/* video.h - one video made on this machine, asked for in words: what `render`, each row of `batch` and `mcp`
 * share. Threads: a run belongs to its caller; an engine may be shared.
 */
#pragma once

#include "app/arguments.h"
#include "base/clock.h"
#include "engine/engine.h"

/* As typed; NULL: as usual. The names of the options are also the columns of a batch's list. */
struct video_request {
    const char *image, *audio, *out;            /* paths */
    const char *captions, *thumbnail, *preview; /* paths of what is written beside the video */
    const char *model, *prompt, *seed, *resolution, *fps, *aspect_ratio, *face_box, *motion_head,
        *motion_expression, *text;
    const char *say, *voice, *speed; /* instead of a recording */
    bool no_blink, label;
};

/* How to perform, as rows of a table of options; `at` is where its values hold a struct video_request. */
// clang-format off
#define VIDEO_OPTIONS(at)                                                                                   \
    {"model", "standard|pro", "standard: 720p class, 25 frames a second; pro: 1080p class, 48", (at) + offsetof(struct video_request, model), 0}, \
    {"prompt", "TEXT", "how to perform: \"warm smile, stable camera\"", (at) + offsetof(struct video_request, prompt), 0},             \
    {"resolution", "480p|720p|1080p|source", "the shorter side; source: the portrait's own pixels", (at) + offsetof(struct video_request, resolution), 0}, \
    {"fps", "N", "frames a second, 12 to 60", (at) + offsetof(struct video_request, fps), 0},                                          \
    {"aspect-ratio", "source|16:9|9:16|1:1|4:3|3:4", "cut or extended around the face", (at) + offsetof(struct video_request, aspect_ratio), 0}, \
    {"face-box", "BOX", "x,y,width,height of the face to animate, where the picture shows several", (at) + offsetof(struct video_request, face_box), 0}, \
    {"motion-head", "F", "how much the head moves, 0 to 2; 1 is usual", (at) + offsetof(struct video_request, motion_head), 0},         \
    {"motion-expression", "F", "the same for smile and brows", (at) + offsetof(struct video_request, motion_expression), 0},           \
    {"no-blink", NULL, "the eyes stay open", (at) + offsetof(struct video_request, no_blink), 0},                                      \
    {"seed", "N", "another performance of the same voice; the same N gives the same video", (at) + offsetof(struct video_request, seed), 0}, \
    {"label", NULL, "a corner of the picture says \"AI generated\"", (at) + offsetof(struct video_request, label), 0}

/* A text instead of a recording. */
#define VIDEO_SPEECH(at)                                                                                    \
    {"say", "TEXT", "speak this text instead of a recording", (at) + offsetof(struct video_request, say), 0}, \
    {"voice", "NAME", "of --say: en-us (usual), de, zh, de+f3, ... or a voice's name of OpenAI", (at) + offsetof(struct video_request, voice), 0}, \
    {"speed", "F", "of --say: 0.25 to 4; 1 is usual", (at) + offsetof(struct video_request, speed), 0}

/* What is written beside it; on this machine only. */
#define VIDEO_FILES(at)                                                                                     \
    {"captions", "FILE", "write WebVTT captions too", (at) + offsetof(struct video_request, captions), 0},  \
    {"text", "TEXT", "what the voice says, for the captions; without it they say when there is speech", (at) + offsetof(struct video_request, text), 0}, \
    {"thumbnail", "FILE", "write a small JPEG of the first picture too", (at) + offsetof(struct video_request, thumbnail), 0}
// clang-format on

/* All of it, for those who copy a request or compare two. */
extern const struct option video_words[];

struct video_made {
    struct engine_result result;
    int64_t seed, took_ms;
};

typedef enum orator_status video_progress(void *ctx, const struct engine_progress *,
                                          struct orator_error *err);

/* What is wrong with the words themselves, before a file is read. */
ORATOR_MUST_CHECK enum orator_status video_check(const struct video_request *,
                                                 struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status video_make(const struct engine *, const struct video_request *,
                                                int64_t max_voice_ms, video_progress *progress,
                                                void *ctx, struct video_made *out,
                                                struct orator_error *err);
