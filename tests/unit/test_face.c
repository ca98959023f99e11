#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "engine/face/face.h"
#include "engine/face/pose.h"

enum { PATH_BYTES = 1024, PICTURES_MAX = 64 };

/* ---- pictures ---- */

static struct image image_of(int width, int height)
{
    struct image m = {.width_px = width, .height_px = height, .stride = (ptrdiff_t)width * 3};
    m.rgb = calloc((size_t)width * (size_t)height * 3 + IMAGE_SPARE_BYTES, 1);
    assert_non_null(m.rgb);
    return m;
}

static uint8_t *pixel(const struct image *m, int x, int y)
{
    return m->rgb + y * m->stride + (ptrdiff_t)x * 3;
}

/* Any picture file by way of the ffmpeg program, as PPM; false if it cannot be had. */
static bool image_load(struct image *out, const char *path)
{
    char command[PATH_BYTES + 80];
    int width, height;
    snprintf(command, sizeof(command),
             "ffmpeg -v error -i '%s' -frames:v 1 -f image2pipe -c:v ppm - 2>/dev/null", path);
    FILE *f = popen(command, "r");
    if (!f)
        return false;
    bool good = fscanf(f, "P6 %d %d 255", &width, &height) == 2 && getc(f) != EOF;
    if (good) {
        *out = image_of(width, height);
        size_t bytes = (size_t)width * (size_t)height * 3;
        good = fread(out->rgb, 1, bytes, f) == bytes;
    }
    return pclose(f) == 0 && good;
}

static struct image image_mirrored(const struct image *in)
{
    struct image out = image_of(in->width_px, in->height_px);
    for (int y = 0; y < in->height_px; y++)
        for (int x = 0; x < in->width_px; x++)
            memcpy(pixel(&out, x, y), pixel(in, in->width_px - 1 - x, y), 3);
    return out;
}

/* Half as large; the mean of four. */
static struct image image_halved(const struct image *in)
{
    struct image out = image_of(in->width_px / 2, in->height_px / 2);
    for (int y = 0; y < out.height_px; y++)
        for (int x = 0; x < out.width_px; x++)
            for (int c = 0; c < 3; c++)
                pixel(&out, x, y)[c] =
                    (uint8_t)((pixel(in, 2 * x, 2 * y)[c] + pixel(in, 2 * x + 1, 2 * y)[c] +
                               pixel(in, 2 * x, 2 * y + 1)[c] + pixel(in, 2 * x + 1, 2 * y + 1)[c] +
                               2) /
                              4);
    return out;
}

static void sample(const struct image *m, float x, float y, uint8_t out[3])
{
    x = fminf(fmaxf(x - 0.5f, 0), (float)(m->width_px - 1));
    y = fminf(fmaxf(y - 0.5f, 0), (float)(m->height_px - 1));
    int ix = (int)x, iy = (int)y, jx = ix + (ix + 1 < m->width_px),
        jy = iy + (iy + 1 < m->height_px);
    float a = x - (float)ix, b = y - (float)iy;
    for (int c = 0; c < 3; c++) {
        float top = (1 - a) * pixel(m, ix, iy)[c] + a * pixel(m, jx, iy)[c];
        float bottom = (1 - a) * pixel(m, ix, jy)[c] + a * pixel(m, jx, jy)[c];
        out[c] = (uint8_t)((1 - b) * top + b * bottom + 0.5f);
    }
}

/* Turned clockwise about its middle, on a square that holds it whole. */
static struct image image_turned(const struct image *in, float angle)
{
    float w = (float)in->width_px, h = (float)in->height_px, c = cosf(angle), s = sinf(angle);
    int side = (int)ceilf(hypotf(w, h));
    struct image out = image_of(side, side);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            float u = (float)x + 0.5f - (float)side / 2, v = (float)y + 0.5f - (float)side / 2;
            float sx = u * c + v * s + w / 2, sy = v * c - u * s + h / 2;
            if (sx >= 0 && sy >= 0 && sx < w && sy < h)
                sample(in, sx, sy, pixel(&out, x, y));
        }
    return out;
}

