/* draw_presenter.c - draws the presenter of the demo and of the tests: nobody's portrait.
 *
 *     cc -O2 -o draw_presenter tools/draw_presenter.c -lm && ./draw_presenter 1024 > presenter.ppm
 *
 * A head, hair and shoulders as signed distance functions (J. C. Hart, "Sphere tracing", 1996), lit by a
 * key, a fill and a rim light with soft shadows. Units: centimetres, x right, y up, z to the viewer.
 * Proportions are an adult's (eyes 6.3 cm apart).
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    float x, y, z;
} vec;

static vec v3(float x, float y, float z) { return (vec){x, y, z}; }
static vec add(vec a, vec b) { return v3(a.x + b.x, a.y + b.y, a.z + b.z); }
static vec sub(vec a, vec b) { return v3(a.x - b.x, a.y - b.y, a.z - b.z); }
static vec mul(vec a, float s) { return v3(a.x * s, a.y * s, a.z * s); }
static vec tint(vec a, vec b) { return v3(a.x * b.x, a.y * b.y, a.z * b.z); }
static float dot(vec a, vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static float len(vec a) { return sqrtf(dot(a, a)); }
static vec unit(vec a) { return mul(a, 1.0f / len(a)); }
static vec mix(vec a, vec b, float t) { return add(mul(a, 1 - t), mul(b, t)); }
static float clampf(float x, float lo, float hi) { return fminf(fmaxf(x, lo), hi); }
static float step_soft(float a, float b, float x)
{
    float t = clampf((x - a) / (b - a), 0, 1);
    return t * t * (3 - 2 * t);
}
static float bell(float x, float width) { return expf(-x * x / (2 * width * width)); }

/* --- value noise, for strands, pores and cloth ------------------------------------------------- */
static float lattice(int x, int y, int z)
{
    uint32_t h = (uint32_t)x * 374761393u + (uint32_t)y * 668265263u + (uint32_t)z * 2147483647u;
    h = (h ^ (h >> 13)) * 1274126177u;
    return (float)((h ^ (h >> 16)) & 0xffffff) / (float)0xffffff;
}
static float noise(vec p)
{
    float fx = floorf(p.x), fy = floorf(p.y), fz = floorf(p.z), sum = 0;
    vec t = v3(step_soft(0, 1, p.x - fx), step_soft(0, 1, p.y - fy), step_soft(0, 1, p.z - fz));
    for (int i = 0; i < 8; i++) {
        int dx = i & 1, dy = i >> 1 & 1, dz = i >> 2;
        float w = (dx ? t.x : 1 - t.x) * (dy ? t.y : 1 - t.y) * (dz ? t.z : 1 - t.z);
        sum += w * lattice((int)fx + dx, (int)fy + dy, (int)fz + dz);
    }
    return sum;
}

/* --- shapes: distance to the surface, negative inside ------------------------------------------- */
static float ball(vec p, vec c, float r) { return len(sub(p, c)) - r; }
static float egg(vec p, vec c, vec r)
{
    vec d = sub(p, c), q = v3(d.x / r.x, d.y / r.y, d.z / r.z);
    vec g = v3(q.x / r.x, q.y / r.y, q.z / r.z);
    float k = len(q), m = len(g);
    return m < 1e-6f ? -fminf(r.x, fminf(r.y, r.z)) : k * (k - 1) / m;
}
static float rod(vec p, vec a, vec b, float ra, float rb)
{
    vec ab = sub(b, a), ap = sub(p, a);
    float t = clampf(dot(ap, ab) / dot(ab, ab), 0, 1);
    return len(sub(ap, mul(ab, t))) - (ra + (rb - ra) * t);
}
/* union and difference with a fillet of size k */
static float join(float a, float b, float k)
{
    float h = fmaxf(k - fabsf(a - b), 0) / k;
    return fminf(a, b) - h * h * h * k / 6;
}
static float carve(float a, float b, float k) { return -join(-a, b, k); }

/* The head is symmetric: x is folded to the right half. */
static const float EYE_X = 3.15f, EYE_Y = 0.75f, EYE_Z = 5.15f, EYE_R = 1.22f;

