/* stream.h - what a stream of speech is made of; its functions are in speech.h. */
#pragma once

#include "engine/speech/feature.h"
#include "engine/speech/net.h"
#include "engine/speech/speech.h"

struct speech_stream {
    struct features *features;
    struct net net;
    struct tape rows, frames; /* between features and network; what nobody has taken yet */
    int64_t samples;
};
