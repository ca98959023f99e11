/* measure.h - how long is the voice? For submits that do not say, as those of the other doors do not.
 *
 * What:    a thread of its own fetches the sound, has it decoded (api_setup.voice_ms) and keeps it as the
 *          task's; the request waits meanwhile without a thread. What the task is then charged for is
 *          what was measured. At most MEASURES_MAX are under way, QUEUE_FULL beyond.
 * Owns:    the submission and the inputs from measure_begin() until measure_end() gives them back; what
 *          nobody comes back for is dropped.
 * Threads: any. Private to api/, but for open and close.
 */
#pragma once

#include "server/api/generations.h"

enum { MEASURES_MAX = 8 /* each may hold a sound of 50 MB in memory */, MEASURE_ID_SIZE = 32 };

struct measures;
ORATOR_MUST_CHECK enum orator_status measures_open(struct measures **out, struct orator_error *err);
void measures_close(struct measures **); /* waits for those under way */

/* Takes over *in and *inputs when it returns OK. The shape is static; NULL: both sources are examined for an
 * estimate, and measure_end() tells the facts. */
ORATOR_MUST_CHECK enum orator_status measure_begin(const struct api_setup *, struct submission *in,
                                                   struct inputs *inputs, const struct shape *shape,
                                                   char id[MEASURE_ID_SIZE],
                                                   struct orator_error *err);
/* *done = false: not yet. Otherwise *in and *inputs are the caller's again, with in->declared_ms, also when
 * what is returned is why the voice cannot be used. */
ORATOR_MUST_CHECK enum orator_status measure_end(const struct api_setup *, const char *id,
                                                 struct submission *in, struct inputs *inputs,
                                                 const struct shape **shape, struct facts *facts,
                                                 bool *done, struct orator_error *err);
