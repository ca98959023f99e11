#include "claims.h"

#include <math.h>
#include <string.h>

#include "base/random.h"

static void the_same_seed_repeats_and_another_does_not(void **state)
{
    (void)state;
    struct random a = random_seeded(7, 1), b = random_seeded(7, 1), c = random_seeded(8, 1),
                  d = random_seeded(7, 2);
    int same_c = 0, same_d = 0;
    for (int i = 0; i < 1000; i++) {
        uint32_t x = random_u32(&a);
        assert_int_equal(x, random_u32(&b));
        same_c += x == random_u32(&c);
        same_d += x == random_u32(&d);
    }
    assert_true(same_c < 3 && same_d < 3);
}

static void units_fill_the_unit_and_normals_have_deviation_one(void **state)
{
    (void)state;
    struct random r = random_seeded(1, 1);
    double sum = 0, squares = 0, units = 0;
    enum { N = 20000 };
    for (int i = 0; i < N; i++) {
        float u = random_unit(&r);
        assert_true(u >= 0 && u < 1);
        units += (double)u;
        double x = (double)random_normal(&r);
        assert_true(isfinite(x));
        sum += x;
        squares += x * x;
    }
    assert_true(fabs(units / N - 0.5) < 0.01);
    assert_true(fabs(sum / N) < 0.03 && fabs(squares / N - 1) < 0.05);
}

static void secrets_do_not_repeat(void **state)
{
    (void)state;
    unsigned char a[32], b[32];
    random_secret(a, sizeof(a));
    random_secret(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_repeats_and_another_does_not),
        cmocka_unit_test(units_fill_the_unit_and_normals_have_deviation_one),
        cmocka_unit_test(secrets_do_not_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
