/* model.h - the loaded models, for the files of face/ only. */
#pragma once

#include "engine/face/pose.h"
#include "engine/nn/graph.h"

struct face_model {
    struct graph *detector, *mesh;
    struct canonical_head head;
};
