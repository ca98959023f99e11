/* media.h - bytes of strangers in, pixels and samples out, and a video back. The only user of FFmpeg.
 *
 * Units:   `struct image` is 8-bit RGB, full range, straight from the source's own primaries.
 *          `struct picture` is planar YUV 4:2:0, 8 bit, BT.709 matrix, limited range: what H.264 takes.
 *          `struct sound` is float -1..1, interleaved. Time is counted in frames or samples.
 * Owns:    what a function filled is released with its _fini; fini of {0} is fine.
 * Errors:  UNSUPPORTED_*_FORMAT for formats not listed, DECODE_FAILED for damaged files, IMAGE_* and
 *          AUDIO_* for what is outside the limits. Limits are checked before memory is taken.
 * Threads: functions are pure; a writer belongs to one thread. FFmpeg's own messages are silenced.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"

/* Limits of the HTTP API ("Limits" in the API's rules), a superset of what Kling's own takes. */
enum {
    IMAGE_MAX_BYTES = 10 << 20,
    IMAGE_MIN_SIDE_PX = 128,
    IMAGE_MAX_SIDE_PX = 8192,
    SOUND_MAX_BYTES = 50 << 20,
    SOUND_MIN_MS = 2000,
    SOUND_MAX_MS = 300000, /* default; the caller may set another */
};
#define IMAGE_MAX_ASPECT 2.5f /* longer side over shorter side */

struct image {
    uint8_t *rgb; /* owned; row-major from the top left */
    int width_px, height_px;
    ptrdiff_t stride; /* bytes from one row to the next; a multiple of 64, as is the start */
};

/* Behind the last row of an image or picture so many bytes may be read, so that wide loads need no
 * special case at the end. They mean nothing. */
enum { IMAGE_SPARE_BYTES = 64 };

struct picture {
    uint8_t *plane[3]; /* Y, U, V; owned through plane[0], one block, rows aligned to 64 bytes */
    ptrdiff_t stride[3];
    int width_px, height_px; /* even */
};

struct sound {
    float *samples; /* owned; interleaved, frames x channels */
    int64_t frames;
    int channels; /* 1 or 2 */
    int rate_hz;
};

/* One jpg, png or webp, the EXIF orientation applied, transparency laid over white, grey made RGB.
 * Animated files give their first frame. */
