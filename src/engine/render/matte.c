#include "engine/render/matte.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/colours.h"
#include "engine/render/guided.h"
#include "engine/render/ramp.h"

#define SIDE    4.5f /* E from the face's middle to the window's sides; its shoulders end before */
#define BELOW   4.7f /* E under the chin; the breath moves nothing lower */
#define ABOVE   4.0f /* E over the skull's middle: no hat is higher */
#define PRESENT 24   /* alpha from which somebody is there */

#define COARSE (1.0f / 14.0f) /* E a cell that votes */
enum { ROUNDS = 4, SWEEPS = 80 };

/* Votes: how sure of one cell's colour, against how alike its neighbours are. */
#define VOTE      0.12f
#define VOTE_MOST 6.0f
#define ALIKE     12.0f /* difference of colour at which two neighbours part, in grid units */

#define SEED_BORDER 0.16f /* E along the picture's borders that teach what the background is */
#define LEAST_SEEDS 0.15f /* of the border above the chin must be free of the head */

#define NEAR_OUTLINE 0.45f /* E to either side of it */
#define CERTAIN      1.0f  /* log odds */

enum seed { UNKNOWN, PERSON, BACKGROUND };

struct vote {
    struct grid grid;
    uint8_t *seed, *use;
    float *prior;        /* log odds of the person, from the place alone */
    float *target;       /* 0..1, what colours and place say */
    float *odds;         /* log odds of the person, from the colour alone */
    float *share;        /* 0..1, what the cells agreed on: the person */
    float *right, *down; /* how strongly a cell holds to its neighbours */
};

struct rect matte_window(const struct head *h)
{
    float x0 = h->width, y0 = h->height, x1 = 0, y1 = 0;
    for (int corner = 0; corner < 4; corner++) {
        float x = h->middle_x + (corner & 1 ? SIDE : -SIDE), at[2];
        frame_to_px(&h->frame, x, corner & 2 ? h->chin_y + BELOW : h->centre_y - ABOVE, at);
        x0 = lesser(x0, at[0]);
        y0 = lesser(y0, at[1]);
        x1 = greater(x1, at[0]);
        y1 = greater(y1, at[1]);
    }
    x0 = ramp_clamp(x0, 0, h->width - 2); /* never empty, however strange the face */
    y0 = ramp_clamp(y0, 0, h->height - 2);
    x1 = ramp_clamp(x1, x0 + 2, h->width);
    y1 = ramp_clamp(y1, y0 + 2, h->height);
    return (struct rect){(int)x0 & ~1, (int)y0 & ~1, ((int)x1 + 1) & ~1, ((int)y1 + 1) & ~1};
}

struct head_outline matte_outline(const struct matte *m, const struct head *h)
{
    const float step = 0.04f;
    struct head_outline o = {.hair_width = 0, .crown_y = h->centre_y};
    for (float y = h->centre_y - ABOVE; y < h->chin_y; y += step) {
        for (float x = h->middle_x - SIDE; x < h->middle_x + SIDE; x += step) {
            float px[2], rim = step * h->frame.eye_px + 2;
            frame_to_px(&h->frame, x, y, px);
            if (!(px[0] >= 0 && px[1] >= 0 && px[0] < h->width && px[1] < h->height) ||
                m->alpha[(ptrdiff_t)(int)px[1] * m->width_px + (int)px[0]] < PRESENT)
                continue;
            o.crown_y = lesser(o.crown_y, y);
            if (y < h->chin_y - 0.4f) /* lower, it may be shoulders */
                o.hair_width = greater(o.hair_width, fabsf(x - h->middle_x));
            o.touches_left = o.touches_left || px[0] < rim;
            o.touches_right = o.touches_right || px[0] > h->width - rim;
            o.touches_top = o.touches_top || px[1] < rim;
        }
    }
    return o;
}

/* 1 on the rim of a head with plenty of hair. */
static float head_radius(const struct head *h, float x, float y)
{
    return hypotf((x - h->middle_x) / (1.25f * h->half_width), (y - h->centre_y) / 1.9f);
}

static float prior_of(const struct head *h, float x, float y)
{
    float aside = fabsf(x - h->middle_x), under = y - h->chin_y;
    float head = ramp_clamp(4.0f * (1.3f - head_radius(h, x, y)), -2, 2);
    float body = -2;
    if (under > -0.4f) { /* long hair or wide shoulders: less can be said */
        float half = 0.7f + 1.6f * ramp(0.3f, 1.3f, under);
        body = ramp_clamp(2.5f * (half - aside), -1, 2);
    }
    return greater(head, body);
}

