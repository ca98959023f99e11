#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ctype.h>

#include "place.h"
#include "scratch.h"
#include "server/store/keys.h"

static char folder[SCRATCH_SIZE];
static struct store *store;
static int64_t now_ms;
static int64_t clock_of_test(void) { return now_ms; }

static int begin(void **state)
{
    (void)state;
    scratch_new(folder);
    now_ms = 1000000;
    if (store_open(&store, place(folder), NULL) != ORATOR_OK)
        return -1;
    store_set_clock(store, clock_of_test);
    return 0;
}

static int end(void **state)
{
    (void)state;
    store_close(&store);
    scratch_remove(folder);
    return 0;
}

static void a_new_key_opens_the_door(void **state)
{
    (void)state;
    struct api_key made, seen;
    char secret[KEY_SIZE];
    assert_int_equal(key_create(store, &(struct key_terms){.name = "shop"}, &made, secret, NULL),
                     ORATOR_OK);
    assert_int_equal(strlen(secret), 41);
    assert_memory_equal(secret, "sk-", 3);
    for (const char *p = secret + 3; *p; p++)
        assert_true(isalnum((unsigned char)*p));
    assert_memory_equal(secret, made.prefix, 7);
    assert_int_equal(strlen(made.prefix), 7);
    assert_memory_equal(made.id, "key_", 4);

    now_ms += 5;
    assert_int_equal(key_check(store, secret, &seen, NULL), ORATOR_OK);
    assert_string_equal(seen.id, made.id);
    assert_string_equal(seen.name, "shop");
    assert_int_equal(seen.created_ms, 1000000);
    assert_int_equal(seen.last_used_ms, 1000005);
}

static void unknown_mistyped_and_revoked_keys_sound_alike(void **state)
{
    (void)state;
    struct api_key key;
    struct orator_error unknown = {0}, other;
    char secret[KEY_SIZE], foreign[KEY_SIZE], wrong[KEY_SIZE * 2];
    assert_int_equal(key_create(store, &(struct key_terms){.name = "a"}, &key, secret, NULL),
                     ORATOR_OK);
    assert_int_equal(key_create(store, &(struct key_terms){.name = "b"}, &key, foreign, NULL),
                     ORATOR_OK);
    assert_int_equal(key_revoke(store, key.id, NULL), ORATOR_OK);
    assert_int_equal(key_check(store, foreign, &key, &unknown), ORATOR_INVALID_API_KEY);
    assert_string_equal(key.id, "");

    for (int i = 0; secret[i]; i++) { /* every single wrong character */
        strcpy(wrong, secret);
        wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
        assert_int_equal(key_check(store, wrong, &key, &other), ORATOR_INVALID_API_KEY);
        assert_string_equal(other.text, unknown.text);
    }
    static const char *const odd[] = {"", "sk-", "sk-\xff", "Bearer", "sk-' OR 1=1 --"};
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        assert_int_equal(key_check(store, odd[i], &key, NULL), ORATOR_INVALID_API_KEY);
    snprintf(wrong, sizeof(wrong), "%s ", secret);
    assert_int_equal(key_check(store, wrong, &key, NULL), ORATOR_INVALID_API_KEY);
    assert_int_equal(key_check(store, secret, &key, NULL), ORATOR_OK);
}

static void only_the_right_checksum_passes(void **state)
{
    (void)state;
    struct api_key key;
    char secret[KEY_SIZE];
    assert_int_equal(key_create(store, &(struct key_terms){.name = "a"}, &key, secret, NULL),
                     ORATOR_OK);
    char last = secret[40];
    for (const char *p = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"; *p;
         p++) {
        secret[40] = *p;
        assert_int_equal(key_check(store, secret, &key, NULL),
                         *p == last ? ORATOR_OK : ORATOR_INVALID_API_KEY);
    }
}

