#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/random.h"
#include "engine/dsp/nn_kernels.h"
#include "engine/nn/flexbuffer.h"
#include "engine/nn/graph.h"
#include "engine/nn/region.h"
#include "engine/nn/tflite.h"
#include "tiny_model.h"

enum { H = 5, W = 6, C = 3, O = 18, KERNEL = 3, H2 = 3, W2 = 3, O2 = 5 };

/* ---- a small network with every operation, and the same in plain loops ---- */

static float conv_w[O][KERNEL][KERNEL][C], conv_b[O], slope[O], deep_w[KERNEL][KERNEL][O],
    deep_b[O], last_w[O2][O + 2], last_b[O2];
static const float factor = -1.5f;
static uint16_t conv_half[O * KERNEL * KERNEL * C];

static uint16_t half_of(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, 4);
    return (uint16_t)(bits >> 16 & 0x8000) |
           (uint16_t)((((bits >> 23 & 255) - 112) << 10) | (bits >> 13 & 1023));
}

static void fill(float *x, size_t n, struct random *r)
{
    for (size_t i = 0; i < n; i++)
        x[i] = random_unit(r) - 0.4f;
}

static void small_network(struct tiny_model *m)
{
    static const int margins[8] = {0, 0, 0, 0, 0, 0, 1, 1};
    static const int begin[4] = {0, 0, 0, 3}, end[4] = {1, 1, 1, 40}, step[4] = {1, 1, 1, 1};
    struct random r = random_seeded(1, 1);
    for (int i = 0; i < O * KERNEL * KERNEL * C; i++) { /* exact as half floats */
        float f = (0.25f + (float)(random_u32(&r) % 64) / 64.0f) * (random_u32(&r) & 1 ? 1 : -1);
        conv_half[i] = half_of(f);
        (&conv_w[0][0][0][0])[i] = f;
    }
    fill(conv_b, O, &r);
    fill(slope, O, &r);
    fill(&deep_w[0][0][0], KERNEL * KERNEL * O, &r);
    fill(deep_b, O, &r);
    fill(&last_w[0][0], O2 * (O + 2), &r);
    fill(last_b, O2, &r);

    memset(m, 0, sizeof(*m));
    int input = tiny_tensor(m, TFLITE_F32, 1, H, W, C, NULL, 0);
    int half = tiny_tensor(m, TFLITE_F16, O, KERNEL, KERNEL, C, conv_half, sizeof(conv_half));
    int wide = tiny_tensor(m, TFLITE_F32, O, KERNEL, KERNEL, C, NULL, 0);
    tiny_op(m, TFLITE_DEQUANTIZE, half, -1, -1, wide);
    int bias = tiny_tensor(m, TFLITE_F32, 1, 1, 1, O, conv_b, sizeof(conv_b));
    int t1 = tiny_tensor(m, TFLITE_F32, 1, H2, W2, O, NULL, 0);
    struct tiny_op *op = tiny_op(m, TFLITE_CONV, input, wide, bias, t1);
    op->options[1] = op->options[2] = 2; /* SAME, stride 2 x 2 */
    op->options[4] = op->options[5] = 1;
    op->option_count = 6;
    int slopes = tiny_tensor(m, TFLITE_F32, 1, 1, 1, O, slope, sizeof(slope));
    int t2 = tiny_tensor(m, TFLITE_F32, 1, H2, W2, O, NULL, 0);
    tiny_op(m, TFLITE_PRELU, t1, slopes, -1, t2);
    int dw = tiny_tensor(m, TFLITE_F32, 1, KERNEL, KERNEL, O, deep_w, sizeof(deep_w));
    int db = tiny_tensor(m, TFLITE_F32, 1, 1, 1, O, deep_b, sizeof(deep_b));
    int t3 = tiny_tensor(m, TFLITE_F32, 1, H2, W2, O, NULL, 0);
    op = tiny_op(m, TFLITE_DEPTHWISE, t2, dw, db, t3);
    op->options[1] = op->options[2] = op->options[3] = op->options[5] = op->options[6] = 1;
    op->option_count = 7;
    int t4 = tiny_tensor(m, TFLITE_F32, 1, H2, W2, O, NULL, 0);
    tiny_op(m, TFLITE_ADD, t2, t3, -1, t4);
    int t5 = tiny_tensor(m, TFLITE_F32, 1, 2, 2, O, NULL, 0);
    op = tiny_op(m, TFLITE_MAX_POOL, t4, -1, -1, t5);
    op->options[0] = op->options[1] = op->options[2] = 1; /* VALID, stride 1 x 1 */
    op->options[3] = op->options[4] = 2;
    op->option_count = 5;
    int pads = tiny_tensor(m, TFLITE_I32, 1, 1, 4, 2, margins, sizeof(margins));
    int t6 = tiny_tensor(m, TFLITE_F32, 1, 2, 2, O + 2, NULL, 0);
    tiny_op(m, TFLITE_PAD, t5, pads, -1, t6);
    int lw = tiny_tensor(m, TFLITE_F32, O2, 1, 1, O + 2, last_w, sizeof(last_w));
    int lb = tiny_tensor(m, TFLITE_F32, 1, 1, 1, O2, last_b, sizeof(last_b));
    int t7 = tiny_tensor(m, TFLITE_F32, 1, 2, 2, O2, NULL, 0);
    op = tiny_op(m, TFLITE_CONV, t6, lw, lb, t7);
    op->options[0] = op->options[1] = op->options[2] = op->options[4] = op->options[5] = 1;
    op->option_count = 6;
    int t8 = tiny_tensor(m, TFLITE_F32, 1, 1, 1, 20, NULL, 0);
    tiny_op(m, TFLITE_RESHAPE, t7, -1, -1, t8);
    int t9 = tiny_tensor(m, TFLITE_F32, 1, 1, 1, 20, NULL, 0);
    tiny_op(m, TFLITE_RELU, t8, -1, -1, t9);
    int scalar = tiny_tensor(m, TFLITE_F32, 1, 1, 1, 1, &factor, sizeof(factor));
    int t10 = tiny_tensor(m, TFLITE_F32, 1, 1, 1, 20, NULL, 0);
    tiny_op(m, TFLITE_MUL, t8, scalar, -1, t10);
    int t11 = tiny_tensor(m, TFLITE_F32, 1, 1, 1, 40, NULL, 0);
    op = tiny_op(m, TFLITE_CONCATENATION, t9, t10, -1, t11);
    op->options[0] = -1; /* the last axis */
    op->option_count = 1;
    int from = tiny_tensor(m, TFLITE_I32, 1, 1, 1, 4, begin, sizeof(begin));
    int to = tiny_tensor(m, TFLITE_I32, 1, 1, 1, 4, end, sizeof(end));
    int by = tiny_tensor(m, TFLITE_I32, 1, 1, 1, 4, step, sizeof(step));
    int t12 = tiny_tensor(m, TFLITE_F32, 1, 1, 1, 37, NULL, 0);
    op = tiny_op(m, TFLITE_STRIDED_SLICE, t11, from, to, t12);
    op->in[3] = by;
    op->in_count = 4;
    m->input[0] = input;
    m->input_count = 1;
    m->output = t12;
    tiny_write(m);
}

