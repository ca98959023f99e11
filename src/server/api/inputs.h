/* inputs.h - a portrait and a voice that came inside the request, as data: URLs.
 *
 * What:    decoded, recognised by their first bytes (the type that the URL claims is not believed) and
 *          put into the media store. URLs of the network are left as they are; the worker fetches them.
 * Owns:    nothing but the two blobs; inputs_drop() removes them when the task is not accepted.
 * Errors:  *_TOO_LARGE, UNSUPPORTED_*_FORMAT, INVALID_URL, IO. Both inputs are judged before either is
 *          stored.
 * Threads: any. Private to api/.
 */
#pragma once

#include "server/api/submission.h"

enum { INPUT_URL_SIZE = BLOB_NAME_SIZE + 8 };

struct inputs {
    struct blobs *blobs;
    const char *image_url, *audio_url; /* what the task is given; borrowed, or the two below */
    char image_blob[INPUT_URL_SIZE], audio_blob[INPUT_URL_SIZE]; /* "blob:NAME"; "": none stored */
};

ORATOR_MUST_CHECK enum orator_status inputs_store(struct inputs *out, const struct submission *,
                                                  const struct api_setup *,
                                                  struct orator_error *err);
void inputs_drop(struct inputs *);
