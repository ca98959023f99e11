#include "engine/render/fields.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/action_units.h"
#include "engine/render/banded.h"

/* The grid reaches from above the forehead to below the neck's controls, and past the ears. At half
 * this fineness the lips were off by up to 0.23 E; twice as fine costs sixteen times the factorisation. */
enum { COLUMNS = 85, ROWS = 97, INNER_COLUMNS = COLUMNS - 2, INNER_ROWS = ROWS - 2 };
#define STEP 0.0416667f /* E / 24 */
#define LEFT (-0.5f * STEP * (COLUMNS - 1))
#define TOP  (-2.4f)

/* What the solve minimises: |Ld|^2 + 30 step^2 |grad d|^2 + 16 sum |d - target|^2: a thin plate with a
 * little tension, so that it does not overshoot between controls. */
#define TENSION (30.0 * (double)STEP * (double)STEP)
#define HOLD    16.0
#define OFF_CUT (0.6f * STEP) /* seam controls stand this far from the cut, in their own lip */

/* Where each vertex lies relative to the cut. */
struct cut {
    bool beside[COLUMNS];                 /* this column crosses the mouth */
    float middle[COLUMNS];                /* local y of the cut */
    float upper[COLUMNS], lower[COLUMNS]; /* of the lips' edges */
};

static float x_of(int i) { return LEFT + STEP * (float)i; }
static float y_of(int j) { return TOP + STEP * (float)j; }
static int unknown(int i, int j) { return (j - 1) * INNER_COLUMNS + i - 1; }

static void find_cut(struct cut *cut, const struct seam *seam)
{
    for (int i = 0; i < COLUMNS; i++) {
        float x = x_of(i);
        cut->beside[i] = fabsf(seam_u(seam, x)) < 1.0f;
        cut->upper[i] = seam_upper(seam, x);
        cut->lower[i] = seam_lower(seam, x);
        cut->middle[i] = 0.5f * (cut->upper[i] + cut->lower[i]);
    }
}

static bool below(const struct cut *cut, int i, int j) { return y_of(j) > cut->middle[i]; }

/* Edges between neighbours on different sides of the cut are gone. */
static bool joined(const struct cut *cut, int i0, int j0, int i1, int j1)
{
    return !(cut->beside[i0] && cut->beside[i1] && below(cut, i0, j0) != below(cut, i1, j1));
}

/* The four vertices around a point and their bilinear shares; seam controls use their own lip only. */
struct hold {
    int unknown[4];
    double share[4];
    int count;
};

static struct hold hold_of(const struct control *c, const struct cut *cut)
{
    struct hold hold = {0};
    float fx = (c->x - LEFT) / STEP, fy = (c->y - TOP) / STEP;
    fx = fminf(fmaxf(fx, 1.0f), COLUMNS - 2.01f); /* faces turned far may reach out of the grid */
    fy = fminf(fmaxf(fy, 1.0f), ROWS - 2.01f);
    int i0 = (int)fx, j0 = (int)fy;
    double a = (double)fx - i0, b = (double)fy - j0, sum = 0.0;
    bool on_seam = (c->group == SEAM_UPPER || c->group == SEAM_LOWER) && fabsf(c->u) < 0.98f;
    for (int k = 0; k < 4; k++) {
        int i = i0 + (k & 1), j = j0 + (k >> 1);
        double share = (k & 1 ? a : 1.0 - a) * (k >> 1 ? b : 1.0 - b);
        if (on_seam && below(cut, i, j) != (c->group == SEAM_LOWER))
            continue;
        hold.unknown[hold.count] = unknown(i, j);
        hold.share[hold.count++] = share;
        sum += share;
    }
    for (int k = 0; k < hold.count; k++)
        hold.share[k] = sum > 1e-9 ? hold.share[k] / sum : 1.0 / hold.count;
    return hold;
}

