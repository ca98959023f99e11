/* Whatever the bytes, a picture that is given lies within the limits and all of it can be read. */
#include <stdlib.h>

#include "engine/media/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image image;
    if (image_decode(&image, data, size, NULL) != ORATOR_OK)
        return image.rgb ? abort(), 0 : 0;
    if (image.width_px < IMAGE_MIN_SIDE_PX || image.width_px > IMAGE_MAX_SIDE_PX ||
        image.height_px < IMAGE_MIN_SIDE_PX || image.height_px > IMAGE_MAX_SIDE_PX)
        abort();
    volatile unsigned sum = 0;
    for (int y = 0; y < image.height_px; y++)
        sum += image.rgb[y * image.stride + (ptrdiff_t)3 * image.width_px - 1];
    image_fini(&image);
    return 0;
}
