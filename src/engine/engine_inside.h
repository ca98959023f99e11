/* engine_inside.h - the engine's models, for the files of this folder. */
#pragma once

#include "engine/dsp/dsp.h"
#include "engine/engine.h"
#include "engine/face/face.h"
#include "engine/speech/speech.h"

struct engine {
    struct face_model *face;
    struct speech_model *speech;
    struct dsp dsp;
};
