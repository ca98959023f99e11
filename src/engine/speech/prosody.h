/* prosody.h - how it is said: loudness and pitch of each frame.
 *
 * What:    loudness from the mel energy; pitch by normalised cross-correlation of the voice at 4 kHz,
 *          one smooth path chosen through the candidates, none where the network hears silence.
 */
#pragma once

#include "engine/speech/speech.h"

/* Fills level_db and pitch_hz of frames [0, count), which are two rows of `energy` each (features.energy);
 * viseme[VISEME_SIL] must be there already. */
ORATOR_MUST_CHECK enum orator_status prosody_measure(struct speech_frame *frames, int64_t count,
                                                     const float *energy, int64_t rows,
                                                     const float *samples, int64_t samples_count,
                                                     struct orator_error *err);