static float lid_upper(float t)
{
    return 0.56f * (1 - t * t) + 0.10f * t - 0.02f;
} /* t -1 inner .. 1 outer */
static float lid_lower(float t) { return -0.38f * (1 - t * t) + 0.10f * t - 0.02f; }

static float mouth_line(float x) { return -5.42f + 0.055f * x * x - 0.05f * bell(x, 0.35f); }

static float face(vec p)
{
    vec m = v3(fabsf(p.x), p.y, p.z);
    float d = egg(m, v3(0, 2.4f, -1.7f), v3(6.8f, 7.9f, 8.5f));
    d = join(d, egg(m, v3(0, -3.1f, 0.9f), v3(5.25f, 6.9f, 6.1f)), 3.0f);
    d = join(d, egg(m, v3(0, -8.35f, 4.6f), v3(1.75f, 1.35f, 1.55f)), 2.6f);
    d = join(d, ball(m, v3(3.2f, -4.8f, 0.3f), 1.5f), 3.0f);
    d = join(d, egg(m, v3(3.5f, -1.6f, 4.2f), v3(1.9f, 1.6f, 1.6f)), 2.4f);
    d = join(d, rod(m, v3(0.6f, 2.55f, 6.35f), v3(3.9f, 2.75f, 5.1f), 0.55f, 0.45f), 1.8f);
    d = carve(d, egg(m, v3(EYE_X - 0.05f, EYE_Y + 0.1f, 7.6f), v3(1.75f, 1.15f, 1.9f)), 1.5f);

    /* nose */
    float n = rod(m, v3(0, 1.9f, 6.2f), v3(0, -1.9f, 8.25f), 0.45f, 0.70f);
    n = join(n, egg(m, v3(0, -2.25f, 8.35f), v3(0.88f, 0.74f, 0.90f)), 0.9f);
    n = join(n, egg(m, v3(0.98f, -2.5f, 7.35f), v3(0.62f, 0.56f, 0.95f)), 0.8f);
    n = carve(n, egg(m, v3(0.55f, -3.02f, 8.0f), v3(0.33f, 0.22f, 0.5f)), 0.25f);
    d = join(d, n, 1.1f);

    /* the swell under the lips, the groove above the chin, the philtrum */
    d = join(d, egg(m, v3(0, -5.3f, 5.6f), v3(2.3f, 1.9f, 1.7f)), 1.6f);
    d = carve(d, rod(m, v3(0, -6.95f, 7.75f), v3(1.0f, -6.8f, 7.3f), 0.35f, 0.3f), 0.9f);
    d = carve(d, rod(m, v3(0, -3.5f, 7.95f), v3(0, -4.5f, 8.02f), 0.18f, 0.22f), 0.5f);

    /* lips */
    d = join(d, egg(m, v3(0.62f, -5.03f, 6.95f), v3(1.35f, 0.40f, 0.62f)), 0.35f);
    d = join(d, egg(m, v3(0, -5.10f, 7.05f), v3(0.55f, 0.34f, 0.62f)), 0.3f);
    d = join(d, egg(m, v3(0, -5.86f, 6.88f), v3(1.55f, 0.46f, 0.68f)), 0.35f);
    float seam_z = 7.62f - 0.18f * m.x * m.x, seam_y = mouth_line(m.x);
    float groove = len(v3(0, p.y - seam_y, (p.z - seam_z) * 0.8f)) - 0.11f;
    groove = fmaxf(groove, m.x - 2.25f);
    d = carve(d, groove, 0.16f);

    /* lids: a shell over the eyeball, open where the almond is */
    vec e = sub(m, v3(EYE_X, EYE_Y, EYE_Z));
    float shell = len(e) - (EYE_R + 0.16f), t = clampf(e.x / 1.42f, -1.2f, 1.2f);
    float open = fmaxf(e.y - lid_upper(t), lid_lower(t) - e.y);
    open = fmaxf(open, fabsf(t) - 1);
    shell = fmaxf(shell, -(open));
    shell = fmaxf(shell, -(e.z - 0.1f)); /* front half only */
    float crease = fabsf(e.y - lid_upper(t) - 0.26f) + 0.3f * fmaxf(fabsf(t) - 0.9f, 0);
    shell += 0.07f * bell(crease, 0.06f) * step_soft(0.1f, 0.4f, e.z);
    float socket = carve(d, fmaxf(len(e) - EYE_R, -e.z), 0.05f);
    d = fminf(fmaxf(socket, -fmaxf(len(e) - (EYE_R + 0.05f), open)), 1e3f);
    d = join(d, shell, 0.22f);

    /* ears and neck */
    float ear = egg(m, v3(7.05f, -0.6f, -1.0f), v3(0.6f, 2.5f, 1.5f));
    ear = carve(ear, egg(m, v3(7.5f, -0.4f, -0.4f), v3(0.45f, 1.5f, 0.8f)), 0.5f);
    d = join(d, ear, 0.5f);
    d = join(d, rod(m, v3(0, -7, -2.9f), v3(0, -16, -4.4f), 3.5f, 4.0f), 2.2f);
    /* the breast, seen in the opening of the blouse */
    return join(d, egg(m, v3(0, -23.5f, -5.2f), v3(12.0f, 8.4f, 6.2f)), 4.0f);
}