static void the_secret_is_nowhere_on_the_disk(void **state)
{
    (void)state;
    if (on_postgres())
        skip(); /* its files are not ours to read */
    struct api_key key;
    char secret[KEY_SIZE], path[SCRATCH_SIZE + 16];
    assert_int_equal(key_create(store, &(struct key_terms){.name = "a"}, &key, secret, NULL),
                     ORATOR_OK);
    store_close(&store);
    snprintf(path, sizeof(path), "%s/orator.db", folder);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    static char data[1 << 20];
    size_t n = fread(data, 1, sizeof(data), f);
    fclose(f);
    assert_non_null(memmem(data, n, secret, 7)); /* the prefix is */
    assert_null(memmem(data, n, secret, 9));
    assert_null(memmem(data, n, secret + 9, 12));
}

struct seen {
    int count, revoked;
    char names[8][KEY_NAME_SIZE];
};

static void note(void *ctx, const struct api_key *key)
{
    struct seen *seen = ctx;
    strcpy(seen->names[seen->count++], key->name);
    seen->revoked += key->revoked_ms != 0;
}

static void keys_are_listed_oldest_first(void **state)
{
    (void)state;
    struct api_key key;
    char secret[KEY_SIZE];
    struct seen seen = {0};
    static const char *const names[] = {"zoe", "adam", "\xc3\xa9mile"};
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            key_create(store, &(struct key_terms){.name = names[i]}, &key, secret, NULL),
            ORATOR_OK);
    assert_int_equal(key_revoke(store, key.prefix, NULL), ORATOR_OK);
    assert_int_equal(key_list(store, NULL, note, &seen, NULL), ORATOR_OK);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.revoked, 1);
    for (int i = 0; i < 3; i++)
        assert_string_equal(seen.names[i], names[i]);
}

static void revoking_needs_one_match_and_keeps_its_time(void **state)
{
    (void)state;
    struct api_key key;
    struct orator_error err;
    char secret[KEY_SIZE];
    assert_int_equal(key_revoke(store, "key_none", &err), ORATOR_NOT_FOUND);
    assert_int_equal(key_create(store, &(struct key_terms){.name = "a"}, &key, secret, NULL),
                     ORATOR_OK);
    assert_int_equal(key_revoke(store, key.id, NULL), ORATOR_OK);
    now_ms += 1000;
    assert_int_equal(key_revoke(store, key.id, NULL), ORATOR_OK);

    assert_int_equal(key_create(store, &(struct key_terms){.name = "b"}, &key, secret, NULL),
                     ORATOR_OK);
    assert_true(place_sql(folder, "UPDATE keys SET prefix = 'sk-AAAA'"));
    assert_int_equal(key_revoke(store, "sk-AAAA", &err), ORATOR_NOT_FOUND);
    assert_non_null(strstr(err.text, "more than one"));
    assert_int_equal(key_check(store, secret, &key, NULL), ORATOR_OK);
}

static void a_name_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct api_key key;
    struct orator_error err;
    char secret[KEY_SIZE], name[KEY_NAME_SIZE + 1];
    memset(name, 'n', sizeof(name));
    name[KEY_NAME_SIZE] = '\0';
    assert_int_equal(key_create(store, &(struct key_terms){.name = name}, &key, secret, &err),
                     ORATOR_INVALID_PARAMETER);
    assert_string_equal(err.param, "name");
    assert_string_equal(secret, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_key_opens_the_door, begin, end),
        cmocka_unit_test_setup_teardown(unknown_mistyped_and_revoked_keys_sound_alike, begin, end),
        cmocka_unit_test_setup_teardown(only_the_right_checksum_passes, begin, end),
        cmocka_unit_test_setup_teardown(the_secret_is_nowhere_on_the_disk, begin, end),
        cmocka_unit_test_setup_teardown(keys_are_listed_oldest_first, begin, end),
        cmocka_unit_test_setup_teardown(revoking_needs_one_match_and_keeps_its_time, begin, end),
        cmocka_unit_test_setup_teardown(a_name_that_is_too_long_is_refused, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