static enum seed seed_of(const struct head *h, float x, float y, bool border)
{
    float aside = fabsf(x - h->middle_x), under = y - h->chin_y;
    float top = h->points[10][1], middle = 0.5f * (top + h->chin_y);
    float face = hypotf((x - h->middle_x) / (0.82f * h->half_width),
                        (y - middle) / (0.52f * (h->chin_y - top)));
    bool neck = under > -0.2f && aside < 0.35f * h->half_width;
    bool chest = under > 1.0f && aside < 0.35f * h->half_width + lesser(under - 1.0f, 0.7f);
    if (face < 1 || neck || chest)
        return PERSON;
    if (border && under < 0 && head_radius(h, x, y) > 1.35f)
        return BACKGROUND;
    return UNKNOWN;
}

/* Sets seeds and priors; false when the head leaves too little of the border. */
static bool place(struct vote *v, const struct head *h)
{
    const struct grid *g = &v->grid;
    float e = h->frame.eye_px, rim = SEED_BORDER * e;
    int border_cells = 0, seeds = 0;
    for (int j = 0; j < g->rows; j++) {
        for (int i = 0; i < g->columns; i++) {
            float px[2], at[2];
            int k = j * g->columns + i;
            grid_centre(g, i, j, px);
            frame_to_local(&h->frame, px[0], px[1], at);
            bool border = px[0] - (float)g->window.x0 < rim || (float)g->window.x1 - px[0] < rim ||
                          px[1] - (float)g->window.y0 < rim;
            v->prior[k] = prior_of(h, at[0], at[1]);
            v->seed[k] = (uint8_t)seed_of(h, at[0], at[1], border);
            border_cells += border && at[1] < h->chin_y;
            seeds += v->seed[k] == BACKGROUND;
        }
    }
    return seeds > 8 && (float)seeds > LEAST_SEEDS * (float)border_cells;
}

static float bond(const struct grid *g, int a, int b)
{
    float sum = 0;
    static const float weight[3] = {1.0f, 2.0f, 2.0f};
    for (int p = 0; p < 3; p++) {
        float d = weight[p] * (g->colour[p][a] - g->colour[p][b]);
        sum += d * d;
    }
    return expf(-sum / (2.0f * ALIKE * ALIKE)) + 0.01f;
}

static void bind(struct vote *v)
{
    const struct grid *g = &v->grid;
    for (int j = 0; j < g->rows; j++) {
        for (int i = 0; i < g->columns; i++) {
            int k = j * g->columns + i;
            v->right[k] = i + 1 < g->columns ? bond(g, k, k + 1) : 0.0f;
            v->down[k] = j + 1 < g->rows ? bond(g, k, k + g->columns) : 0.0f;
        }
    }
}

/* The least of sum bond (share - neighbour's)^2 + VOTE (share - target)^2, seeds held. */
static void agree(struct vote *v)
{
    const int w = v->grid.columns, h = v->grid.rows;
    const float over = 1.6f; /* successive over-relaxation */
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        for (int j = 0; j < h; j++) {
            for (int i = (sweep + j) & 1; i < w; i += 2) {
                int k = j * w + i;
                if (v->seed[k] != UNKNOWN)
                    continue;
                float sum = VOTE * v->target[k], weight = VOTE;
                if (i > 0)
                    sum += v->right[k - 1] * v->share[k - 1], weight += v->right[k - 1];
                if (i + 1 < w)
                    sum += v->right[k] * v->share[k + 1], weight += v->right[k];
                if (j > 0)
                    sum += v->down[k - w] * v->share[k - w], weight += v->down[k - w];
                if (j + 1 < h)
                    sum += v->down[k] * v->share[k + w], weight += v->down[k];
                v->share[k] += over * (sum / weight - v->share[k]);
                v->share[k] = ramp_clamp(v->share[k], 0, 1);
            }
        }
    }
}

static void count_votes(struct vote *v)
{
    const struct grid *g = &v->grid;
    const int n = grid_cells(g);
    struct colours person, background;
    for (int k = 0; k < n; k++)
        v->share[k] = v->seed[k] == PERSON       ? 1.0f
                      : v->seed[k] == BACKGROUND ? 0.0f
                                                 : 0.5f + 0.25f * v->prior[k];
    for (int round = 0; round < ROUNDS; round++) {
        for (int k = 0; k < n; k++)
            v->use[k] = v->share[k] > 0.75f;
        colours_learn(&person, g, v->use);
        for (int k = 0; k < n; k++)
            v->use[k] = v->share[k] < (round ? 0.25f : 0.01f);
        colours_learn(&background, g, v->use);
        for (int k = 0; k < n; k++) {
            const float colour[3] = {g->colour[0][k], g->colour[1][k], g->colour[2][k]};
            float odds = colours_cost(&background, colour) - colours_cost(&person, colour);
            v->odds[k] = odds;
            odds = ramp_clamp(odds + v->prior[k], -VOTE_MOST, VOTE_MOST);
            v->target[k] = 1.0f / (1.0f + expf(-odds));
        }
        agree(v);
    }
}