static float eyeball(vec p)
{
    vec m = v3(fabsf(p.x), p.y, p.z);
    return fminf(ball(m, v3(EYE_X, EYE_Y, EYE_Z), EYE_R),
                 ball(m, v3(EYE_X, EYE_Y, EYE_Z + 0.5f), 0.80f));
}

/* Side-parted hair to the collar: a cap over the skull, open at the face, and two falls. */
static float hair(vec p)
{
    /* locks run down from the parting, so noise is stretched along y and bent outward */
    float bend = 0.35f * fabsf(p.x) + 0.12f * p.y;
    float locks = 0.30f * (noise(v3(p.x * 0.9f + bend, p.y * 0.10f, p.z * 0.9f)) - 0.5f) +
                  0.12f * (noise(v3(p.x * 3.1f + bend, p.y * 0.16f, p.z * 3.1f)) - 0.5f) +
                  0.05f * (noise(v3(p.x * 9.0f + bend * 2, p.y * 0.3f, p.z * 9.0f)) - 0.5f);
    float cap = egg(p, v3(0, 2.9f, -2.2f), v3(7.9f, 8.7f, 9.0f));
    float part = -2.2f, away = p.x - part;
    float line = 7.1f - (away < 0 ? 0.13f : 0.075f) * away * away + 0.25f * bell(away, 0.7f);
    float side = step_soft(4.6f, 6.6f, fabsf(p.x));
    float hole = fmaxf(p.y - (line - side * 16), -(p.z - 0.6f - 2.0f * side));
    cap = carve(cap, hole - 0.1f, 1.1f);
    float x = fabsf(p.x), drop = p.y + 5;
    float fall =
        egg(v3(x, p.y, p.z), v3(6.5f - 0.010f * drop * drop, -3.4f, -2.0f), v3(1.9f, 9.4f, 4.2f));
    float back = egg(p, v3(0, -3.4f, -5.0f), v3(7.4f, 9.6f, 4.4f));
    return join(join(cap, fall, 1.6f), back, 1.2f) - locks;
}

static float opening(vec p)
{
    return fabsf(p.x) - clampf((p.y + 25.5f) * 0.40f, -5, 8);
} /* < 0: inside the V */

static float cloth(vec p)
{
    vec m = v3(fabsf(p.x), p.y, p.z);
    float d = egg(m, v3(0, -24.2f, -4.8f), v3(14.2f, 9.5f, 7.5f));
    d = join(d, egg(m, v3(13.2f, -21.8f, -5.4f), v3(4.6f, 5.4f, 4.6f)), 5.5f);
    d = join(d, rod(m, v3(4.5f, -13.6f, -4.6f), v3(13, -17.3f, -5.4f), 1.2f, 1.6f), 3.5f);
    d = carve(d, fmaxf(opening(p), -(p.z + 2.5f)), 0.3f);
    float v = opening(p);
    d -= 0.30f * step_soft(0.1f, 0.5f, v) * step_soft(3.4f, 2.9f, v + 0.25f * (p.y + 20)) +
         0.10f * bell(v - 0.2f, 0.25f);
    return d - 0.05f * noise(mul(p, 0.7f));
}

enum part { FACE, EYE, HAIR, CLOTH, NOTHING };

