/* scale.c - more or less of a performance: as somebody asked for it, or as much as a portrait bears. */
#include <math.h>

#include "engine/motion/motion.h"

static float unit(float v) { return fminf(fmaxf(v, 0), 1); }

void motion_scale(struct motion *m, const struct motion_gains *by)
{
    float gain[AU_COUNT];
    for (int u = 0; u < AU_COUNT; u++)
        gain[u] = by->mouth;
    gain[AU_SMILE] = gain[AU_FROWN] = by->mouth * by->expression;
    for (int u = AU_BROW_LEFT; u <= AU_BROW_DOWN; u++)
        gain[u] = by->expression * by->brows;

    for (int64_t i = 0; i < m->count; i++) {
        struct pose *p = &m->poses[i];
        for (int u = 0; u < AU_COUNT; u++)
            p->au[u] = unit(p->au[u] * gain[u]);
        p->yaw_rad *= by->head;
        p->pitch_rad *= by->head;
        p->roll_rad *= by->head;
        p->shift_x *= by->head;
        p->shift_y *= by->head;
        p->breath = unit(p->breath * by->head);
        p->sway = fminf(fmaxf(p->sway * by->head, -1), 1);
        if (!by->blink)
            p->blink_left = p->blink_right = 0;
    }
}