/* Row (i, j) of the graph's Laplacian: neighbours on the border are 0 and only add to the degree. */
static int laplacian_row(const struct cut *cut, int i, int j, int column[5], double value[5])
{
    static const int step[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    int n = 1;
    double degree = 0.0;
    for (int k = 0; k < 4; k++) {
        int p = i + step[k][0], q = j + step[k][1];
        if (!joined(cut, i, j, p, q))
            continue;
        degree += 1.0;
        if (p > 0 && q > 0 && p < COLUMNS - 1 && q < ROWS - 1) {
            column[n] = unknown(p, q);
            value[n++] = -1.0;
        }
    }
    column[0] = unknown(i, j);
    value[0] = degree;
    return n;
}

static void assemble(struct banded *m, const struct cut *cut, const struct hold *holds, int count)
{
    for (int j = 1; j < ROWS - 1; j++) {
        for (int i = 1; i < COLUMNS - 1; i++) {
            int column[5];
            double value[5];
            int n = laplacian_row(cut, i, j, column, value);
            for (int a = 0; a < n; a++) {
                for (int b = 0; b < n; b++)
                    if (column[a] <= column[b])
                        banded_add(m, column[a], column[b], value[a] * value[b]);
                if (column[a] >= column[0])
                    banded_add(m, column[0], column[a], TENSION * value[a]);
            }
            banded_add(m, column[0], column[0], 1e-9);
        }
    }
    for (int k = 0; k < count; k++) {
        for (int a = 0; a < holds[k].count; a++) {
            for (int b = 0; b < holds[k].count; b++)
                if (holds[k].unknown[a] <= holds[k].unknown[b])
                    banded_add(m, holds[k].unknown[a], holds[k].unknown[b],
                               HOLD * holds[k].share[a] * holds[k].share[b]);
        }
    }
}

/* Fields that are solved together, both axes of each. */
enum { TOGETHER = BANDED_SIDES / 2 };

/* From the controls' targets to the whole grid, for units first .. last - 1. */
static void solve_units(float *fields, double *x, const struct banded *m, const struct hold *holds,
                        const struct controls *controls, int first, int last, const struct dsp *dsp)
{
    memset(x, 0, sizeof(*x) * INNER_COLUMNS * INNER_ROWS * BANDED_SIDES);
    for (int unit = first; unit < last; unit++) {
        for (int k = 0; k < controls->count; k++) {
            float target[2];
            control_push(target, controls, k, unit);
            for (int a = 0; a < holds[k].count; a++)
                for (int axis = 0; axis < 2; axis++)
                    x[holds[k].unknown[a] * BANDED_SIDES + 2 * (unit - first) + axis] +=
                        HOLD * holds[k].share[a] * (double)target[axis];
        }
    }
    banded_solve(m, x, dsp);
    for (int side = 0; side < 2 * (last - first); side++, fields += COLUMNS * ROWS)
        for (int j = 1; j < ROWS - 1; j++)
            for (int i = 1; i < COLUMNS - 1; i++)
                fields[j * COLUMNS + i] = (float)x[unknown(i, j) * BANDED_SIDES + side];
}

static void add_cheeks(float *dx, float *dy, const struct controls *c, int unit)
{
    for (int side = 0; side < 2; side++) {
        float push[2];
        cheek_push(push, c, side, unit);
        if (push[0] == 0.0f && push[1] == 0.0f)
            continue;
        for (int j = 1; j < ROWS - 1; j++) {
            for (int i = 1; i < COLUMNS - 1; i++) {
                float x = x_of(i) - c->bump_x[side], y = y_of(j) - c->bump_y[side];
                /* (1 - r^2 / 6 s^2)^3: close to a Gaussian, and it ends */
                float far = (x * x + y * y) / (6.0f * BUMP_SIGMA * BUMP_SIGMA);
                float bump = far < 1.0f ? (1.0f - far) * (1.0f - far) * (1.0f - far) : 0.0f;
                dx[j * COLUMNS + i] += push[0] * bump;
                dy[j * COLUMNS + i] += push[1] * bump;
            }
        }
    }
}

/* A sheet beyond its own lip: each column keeps the value that it has at the lip's edge, for
 * FIELDS_BEYOND rows past the cut. */
static void continue_sheet(float *out, const float *in, const struct cut *cut, enum sheet sheet)
{
    assert(out && in);
    memcpy(out, in, sizeof(*out) * COLUMNS * ROWS);
    int forward = sheet == SHEET_UPPER ? 1 : -1;
    for (int i = 1; i < COLUMNS - 1; i++) {
        if (!cut->beside[i])
            continue;
        float edge = sheet == SHEET_UPPER ? cut->upper[i] : cut->lower[i];
        int j = (int)floorf((edge - TOP) / STEP); /* the last row inside the lip */
        if (sheet == SHEET_LOWER)
            j++;
        float value = in[j * COLUMNS + i];
        for (int k = j + forward; k > 0 && k < ROWS - 1; k += forward) {
            if ((y_of(k) - cut->middle[i]) * (float)forward > FIELDS_BEYOND * STEP)
                break;
            out[k * COLUMNS + i] = value;
        }
    }
}

static enum orator_status take_memory(struct fields *f, struct orator_error *err)
{
    size_t each = (size_t)COLUMNS * ROWS, arrays = (size_t)SHEET_COUNT * FIELD_COUNT * 2;
    f->memory = calloc(each * arrays, sizeof(float));
    if (!f->memory)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the face's fields");
    float *next = f->memory;
    for (int sheet = 0; sheet < SHEET_COUNT; sheet++) {
        for (int unit = 0; unit < FIELD_COUNT; unit++) {
            f->dx[sheet][unit] = next;
            f->dy[sheet][unit] = next + each;
            next += 2 * each;
        }
    }
    return ORATOR_OK;
}

enum orator_status fields_solve(struct fields *out, const struct face *face,
                                const struct face_frame *frame, const struct seam *seam,
                                const struct dsp *dsp, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct fields f = {.columns = COLUMNS, .rows = ROWS, .left = LEFT, .top = TOP, .step = STEP};
    struct banded matrix = {0};
    struct controls controls;
    struct cut cut;
    struct hold holds[CONTROLS_MAX];
    double *x = NULL;
    float *solved = NULL; /* dx and dy of each */
    const size_t cells = (size_t)COLUMNS * ROWS;

    TRY(take_memory(&f, err));
    x = malloc(sizeof(*x) * INNER_COLUMNS * INNER_ROWS * BANDED_SIDES);
    solved = calloc(cells * BANDED_SIDES, sizeof(*solved));
    if (!x || !solved || !banded_init(&matrix, INNER_COLUMNS * INNER_ROWS, 2 * INNER_COLUMNS)) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory to solve the face's fields");
        goto done;
    }

    find_cut(&cut, seam);
    controls_place(&controls, face, frame, seam, OFF_CUT);
    for (int k = 0; k < controls.count; k++)
        holds[k] = hold_of(&controls.list[k], &cut);
    assemble(&matrix, &cut, holds, controls.count);
    if (!banded_factor(&matrix, dsp)) {
        s = orator_fail(err, ORATOR_FACE_UNUSABLE, "the mouth's outline is not usable");
        goto done;
    }
    for (int first = 0; first < FIELD_COUNT; first += TOGETHER) {
        int last = first + TOGETHER < FIELD_COUNT ? first + TOGETHER : FIELD_COUNT;
        solve_units(solved, x, &matrix, holds, &controls, first, last, dsp);
        for (int unit = first; unit < last; unit++) {
            float *dx = solved + cells * 2 * (size_t)(unit - first), *dy = dx + cells;
            add_cheeks(dx, dy, &controls, unit);
            for (int sheet = 0; sheet < SHEET_COUNT; sheet++) {
                continue_sheet(f.dx[sheet][unit], dx, &cut, (enum sheet)sheet);
                continue_sheet(f.dy[sheet][unit], dy, &cut, (enum sheet)sheet);
            }
        }
    }
    *out = f;
    f.memory = NULL;
done:
    banded_fini(&matrix);
    free(solved);
    free(x);
    free(f.memory);
    return s;
}

