#include "engine/media/libav.h"

#include <pthread.h>

#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>

#include "engine/media/media.h"

/* The largest picture is 8192 px square; 16 bits of RGBA make 8 bytes a pixel, and decoders round
 * the sides up. A header that makes a demuxer ask for more than that is lying. */
enum { LARGEST_BLOCK = (IMAGE_MAX_SIDE_PX + 64) * (IMAGE_MAX_SIDE_PX + 64) * 8 };

static void setup(void)
{
    av_log_set_level(AV_LOG_QUIET);
    av_max_alloc(LARGEST_BLOCK);
}

void libav_setup(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, setup);
}

enum orator_status libav_fail(struct orator_error *err, int code, enum orator_status otherwise,
                              const char *what)
{
    if (code == AVERROR(ENOMEM))
        return orator_fail(err, ORATOR_NO_MEMORY, "%s: memory is gone", what);
    char why[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(code, why, sizeof(why));
    return orator_fail(err, otherwise, "%s: %s", what, why);
}
