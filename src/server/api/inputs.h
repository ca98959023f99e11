/* inputs.h - a portrait and a voice that came inside the request, or before it as files.
 *
 * What:    decoded, recognised by their first bytes (the type that the URL claims is not believed) and
 *          put into the media store. A file that was uploaded before (its id stands for the URL) gets a
 *          second name there, which belongs to the task. URLs of the network are left as they are; the
 *          worker fetches them.
 * Owns:    nothing but the two blobs; inputs_drop() removes them when the task is not accepted.
 * Errors:  NOT_FOUND for a file of somebody else, *_TOO_LARGE, UNSUPPORTED_*_FORMAT, INVALID_URL, IO. Both inputs are judged before either is
 *          stored.
 * Threads: any. Private to api/.
 */
#pragma once

#include "server/api/call.h"
#include "server/api/submission.h"
#include "server/store/files_table.h"

enum { INPUT_URL_SIZE = BLOB_NAME_SIZE + 8 };

struct inputs {
    struct blobs *blobs;
    const char *image_url, *audio_url; /* what the task is given; borrowed, or the two below */
    char image_blob[INPUT_URL_SIZE], audio_blob[INPUT_URL_SIZE]; /* "blob:NAME"; "": none stored */
};

ORATOR_MUST_CHECK enum orator_status inputs_store(struct inputs *out, const struct submission *,
                                                  const struct api_setup *, const char *account_id,
                                                  struct orator_error *err);
void inputs_drop(struct inputs *);
/* *from becomes empty. A copy would not do: the URLs may point into the struct itself. */
void inputs_move(struct inputs *to, struct inputs *from);

/* The voice became known later: keeps these bytes as the task's. */
ORATOR_MUST_CHECK enum orator_status inputs_put_audio(struct inputs *, const struct upload *,
                                                      const char *extension,
                                                      struct orator_error *err);
bool input_is_file(const char *url); /* "file_...": by its form, not by whether there is one */
/* The extension of what these bytes are, by the first of them; NULL: none of the listed formats. */
const char *input_image_extension(const struct upload *);
const char *input_audio_extension(const struct upload *);
