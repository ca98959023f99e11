#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/error.h"

static void second_round_reuses_the_first(void **state)
{
    (void)state;
    struct arena a = {0};
    void *first = arena_alloc(&a, 100);
    float *big = arena_array(&a, float, 1u << 20);
    assert_non_null(first);
    assert_non_null(big);
    assert_int_equal((uintptr_t)big % ARENA_ALIGN, 0);
    memset(big, 0, sizeof(float) << 20);
    arena_reset(&a);
    assert_ptr_equal(arena_alloc(&a, 100), first);
    assert_ptr_equal(arena_array(&a, float, 1u << 20), big);
    assert_null(arena_alloc_n(&a, SIZE_MAX / 2, 4));
    arena_fini(&a);
}

static void errors_name_the_place(void **state)
{
    (void)state;
    struct orator_error err;
    enum orator_status s = orator_fail(&err, ORATOR_FACE_NOT_FOUND, "image is %d px wide", 12);
    assert_int_equal(orator_within(&err, s, "face"), ORATOR_FACE_NOT_FOUND);
    assert_string_equal(err.text, "face: image is 12 px wide");
    assert_int_equal(orator_status_http(s), 422);
    assert_int_equal(orator_fail(NULL, ORATOR_IO, "x"), ORATOR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_round_reuses_the_first),
        cmocka_unit_test(errors_name_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
