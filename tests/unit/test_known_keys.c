#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "scratch.h"
#include "server/api/known_keys.h"

static char folder[SCRATCH_SIZE];
static struct store *store;
static struct known_keys *known;
static struct api_key key;
static char secret[KEY_SIZE];

static int begin(void **state)
{
    (void)state;
    scratch_new(folder);
    return store_open(&store, folder, NULL) != ORATOR_OK ||
           known_keys_open(&known, NULL) != ORATOR_OK ||
           key_create(store, &(struct key_terms){.name = "shop"}, &key, secret, NULL) != ORATOR_OK;
}

static int end(void **state)
{
    (void)state;
    known_keys_close(&known);
    store_close(&store);
    scratch_remove(folder);
    return 0;
}

static enum orator_status ask(const char *word)
{
    struct api_key seen;
    return known_keys_check(known, store, word, &seen, NULL);
}

static void a_key_revoked_elsewhere_is_believed_for_a_moment_only(void **state)
{
    (void)state;
    assert_int_equal(ask(secret), ORATOR_OK);
    assert_int_equal(key_revoke(store, key.id, NULL), ORATOR_OK);
    assert_int_equal(ask(secret), ORATOR_OK); /* remembered: the store was not asked */
    nanosleep(&(struct timespec){.tv_nsec = (KEY_REMEMBERED_MS + 5) * 1000000L}, NULL);
    assert_int_equal(ask(secret), ORATOR_INVALID_API_KEY);
}

static void a_key_revoked_here_is_refused_at_once(void **state)
{
    (void)state;
    assert_int_equal(ask(secret), ORATOR_OK);
    assert_int_equal(key_revoke(store, key.id, NULL), ORATOR_OK);
    known_keys_forget(known);
    assert_int_equal(ask(secret), ORATOR_INVALID_API_KEY);
}

static void another_key_is_not_taken_for_it(void **state)
{
    (void)state;
    assert_int_equal(ask(secret), ORATOR_OK);
    secret[10] = secret[10] == 'a' ? 'b' : 'a';
    assert_int_equal(ask(secret), ORATOR_INVALID_API_KEY);
    assert_int_equal(ask(""), ORATOR_INVALID_API_KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_revoked_elsewhere_is_believed_for_a_moment_only,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_key_revoked_here_is_refused_at_once, begin, end),
        cmocka_unit_test_setup_teardown(another_key_is_not_taken_for_it, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
