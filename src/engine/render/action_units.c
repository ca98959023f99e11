#include "engine/render/action_units.h"

#include <assert.h>
#include <math.h>

#include "engine/render/ramp.h"
#include "engine/render/skin_follow.h"

#define JAW_DROP \
    0.30f /* E; real inner lips part by .32 to .43 E at most, and lips add their share */

/* How a push varies with u, the place along the mouth. */
enum shape {
    EVEN,    /* the same everywhere */
    DOME,    /* (1 - |u|^p)^q: full in the middle, nothing at the corners */
    CORNERS, /* |u|^p: nothing in the middle, full at the corners */
};

/* Which way. Sideways pushes mirror: positive is away from the middle of the face. */
enum axis { OUT, DOWN };

/* In what the amount counts: 1, or something of this portrait's own mouth. */
enum measure {
    PLAIN,            /* 1 */
    NARROWING,        /* what there is to draw in: a wide or smiling mouth has more */
    WIDENING,         /* what is left to widen */
    SMILING,          /* what is left to smile */
    LIFT,             /* how high the corners stand: rounding takes a smile back */
    LIP_HEIGHT_UPPER, /* of the red above this place of the mouth */
    LIP_HEIGHT_LOWER,
    GAP, /* between parted lips: on a lip's edge the one there, else the largest */
};

struct push {
    int unit;
    enum control_group group;
    enum axis axis;
    float amount;
    enum shape shape;
    float p, q;
    enum measure of;
};

