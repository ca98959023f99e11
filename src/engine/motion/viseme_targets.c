#include "engine/motion/viseme_targets.h"

// clang-format off
const struct viseme_target viseme_targets[VISEME_COUNT] = {
    /*               width  pucker tongue */
    [VISEME_SIL] = { 0.68f, 0.5f,  0.0f },
    [VISEME_PP]  = { 0.40f, 0.6f,  0.0f },
    [VISEME_FF]  = { 0.60f, 0.5f,  0.0f },
    [VISEME_TH]  = { 0.62f, 0.3f,  1.0f },
    [VISEME_DD]  = { 0.56f, 0.3f,  0.7f },
    [VISEME_SS]  = { 0.78f, 0.3f,  0.2f },
    [VISEME_CH]  = { 0.34f, 0.1f,  0.1f },
    [VISEME_KK]  = { 0.58f, 0.3f,  0.0f },
    [VISEME_RR]  = { 0.30f, 0.4f,  0.1f },
    [VISEME_AA]  = { 0.74f, 0.0f,  0.0f },
    [VISEME_EH]  = { 0.90f, 0.0f,  0.0f },
    [VISEME_II]  = { 0.80f, 0.0f,  0.0f },
    [VISEME_OO]  = {-0.11f, 0.3f,  0.0f },
    [VISEME_UU]  = {-0.17f, 1.0f,  0.0f },
    [VISEME_AX]  = { 0.55f, 0.3f,  0.0f },
};
// clang-format on