/* What the network above must answer. */
static void small_network_by_hand(float out[37], const float x[H][W][C])
{
    static double t2[H2][W2][O], t4[H2][W2][O], t8[20];
    for (int r = 0; r < H2; r++)
        for (int c = 0; c < W2; c++)
            for (int o = 0; o < O; o++) {
                double sum = (double)conv_b[o];
                for (int i = 0; i < KERNEL; i++)
                    for (int j = 0; j < KERNEL; j++)
                        for (int k = 0; k < C; k++) {
                            int y = 2 * r + i - 1,
                                z = 2 * c + j; /* 5 rows pad 1 + 1, 6 columns 0 + 1 */
                            if (y >= 0 && y < H && z < W)
                                sum += (double)x[y][z][k] * (double)conv_w[o][i][j][k];
                        }
                t2[r][c][o] = sum > 0 ? sum : sum * (double)slope[o];
            }
    for (int r = 0; r < H2; r++)
        for (int c = 0; c < W2; c++)
            for (int o = 0; o < O; o++) {
                double sum = (double)deep_b[o];
                for (int i = 0; i < KERNEL; i++)
                    for (int j = 0; j < KERNEL; j++) {
                        int y = r + i - 1, z = c + j - 1;
                        if (y >= 0 && y < H2 && z >= 0 && z < W2)
                            sum += t2[y][z][o] * (double)deep_w[i][j][o];
                    }
                t4[r][c][o] = t2[r][c][o] + sum;
            }
    for (int r = 0; r < 2; r++)
        for (int c = 0; c < 2; c++)
            for (int o = 0; o < O2; o++) {
                double sum = (double)last_b[o];
                for (int k = 0; k < O; k++)
                    sum += fmax(fmax(t4[r][c][k], t4[r][c + 1][k]),
                                fmax(t4[r + 1][c][k], t4[r + 1][c + 1][k])) *
                           (double)last_w[o][k + 1]; /* one zero was put in front */
                t8[(r * 2 + c) * O2 + o] = sum;
            }
    for (int i = 3; i < 40; i++)
        out[i - 3] = (float)(i < 20 ? fmax(t8[i], 0) : t8[i - 20] * (double)factor);
}