// clang-format off
static const struct push pushes[] = {
    /* unit         group             axis  amount               shape    p     q      of */
    {AU_JAW,         SEAM_LOWER,       DOWN, JAW_DROP * 0.30f,    EVEN,    0,    0,     PLAIN},
    {AU_JAW,         SEAM_LOWER,       DOWN, JAW_DROP * 0.70f,    DOME,    2.0f, 1.15f, PLAIN},
    {AU_JAW,         SEAM_LOWER,       OUT,  -0.035f,             CORNERS, 3.0f, 0,     PLAIN},
    {AU_JAW,         SEAM_UPPER,       DOWN, JAW_DROP * 0.30f,    CORNERS, 3.2f, 0,     PLAIN},
    {AU_JAW,         SEAM_UPPER,       OUT,  -0.035f,             CORNERS, 3.0f, 0,     PLAIN},
    {AU_JAW,         LIP_LOWER,        DOWN, JAW_DROP * 0.42f,    EVEN,    0,    0,     PLAIN},
    {AU_JAW,         LIP_LOWER,        DOWN, JAW_DROP * 0.55f,    DOME,    2.0f, 1.0f,  PLAIN},
    {AU_JAW,         LIP_LOWER,        OUT,  -0.020f,             CORNERS, 1.0f, 0,     PLAIN},
    {AU_JAW,         LIP_UPPER,        DOWN, JAW_DROP * 0.17f,    CORNERS, 2.5f, 0,     PLAIN},
    {AU_JAW,         LIP_UPPER,        OUT,  -0.020f,             CORNERS, 1.0f, 0,     PLAIN},
    {AU_JAW,         JAW_LINE,         DOWN, JAW_DROP,            EVEN,    0,    0,     PLAIN},

    {AU_WIDE,        SEAM_UPPER,       OUT,  0.075f,              CORNERS, 1.2f, 0,     WIDENING},
    {AU_WIDE,        SEAM_LOWER,       OUT,  0.075f,              CORNERS, 1.2f, 0,     WIDENING},
    {AU_WIDE,        SEAM_UPPER,       DOWN, -0.012f,             CORNERS, 2.0f, 0,     PLAIN},
    {AU_WIDE,        SEAM_LOWER,       DOWN, -0.012f,             CORNERS, 2.0f, 0,     PLAIN},
    {AU_WIDE,        SEAM_UPPER,       DOWN, 0.006f,              DOME,    2.0f, 1.0f,  PLAIN},
    {AU_WIDE,        SEAM_LOWER,       DOWN, -0.008f,             DOME,    2.0f, 1.0f,  PLAIN},
    {AU_WIDE,        LIP_UPPER,        OUT,  0.070f,              CORNERS, 1.2f, 0,     WIDENING},
    {AU_WIDE,        LIP_LOWER,        OUT,  0.070f,              CORNERS, 1.2f, 0,     WIDENING},
    {AU_WIDE,        LIP_UPPER,        DOWN, 0.012f,              DOME,    2.0f, 1.0f,  PLAIN},
    {AU_WIDE,        LIP_LOWER,        DOWN, -0.015f,             DOME,    2.0f, 1.0f,  PLAIN},

    {AU_PUCKER,      SEAM_UPPER,       OUT,  -0.140f,             CORNERS, 1.1f, 0,     NARROWING},
    {AU_PUCKER,      SEAM_UPPER,       DOWN, 0.040f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_PUCKER,      SEAM_UPPER,       DOWN, 0.85f,               CORNERS, 2.0f, 0,     LIFT},
    {AU_PUCKER,      SEAM_LOWER,       OUT,  -0.140f,             CORNERS, 1.1f, 0,     NARROWING},
    {AU_PUCKER,      SEAM_LOWER,       DOWN, 0.040f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_PUCKER,      SEAM_LOWER,       DOWN, 0.85f,               CORNERS, 2.0f, 0,     LIFT},
    {AU_PUCKER,      SEAM_UPPER,       DOWN, -0.002f,             DOME,    2.0f, 1.0f,  PLAIN},
    {AU_PUCKER,      SEAM_LOWER,       DOWN, 0.006f,              DOME,    2.0f, 1.0f,  PLAIN},
    {AU_PUCKER,      LIP_UPPER,        OUT,  -0.110f,             CORNERS, 1.0f, 0,     NARROWING},
    {AU_PUCKER,      LIP_UPPER,        DOWN, 0.040f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_PUCKER,      LIP_UPPER,        DOWN, 0.85f,               CORNERS, 2.0f, 0,     LIFT},
    {AU_PUCKER,      LIP_LOWER,        OUT,  -0.110f,             CORNERS, 1.0f, 0,     NARROWING},
    {AU_PUCKER,      LIP_LOWER,        DOWN, 0.040f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_PUCKER,      LIP_LOWER,        DOWN, 0.85f,               CORNERS, 2.0f, 0,     LIFT},
    {AU_PUCKER,      LIP_UPPER,        DOWN, -0.028f,             DOME,    2.0f, 0.7f,  PLAIN},
    {AU_PUCKER,      LIP_LOWER,        DOWN, 0.056f,              DOME,    2.0f, 0.7f,  PLAIN},
    {AU_PUCKER,      JAW_LINE,         DOWN, -0.006f,             DOME,    2.0f, 1.0f,  PLAIN},

    {AU_FUNNEL,      SEAM_UPPER,       OUT,  -0.090f,             CORNERS, 1.1f, 0,     NARROWING},
    {AU_FUNNEL,      SEAM_UPPER,       DOWN, 0.026f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_FUNNEL,      SEAM_UPPER,       DOWN, 0.55f,               CORNERS, 2.0f, 0,     LIFT},
    {AU_FUNNEL,      SEAM_LOWER,       OUT,  -0.090f,             CORNERS, 1.1f, 0,     NARROWING},
    {AU_FUNNEL,      SEAM_LOWER,       DOWN, 0.026f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_FUNNEL,      SEAM_LOWER,       DOWN, 0.55f,               CORNERS, 2.0f, 0,     LIFT},
    {AU_FUNNEL,      SEAM_UPPER,       DOWN, -0.012f,             DOME, 2.0f, 1.0f,  PLAIN},
    {AU_FUNNEL,      SEAM_LOWER,       DOWN, 0.085f,              DOME, 2.0f, 1.0f,  PLAIN},
    {AU_FUNNEL,      LIP_UPPER,        OUT,  -0.070f,             CORNERS, 1.0f, 0,     NARROWING},
    {AU_FUNNEL,      LIP_UPPER,        DOWN, 0.026f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_FUNNEL,      LIP_UPPER,        DOWN, 0.55f,               CORNERS, 2.0f, 0,     LIFT},
    {AU_FUNNEL,      LIP_LOWER,        OUT,  -0.070f,             CORNERS, 1.0f, 0,     NARROWING},
    {AU_FUNNEL,      LIP_LOWER,        DOWN, 0.026f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_FUNNEL,      LIP_LOWER,        DOWN, 0.55f,               CORNERS, 2.0f, 0,     LIFT},
    {AU_FUNNEL,      LIP_UPPER,        DOWN, -0.034f,             DOME,    2.0f, 0.7f,  PLAIN},
    {AU_FUNNEL,      LIP_LOWER,        DOWN, 0.080f,              DOME,    2.0f, 0.7f,  PLAIN},
    {AU_FUNNEL,      JAW_LINE,         DOWN, 0.020f,              DOME,    2.0f, 1.0f,  PLAIN},

    /* whole lips go over the cut, and what goes past it is out of sight: rolled in */
    {AU_PRESS,       SEAM_UPPER,       OUT,  0.010f,              CORNERS, 1.0f, 0,     PLAIN},
    {AU_PRESS,       SEAM_UPPER,       DOWN, 0.50f,               EVEN,    0,    0,     LIP_HEIGHT_UPPER},
    {AU_PRESS,       LIP_UPPER,        OUT,  0.010f,              CORNERS, 1.0f, 0,     PLAIN},
    {AU_PRESS,       LIP_UPPER,        DOWN, 0.44f,               EVEN,    0,    0,     LIP_HEIGHT_UPPER},
    {AU_PRESS,       SEAM_LOWER,       OUT,  0.010f,              CORNERS, 1.0f, 0,     PLAIN},
    {AU_PRESS,       SEAM_LOWER,       DOWN, -0.46f,              EVEN,    0,    0,     LIP_HEIGHT_LOWER},
    {AU_PRESS,       LIP_LOWER,        OUT,  0.010f,              CORNERS, 1.0f, 0,     PLAIN},
    {AU_PRESS,       LIP_LOWER,        DOWN, -0.40f,              EVEN,    0,    0,     LIP_HEIGHT_LOWER},
    {AU_PRESS,       JAW_LINE,         DOWN, -0.014f,             DOME,    2.0f, 1.0f,  PLAIN},

    /* the lower lip comes up under the teeth, the upper one gives way */
    {AU_LABIODENTAL, SEAM_LOWER,       DOWN, -0.050f,             DOME,    3.0f, 1.0f,  PLAIN},
    {AU_LABIODENTAL, LIP_LOWER,        DOWN, -0.045f,             DOME,    3.0f, 1.0f,  PLAIN},
    {AU_LABIODENTAL, SEAM_UPPER,       DOWN, -0.022f,             DOME,    3.0f, 1.0f,  PLAIN},
    {AU_LABIODENTAL, LIP_UPPER,        DOWN, -0.016f,             DOME,    3.0f, 1.0f,  PLAIN},
    {AU_LABIODENTAL, JAW_LINE,         DOWN, -0.016f,             DOME,    2.0f, 1.0f,  PLAIN},

    {AU_UPPER_RAISE, SEAM_UPPER,       DOWN, -0.065f,             DOME,    3.0f, 1.0f,  PLAIN},
    {AU_UPPER_RAISE, LIP_UPPER,        DOWN, -0.050f,             DOME,    3.0f, 1.0f,  PLAIN},

    {AU_LOWER_DROP,  SEAM_LOWER,       DOWN, 0.070f,              DOME,    3.0f, 1.0f,  PLAIN},
    {AU_LOWER_DROP,  LIP_LOWER,        DOWN, 0.055f,              DOME,    3.0f, 1.0f,  PLAIN},

    {AU_SMILE,       SEAM_UPPER,       OUT,  0.085f,              CORNERS, 1.3f, 0,     SMILING},
    {AU_SMILE,       SEAM_LOWER,       OUT,  0.085f,              CORNERS, 1.3f, 0,     SMILING},
    {AU_SMILE,       SEAM_UPPER,       DOWN, -0.075f,             CORNERS, 2.2f, 0,     SMILING},
    {AU_SMILE,       SEAM_LOWER,       DOWN, -0.075f,             CORNERS, 2.2f, 0,     SMILING},
    {AU_SMILE,       SEAM_UPPER,       DOWN, 0.004f,              DOME,    2.0f, 1.0f,  SMILING},
    {AU_SMILE,       SEAM_LOWER,       DOWN, 0.012f,              DOME,    2.0f, 1.0f,  SMILING},
    {AU_SMILE,       LIP_UPPER,        OUT,  0.075f,              CORNERS, 1.3f, 0,     SMILING},
    {AU_SMILE,       LIP_LOWER,        OUT,  0.075f,              CORNERS, 1.3f, 0,     SMILING},
    {AU_SMILE,       LIP_UPPER,        DOWN, -0.060f,             CORNERS, 2.0f, 0,     SMILING},
    {AU_SMILE,       LIP_LOWER,        DOWN, -0.060f,             CORNERS, 2.0f, 0,     SMILING},
    {AU_SMILE,       LIP_UPPER,        DOWN, 0.010f,              DOME,    2.0f, 1.0f,  SMILING},
    {AU_SMILE,       LIDS_LOWER,       DOWN, -0.014f,             EVEN,    0,    0,     SMILING},

    {AU_FROWN,       SEAM_UPPER,       OUT,  -0.010f,             CORNERS, 1.0f, 0,     PLAIN},
    {AU_FROWN,       SEAM_LOWER,       OUT,  -0.010f,             CORNERS, 1.0f, 0,     PLAIN},
    {AU_FROWN,       SEAM_UPPER,       DOWN, 0.055f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_FROWN,       SEAM_LOWER,       DOWN, 0.055f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_FROWN,       LIP_UPPER,        DOWN, 0.045f,              CORNERS, 2.0f, 0,     PLAIN},
    {AU_FROWN,       LIP_LOWER,        DOWN, 0.045f,              CORNERS, 2.0f, 0,     PLAIN},

    {AU_BROW_LEFT,   BROW_LEFT,        DOWN, -0.085f,             EVEN,    0,    0,     PLAIN},
    {AU_BROW_LEFT,   BROW_LEFT_INNER,  DOWN, -0.085f,             EVEN,    0,    0,     PLAIN},
    {AU_BROW_LEFT,   FOREHEAD_LEFT,    DOWN, -0.030f,             EVEN,    0,    0,     PLAIN},
    {AU_BROW_RIGHT,  BROW_RIGHT,       DOWN, -0.085f,             EVEN,    0,    0,     PLAIN},
    {AU_BROW_RIGHT,  BROW_RIGHT_INNER, DOWN, -0.085f,             EVEN,    0,    0,     PLAIN},
    {AU_BROW_RIGHT,  FOREHEAD_RIGHT,   DOWN, -0.030f,             EVEN,    0,    0,     PLAIN},

    {AU_BROW_INNER,  BROW_LEFT_INNER,  DOWN, -0.060f,             EVEN,    0,    0,     PLAIN},
    {AU_BROW_INNER,  BROW_RIGHT_INNER, DOWN, -0.060f,             EVEN,    0,    0,     PLAIN},
    {AU_BROW_INNER,  BROW_LEFT_INNER,  OUT,  -0.015f,             EVEN,    0,    0,     PLAIN},
    {AU_BROW_INNER,  BROW_RIGHT_INNER, OUT,  -0.015f,             EVEN,    0,    0,     PLAIN},

    {AU_BROW_DOWN,   BROW_LEFT,        DOWN, 0.045f,              EVEN,    0,    0,     PLAIN},
    {AU_BROW_DOWN,   BROW_LEFT_INNER,  DOWN, 0.050f,              EVEN,    0,    0,     PLAIN},
    {AU_BROW_DOWN,   BROW_LEFT_INNER,  OUT,  -0.020f,             EVEN,    0,    0,     PLAIN},
    {AU_BROW_DOWN,   BROW_RIGHT,       DOWN, 0.045f,              EVEN,    0,    0,     PLAIN},
    {AU_BROW_DOWN,   BROW_RIGHT_INNER, DOWN, 0.050f,              EVEN,    0,    0,     PLAIN},
    {AU_BROW_DOWN,   BROW_RIGHT_INNER, OUT,  -0.020f,             EVEN,    0,    0,     PLAIN},

    /* what closing a parted portrait takes, in parts of its gap: the lower lip does most of it */
    {FIELD_CLOSE,    SEAM_UPPER,       DOWN, 0.20f,               EVEN,    0,    0,     GAP},
    {FIELD_CLOSE,    SEAM_LOWER,       DOWN, -0.80f,              EVEN,    0,    0,     GAP},
    {FIELD_CLOSE,    LIP_UPPER,        DOWN, 0.16f,               DOME,    2.0f, 0.7f,  GAP},
    {FIELD_CLOSE,    LIP_LOWER,        DOWN, -0.70f,              DOME,    2.0f, 0.7f,  GAP},
    {FIELD_CLOSE,    JAW_LINE,         DOWN, -0.30f,              EVEN,    0,    0,     GAP},
};

