/* preview.h - a second MP4 of the same packets, in fragments, that can be played while it grows.
 *
 * What:    an index without frames, the mark of provenance, then a fragment each fifth of a second. Every
 *          fragment is in the file when it is complete. Nothing is encoded a second time.
 * Errors:  a preview that cannot be written ends early: the video it belongs to goes on.
 * Owns:    the file's growth, not the file: it stays where it is.
 * Threads: one owner each. For media/ alone.
 */
#pragma once

#include <libavcodec/avcodec.h>

#include "base/error.h"

struct preview;

/* Codecs that were opened, pictures first; at most two. NULL if the file cannot be written. */
struct preview *preview_open(const char *path, const AVCodecContext *const codecs[], int count,
                             const char *job_id);
/* `track` counts codecs; times in the codec's own base. The packet is as it was afterwards. */
void preview_add(struct preview **, int track, AVPacket *packet);
/* From the start so much can be played by now. */
int64_t preview_playable_us(const struct preview *);
void preview_close(struct preview **); /* NULL is fine */