static float scene(vec p, enum part *which)
{
    float d[4] = {face(p), eyeball(p), hair(p), cloth(p)};
    int best = 0;
    for (int i = 1; i < 4; i++)
        if (d[i] < d[best])
            best = i;
    if (which)
        *which = (enum part)best;
    return d[best];
}

static vec normal_at(vec p, float h)
{
    static const vec k[4] = {{1, -1, -1}, {-1, -1, 1}, {-1, 1, -1}, {1, 1, 1}};
    vec n = {0, 0, 0};
    for (int i = 0; i < 4; i++)
        n = add(n, mul(k[i], scene(add(p, mul(k[i], h)), NULL)));
    return unit(n);
}

static float shadow(vec p, vec to_light, float softness)
{
    float lit = 1;
    for (float t = 0.25f; t < 26;) {
        float d = scene(add(p, mul(to_light, t)), NULL);
        lit = fminf(lit, 0.5f + 0.5f * softness * d / t);
        if (lit <= 0)
            return 0;
        t += clampf(d, 0.12f, 1.2f);
    }
    return lit * lit * (3 - 2 * lit);
}

static float openness(vec p, vec n)
{
    float hidden = 0, weight = 1;
    for (int i = 1; i <= 5; i++) {
        float h = 0.22f * (float)(i * i) * 0.5f;
        hidden += weight * fmaxf(h - scene(add(p, mul(n, h)), NULL), 0) / h;
        weight *= 0.62f;
    }
    return clampf(1 - 0.55f * hidden, 0, 1);
}

/* --- materials ----------------------------------------------------------------------------------- */
struct material {
    vec albedo;
    float gloss, shine; /* strength and exponent of the highlight */
    float softness;     /* how far light creeps around the edge: skin */
};

static struct material skin(vec p, vec n)
{
    float x = fabsf(p.x);
    vec c = v3(0.66f, 0.425f, 0.325f);
    float blush = bell(len(v3(x - 4.1f, (p.y + 1.7f) * 1.2f, 0)), 1.5f) * 0.45f +
                  bell(len(v3(x, p.y + 2.4f, 0)), 0.8f) * 0.3f;
    c = mix(c, v3(0.66f, 0.31f, 0.25f), blush);
    c = mix(c, v3(0.70f, 0.48f, 0.37f), 0.4f * bell(p.y - 6, 2.5f));
    c = mul(c, 0.97f + 0.06f * noise(mul(p, 3.0f)));
    /* lips: within the bow, red; the edge is soft */
    float seam = mouth_line(x);
    float top = -4.62f - 0.065f * x * x + 0.10f * bell(x - 0.5f, 0.3f) - 0.10f * bell(x, 0.22f);
    float bottom = -6.27f + 0.16f * x * x;
    float inside = fminf(fminf(top - p.y, p.y - bottom), 2.3f - x) * step_soft(5.5f, 6.3f, p.z);
    float lip = step_soft(-0.03f, 0.10f, inside);
    vec red = p.y > seam ? v3(0.34f, 0.085f, 0.085f) : v3(0.43f, 0.12f, 0.11f);
    red = mul(red, 0.94f + 0.12f * noise(v3(p.x * 9, p.y * 1.5f, 0)));
    c = mix(c, red, 0.92f * lip);
    c = mul(c, 1 - 0.75f * bell(p.y - seam, 0.05f) * step_soft(6.0f, 6.6f, p.z) *
                       step_soft(2.35f, 2.1f, x));
    /* brows */
    float along = (x - 1.35f) / 3.6f,
          arch = 2.55f + 0.62f * sinf(clampf(along, 0, 1) * 2.5f) * 0.8f;
    float thick = 0.42f * (1 - 0.75f * clampf(along, 0, 1));
    float brow = step_soft(thick, thick * 0.35f, fabsf(p.y - arch)) *
                 step_soft(-0.06f, 0.08f, along) * step_soft(1.03f, 0.85f, along);
    brow *= step_soft(2.0f, 3.5f, p.z) * (0.65f + 0.5f * noise(v3(p.x * 11 - p.y * 5, p.y * 4, 0)));
    c = mix(c, v3(0.045f, 0.024f, 0.016f), clampf(1.0f * brow, 0, 0.92f));
    /* lid margins: lashes above, a faint line below */
    vec e = v3(x - EYE_X, p.y - EYE_Y, p.z - EYE_Z);
    float t = clampf(e.x / 1.42f, -1.15f, 1.15f), front = step_soft(0.0f, 0.5f, e.z);
    float upper = e.y - lid_upper(t), lower = e.y - lid_lower(t);
    float lashes = step_soft(0.15f, 0.02f, upper) * step_soft(-0.25f, 0.0f, upper + 0.1f) *
                   step_soft(1.15f, 0.95f, fabsf(t));
    c = mix(c, v3(0.05f, 0.03f, 0.025f), 0.95f * lashes * front);
    c = mix(c, v3(0.30f, 0.17f, 0.13f),
            0.55f * bell(lower, 0.06f) * front * step_soft(1.1f, 0.8f, fabsf(t)));
    c = mix(c, v3(0.62f, 0.40f, 0.33f),
            0.35f * bell(upper - 0.3f, 0.22f) * front * step_soft(1.3f, 0.7f, fabsf(t)));
    c = mix(c, v3(0.70f, 0.36f, 0.32f),
            0.6f * bell(len(v3(t + 1.02f, e.y + 0.1f, 0)), 0.10f) * front);
    (void)n;
    return (struct material){c, 0.10f + 0.30f * lip, 22 + 26 * lip, 0.45f};
}