/* Points of the mesh (MediaPipe's numbering); those with a weight follow only so much. */
static const struct member {
    short vertex, group;
    float weight;
} members[] = {
    {185, LIP_UPPER, 1}, {40, LIP_UPPER, 1}, {39, LIP_UPPER, 1}, {37, LIP_UPPER, 1}, {0, LIP_UPPER, 1},
    {267, LIP_UPPER, 1}, {269, LIP_UPPER, 1}, {270, LIP_UPPER, 1}, {409, LIP_UPPER, 1},
    {146, LIP_LOWER, 1}, {91, LIP_LOWER, 1}, {181, LIP_LOWER, 1}, {84, LIP_LOWER, 1}, {17, LIP_LOWER, 1},
    {314, LIP_LOWER, 1}, {405, LIP_LOWER, 1}, {321, LIP_LOWER, 1}, {375, LIP_LOWER, 1},
    /* the jaw turns about the ears: the chin drops, the angles hardly move */
    {152, JAW_LINE, 0.97f}, {148, JAW_LINE, 0.97f}, {377, JAW_LINE, 0.97f},
    {176, JAW_LINE, 0.95f}, {400, JAW_LINE, 0.95f}, {149, JAW_LINE, 0.91f}, {378, JAW_LINE, 0.91f},
    {150, JAW_LINE, 0.83f}, {379, JAW_LINE, 0.83f}, {136, JAW_LINE, 0.64f}, {365, JAW_LINE, 0.64f},
    {172, JAW_LINE, 0.39f}, {397, JAW_LINE, 0.39f}, {58, JAW_LINE, 0.17f},  {288, JAW_LINE, 0.17f},
    {132, JAW_LINE, 0.05f}, {361, JAW_LINE, 0.05f},
    {168, NOSE, 1}, {6, NOSE, 1}, {197, NOSE, 1}, {195, NOSE, 1}, {5, NOSE, 1}, {4, NOSE, 1}, {1, NOSE, 1}, {2, NOSE, 1},
    {33, LIDS_UPPER, 1}, {246, LIDS_UPPER, 1}, {161, LIDS_UPPER, 1}, {160, LIDS_UPPER, 1}, {159, LIDS_UPPER, 1},
    {158, LIDS_UPPER, 1}, {157, LIDS_UPPER, 1}, {173, LIDS_UPPER, 1}, {133, LIDS_UPPER, 1},
    {263, LIDS_UPPER, 1}, {466, LIDS_UPPER, 1}, {388, LIDS_UPPER, 1}, {387, LIDS_UPPER, 1}, {386, LIDS_UPPER, 1},
    {385, LIDS_UPPER, 1}, {384, LIDS_UPPER, 1}, {398, LIDS_UPPER, 1}, {362, LIDS_UPPER, 1},
    {155, LIDS_LOWER, 0.5f}, {154, LIDS_LOWER, 0.9f}, {153, LIDS_LOWER, 1}, {145, LIDS_LOWER, 1},
    {144, LIDS_LOWER, 1}, {163, LIDS_LOWER, 0.9f}, {7, LIDS_LOWER, 0.5f},
    {382, LIDS_LOWER, 0.5f}, {381, LIDS_LOWER, 0.9f}, {380, LIDS_LOWER, 1}, {374, LIDS_LOWER, 1},
    {373, LIDS_LOWER, 1}, {390, LIDS_LOWER, 0.9f}, {249, LIDS_LOWER, 0.5f},
    {70, BROW_LEFT, 1}, {63, BROW_LEFT, 1}, {105, BROW_LEFT, 1}, {46, BROW_LEFT, 1}, {53, BROW_LEFT, 1}, {52, BROW_LEFT, 1},
    {66, BROW_LEFT_INNER, 0.5f}, {65, BROW_LEFT_INNER, 0.5f}, {107, BROW_LEFT_INNER, 1}, {55, BROW_LEFT_INNER, 1},
    {300, BROW_RIGHT, 1}, {293, BROW_RIGHT, 1}, {334, BROW_RIGHT, 1}, {276, BROW_RIGHT, 1}, {283, BROW_RIGHT, 1}, {282, BROW_RIGHT, 1},
    {296, BROW_RIGHT_INNER, 0.5f}, {295, BROW_RIGHT_INNER, 0.5f}, {336, BROW_RIGHT_INNER, 1}, {285, BROW_RIGHT_INNER, 1},
    {103, FOREHEAD_LEFT, 0.7f}, {67, FOREHEAD_LEFT, 1}, {109, FOREHEAD_LEFT, 0.7f},
    {332, FOREHEAD_RIGHT, 0.7f}, {297, FOREHEAD_RIGHT, 1}, {338, FOREHEAD_RIGHT, 0.7f},
    {10, OUTLINE, 1}, {54, OUTLINE, 1}, {284, OUTLINE, 1}, {21, OUTLINE, 1}, {251, OUTLINE, 1}, {162, OUTLINE, 1},
    {389, OUTLINE, 1}, {127, OUTLINE, 1}, {356, OUTLINE, 1}, {234, OUTLINE, 1}, {454, OUTLINE, 1}, {93, OUTLINE, 1},
    {323, OUTLINE, 1},
};
// clang-format on

