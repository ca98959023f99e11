#include "engine/render/geometry.h"

#include <math.h>

static void middle(const struct face *face, int a, int b, float out[2])
{
    for (int k = 0; k < 2; k++)
        out[k] = 0.5f * (face->points[a][k] + face->points[b][k]);
}

struct face_frame face_frame_of(const struct face *face)
{
    float left[2], right[2];
    struct face_frame f;
    middle(face, 33, 133, left); /* the corners of the eye on the picture's left */
    middle(face, 362, 263, right);
    middle(face, 13, 14, f.origin_px); /* inner lips, middle */
    float dx = right[0] - left[0], dy = right[1] - left[1];
    f.eye_px = hypotf(dx, dy);
    f.right[0] = dx / f.eye_px;
    f.right[1] = dy / f.eye_px;
    f.down[0] = -f.right[1];
    f.down[1] = f.right[0];
    return f;
}
