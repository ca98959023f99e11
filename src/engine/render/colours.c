#include "engine/render/colours.h"

#include <math.h>
#include <string.h>

#include "engine/render/ramp.h"

enum { ROUNDS = 6 };

/* Deviations below these are the camera's and the encoder's; chroma is the steadier witness. */
static const float least_deviation[3] = {5.0f, 2.5f, 2.5f};

static float distance(const float a[3], const float b[3])
{
    float sum = 0;
    for (int p = 0; p < 3; p++) {
        float d = (a[p] - b[p]) / least_deviation[p];
        sum += d * d;
    }
    return sum;
}

/* Starts as slices of equal share from dark to bright: the same for a picture and its mirror image. */
static void slice(struct colours *c, const struct grid *g, const uint8_t *use)
{
    int counts[256] = {0}, total = 0, bound[COLOURS], below = 0;
    const int n = grid_cells(g);
    for (int k = 0; k < n; k++) {
        if (!use[k])
            continue;
        counts[(int)ramp_clamp(g->colour[0][k], 0, 255)]++;
        total++;
    }
    for (int v = 0, s = 0; v < 256 && s < COLOURS; v++) {
        below += counts[v];
        while (s < COLOURS && below * COLOURS >= total * (s + 1))
            bound[s++] = v;
    }
    double sum[COLOURS][3] = {{0}};
    int members[COLOURS] = {0};
    for (int k = 0; k < n; k++) {
        if (!use[k])
            continue;
        int v = (int)ramp_clamp(g->colour[0][k], 0, 255), s = 0;
        while (s + 1 < COLOURS && v > bound[s])
            s++;
        members[s]++;
        for (int p = 0; p < 3; p++)
            sum[s][p] += (double)g->colour[p][k];
    }
    c->count = 0;
    for (int s = 0; s < COLOURS; s++) {
        if (!members[s])
            continue;
        for (int p = 0; p < 3; p++)
            c->mean[c->count][p] = (float)(sum[s][p] / members[s]);
        c->count++;
    }
}

void colours_learn(struct colours *c, const struct grid *g, const uint8_t *use)
{
    const int n = grid_cells(g);
    *c = (struct colours){0};
    slice(c, g, use);
    for (int round = 0; round < ROUNDS && c->count > 0; round++) {
        double sum[COLOURS][3] = {{0}}, squares[COLOURS][3] = {{0}};
        int members[COLOURS] = {0}, total = 0, kept = 0;
        for (int k = 0; k < n; k++) {
            if (!use[k])
                continue;
            const float colour[3] = {g->colour[0][k], g->colour[1][k], g->colour[2][k]};
            int nearest = 0;
            float least = 1e30f;
            for (int s = 0; s < c->count; s++) {
                float d = distance(colour, c->mean[s]);
                if (d < least)
                    least = d, nearest = s;
            }
            members[nearest]++;
            total++;
            for (int p = 0; p < 3; p++) {
                sum[nearest][p] += (double)colour[p];
                squares[nearest][p] += (double)colour[p] * (double)colour[p];
            }
        }
        for (int s = 0; s < c->count; s++) {
            if (!members[s])
                continue;
            float cost = -logf((float)members[s] / (float)total);
            for (int p = 0; p < 3; p++) {
                double mean = sum[s][p] / members[s];
                double variance = squares[s][p] / members[s] - mean * mean;
                double floor = (double)(least_deviation[p] * least_deviation[p]);
                variance = variance > floor ? variance : floor;
                c->mean[kept][p] = (float)mean;
                c->inverse_variance[kept][p] = (float)(1.0 / variance);
                cost += 0.5f * logf((float)(variance / floor));
            }
            c->cost[kept++] = cost;
        }
        c->count = kept;
    }
}

float colours_cost(const struct colours *c, const float colour[3])
{
    float least = COLOURS_UNLIKE;
    for (int s = 0; s < c->count; s++) {
        float cost = c->cost[s];
        for (int p = 0; p < 3; p++) {
            float d = colour[p] - c->mean[s][p];
            cost += 0.5f * d * d * c->inverse_variance[s][p];
        }
        least = lesser(least, cost);
    }
    return least;
}
