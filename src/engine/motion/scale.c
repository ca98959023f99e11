/* scale.c - the performance as somebody asked for it: more or less of the head, of the face, no blinks. */
#include "engine/motion/motion.h"

#include <math.h>

static float unit(float v) { return fminf(fmaxf(v, 0), 1); }

void motion_scale(struct motion *m, const struct motion_factors *by)
{
    static const enum action_unit expressive[] = {AU_SMILE,      AU_FROWN,      AU_BROW_LEFT,
                                                  AU_BROW_RIGHT, AU_BROW_INNER, AU_BROW_DOWN};
    for (int64_t i = 0; i < m->count; i++) {
        struct pose *p = &m->poses[i];
        p->yaw_rad *= by->head;
        p->pitch_rad *= by->head;
        p->roll_rad *= by->head;
        p->shift_x *= by->head;
        p->shift_y *= by->head;
        p->breath = unit(p->breath * by->head);
        p->sway = fminf(fmaxf(p->sway * by->head, -1), 1);
        for (size_t k = 0; k < sizeof(expressive) / sizeof(expressive[0]); k++)
            p->au[expressive[k]] = unit(p->au[expressive[k]] * by->expression);
        if (!by->blink)
            p->blink_left = p->blink_right = 0;
    }
}