enum { SEAM_CONTROLS = 17 }; /* a lip */

static void add(struct controls *c, const struct seam *seam, float x, float y, float weight,
                enum control_group group)
{
    assert(c->count < CONTROLS_MAX);
    float u = ramp_clamp(seam_u(seam, x), -1.0f, 1.0f);
    c->list[c->count++] =
        (struct control){.x = x, .y = y, .u = u, .weight = weight, .group = group};
}

/* Neutral mouths are 0.70 to 0.85 E wide with level corners; a wide smile adds 0.25 E and lifts them by
 * 0.08 (over ten portraits). The narrowest u is about 0.50 E wide, whatever the mouth. */
static void measure(struct controls *c, const struct face *face, const struct face_frame *frame,
                    const struct seam *seam)
{
    static const int ring[2][LIP_RING] = {
        {61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291},
        {61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291},
    };
    for (int lip = 0; lip < 2; lip++)
        for (int k = 0; k < LIP_RING; k++) {
            const float *p = face->points[ring[lip][k]];
            float at[2];
            frame_to_local(frame, p[0], p[1], at);
            float red = lip ? at[1] - seam_lower(seam, at[0]) : seam_upper(seam, at[0]) - at[1];
            bool corner = k == 0 || k == LIP_RING - 1;
            c->ring_u[lip][k] = seam_u(seam, at[0]);
            c->ring_height[lip][k] = corner ? 0.0f : ramp_clamp(red, 0.01f, 0.20f);
        }
    const float width = seam->right_x - seam->left_x;
    const float middle = 0.5f * (seam_upper(seam, 0.0f) + seam_lower(seam, 0.0f));
    const float lift =
        middle - 0.5f * (seam_upper(seam, seam->left_x) + seam_upper(seam, seam->right_x));
    const float smiled = ramp(0.0f, 1.0f, fmaxf(lift / 0.09f, (width - 0.80f) / 0.22f));
    c->seam = *seam;
    c->measure[PLAIN] = 1.0f;
    c->measure[NARROWING] = ramp_clamp((width - 0.50f) / 0.28f, 0.60f, 1.70f);
    c->measure[WIDENING] = ramp_clamp((1.08f - width) / 0.30f, 0.40f, 1.10f);
    c->measure[SMILING] = 1.0f - 0.65f * smiled;
    c->measure[LIFT] = ramp_clamp(lift, 0.0f, 0.12f);
    c->measure[GAP] = seam->parted ? fmaxf(seam->gap_max, 0.0f) : 0.0f;
}