static struct graph *parsed(const struct tiny_model *m, enum dsp_isa max)
{
    struct graph *g;
    struct orator_error err = {0};
    if (graph_parse(&g, m->bytes, m->size, max, &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    return g;
}

static void every_operation_computes_what_it_means(void **state)
{
    (void)state;
    static struct tiny_model m;
    small_network(&m);
    struct graph *g = parsed(&m, DSP_AVX512);
    struct graph_run *run;
    assert_int_equal(graph_run_new(&run, g, NULL), ORATOR_OK);
    assert_int_equal(graph_input_size(g, 0), H * W * C);
    assert_int_equal(graph_output_size(g, 0), 37);

    struct random r = random_seeded(2, 2);
    for (int round = 0; round < 3; round++) {
        float x[H][W][C], want[37];
        fill(&x[0][0][0], H * W * C, &r);
        memcpy(graph_input(run, 0), x, sizeof(x));
        graph_compute(run);
        small_network_by_hand(want, (const float(*)[W][C])x);
        for (int i = 0; i < 37; i++)
            assert_true(fabsf(graph_output(run, 0)[i] - want[i]) < 1e-4f);
    }
    graph_run_free(&run);
    graph_free(&g);
}

static void values_share_memory_once_they_are_read(void **state)
{
    (void)state;
    static struct tiny_model m;
    small_network(&m);
    struct graph *g = parsed(&m, DSP_C);
    /* three values of 162 live at once, and there are five beside the small ones; the rest are the
     * windows of one row of the first convolution */
    size_t large = H2 * W2 * O, windows = W2 * KERNEL * KERNEL * C;
    assert_true(graph_run_bytes(g) <= (4 * large + windows) * sizeof(float));
    graph_free(&g);
}

/* ---- the custom operations ---- */

static struct tiny_flex flex;

static void region_network(struct tiny_model *m)
{
    static const int points[] = {0, 1, 2, 3};
    static const struct tiny_option options[] = {
        {"left_rotation_idx", 1, {.i = 0}, 0},
        {"output_height", 1, {.i = 2}, 0},
        {"output_width", 1, {.i = 2}, 0},
        {"right_rotation_idx", 1, {.i = 1}, 0},
        {"scale_x", 3, {.f = 1}, 0},
        {"scale_y", 3, {.f = 1}, 0},
        {"subset_idxs", 11, {.list = points}, 4},
        {"target_rotation_radians", 3, {.f = 0}, 0},
    };
    tiny_flex_map(&flex, options, sizeof(options) / sizeof(options[0]));
    memset(m, 0, sizeof(*m));
    int landmarks = tiny_tensor(m, TFLITE_F32, 1, 1, 4, 3, NULL, 0);
    int picture = tiny_tensor(m, TFLITE_F32, 1, 4, 4, 2, NULL, 0);
    int matrix = tiny_tensor(m, TFLITE_F32, 1, 1, 4, 4, NULL, 0);
    struct tiny_op *op = tiny_op(m, TFLITE_CUSTOM, landmarks, -1, -1, matrix);
    op->custom = "Landmarks2TransformMatrix";
    op->custom_options = flex.bytes;
    op->custom_bytes = flex.size;
    int part = tiny_tensor(m, TFLITE_F32, 1, 2, 2, 2, NULL, 0);
    tiny_op(m, TFLITE_CUSTOM, picture, matrix, -1, part)->custom = "TransformTensorBilinear";
    int moved = tiny_tensor(m, TFLITE_F32, 1, 2, 2, 2, NULL, 0);
    tiny_op(m, TFLITE_CUSTOM, part, matrix, -1, moved)->custom = "TransformLandmarks";
    m->input[0] = landmarks;
    m->input[1] = picture;
    m->input_count = 2;
    m->output = moved;
    tiny_write(m);
}

static void a_part_of_the_picture_is_cut_out_and_points_come_back(void **state)
{
    (void)state;
    static struct tiny_model m;
    region_network(&m);
    struct graph *g = parsed(&m, DSP_AVX512);
    struct graph_run *run;
    assert_int_equal(graph_run_new(&run, g, NULL), ORATOR_OK);
    /* the box from (1, 1) to (3, 3): window pixels are the picture's four middle ones */
    static const float box[4][3] = {{1, 1, 0}, {3, 1, 0}, {3, 3, 0}, {1, 3, 0}};
    memcpy(graph_input(run, 0), box, sizeof(box));
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++) {
            graph_input(run, 1)[(y * 4 + x) * 2] = (float)x;
            graph_input(run, 1)[(y * 4 + x) * 2 + 1] = (float)y;
        }
    graph_compute(run);
    /* the cut holds (1, 1) (2, 1) (1, 2) (2, 2); as points of the window they lie one right and below */
    static const float want[] = {2, 2, 3, 2, 2, 3, 3, 3};
    for (int i = 0; i < 8; i++)
        assert_float_equal(graph_output(run, 0)[i], want[i], 1e-5);
    graph_run_free(&run);
    graph_free(&g);
}

static void a_tilted_part_is_made_level(void **state)
{
    (void)state;
    /* a square stood on its corner: its upper right side is the line that shall be level */
    static const float points[4][3] = {{0, -1, 0}, {1, 0, 0}, {0, 1, 0}, {-1, 0, 0}};
    int all[4] = {0, 1, 2, 3};
    struct region r = {.points = all,
                       .point_count = 4,
                       .left = 0,
                       .right = 1,
                       .out_h = 8,
                       .out_w = 8,
                       .scale_x = 1,
                       .scale_y = 1};
    float m[16], window[4][2] = {{0, 0}, {8, 0}, {8, 8}, {0, 8}}, out[4][2];
    region_matrix(m, &points[0][0], &r);
    region_points(&out[0][0], &window[0][0], m, 4, 2);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 2; k++)
            assert_float_equal(out[i][k], points[i][k], 1e-6);
}