static struct image image_cropped(const struct image *in, int x0, int y0, int width, int height)
{
    struct image out = image_of(width, height);
    for (int y = 0; y < height; y++)
        memcpy(pixel(&out, 0, y), pixel(in, x0, y0 + y), (size_t)width * 3);
    return out;
}

static struct image image_side_by_side(const struct image *a, const struct image *b)
{
    int height = a->height_px > b->height_px ? a->height_px : b->height_px;
    struct image out = image_of(a->width_px + b->width_px, height);
    for (int y = 0; y < a->height_px; y++)
        memcpy(pixel(&out, 0, y), pixel(a, 0, y), (size_t)a->width_px * 3);
    for (int y = 0; y < b->height_px; y++)
        memcpy(pixel(&out, a->width_px, y), pixel(b, 0, y), (size_t)b->width_px * 3);
    return out;
}

/* ---- the models and portraits at hand; both may be absent ---- */

static struct face_model *model;
static char portraits[PICTURES_MAX][PATH_BYTES]; /* the drawn one and those of the shared folder */
static int portrait_count;

static void add_portrait(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f && portrait_count < PICTURES_MAX)
        snprintf(portraits[portrait_count++], PATH_BYTES, "%s", path);
    if (f)
        fclose(f);
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

static int open_models(void **state)
{
    (void)state;
    char path[PATH_BYTES];
    const char *models = getenv("ORATOR_MODELS"), *shared = getenv("ORATOR_SHARED");
    struct orator_error err = {0};
    snprintf(path, sizeof(path), "%s/face", models ? models : "models");
    if (face_model_open(&model, path, &err) != ORATOR_OK)
        printf("the face model is not here, most claims are not tried: %s\n", err.text);
    if (models) {
        snprintf(path, sizeof(path), "%s/../tests/data/presenter.png", models);
        add_portrait(path);
    }
    snprintf(path, sizeof(path), "%s/portraits", shared ? shared : "");
    DIR *folder = opendir(path);
    for (struct dirent *e; folder && (e = readdir(folder));) {
        char file[PATH_BYTES];
        int n = snprintf(file, sizeof(file), "%.700s/%s", path, e->d_name);
        if (e->d_name[0] != '.' && n < PATH_BYTES)
            add_portrait(file);
    }
    if (folder)
        closedir(folder);
    qsort(portraits, (size_t)portrait_count, PATH_BYTES, by_name); /* not the file system's order */
    return 0;
}

static int close_models(void **state)
{
    (void)state;
    face_model_free(&model);
    return 0;
}

/* The first portrait; false where there is none, or no model to try it with. */
static bool a_portrait(struct image *out)
{
    return model && portrait_count > 0 && image_load(out, portraits[0]);
}