static struct material eye(vec p)
{
    float side = p.x < 0 ? -1.0f : 1.0f;
    vec e = v3(p.x - side * EYE_X, p.y - EYE_Y, p.z - EYE_Z);
    float r = hypotf(e.x, e.y - 0.02f), angle = atan2f(e.y, e.x);
    vec c = v3(0.80f, 0.775f, 0.755f);
    c = mix(c, v3(0.72f, 0.50f, 0.46f), 0.5f * step_soft(0.8f, 1.25f, fabsf(e.x)));
    float fibres = 0.75f + 0.5f * noise(v3(angle * 9, r * 3, 5));
    vec iris = mul(
        mix(v3(0.17f, 0.095f, 0.045f), v3(0.07f, 0.04f, 0.02f), step_soft(0.3f, 0.6f, r)), fibres);
    c = mix(c, iris, step_soft(0.62f, 0.55f, r));
    c = mix(c, v3(0.04f, 0.03f, 0.03f), 0.8f * bell(r - 0.585f, 0.045f));
    c = mix(c, v3(0.012f, 0.010f, 0.010f), step_soft(0.31f, 0.26f, r));
    float t = clampf(e.x * side / 1.42f, -1, 1);
    c = mul(c, 0.45f + 0.55f * step_soft(0.0f, 0.34f, lid_upper(t) - e.y)); /* shade of the lid */
    return (struct material){c, 0.9f, 220, 0.15f};
}

static struct material strands(vec p)
{
    float bend = 0.35f * fabsf(p.x) + 0.12f * p.y;
    float n = noise(v3(p.x * 4 + bend, p.y * 0.2f, p.z * 4)),
          m = noise(v3(p.x * 22 + 2 * bend, p.y * 0.5f, p.z * 22));
    vec c = mix(v3(0.022f, 0.012f, 0.008f), v3(0.105f, 0.056f, 0.030f), 0.55f * n + 0.45f * m);
    return (struct material){c, 0.10f + 0.25f * m, 18, 0.2f};
}

static struct material garment(vec p)
{
    vec c = mul(v3(0.020f, 0.034f, 0.075f), 0.85f + 0.3f * noise(mul(p, 14)));
    return (struct material){c, 0.05f, 10, 0.1f};
}

static vec background(float u, float v)
{
    float glow = expf(-(u * u * 0.7f + (v - 0.15f) * (v - 0.15f)) * 1.1f);
    vec c = mix(v3(0.035f, 0.050f, 0.072f), v3(0.23f, 0.30f, 0.37f), glow);
    return mul(c, 0.985f + 0.03f * noise(v3(u * 5, v * 5, 9)));
}