void controls_place(struct controls *c, const struct face *face, const struct face_frame *frame,
                    const struct seam *seam, float off_cut)
{
    float at[2], other[2];
    c->count = 0;
    measure(c, face, frame, seam);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const float *p = face->points[members[i].vertex];
        frame_to_local(frame, p[0], p[1], at);
        add(c, seam, at[0], at[1], members[i].weight, (enum control_group)members[i].group);
    }
    for (int i = 0; i < FOLLOWERS; i++) {
        const int vertices[2] = {skin_follow[i].left, skin_follow[i].right};
        for (int side = 0; side < (vertices[0] == vertices[1] ? 1 : 2); side++) {
            const float *p = face->points[vertices[side]];
            frame_to_local(frame, p[0], p[1], at);
            add(c, seam, at[0], at[1], side ? 1.0f : -1.0f, FOLLOWING);
            c->list[c->count - 1].follower = i;
        }
    }
    for (int i = 0; i < SEAM_CONTROLS; i++) {
        float u = 0.995f * (2.0f * (float)i / (SEAM_CONTROLS - 1) - 1.0f);
        float x = u < 0.0f ? -u * seam->left_x : u * seam->right_x;
        add(c, seam, x, seam_upper(seam, x) - off_cut, 1.0f, SEAM_UPPER);
        add(c, seam, x, seam_lower(seam, x) + off_cut, 1.0f, SEAM_LOWER);
    }
    frame_to_local(frame, face->points[152][0], face->points[152][1], at);
    for (int i = -2; i <= 2; i++) /* the neck, as far below the chin as a chin goes down, twice */
        add(c, seam, at[0] + 0.35f * (float)i, at[1] + 2.07f * JAW_DROP, 1.0f, OUTLINE);

    static const int cheeks[2][2] = {{50, 205}, {280, 425}};
    for (int side = 0; side < 2; side++) {
        const float *a = face->points[cheeks[side][0]], *b = face->points[cheeks[side][1]];
        frame_to_local(frame, a[0], a[1], at);
        frame_to_local(frame, b[0], b[1], other);
        c->bump_x[side] = 0.5f * (at[0] + other[0]);
        c->bump_y[side] = 0.5f * (at[1] + other[1]);
    }
}