static struct face found_in(const struct image *m)
{
    struct face f;
    struct orator_error err = {0};
    if (face_find(&f, model, m, &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    return f;
}

static enum orator_status verdict_on(const struct image *m, struct orator_error *err)
{
    struct face f;
    return face_find(&f, model, m, err);
}

/* Mean distance in % of the eye distance between points and where they should be. */
static float mean_error(const struct face *f, const struct face *want, int first, int last)
{
    float sum = 0;
    for (int i = first; i < last; i++)
        sum += hypotf(f->points[i][0] - want->points[i][0], f->points[i][1] - want->points[i][1]);
    return 100 * sum / (float)(last - first) / want->eye_distance_px;
}

/* ---- claims ---- */

/* Reads the 478 points after "points": of a reference file. */
static bool read_reference(const char *portrait, struct face *out)
{
    char path[PATH_BYTES + 64];
    const char *shared = getenv("ORATOR_SHARED"), *name = strrchr(portrait, '/') + 1;
    const char *dot = strrchr(name, '.');
    struct bytes file;
    snprintf(path, sizeof(path), "%s/reference/landmarks/%.*s.json", shared ? shared : "",
             (int)(dot - name), name);
    if (file_read(&file, path, 1 << 20, NULL) != ORATOR_OK)
        return false;
    char *at = strstr((char *)file.data, "\"points\"");
    for (int i = 0; at && i < 3 * FACE_POINTS; i++) {
        at += strcspn(at, "-0123456789");
        out->points[i / 3][i % 3] = strtof(at, &at);
    }
    bytes_fini(&file);
    const float(*p)[3] = (const float(*)[3])out->points;
    out->eye_distance_px = hypotf(p[33][0] + p[133][0] - p[362][0] - p[263][0],
                                  p[33][1] + p[133][1] - p[362][1] - p[263][1]) /
                           2;
    return at != NULL;
}

static void landmarks_agree_with_another_runtime(void **state)
{
    (void)state;
    static const int lips[] = {61,  146, 91,  181, 84,  17,  314, 405, 321, 375, 291, 185, 40,  39,
                               37,  0,   267, 269, 270, 409, 78,  95,  88,  178, 87,  14,  317, 402,
                               318, 324, 308, 191, 80,  81,  82,  13,  312, 311, 310, 415};
    enum { LIPS = sizeof(lips) / sizeof(lips[0]) };
    float all = 0, all_lips = 0;
    int pictures = 0;
    for (int i = 0; model && i < portrait_count; i++) {
        struct face want;
        struct image m;
        if (!read_reference(portraits[i], &want) || !image_load(&m, portraits[i]))
            continue;
        int64_t start = clock_steady_ms();
        struct face f = found_in(&m);
        int64_t ms = clock_steady_ms() - start;
        float error = mean_error(&f, &want, 0, FACE_POINTS), lip = 0;
        for (int k = 0; k < LIPS; k++)
            lip += mean_error(&f, &want, lips[k], lips[k] + 1) / LIPS;
        printf("%-17s %4d x %4d  %3lld ms  error %.2f %% lips %.2f %%  score %.2f presence %.1f  "
               "yaw %5.1f pitch %5.1f roll %5.1f\n",
               strrchr(portraits[i], '/') + 1, m.width_px, m.height_px, (long long)ms,
               (double)error, (double)lip, (double)f.confidence, (double)f.presence_logit,
               (double)f.yaw_rad * 57.3, (double)f.pitch_rad * 57.3, (double)f.roll_rad * 57.3);
        assert_true(error < 1.5f); /* the runtime itself repeats only to .5..1 % */
        all += error;
        all_lips += lip;
        pictures++;
        free(m.rgb);
    }
    if (pictures) {
        printf("mean of %d: %.3f %%, lips %.3f %%\n", pictures, (double)(all / (float)pictures),
               (double)(all_lips / (float)pictures));
        assert_true(all / (float)pictures < 1.0f);
        assert_true(all_lips / (float)pictures < 0.7f);
    }
}

/* Points and their partners on the other side; the middle line is its own partner. */
static const int partners[][2] = {{33, 263}, {133, 362}, {159, 386}, {145, 374}, {61, 291},
                                  {78, 308}, {1, 1},     {13, 13},   {14, 14},   {152, 152},
                                  {10, 10},  {234, 454}, {468, 473}, {105, 334}, {172, 397}};
enum { PARTNERS = sizeof(partners) / sizeof(partners[0]) };

static void a_mirrored_portrait_gives_mirrored_landmarks(void **state)
{
    (void)state;
    struct image m;
    if (!a_portrait(&m))
        return;
    struct image other = image_mirrored(&m);
    struct face a = found_in(&m), b = found_in(&other);
    float sum = 0;
    for (int i = 0; i < PARTNERS; i++) {
        const float *p = a.points[partners[i][0]], *q = b.points[partners[i][1]];
        sum += hypotf((float)m.width_px - p[0] - q[0], p[1] - q[1]) / PARTNERS;
    }
    assert_true(sum < 0.02f * a.eye_distance_px); /* the network is no mirror image of itself */
    assert_true(fabsf(a.yaw_rad + b.yaw_rad) < 0.05f);
    assert_true(fabsf(a.roll_rad + b.roll_rad) < 0.03f);
    assert_true(fabsf(a.pitch_rad - b.pitch_rad) < 0.05f);
    free(m.rgb);
    free(other.rgb);
}

static void a_portrait_of_half_the_size_gives_points_at_half_the_place(void **state)
{
    (void)state;
    struct image m;
    if (!a_portrait(&m))
        return;
    struct image half = image_halved(&m);
    struct face a = found_in(&m), b = found_in(&half);
    for (int i = 0; i < FACE_POINTS; i++)
        for (int k = 0; k < 3; k++)
            a.points[i][k] /= 2;
    a.eye_distance_px /= 2;
    assert_true(mean_error(&b, &a, 0, FACE_POINTS) < 1.0f);
    assert_true(fabsf(b.eye_distance_px - a.eye_distance_px) < 0.01f * a.eye_distance_px);
    assert_true(fabsf(a.yaw_rad - b.yaw_rad) < 0.02f);
    free(m.rgb);
    free(half.rgb);
}

static void a_turned_portrait_is_found_the_right_way_up(void **state)
{
    (void)state;
    struct image m;
    if (!a_portrait(&m))
        return;
    struct face upright = found_in(&m);
    static const float degrees[] = {30, 90, 180, -120};
    for (size_t t = 0; t < sizeof(degrees) / sizeof(degrees[0]); t++) {
        float angle = degrees[t] * (float)M_PI / 180, c = cosf(angle), s = sinf(angle);
        struct image turned = image_turned(&m, angle);
        struct face f = found_in(&turned), want = upright;
        for (int i = 0; i < FACE_POINTS; i++) {
            float x = upright.points[i][0] - (float)m.width_px / 2;
            float y = upright.points[i][1] - (float)m.height_px / 2;
            want.points[i][0] = x * c - y * s + (float)turned.width_px / 2;
            want.points[i][1] = x * s + y * c + (float)turned.height_px / 2;
        }
        assert_true(mean_error(&f, &want, 0, FACE_POINTS) < 2.0f);
        assert_true(cosf(f.roll_rad - upright.roll_rad - angle) > 0.99f);
        assert_true(fabsf(f.yaw_rad - upright.yaw_rad) <
                    0.06f); /* seen along the head's own axis */
        assert_true(fabsf(f.pitch_rad - upright.pitch_rad) < 0.06f);
        free(turned.rgb);
    }
    free(m.rgb);
}

static void pictures_without_a_face_have_none(void **state)
{
    (void)state;
    if (!model)
        return;
    struct orator_error err;
    struct random r = random_seeded(1, 1);
    struct image m = image_of(640, 480);
    assert_int_equal(verdict_on(&m, &err), ORATOR_FACE_NOT_FOUND); /* black */
    for (int y = 0; y < m.height_px; y++)
        for (int x = 0; x < m.width_px * 3; x++)
            m.rgb[y * m.stride + x] = (uint8_t)(x / 3 * 255 / m.width_px);
    assert_int_equal(verdict_on(&m, &err), ORATOR_FACE_NOT_FOUND); /* a gradient */
    for (int y = 0; y < m.height_px; y++)
        for (int x = 0; x < m.width_px * 3; x++)
            m.rgb[y * m.stride + x] = (uint8_t)random_u32(&r);
    assert_int_equal(verdict_on(&m, &err), ORATOR_FACE_NOT_FOUND); /* noise */
    assert_non_null(strstr(err.text, "640 x 480"));
    free(m.rgb);
}

static void disc(const struct image *m, float x, float y, float radius, uint8_t r, uint8_t g,
                 uint8_t b)
{
    for (int j = 0; j < m->height_px; j++)
        for (int i = 0; i < m->width_px; i++)
            if (hypotf((float)i + 0.5f - x, (float)j + 0.5f - y) < radius)
                memcpy(pixel(m, i, j), (uint8_t[]){r, g, b}, 3);
}

static void a_smiley_is_no_face(void **state)
{
    (void)state;
    if (!model)
        return;
    struct image m = image_of(400, 400);
    memset(m.rgb, 255, (size_t)m.stride * 400);
    disc(&m, 200, 200, 130, 250, 215, 60);
    disc(&m, 155, 165, 16, 40, 30, 20);
    disc(&m, 245, 165, 16, 40, 30, 20);
    for (float angle = 0.4f; angle < 2.75f; angle += 0.02f)
        disc(&m, 200 + 75 * cosf(angle), 205 + 75 * sinf(angle), 6, 40, 30, 20);
    assert_int_equal(verdict_on(&m, NULL), ORATOR_FACE_NOT_FOUND);
    free(m.rgb);
}

static void the_largest_picture_takes_bounded_time(void **state)
{
    (void)state;
    if (!model)
        return;
    struct random r = random_seeded(2, 2);
    struct image m = image_of(IMAGE_MAX_SIDE_PX, 2048);
    for (size_t i = 0; i < (size_t)m.stride * (size_t)m.height_px; i += 7)
        m.rgb[i] = (uint8_t)random_u32(&r);
    int64_t start = clock_steady_ms();
    assert_int_equal(verdict_on(&m, NULL), ORATOR_FACE_NOT_FOUND);
    int64_t ms = clock_steady_ms() - start;
    printf("8192 x 2048 px without a face: %lld ms\n", (long long)ms);
    assert_true(ms < 60000); /* 1 s here; sanitizers and busy machines are slower */
    free(m.rgb);
}

static void two_people_of_one_size_are_one_too_many(void **state)
{
    (void)state;
    struct orator_error err;
    struct image m;
    if (!a_portrait(&m))
        return;
    struct image both = image_side_by_side(&m, &m), half = image_halved(&m);
    assert_int_equal(verdict_on(&both, &err), ORATOR_FACE_UNUSABLE);
    assert_non_null(strstr(err.text, "more than one face"));
    struct image with_child = image_side_by_side(&m, &half); /* someone small in the background */
    assert_int_equal(verdict_on(&with_child, &err), ORATOR_OK);
    free(m.rgb);
    free(both.rgb);
    free(half.rgb);
    free(with_child.rgb);
}

static void a_box_chooses_one_of_two_people(void **state)
{
    (void)state;
    struct orator_error err = {0};
    struct image m;
    if (!a_portrait(&m))
        return;
    struct face alone = found_in(&m), f;
    struct image both = image_side_by_side(&m, &m);
    for (int side = 0; side < 2; side++) {
        const float *b = alone.box, shift = (float)(side * m.width_px);
        const float box[4] = {b[0] + shift, b[1], b[2], b[3]};
        const float wide[4] = {b[0] + shift - 0.4f * b[2], b[1] - 0.4f * b[3], 1.8f * b[2],
                               1.8f * b[3]};
        assert_int_equal(face_find_in(&f, model, &both, box, &err), ORATOR_OK);
        assert_true(fabsf(f.points[1][0] - alone.points[1][0] - shift) < 0.1f * b[2]);
        assert_int_equal(face_find_in(&f, model, &both, wide, &err), ORATOR_OK);
        assert_true(fabsf(f.points[1][0] - alone.points[1][0] - shift) < 0.1f * b[2]);
    }
    const float nobody[4] = {0, 0, 8, 8}, outside[4] = {-50, -50, 40, 40},
                mad[4] = {NAN, 0, INFINITY, 20};
    assert_int_equal(face_find_in(&f, model, &both, nobody, &err), ORATOR_FACE_NOT_FOUND);
    assert_string_equal(err.param, "face_box");
    assert_int_equal(face_find_in(&f, model, &both, outside, &err), ORATOR_FACE_NOT_FOUND);
    assert_non_null(strstr(err.text, "outside"));
    assert_true(face_find_in(&f, model, &both, mad, &err) != ORATOR_INTERNAL);
    free(m.rgb);
    free(both.rgb);
}

static void a_face_without_its_mouth_is_refused(void **state)
{
    (void)state;
    struct orator_error err;
    struct image m;
    if (!a_portrait(&m))
        return;
    struct face f = found_in(&m);
    struct image cut = image_cropped(&m, 0, 0, m.width_px, (int)f.points[13][1]);
    enum orator_status s = verdict_on(&cut, &err);
    assert_true(s == ORATOR_FACE_UNUSABLE || s == ORATOR_FACE_NOT_FOUND);
    free(m.rgb);
    free(cut.rgb);
}

static void a_face_of_a_few_pixels_is_refused(void **state)
{
    (void)state;
    struct orator_error err;
    struct image m;
    if (!a_portrait(&m))
        return;
    while (found_in(&m).eye_distance_px >= 2 * FACE_MIN_EYE_DISTANCE_PX) {
        struct image half = image_halved(&m);
        free(m.rgb);
        m = half;
    }
    struct image half = image_halved(&m);
    enum orator_status s = verdict_on(&half, &err);
    assert_true(s == ORATOR_FACE_UNUSABLE || s == ORATOR_FACE_NOT_FOUND);
    free(m.rgb);
    free(half.rgb);
}

static void every_cpu_finds_the_same_bits(void **state)
{
    (void)state;
    struct image m;
    if (!a_portrait(&m))
        return;
    char path[PATH_BYTES];
    const char *models = getenv("ORATOR_MODELS");
    snprintf(path, sizeof(path), "%s/face", models ? models : "models");
    struct face want = found_in(&m), got;
    for (int isa = DSP_C; isa < DSP_AVX512; isa++) {
        struct face_model *other;
        assert_int_equal(face_model_open_for(&other, path, (enum dsp_isa)isa, NULL), ORATOR_OK);
        int64_t start = clock_steady_ms();
        assert_int_equal(face_find(&got, other, &m, NULL), ORATOR_OK);
        printf("%s: %lld ms\n", dsp_isa_name((enum dsp_isa)isa),
               (long long)(clock_steady_ms() - start));
        assert_memory_equal(&want, &got, sizeof(got));
        face_model_free(&other);
    }
    free(m.rgb);
}

/* ---- pose; needs no model ---- */

/* A head of arbitrary points. */
static struct canonical_head some_head(void)
{
    struct canonical_head h;
    struct random r = random_seeded(7, 7);
    for (int i = 0; i < FACE_MESH_POINTS; i++) {
        for (int k = 0; k < 3; k++)
            h.points[i][k] = 10 * random_unit(&r) - 5;
        h.weights[i] = i % 14 == 0 ? 0.1f : 0;
    }
    return h;
}

/* The head turned, as a portrait shows it: pitch first, then yaw, then roll. */
static void portray(float out[FACE_MESH_POINTS][3], const struct canonical_head *h, float yaw,
                    float pitch, float roll)
{
    for (int i = 0; i < FACE_MESH_POINTS; i++) {
        float x = h->points[i][0], y = h->points[i][1], z = h->points[i][2], t;
        t = y * cosf(pitch) - z * sinf(pitch), z = y * sinf(pitch) + z * cosf(pitch), y = t;
        t = x * cosf(yaw) + z * sinf(yaw), z = z * cosf(yaw) - x * sinf(yaw), x = t;
        t = x * cosf(roll) + y * sinf(roll), y = y * cosf(roll) - x * sinf(roll), x = t;
        out[i][0] = 400 + 30 * x;
        out[i][1] = 300 - 30 * y;
        out[i][2] = -30 * z;
    }
}

static void the_pose_is_the_turn_that_was_made(void **state)
{
    (void)state;
    static const float turns[][3] = {{0, 0, 0},         {0.5f, 0, 0},        {0, 0.4f, 0},
                                     {0, 0, 0.7f},      {-0.6f, 0.3f, 0.2f}, {0.3f, -0.5f, -2.5f},
                                     {0.1f, 0.1f, 3.1f}};
    static float points[FACE_MESH_POINTS][3];
    struct canonical_head h = some_head();
    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
        portray(points, &h, turns[i][0], turns[i][1], turns[i][2]);
        struct pose p = pose_of(&h, (const float(*)[3])points);
        assert_float_equal(p.yaw_rad, turns[i][0], 1e-4);
        assert_float_equal(p.pitch_rad, turns[i][1], 1e-4);
        assert_float_equal(p.roll_rad, turns[i][2], 1e-4);
    }
}

static void the_signs_of_a_pose_are_those_of_the_header(void **state)
{
    (void)state;
    static float points[FACE_MESH_POINTS][3];
    struct canonical_head h = some_head();
    h.points[0][0] = h.points[0][1] = 0; /* the nose */
    h.points[0][2] = 10;
    h.points[1][0] = h.points[1][2] = 0; /* the top of the head */
    h.points[1][1] = 10;
    portray(points, &h, 0.3f, 0, 0);
    assert_true(points[0][0] > 400); /* yaw turns the nose to the picture's right */
    portray(points, &h, 0, 0.3f, 0);
    assert_true(points[0][1] > 300); /* pitch lowers it */
    portray(points, &h, 0, 0, 0.3f);
    assert_true(points[1][0] > 400); /* roll is clockwise: the top goes right */
}

static void a_damaged_canonical_head_is_refused(void **state)
{
    (void)state;
    struct canonical_head h;
    struct bytes file;
    char path[PATH_BYTES];
    const char *models = getenv("ORATOR_MODELS");
    assert_int_equal(canonical_parse(&h, "", 0, NULL), ORATOR_BAD_SETTING);
    assert_int_equal(canonical_parse(&h, "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11, NULL),
                     ORATOR_BAD_SETTING);
    snprintf(path, sizeof(path), "%s/face/geometry_pipeline_metadata_landmarks.binarypb",
             models ? models : "models");
    if (file_read(&file, path, 1 << 20, NULL) != ORATOR_OK)
        return;
    assert_int_equal(canonical_parse(&h, file.data, file.size, NULL), ORATOR_OK);
    assert_true(h.points[33][0] < 0 &&
                h.points[263][0] > 0);               /* the subject's right is on our left */
    assert_true(h.points[10][1] > h.points[152][1]); /* forehead above chin */
    assert_true(h.points[1][2] > h.points[33][2]);   /* the nose is nearest */
    /* inside the mesh, which comes first, and inside the last weight */
    for (size_t n = 0; n < file.size; n += n < 19000           ? 97
                                           : file.size - n > 3 ? file.size - n - 3
                                                               : 3) {
        unsigned char *copy = malloc(n + 1);
        assert_non_null(copy);
        memcpy(copy, file.data, n);
        assert_int_equal(canonical_parse(&h, copy, n, NULL), ORATOR_BAD_SETTING);
        free(copy);
    }
    bytes_fini(&file);
}

static void a_missing_model_says_how_to_get_it(void **state)
{
    (void)state;
    struct face_model *none;
    struct orator_error err;
    assert_int_equal(face_model_open(&none, "no/such/folder", &err), ORATOR_NOT_FOUND);
    assert_null(none);
    assert_non_null(strstr(err.text, "tools/setup"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(landmarks_agree_with_another_runtime),
        cmocka_unit_test(a_mirrored_portrait_gives_mirrored_landmarks),
        cmocka_unit_test(a_portrait_of_half_the_size_gives_points_at_half_the_place),
        cmocka_unit_test(a_turned_portrait_is_found_the_right_way_up),
        cmocka_unit_test(pictures_without_a_face_have_none),
        cmocka_unit_test(a_smiley_is_no_face),
        cmocka_unit_test(the_largest_picture_takes_bounded_time),
        cmocka_unit_test(two_people_of_one_size_are_one_too_many),
        cmocka_unit_test(a_box_chooses_one_of_two_people),
        cmocka_unit_test(a_face_without_its_mouth_is_refused),
        cmocka_unit_test(a_face_of_a_few_pixels_is_refused),
        cmocka_unit_test(every_cpu_finds_the_same_bits),
        cmocka_unit_test(the_pose_is_the_turn_that_was_made),
        cmocka_unit_test(the_signs_of_a_pose_are_those_of_the_header),
        cmocka_unit_test(a_damaged_canonical_head_is_refused),
        cmocka_unit_test(a_missing_model_says_how_to_get_it),
    };
    return cmocka_run_group_tests(tests, open_models, close_models);
}