/* ---- files that lie ---- */

/* Parses a copy of exactly this size, so that a sanitizer sees one byte too many; runs what parses. */
static bool accepted(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    struct graph *g = NULL;
    struct graph_run *run = NULL;
    struct orator_error err = {0};
    enum orator_status s = graph_parse(&g, copy, size, DSP_AVX512, &err);
    free(copy);
    if (s != ORATOR_OK) {
        assert_null(g);
        assert_true(s == ORATOR_BAD_SETTING || s == ORATOR_NO_MEMORY);
        assert_true(strlen(err.text) > 0);
        return false;
    }
    assert_int_equal(graph_run_new(&run, g, NULL), ORATOR_OK);
    graph_compute(run);
    graph_run_free(&run);
    graph_free(&g);
    return true;
}

static void a_file_cut_short_is_refused(void **state)
{
    (void)state;
    static struct tiny_model m;
    small_network(&m);
    assert_true(accepted(m.bytes, m.size));
    for (size_t n = 0; n + 4 < m.size; n++)
        assert_false(accepted(m.bytes, n));
    region_network(&m);
    for (size_t n = 0; n + 4 < m.size; n++)
        assert_false(accepted(m.bytes, n));
}

static void a_changed_file_never_leads_outside(void **state)
{
    (void)state;
    enum { ROUNDS = 20000 };
    static struct tiny_model m;
    static uint8_t changed[TINY_BYTES];
    struct random r = random_seeded(3, 3);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
        if (round % 2)
            small_network(&m);
        else
            region_network(&m);
        memcpy(changed, m.bytes, m.size);
        for (uint32_t k = 1 + random_u32(&r) % 3; k; k--) {
            size_t at = random_u32(&r) % (m.size - 4);
            uint32_t v = random_u32(&r) >> random_u32(&r) % 32;
            if (random_u32(&r) & 1)
                memcpy(changed + at / 4 * 4, &v, 4);
            else
                changed[at] ^= (uint8_t)(1 << random_u32(&r) % 8);
        }
        refused += !accepted(changed, m.size);
    }
    assert_true(refused > ROUNDS / 4);
}

