/* facts.h - what can be said of a portrait and a voice before a video is made of them; who knows how to look
 * is told to the API by api_setup.examine.
 *
 * Units:   boxes in pixels of the portrait, ratios 0..1.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/warning.h"

enum { FACTS_FACES_MAX = 8, FACTS_PROBLEMS_MAX = 12, FACTS_MESH_POINTS = 478 };

struct facts {
    int width_px, height_px; /* of the portrait; 0: it could not be read */
    int face_count;
    struct {
        double box[4], confidence, yaw_degrees, eye_distance_px;
        bool usable; /* if it were alone in the picture */
    } faces[FACTS_FACES_MAX];
    int speaker;                      /* of faces: who would speak; -1: nobody */
    short mesh[FACTS_MESH_POINTS][2]; /* of the speaker, in whole pixels */
    struct warnings warnings;

    int64_t voice_ms; /* 0: it could not be read */
    char codec[16];
    int rate_hz, channels;
    double speech_ratio, clipping;

    int problem_count; /* what a job would fail with; each with its param */
    struct orator_error problems[FACTS_PROBLEMS_MAX];
};

/* One problem more; `param` where it names none. */
void facts_add(struct facts *, enum orator_status, const struct orator_error *, const char *param);
