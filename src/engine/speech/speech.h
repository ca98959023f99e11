/* speech.h - a voice becomes what the mouth must show: 50 times a second, which sound is being said.
 *
 * What:    log-mel features and a small dilated convolution network trained on synthetic speech
 *          (models/MODEL.md). Any language; no transcript. Beside it prosody: loudness, pitch, pauses.
 * Units:   mono float -1..1 at SPEECH_RATE_HZ in. Frame k is centred at (k + 0.25) / SPEECH_FRAMES_HZ s.
 * Owns:    its frames; speech_fini() gives them back.
 * Threads: a model is read-only and shared; speech_analyse() is pure.
 */
#pragma once

#include "engine/media/media.h"

enum { SPEECH_RATE_HZ = 16000, SPEECH_FRAMES_HZ = 50 };

enum viseme { /* the order of the network's output */
              VISEME_SIL,
              VISEME_PP,
              VISEME_FF,
              VISEME_TH,
              VISEME_DD,
              VISEME_SS,
              VISEME_CH,
              VISEME_KK,
              VISEME_RR,
              VISEME_AA,
              VISEME_EH,
              VISEME_II,
              VISEME_OO,
              VISEME_UU,
              VISEME_AX,
              VISEME_COUNT
};

enum articulator { /* the network's other outputs, each 0..1 */
                   ARTICULATOR_JAW,
                   ARTICULATOR_OPEN,
                   ARTICULATOR_ROUND,
                   ARTICULATOR_SPREAD,
                   ARTICULATOR_PRESS,
                   ARTICULATOR_LABIODENTAL,
                   ARTICULATOR_TONGUE,
                   ARTICULATOR_TEETH,
                   /* measured on real speakers; 0 = the speaker's 5th percentile, 1 = the 95th, after decoding */
                   ARTICULATOR_LIP_OPENING,
                   ARTICULATOR_LIP_WIDTH,
                   ARTICULATOR_JAW_DROP,
                   ARTICULATOR_COUNT
};

struct speech_frame {
    float viseme[VISEME_COUNT]; /* probabilities, sum 1 */
    float articulator[ARTICULATOR_COUNT];
    float level_db; /* loudness relative to the recording's 97th percentile, <= about 6 */
    float
        pitch_hz; /* 0 where there is none; both are 0 in a stream: they need the whole recording */
};

struct speech {
    struct speech_frame *frames; /* owned; [0, count) */
    int64_t count;
    int64_t samples; /* of the voice at SPEECH_RATE_HZ */
};

struct speech_model;
ORATOR_MUST_CHECK enum orator_status speech_model_open(struct speech_model **out, const char *path,
                                                       struct orator_error *err);
void speech_model_free(struct speech_model **);

/* A voice of which the whole is there. The same as the stream below, and loudness and pitch. */
ORATOR_MUST_CHECK enum orator_status speech_analyse(struct speech *out, const struct speech_model *,
                                                    const struct sound *mono,
                                                    struct orator_error *err);
void speech_fini(struct speech *);

/* A voice that is still coming: a frame is certain when SPEECH_AHEAD_MS of sound after it are there. How the
 * samples are cut into calls changes no bit of it. A stream belongs to one thread. */
enum { SPEECH_AHEAD_MS = 2300 };
struct speech_stream;
ORATOR_MUST_CHECK enum orator_status speech_stream_begin(struct speech_stream **out,
                                                         const struct speech_model *,
                                                         struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status speech_stream_push(struct speech_stream *,
                                                        const float *samples, int64_t count,
                                                        struct orator_error *err);
/* No sample will follow: the last frames become certain. AUDIO_TOO_SHORT if there is none. */
ORATOR_MUST_CHECK enum orator_status speech_stream_finish(struct speech_stream *,
                                                          struct orator_error *err);
/* Moves up to `room` certain frames to `frames`, oldest first; says how many. */
int64_t speech_stream_take(struct speech_stream *, struct speech_frame *frames, int64_t room);
void speech_stream_free(struct speech_stream **);