static void the_real_models_are_refused_when_cut_or_changed(void **state)
{
    (void)state;
    static const char *const names[] = {"face_detection_short_range.tflite",
                                        "face_landmark_with_attention.tflite"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[1024];
        const char *models = getenv("ORATOR_MODELS");
        struct bytes file;
        snprintf(path, sizeof(path), "%s/face/%s", models ? models : "models", names[i]);
        if (file_read(&file, path, 16 << 20, NULL) != ORATOR_OK)
            continue; /* fetched at set-up, not part of the sources */
        struct tflite t;
        for (size_t n = 0; n + 64 < file.size; n += 997)
            if (tflite_parse(&t, file.data, n, NULL) == ORATOR_OK)
                fail_msg("%s of %zu bytes was taken for whole", names[i], n);
        struct random r = random_seeded(4, i);
        for (int round = 0; round < 300; round++) { /* offsets lie mostly outside the weights */
            size_t at = random_u32(&r) % (file.size - 4) / 4 * 4;
            unsigned char kept[4];
            uint32_t v = random_u32(&r) >> random_u32(&r) % 32;
            memcpy(kept, file.data + at, 4);
            memcpy(file.data + at, &v, 4);
            if (tflite_parse(&t, file.data, file.size, NULL) == ORATOR_OK)
                tflite_fini(&t);
            memcpy(file.data + at, kept, 4);
        }
        bytes_fini(&file);
    }
}

static void an_operation_we_lack_is_named(void **state)
{
    (void)state;
    static struct tiny_model m;
    struct graph *g;
    struct orator_error err;
    small_network(&m);
    m.op[2].code = 14; /* LOGISTIC */
    tiny_write(&m);
    assert_int_equal(graph_parse(&g, m.bytes, m.size, DSP_C, &err), ORATOR_BAD_SETTING);
    assert_non_null(strstr(err.text, "operation 2"));
    region_network(&m);
    m.op[1].custom = "SomethingElse";
    tiny_write(&m);
    assert_int_equal(graph_parse(&g, m.bytes, m.size, DSP_C, &err), ORATOR_BAD_SETTING);
    assert_non_null(strstr(err.text, "SomethingElse"));
}

static void options_are_read_by_name(void **state)
{
    (void)state;
    static const int list[] = {-3, 70000};
    static const struct tiny_option options[] = {
        {"a", 1, {.i = -5}, 0}, {"b", 3, {.f = 0.5f}, 0}, {"c", 11, {.list = list}, 2}};
    struct tiny_flex f;
    tiny_flex_map(&f, options, 3);
    struct flexbuffer b = {f.bytes, f.size};
    int i = 0, ints[2] = {0}, count = 0;
    float x = 0;
    assert_true(flex_int(&b, "a", &i) && i == -5);
    assert_true(flex_float(&b, "b", &x) && x == 0.5f);
    assert_true(flex_ints(&b, "c", ints, 2, &count));
    assert_true(count == 2 && ints[0] == -3 && ints[1] == 70000);
    assert_false(flex_int(&b, "b", &i));               /* another kind */
    assert_false(flex_int(&b, "aa", &i));              /* another word */
    assert_false(flex_ints(&b, "c", ints, 1, &count)); /* too many */
    for (size_t n = 0; n < f.size; n++)
        flex_int(&(struct flexbuffer){f.bytes + n, f.size - n}, "c", &i);
}

/* ---- kernels ---- */

