/* examine.c - the engine's examination in the API's words. */
#include "app/examine.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "engine/engine.h"
#include "engine/examine.h"

enum orator_status app_examine(void *engine, const struct bytes *portrait,
                               const struct bytes *voice, const double *face_box, int64_t max_ms,
                               struct facts *out, struct orator_error *err)
{
    struct examination x;
    float box[4];
    for (int k = 0; face_box && k < 4; k++)
        box[k] = (float)face_box[k];
    enum orator_status s =
        engine_examine(engine, portrait, voice, face_box ? box : NULL, max_ms, &x, err);
    if (s != ORATOR_OK)
        return s;
    *out = (struct facts){.width_px = x.width_px,
                          .height_px = x.height_px,
                          .face_count = x.face_count,
                          .speaker = x.speaker,
                          .warnings = x.warnings,
                          .voice_ms = (x.voice_us + 500) / 1000,
                          .rate_hz = x.rate_hz,
                          .channels = x.channels,
                          .speech_ratio = (double)x.speech_ratio,
                          .clipping = (double)x.clipping};
    snprintf(out->codec, sizeof(out->codec), "%s", x.codec);
    for (int i = 0; i < x.face_count; i++) {
        const struct face_seen *f = &x.faces[i];
        for (int k = 0; k < 4; k++)
            out->faces[i].box[k] = (double)f->box[k];
        out->faces[i].confidence = (double)f->confidence;
        out->faces[i].yaw_degrees = (double)f->yaw_rad * 180 / M_PI;
        out->faces[i].eye_distance_px = (double)f->eye_distance_px;
        out->faces[i].usable = f->usable;
    }
    static_assert((int)FACTS_MESH_POINTS == (int)FACE_POINTS, "the API's mesh is the engine's");
    for (int i = 0; x.speaker >= 0 && i < FACE_POINTS; i++)
        for (int k = 0; k < 2; k++)
            out->mesh[i][k] = (short)lrintf(x.mesh[i][k]);
    for (int i = 0; i < x.problem_count; i++)
        facts_add(out, x.problems[i].status, &x.problems[i], "");
    return s;
}