static float shape_at(const struct push *push, float u)
{
    float a = fabsf(u);
    switch (push->shape) {
    case EVEN:
        return 1.0f;
    case CORNERS:
        return powf(a, push->p);
    case DOME:
        return powf(1.0f - powf(a, push->p), push->q);
    }
    return 0.0f;
}

static float lip_height(const struct controls *c, int lip, float u)
{
    const float *at = c->ring_u[lip], *height = c->ring_height[lip];
    for (int k = 0; k + 1 < LIP_RING; k++)
        if (u >= at[k] && u < at[k + 1])
            return ramp_mix(height[k], height[k + 1], (u - at[k]) / (at[k + 1] - at[k]));
    return 0.0f;
}

static float measure_at(const struct controls *c, enum measure of, float u)
{
    bool red = of == LIP_HEIGHT_UPPER || of == LIP_HEIGHT_LOWER;
    return red ? lip_height(c, of == LIP_HEIGHT_LOWER, u) : c->measure[of];
}

/* Sideways counts away from the middle of the face. */
static void table_push(float out[2], const struct controls *c, enum control_group group, float u,
                       int unit)
{
    out[0] = out[1] = 0.0f;
    for (size_t i = 0; i < sizeof(pushes) / sizeof(pushes[0]); i++) {
        const struct push *push = &pushes[i];
        if (push->unit == unit && push->group == group)
            out[push->axis == DOWN] +=
                push->amount * measure_at(c, push->of, u) * shape_at(push, u);
    }
}

