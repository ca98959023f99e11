#include "engine/blank.h"

#include <string.h>

#include "engine/media/media.h"

enum { GREY = 126 }; /* the middle of 16..235 */

enum orator_status engine_blank_video(const char *path, struct orator_error *err)
{
    enum orator_status s;
    struct picture grey = {0};
    struct video_writer *video = NULL;
    TRY(picture_new(&grey, BLANK_SIDE_PX, BLANK_SIDE_PX, err));
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? BLANK_SIDE_PX / 2 : BLANK_SIDE_PX); y++)
            memset(grey.plane[p] + y * grey.stride[p], p ? 128 : GREY,
                   p ? BLANK_SIDE_PX / 2 : BLANK_SIDE_PX);
    TRY(video_open(
        &video, path,
        &(struct video_format){
            .width_px = BLANK_SIDE_PX, .height_px = BLANK_SIDE_PX, .fps = BLANK_FPS, .crf = 23},
        NULL, err));
    for (int i = 0; i < BLANK_FRAMES; i++)
        TRY(video_add(video, &grey, err));
    TRY(video_finish(&video, NULL, err));
done:
    video_abandon(&video);
    picture_fini(&grey);
    return s;
}