void fields_fini(struct fields *f)
{
    free(f->memory);
    *f = (struct fields){0};
}

static float clamp01(float v) { return v > 0.0f ? fminf(v, 1.0f) : 0.0f; } /* NaN gives 0 */

static float smooth(float from, float to, float v)
{
    float t = clamp01((v - from) / (to - from));
    return t * t * (3.0f - 2.0f * t);
}

void fields_weights(float out[FIELD_COUNT], const struct pose *pose, const struct seam *seam)
{
    static const bool is_opening[AU_COUNT] = {[AU_JAW] = true,
                                              [AU_FUNNEL] = true,
                                              [AU_UPPER_RAISE] = true,
                                              [AU_LOWER_DROP] = true,
                                              [AU_LABIODENTAL] = true};
    static const bool is_mouth[AU_COUNT] = {
        [AU_JAW] = true,        [AU_WIDE] = true,       [AU_PUCKER] = true,
        [AU_FUNNEL] = true,     [AU_PRESS] = true,      [AU_UPPER_RAISE] = true,
        [AU_LOWER_DROP] = true, [AU_LABIODENTAL] = true};
    float closure = clamp01(pose->closure), activity = closure;
    for (int unit = 0; unit < AU_COUNT; unit++) {
        float v = clamp01(pose->au[unit]);
        if (is_mouth[unit])
            activity += v;
        out[unit] = is_opening[unit] ? v * (1.0f - closure) : v;
    }
    out[AU_PRESS] = fminf(out[AU_PRESS] + 0.35f * smooth(0.7f, 1.0f, closure), 1.0f);
    /* Lips drawn apart by a smile are thin already: rolled in as far as others, the upper is gone. */
    if (seam->parted)
        out[AU_PRESS] *= 0.4f;
    /* A portrait that smiles with parted lips keeps its smile while silent; while it speaks its lips
     * work from nearly closed, so that there is something to open. */
    float shut = fmaxf(closure, 0.8f * out[AU_PUCKER]); /* u is small, whatever the smile was */
    out[FIELD_CLOSE] = seam->parted ? (0.70f + 0.30f * shut) * smooth(0.0f, 0.35f, activity) : 0.0f;
}