/* What the lips and the chin do, as the skin around them feels it. */
static void follow_push(float out[2], const struct controls *c, const struct control *at, int unit)
{
    const struct follow *f = &skin_follow[at->follower];
    float upper[2], lower[2], mid_upper[2], mid_lower[2], chin[2];
    table_push(upper, c, SEAM_UPPER, 1.0f, unit);
    table_push(lower, c, SEAM_LOWER, 1.0f, unit);
    table_push(mid_upper, c, SEAM_UPPER, 0.0f, unit);
    table_push(mid_lower, c, SEAM_LOWER, 0.0f, unit);
    table_push(chin, c, JAW_LINE, 0.0f, unit);
    const float gap = unit == FIELD_CLOSE ? 0.0f : 1.0f; /* none at the corners */
    const float aside = 0.5f * gap * (upper[0] + lower[0]);
    const float corner = 0.5f * gap * (upper[1] + lower[1]);
    out[0] = f->left == f->right ? 0.0f : at->weight * f->out * aside;
    out[1] = f->down_aside * aside + f->down[HANDLE_CORNER] * corner +
             f->down[HANDLE_UPPER] * mid_upper[1] + f->down[HANDLE_LOWER] * mid_lower[1] +
             f->down[HANDLE_CHIN] * chin[1];
}

void control_push(float out[2], const struct controls *c, int k, int unit)
{
    const struct control *at = &c->list[k];
    if (at->group == FOLLOWING) {
        follow_push(out, c, at, unit);
        return;
    }
    float scale = at->weight;
    if (unit == FIELD_CLOSE && (at->group == SEAM_UPPER || at->group == SEAM_LOWER)) {
        float here = fmaxf(seam_lower(&c->seam, at->x) - seam_upper(&c->seam, at->x), 0.0f);
        scale *= here / fmaxf(c->seam.gap_max, 1e-6f);
    }
    table_push(out, c, at->group, at->u, unit);
    out[0] *= at->x < 0.0f ? -scale : scale;
    out[1] *= scale;
}

void cheek_push(float out[2], const struct controls *c, int side, int unit)
{
    out[0] = out[1] = 0.0f;
    if (unit == AU_SMILE) { /* lifted further than by the corners, and a little fuller outward */
        out[0] = (side == 0 ? -0.006f : 0.006f) * c->measure[SMILING];
        out[1] = -0.020f * c->measure[SMILING];
    }
}