static vec shade(vec p, vec view, enum part which)
{
    vec n = normal_at(p, which == HAIR ? 0.06f : 0.02f);
    struct material m = which == FACE   ? skin(p, n)
                        : which == EYE  ? eye(p)
                        : which == HAIR ? strands(p)
                                        : garment(p);
    static const struct {
        vec from, colour;
        float softness;
    } lights[3] = {{{-0.62f, 0.55f, 0.62f}, {2.75f, 2.55f, 2.30f}, 7},
                   {{0.75f, 0.10f, 0.66f}, {0.46f, 0.50f, 0.58f}, 3},
                   {{0.70f, 0.45f, -0.60f}, {0.9f, 0.95f, 1.05f}, 9}};
    float open = openness(p, n);
    vec lit = mul(tint(m.albedo, v3(0.22f, 0.23f, 0.26f)), open * (0.65f + 0.35f * n.y));
    for (int i = 0; i < 3; i++) {
        vec l = unit(lights[i].from), half = unit(add(l, view));
        float facing = dot(n, l), s = shadow(add(p, mul(n, 0.06f)), l, lights[i].softness);
        /* skin: red light reaches a little past the edge of the shadow */
        vec wrap = v3(m.softness, m.softness * 0.45f, m.softness * 0.35f);
        vec f =
            v3(fmaxf(facing + wrap.x, 0) / (1 + wrap.x), fmaxf(facing + wrap.y, 0) / (1 + wrap.y),
               fmaxf(facing + wrap.z, 0) / (1 + wrap.z));
        vec through = v3(0.12f * m.softness + (1 - 0.12f * m.softness) * s, s, s);
        lit = add(lit, mul(tint(tint(m.albedo, f), tint(through, lights[i].colour)),
                           0.40f + 0.25f * open));
        float fresnel = 0.25f + 0.75f * powf(1 - fmaxf(dot(n, view), 0), 4);
        float high = m.gloss * powf(fmaxf(dot(n, half), 0), m.shine) * s * fmaxf(facing, 0) *
                     (0.5f + fresnel);
        lit = add(lit, mul(lights[i].colour, high * 0.55f * open));
    }
    if (which == EYE) { /* the softbox in the cornea */
        float side = p.x < 0 ? -1.0f : 1.0f;
        vec e = v3(p.x - side * EYE_X + 0.20f, p.y - EYE_Y - 0.22f, 0);
        lit = add(lit, mul(v3(0.9f, 0.9f, 0.9f), step_soft(0.13f, 0.08f, hypotf(e.x, e.y))));
    }
    return lit;
}

static float tone(float x) /* linear light to sRGB with a soft shoulder */
{
    x *= 0.92f;
    x = x * (1 + x / 6.0f) / (1 + 0.62f * x);
    x = clampf(x, 0, 1);
    return x <= 0.0031308f ? 12.92f * x : 1.055f * powf(x, 1 / 2.4f) - 0.055f;
}

static vec ray(float u, float v)
{
    vec from = v3(0, -1.5f, 72), way = unit(sub(v3(u * 17.5f, v * 17.5f - 5.2f, 0), from));
    float t = 50;
    for (int i = 0; i < 160 && t < 100; i++) {
        enum part which;
        vec p = add(from, mul(way, t));
        float d = scene(p, &which);
        if (d < 0.004f)
            return shade(p, mul(way, -1), which);
        t += d * 0.75f;
    }
    return background(u, v);
}

int main(int argc, char **argv)
{
    int size = argc > 1 ? atoi(argv[1]) : 1024, samples = argc > 2 ? atoi(argv[2]) : 2;
    if (size < 64 || size > 4096 || samples < 1 || samples > 4)
        return fprintf(stderr, "draw_presenter [SIZE 64..4096] [SAMPLES 1..4] > FILE.ppm\n"), 2;
    printf("P6\n%d %d\n255\n", size, size);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            vec sum = {0, 0, 0};
            for (int k = 0; k < samples * samples; k++) {
                float dx = ((float)(k % samples) + 0.5f) / (float)samples,
                      dy = ((float)(k / samples) + 0.5f) / (float)samples;
                vec c = ray(2 * ((float)x + dx) / (float)size - 1,
                            1 - 2 * ((float)y + dy) / (float)size);
                sum = add(sum, v3(tone(c.x), tone(c.y), tone(c.z)));
            }
            sum = mul(sum, 255.0f / (float)(samples * samples));
            putchar((int)lroundf(sum.x));
            putchar((int)lroundf(sum.y));
            putchar((int)lroundf(sum.z));
        }
    return 0;
}