ORATOR_MUST_CHECK enum orator_status image_decode(struct image *out, const void *bytes, size_t size,
                                                  struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status image_new(struct image *out, int width_px, int height_px,
                                               struct orator_error *err);
/* Resampled to exactly width x height: Lanczos when growing, area average when shrinking. */
ORATOR_MUST_CHECK enum orator_status image_scale(struct image *out, const struct image *in,
                                                 int width_px, int height_px,
                                                 struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status image_write_png(const struct image *, const char *path,
                                                     struct orator_error *err);
void image_fini(struct image *);

ORATOR_MUST_CHECK enum orator_status picture_new(struct picture *out, int width_px, int height_px,
                                                 struct orator_error *err);
/* Same size, even sides. RGB and YUV as BT.709 says, chroma sited left (the H.264 default). */
ORATOR_MUST_CHECK enum orator_status picture_from_image(struct picture *out, const struct image *,
                                                        struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status image_from_picture(struct image *out, const struct picture *,
                                                        struct orator_error *err);
void picture_fini(struct picture *);

/* mp3, wav, m4a, aac, ogg (vorbis, opus), flac; every sample decoded, so that `frames` is the true
 * length whatever the container claims. Comes out at 48 kHz, or at 24 where the file has no more than that;
 * more than two channels are mixed down to two. AUDIO_TOO_SHORT under SOUND_MIN_MS, AUDIO_TOO_LONG over
 * max_ms (decoding stops there). */
ORATOR_MUST_CHECK enum orator_status sound_decode(struct sound *out, const void *bytes, size_t size,
                                                  int64_t max_ms, struct orator_error *err);
/* What the file had before it was decoded. */
struct sound_source {
    char codec[16]; /* "mp3", "pcm_s16le", "aac", "vorbis", "opus", "flac" */
    int rate_hz, channels;
};
ORATOR_MUST_CHECK enum orator_status sound_decode_from(struct sound *out, struct sound_source *,
                                                       const void *bytes, size_t size,
                                                       int64_t max_ms, struct orator_error *err);
/* One channel at `rate_hz`. A silent channel is left out of the mix, so that a voice on one side of
 * a stereo file keeps its level. */
ORATOR_MUST_CHECK enum orator_status sound_to_mono(struct sound *out, const struct sound *in,
                                                   int rate_hz, struct orator_error *err);
/* A file of this sound, one or two channels: "wav", "mp3", "flac", "aac" (ADTS), "opus" (in Ogg), "pcm" (16
 * bits at 24 kHz, no header). A decoder gives `lead_frames` of silence in front. */
ORATOR_MUST_CHECK enum orator_status sound_encode(struct bytes *out, const struct sound *in,
                                                  const char *format, int64_t *lead_frames,
                                                  struct orator_error *err);
void sound_fini(struct sound *);
int64_t sound_length_us(const struct sound *);

struct video_format {
    int width_px, height_px;  /* even */
    int fps;                  /* whole frames a second */
    int crf;                  /* x264's constant rate factor, 0..51; lower is better and larger */
    const char *preset;       /* x264's name; NULL: "veryfast" */
    const char *job_id;       /* for the mark of provenance, as provenance.h takes it; NULL: none */
    bool label;               /* people shall see that it was generated (label.h) */
    const char *preview_path; /* a file that can be played while it grows (preview.h); NULL: none */
};

/* An MP4 with H.264 (yuv420p, BT.709) and AAC, index first (faststart). Writes path.part;
 * video_finish() syncs and renames it, so that no reader ever sees half a file. Every one
 * says that it was generated: provenance.h. The sound is padded
 * with silence, or cut, to the length of the frames. The voice is borrowed until the writer is gone;
 * NULL gives a video without a sound track. The same input gives the same bytes. */
struct video_writer;
ORATOR_MUST_CHECK enum orator_status video_open(struct video_writer **out, const char *path,
                                                const struct video_format *,
                                                const struct sound *voice,
                                                struct orator_error *err);
/* The picture is borrowed for the call. It is encoded on a thread of the writer's, beside the caller's
 * next frame, so a failure may be told by a later call. */
ORATOR_MUST_CHECK enum orator_status video_add(struct video_writer *, const struct picture *,
                                               struct orator_error *err);
/* The same without a copy: the picture stays as it is until two more were handed over, or the writer is
 * gone. */
ORATOR_MUST_CHECK enum orator_status video_lend(struct video_writer *, const struct picture *,
                                                struct orator_error *err);
/* So much of the preview can be played by now; 0: none, or it could not be written. Any thread. */
int64_t video_preview_us(struct video_writer *);
/* The writer is gone afterwards, also on failure, which leaves no file. `size_bytes` may be NULL. */
ORATOR_MUST_CHECK enum orator_status video_finish(struct video_writer **, int64_t *size_bytes,
                                                  struct orator_error *err);
void video_abandon(struct video_writer **); /* removes the part file; nothing to do if NULL */

/* The first picture of a finished MP4 as a JPEG, its longer side THUMBNAIL_SIDE_PX at most. RENDER_FAILED
 * if the file shows none. */
enum { THUMBNAIL_SIDE_PX = 640 };
ORATOR_MUST_CHECK enum orator_status video_thumbnail(const char *video_path, const char *jpeg_path,
                                                     struct orator_error *err);

/* A video that another program made, packed anew as ours are: index first, with the mark of provenance,
 * appearing by rename; nothing is encoded again. RENDER_FAILED, with the reason, if it is no whole MP4 of
 * H.264 and AAC (or without sound). */
struct video_facts {
    int width_px, height_px, fps;
    int64_t frames, duration_us, size_bytes;
    bool has_sound;
};
ORATOR_MUST_CHECK enum orator_status video_adopt(const char *from_path, const char *path,
                                                 const char *job_id, struct video_facts *out,
                                                 struct orator_error *err);

/* NOT_FOUND if this machine's FFmpeg cannot write H.264 or AAC. */
ORATOR_MUST_CHECK enum orator_status video_check_encoders(struct orator_error *err);