/* Cells joined to a seed of `kind` through cells that pass; the others change sides. `use` is scratch. */
static void keep_joined(struct vote *v, enum seed kind, int *queue)
{
    const int w = v->grid.columns, h = v->grid.rows, n = w * h;
    int head = 0, tail = 0;
    memset(v->use, 0, (size_t)n);
    for (int k = 0; k < n; k++) {
        if (v->seed[k] == kind) {
            v->use[k] = 1;
            queue[tail++] = k;
        }
    }
    while (head < tail) {
        int k = queue[head++], i = k % w, j = k / w;
        const int next[4] = {i > 0 ? k - 1 : k, i + 1 < w ? k + 1 : k, j > 0 ? k - w : k,
                             j + 1 < h ? k + w : k};
        for (int m = 0; m < 4; m++) {
            bool passes = (v->share[next[m]] >= 0.5f) == (kind == PERSON);
            if (v->use[next[m]] || !passes)
                continue;
            v->use[next[m]] = 1;
            queue[tail++] = next[m];
        }
    }
    for (int k = 0; k < n; k++)
        if (!v->use[k])
            v->share[k] = kind == PERSON ? 0.0f : 1.0f;
}

/* How far to trust the outline of the head: on both sides of it colour alone should say the same. Takes
 * two of the grid's planes as scratch. */
static float certainty(struct vote *v, const struct head *h)
{
    const struct grid *g = &v->grid;
    const int n = grid_cells(g);
    const float cell = (float)g->step_px / h->frame.eye_px; /* E */
    float *outside = v->right, *inside = v->down;
    int near = 0, certain = 0;
    for (int k = 0; k < n; k++)
        v->use[k] = v->share[k] >= 0.5f;
    grid_distance(g, outside, v->use);
    for (int k = 0; k < n; k++)
        v->use[k] = !v->use[k];
    grid_distance(g, inside, v->use);
    for (int j = 0; j < g->rows; j++) {
        for (int i = 0; i < g->columns; i++) {
            float px[2], at[2];
            int k = j * g->columns + i;
            grid_centre(g, i, j, px);
            frame_to_local(&h->frame, px[0], px[1], at);
            /* the outline's own cells are mixtures */
            float far = greater(outside[k], inside[k]) * cell;
            if (far < 1.5f * cell || far > NEAR_OUTLINE || at[1] > h->chin_y)
                continue;
            near++;
            certain += inside[k] > 0 ? v->odds[k] > CERTAIN : v->odds[k] < -CERTAIN;
        }
    }
    return near ? (float)certain / (float)near : 0;
}

static enum orator_status vote_new(struct vote *v, struct orator_error *err)
{
    const size_t n = (size_t)grid_cells(&v->grid);
    v->seed = calloc(2 * n, 1);
    v->prior = calloc(6 * n, sizeof(float));
    if (!v->seed || !v->prior)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory to part a person from the background");
    v->use = v->seed + n;
    v->target = v->prior + n;
    v->share = v->prior + 2 * n;
    v->right = v->prior + 3 * n;
    v->down = v->prior + 4 * n;
    v->odds = v->prior + 5 * n;
    return ORATOR_OK;
}

enum orator_status matte_find(struct matte *out, const struct texture *still, const struct head *h,
                              struct orator_error *err)
{
    enum orator_status s;
    struct matte m = {.width_px = still->width_px, .height_px = still->height_px};
    struct vote vote = {0};
    int *queue = NULL;
    const int step_px = (int)greater(1.0f, roundf(COARSE * h->frame.eye_px));
    *out = (struct matte){0};
    m.window = matte_window(h);
    m.alpha = calloc((size_t)m.width_px, (size_t)m.height_px);
    TRY(grid_new(&vote.grid, still, m.window, step_px, err));
    TRY(vote_new(&vote, err));
    queue = malloc((size_t)grid_cells(&vote.grid) * sizeof(*queue));
    if (!m.alpha || !queue) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a matte");
        goto done;
    }
    m.found = place(&vote, h);
    if (m.found) {
        bind(&vote);
        count_votes(&vote);
        keep_joined(&vote, PERSON, queue);
        keep_joined(&vote, BACKGROUND, queue);
        m.certain = certainty(&vote, h);
        TRY(guided_matte(&m, still, &vote.grid, vote.share, h->frame.eye_px, err));
    }
    *out = m;
    m.alpha = NULL;
done:
    free(queue);
    free(vote.prior);
    free(vote.seed);
    grid_fini(&vote.grid);
    free(m.alpha);
    return s;
}

void matte_fini(struct matte *m)
{
    free(m->alpha);
    *m = (struct matte){0};
}
