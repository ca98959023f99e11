#include "engine/face/detector.h"

#include <math.h>
#include <stdlib.h>

/* Numbers of the model's own graph (face_detection_short_range). */
enum { FINE_CELLS = 16, FINE_ANCHORS = 2, COARSE_CELLS = 8, COARSE_ANCHORS = 6 };
#define SCORE_MIN   0.5f /* below it a guess is none */
#define OVERLAP_MIN 0.3f /* above it two guesses are one face */

/* A guess, in fractions of the square. */
struct guess {
    float score, x, y, width, height;
    float eye[2][2]; /* the eye on the picture's left, the other */
};

static float overlap(float ax, float ay, float aw, float ah, float bx, float by, float bw, float bh)
{
    float left = fmaxf(ax - aw / 2, bx - bw / 2), right = fminf(ax + aw / 2, bx + bw / 2);
    float top = fmaxf(ay - ah / 2, by - bh / 2), bottom = fminf(ay + ah / 2, by + bh / 2);
    if (right <= left || bottom <= top)
        return 0;
    float both = (right - left) * (bottom - top);
    return both / (aw * ah + bw * bh - both);
}

float detection_overlap(const struct detection *a, const struct detection *b)
{
    return overlap(a->x, a->y, a->width, a->height, b->x, b->y, b->width, b->height);
}

/* Centre of anchor i: first 16 x 16 cells of two, then 8 x 8 of six, row by row. */
static void anchor(int i, float *x, float *y)
{
    const int fine = FINE_CELLS * FINE_CELLS * FINE_ANCHORS;
    int cells = i < fine ? FINE_CELLS : COARSE_CELLS;
    int cell = i < fine ? i / FINE_ANCHORS : (i - fine) / COARSE_ANCHORS;
    int column = cell % cells, row = cell / cells;
    *x = ((float)column + 0.5f) / (float)cells;
    *y = ((float)row + 0.5f) / (float)cells;
}

static int by_score(const void *a, const void *b)
{
    float p = ((const struct guess *)a)->score, q = ((const struct guess *)b)->score;
    return (p < q) - (p > q);
}

static int read_guesses(const float *rows, const float *logits, struct guess out[DETECTOR_ANCHORS])
{
    int n = 0;
    for (int i = 0; i < DETECTOR_ANCHORS; i++) {
        const float *r = rows + (ptrdiff_t)i * DETECTOR_ROW;
        float score = 1 / (1 + expf(-fminf(fmaxf(logits[i], -100), 100)));
        const float side = DETECTOR_INPUT_PX;
        float x, y;
        anchor(i, &x, &y);
        if (!(score >= SCORE_MIN && r[2] > 0 && r[3] > 0 && isfinite(r[2] * r[3])))
            continue; /* also where a damaged model gives NaN */
        out[n++] = (struct guess){
            .score = score,
            .x = x + r[0] / side,
            .y = y + r[1] / side,
            .width = r[2] / side,
            .height = r[3] / side,
            .eye = {{x + r[4] / side, y + r[5] / side}, {x + r[6] / side, y + r[7] / side}},
        };
    }
    qsort(out, (size_t)n, sizeof(*out), by_score);
    return n;
}

static void add_weighted(struct guess *sum, const struct guess *g)
{
    float w = g->score;
    sum->x += w * g->x;
    sum->y += w * g->y;
    sum->width += w * g->width;
    sum->height += w * g->height;
    for (int k = 0; k < 2; k++) {
        sum->eye[k][0] += w * g->eye[k][0];
        sum->eye[k][1] += w * g->eye[k][1];
    }
}

static struct detection to_portrait(const struct guess *sum, float weight, float score,
                                    struct region_px square)
{
    struct detection d = {.score = score};
    float eye[2][2];
    region_to_portrait(square, sum->x / weight, sum->y / weight, &d.x, &d.y);
    for (int k = 0; k < 2; k++)
        region_to_portrait(square, sum->eye[k][0] / weight, sum->eye[k][1] / weight, &eye[k][0],
                           &eye[k][1]);
    d.width = sum->width / weight * square.side;
    d.height = sum->height / weight * square.side;
    d.tilt_rad = atan2f(eye[1][1] - eye[0][1], eye[1][0] - eye[0][0]);
    return d;
}

int detector_look(struct detector *d, const struct pyramid *p, struct region_px square,
                  struct detection out[DETECTOR_MAX_FACES])
{
    if (d->looks_left <= 0)
        return 0;
    d->looks_left--;
    pyramid_cut(graph_input(d->run, 0), p, square, DETECTOR_INPUT_PX, -1, 1, PYRAMID_BLACK);
    graph_compute(d->run);

    struct guess all[DETECTOR_ANCHORS];
    int left = read_guesses(graph_output(d->run, 0), graph_output(d->run, 1), all), n = 0;
    while (left > 0 && n < DETECTOR_MAX_FACES) {
        struct guess best = all[0], sum = {0};
        float weight = 0;
        int kept = 0;
        for (int i = 0; i < left; i++) {
            const struct guess *g = &all[i];
            if (i == 0 || overlap(best.x, best.y, best.width, best.height, g->x, g->y, g->width,
                                  g->height) > OVERLAP_MIN) {
                add_weighted(&sum, g);
                weight += g->score;
            } else {
                all[kept++] = *g;
            }
        }
        out[n++] = to_portrait(&sum, weight, best.score, square);
        left = kept;
    }
    return n;
}