static float *aligned(size_t n)
{
    float *p = aligned_alloc(NN_ALIGN, (n * sizeof(float) + NN_ALIGN) / NN_ALIGN * NN_ALIGN);
    assert_non_null(p);
    return p;
}

static void kernels_give_the_same_bits_on_every_cpu(void **state)
{
    (void)state;
    enum { MOST = 40, GUARD = 32 };
    struct random r = random_seeded(5, 5);
    struct nn_dsp plain;
    nn_dsp_init(&plain, DSP_C);
    size_t most = (size_t)MOST * MOST * 64;
    float *x = aligned(most), *w = aligned(most), *bias = aligned(64), *want = aligned(most),
          *got = aligned(most);
    fill(x, most, &r);
    fill(w, most, &r);
    fill(bias, 64, &r);
    for (int isa = DSP_AVX2; isa < DSP_ISA_COUNT; isa++) {
        struct nn_dsp fast;
        nn_dsp_init(&fast, (enum dsp_isa)isa);
        for (int round = 0; round < 300; round++) {
            int rows = 1 + (int)(random_u32(&r) % MOST), n_in = 1 + (int)(random_u32(&r) % MOST);
            int n_out = 1 + (int)(random_u32(&r) % 48);
            memset(want, 0xA5, most * sizeof(float));
            memset(got, 0xA5, most * sizeof(float));
            plain.matmul(want + GUARD, x, w, bias, rows, n_in, n_out);
            fast.matmul(got + GUARD, x, w, bias, rows, n_in, n_out);
            assert_memory_equal(want, got, most * sizeof(float));

            struct nn_window v = {.in_h = 1 + (int)(random_u32(&r) % 12),
                                  .in_w = 1 + (int)(random_u32(&r) % 12),
                                  .channels = n_out,
                                  .kernel_h = 3,
                                  .kernel_w = 3,
                                  .stride_h = 1,
                                  .stride_w = 1,
                                  .pad_top = 1,
                                  .pad_left = 1};
            v.out_h = v.in_h;
            v.out_w = v.in_w;
            plain.depthwise(want + GUARD, x, w, bias, &v);
            fast.depthwise(got + GUARD, x, w, bias, &v);
            assert_memory_equal(want, got, most * sizeof(float));
            plain.maxpool(want + GUARD, x, &v);
            fast.maxpool(got + GUARD, x, &v);
            plain.prelu(want + GUARD + 9000, x, bias, rows, n_out);
            fast.prelu(got + GUARD + 9000, x, bias, rows, n_out);
            plain.add(want + GUARD + 20000, x, w, rows * n_in);
            fast.add(got + GUARD + 20000, x, w, rows * n_in);
            plain.relu(want + GUARD + 30000, x, rows * n_in);
            fast.relu(got + GUARD + 30000, x, rows * n_in);
            assert_memory_equal(want, got, most * sizeof(float));
        }
    }
    free(x);
    free(w);
    free(bias);
    free(want);
    free(got);
}

/* With the name of a folder: writes the two networks there, as seeds for tests/fuzz. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operation_computes_what_it_means),
        cmocka_unit_test(values_share_memory_once_they_are_read),
        cmocka_unit_test(a_part_of_the_picture_is_cut_out_and_points_come_back),
        cmocka_unit_test(a_tilted_part_is_made_level),
        cmocka_unit_test(a_file_cut_short_is_refused),
        cmocka_unit_test(a_changed_file_never_leads_outside),
        cmocka_unit_test(the_real_models_are_refused_when_cut_or_changed),
        cmocka_unit_test(an_operation_we_lack_is_named),
        cmocka_unit_test(options_are_read_by_name),
        cmocka_unit_test(kernels_give_the_same_bits_on_every_cpu),
    };
    if (argc == 2) {
        static struct tiny_model m;
        char path[1024];
        small_network(&m);
        snprintf(path, sizeof(path), "%s/operations", argv[1]);
        if (file_write(path, m.bytes, m.size, NULL) != ORATOR_OK)
            return 1;
        region_network(&m);
        snprintf(path, sizeof(path), "%s/regions", argv[1]);
        return file_write(path, m.bytes, m.size, NULL) != ORATOR_OK;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
