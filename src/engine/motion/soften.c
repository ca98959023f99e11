#include "engine/motion/motion.h"

static bool of_brow(int unit) { return unit >= AU_BROW_LEFT && unit <= AU_BROW_DOWN; }

void motion_soften(struct motion *m, const struct motion_gains *g)
{
    if (g->head == 1 && g->mouth == 1 && g->brows == 1)
        return;
    for (int64_t i = 0; i < m->count; i++) {
        struct pose *p = &m->poses[i];
        for (int unit = 0; unit < AU_COUNT; unit++)
            p->au[unit] *= of_brow(unit) ? g->brows : g->mouth;
        p->yaw_rad *= g->head;
        p->pitch_rad *= g->head;
        p->roll_rad *= g->head;
        p->shift_x *= g->head;
        p->shift_y *= g->head;
    }
}
