#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "place.h"
#include "scratch.h"
#include "server/store/ledger.h"

static char folder[SCRATCH_SIZE];

static int begin(void **state)
{
    (void)state;
    scratch_new(folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static bool sql(const char *text) { return place_sql(folder, text); }

static bool drop_triggers(void)
{
    return sql(on_postgres() ? "DROP TRIGGER ledger_keeps_its_rows ON ledger;"
                               "DROP TRIGGER ledger_keeps_its_values ON ledger"
                             : "DROP TRIGGER ledger_keeps_its_rows;"
                               "DROP TRIGGER ledger_keeps_its_values");
}

static struct store *open_store(void)
{
    struct store *s;
    struct orator_error err = {0};
    if (store_open(&s, place(folder), &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    return s;
}

static struct ledger_entry entry(const char *task_id, enum ledger_kind kind, int64_t amount_micro,
                                 int64_t at_ms)
{
    return (struct ledger_entry){.task_id = task_id,
                                 .key_id = "key_a",
                                 .kind = kind,
                                 .amount_micro = amount_micro,
                                 .at_ms = at_ms};
}

static void add_rows(struct store *s, int first, int count)
{
    struct connection *c = NULL;
    assert_int_equal(store_write(s, &c, NULL), ORATOR_OK);
    for (int i = first; i < first + count; i++) {
        char id[32];
        snprintf(id, sizeof(id), "task_%d", i);
        struct ledger_entry e = entry(id, LEDGER_RESERVE, i * 10, 1000 + i);
        assert_int_equal(ledger_add(c, &e, NULL, NULL), ORATOR_OK);
    }
    assert_int_equal(store_end(&c, ORATOR_OK, NULL), ORATOR_OK);
}

static void what_was_written_is_there_after_a_reopen(void **state)
{
    (void)state;
    struct ledger_sums sums;
    int64_t rows;
    struct store *s = open_store();
    add_rows(s, 0, 3);
    store_close(&s);
    assert_null(s);
    store_close(&s); /* twice is fine */

    s = open_store();
    add_rows(s, 3, 2);
    assert_int_equal(ledger_sum(s, NULL, &sums, NULL), ORATOR_OK);
    assert_int_equal(sums.micro[LEDGER_RESERVE], 0 + 10 + 20 + 30 + 40);
    assert_int_equal(ledger_sum(s, "key_b", &sums, NULL), ORATOR_OK);
    assert_int_equal(sums.micro[LEDGER_RESERVE], 0);
    assert_int_equal(ledger_verify_chains(s, &rows, NULL), ORATOR_OK);
    assert_int_equal(rows, 5);
    store_close(&s);
}

static void a_transaction_that_fails_leaves_nothing(void **state)
{
    (void)state;
    struct connection *c = NULL;
    int64_t rows;
    struct store *s = open_store();
    assert_int_equal(store_write(s, &c, NULL), ORATOR_OK);
    struct ledger_entry e = entry("task_x", LEDGER_RESERVE, 5, 6);
    assert_int_equal(ledger_add(c, &e, NULL, NULL), ORATOR_OK);
    enum orator_status second = ledger_add(c, &e, NULL, NULL); /* a second charge of one task */
    assert_int_equal(store_end(&c, second, NULL), ORATOR_IO);
    assert_int_equal(ledger_verify_chains(s, &rows, NULL), ORATOR_OK);
    assert_int_equal(rows, 0);
    store_close(&s);
}

enum { WRITERS = 12, WRITES = 25 };
static struct store *shared;
static atomic_int kept;

/* Every third transaction gives up after its write. */
static void *write_some(void *arg)
{
    for (int i = 0; i < WRITES; i++) {
        struct connection *c = NULL;
        char id[32];
        snprintf(id, sizeof(id), "task_%d_%d", (int)(intptr_t)arg, i);
        struct ledger_entry e = entry(id, LEDGER_RESERVE, 1, 1);
        enum orator_status s = store_write(shared, &c, NULL);
        if (s == ORATOR_OK)
            s = ledger_add(c, &e, NULL, NULL);
        if (s == ORATOR_OK && i % 3 == 2)
            s = ORATOR_CANCELED;
        if (store_end(&c, s, NULL) == ORATOR_OK)
            kept++;
    }
    return NULL;
}

static void writers_that_share_a_commit_are_kept_or_undone_alone(void **state)
{
    (void)state;
    pthread_t threads[WRITERS];
    int64_t rows;
    shared = open_store();
    kept = 0;
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_some, (void *)(intptr_t)i), 0);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(kept, WRITERS * (WRITES - WRITES / 3));
    store_close(&shared);
    shared = open_store();
    assert_int_equal(ledger_verify_chains(shared, &rows, NULL), ORATOR_OK);
    assert_int_equal(rows, kept);
    store_close(&shared);
}

static void the_ledger_refuses_update_and_delete(void **state)
{
    (void)state;
    struct store *s = open_store();
    add_rows(s, 0, 2);
    assert_false(sql("UPDATE ledger SET amount_micro = 0 WHERE id = 1"));
    assert_false(sql("DELETE FROM ledger"));
    store_close(&s);
}

static void a_forged_ledger_shows(void **state)
{
    (void)state;
    static const char *const forgeries[] = {
        "UPDATE ledger SET amount_micro = 1 WHERE id = 3",
        "UPDATE ledger SET at_ms = at_ms + 1 WHERE id = 5",
        "UPDATE ledger SET key_id = 'key_b' WHERE id = 1",
        "UPDATE ledger SET kind = 'release' WHERE id = 2",
        "DELETE FROM ledger WHERE id = 2",
        "UPDATE ledger SET number = 77 WHERE id = 5",
        "UPDATE ledger SET format = 1 WHERE id = 4",
        "UPDATE ledger SET note = 'a gift' WHERE id = 4",
        "UPDATE ledger SET balance_micro = 0 WHERE id = 4",
    };
    for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
        struct orator_error err = {0};
        int64_t rows;
        struct store *s = open_store();
        add_rows(s, 0, 5);
        assert_int_equal(ledger_verify_chains(s, &rows, NULL), ORATOR_OK);
        assert_true(drop_triggers());
        assert_true(sql(forgeries[i]));
        assert_int_equal(ledger_verify_chains(s, &rows, &err), ORATOR_INTERNAL);
        assert_non_null(strstr(err.text, "does not continue"));
        store_close(&s);
        scratch_remove(folder);
    }
}

static void keep_row(void *out, const struct ledger_row *r) { *(struct ledger_row *)out = *r; }

/* A forger who knows the format mends the hash of the row and what the next row remembers of it. */
static void a_mended_row_breaks_the_one_after(void **state)
{
    (void)state;
    char text[200], mend[400], hex[65];
    unsigned char row[232], hash[SHA256_DIGEST_LENGTH];
    int64_t rows;
    struct ledger_row second;
    struct store *s = open_store();
    add_rows(s, 0, 4);
    assert_int_equal(ledger_page(s, ACCOUNT_DEFAULT, 1, true, 1, keep_row, &second, NULL),
                     ORATOR_OK);
    memcpy(row, second.prev_hash, 32);
    int n = snprintf(text, sizeof(text),
                     "2\nacct_default\n2\ntask_1\nkey_a\nreserve\n10\n-10\n1001\n\n");
    memcpy(row + 32, text, (size_t)n);
    SHA256(row, 32 + (size_t)n, hash); /* the format is as ledger.c draws it */
    assert_memory_equal(hash, second.hash, sizeof(hash));

    n = snprintf(text, sizeof(text),
                 "2\nacct_default\n2\ntask_1\nkey_a\nreserve\n11\n-11\n1001\n\n");
    memcpy(row + 32, text, (size_t)n);
    SHA256(row, 32 + (size_t)n, hash);
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    const char *open = on_postgres() ? "decode('" : "x'",
               *close = on_postgres() ? "', 'hex')" : "'";
    snprintf(mend, sizeof(mend),
             "UPDATE ledger SET amount_micro = 11, balance_micro = -11, hash = %s%s%s WHERE id = 2;"
             "UPDATE ledger SET prev_hash = %s%s%s WHERE id = 3",
             open, hex, close, open, hex, close);
    assert_true(drop_triggers());
    assert_true(sql(mend));
    assert_int_equal(ledger_verify_chains(s, &rows, NULL), ORATOR_INTERNAL);
    assert_int_equal(rows, 2);
    store_close(&s);
}

static void a_tail_that_was_cut_off_shows(void **state)
{
    (void)state;
    struct orator_error err = {0};
    int64_t rows;
    struct store *s = open_store();
    add_rows(s, 0, 4);
    assert_true(drop_triggers());
    assert_true(sql("DELETE FROM ledger WHERE id = 4"));
    assert_int_equal(ledger_verify_chains(s, &rows, &err), ORATOR_INTERNAL);
    assert_int_equal(rows, 3);
    assert_non_null(strstr(err.text, "cut off"));
    store_close(&s);
}

extern const char *const schema_steps[]; /* of the store's library */

/* What a server of the first version left: two keys' tasks, one open, one charged. */
static void a_database_of_the_first_schema_is_brought_up(void **state)
{
    (void)state;
    static const char rows[] =
        "INSERT INTO keys (id, name, prefix, hash, created_ms) VALUES"
        " ('key_a', 'a', 'sk-a', zeroblob(32), 5), ('key_b', 'b', 'sk-b', randomblob(32), 5);"
        "INSERT INTO tasks (id, key_id, state, model, image_url, audio_url, declared_ms, seed,"
        " created_ms, updated_ms, price_micro_per_s, reserved_micro, charged_micro) VALUES"
        " ('task_1', 'key_a', 0, 'm', 'i', 'a', 1, 1, 1, 1, 1, 500, 0),"
        " ('task_2', 'key_a', 2, 'm', 'i', 'a', 1, 1, 1, 1, 1, 300, 250);"
        "PRAGMA user_version = 1";
    int64_t count;
    assert_true(sql(schema_steps[0]));
    assert_true(sql(rows));
    /* the ledger of that version: hashes as ledger.c draws them */
    static const struct {
        const char *task, *kind;
        int64_t amount;
    } old[] = {{"task_1", "reserve", 500},
               {"task_2", "reserve", 300},
               {"task_2", "charge", 250},
               {"task_2", "release", 50}};
    unsigned char text[256], hash[SHA256_DIGEST_LENGTH] = {0};
    for (int i = 0; i < 4; i++) {
        char hex[2][65], insert[400];
        memcpy(text, hash, 32);
        for (int k = 0; k < 32; k++)
            snprintf(hex[0] + 2 * k, 3, "%02x", hash[k]);
        int n = snprintf((char *)text + 32, sizeof(text) - 32, "%d\n%s\nkey_a\n%s\n%d\n9\n", i + 1,
                         old[i].task, old[i].kind, (int)old[i].amount);
        SHA256(text, 32 + (size_t)n, hash);
        for (int k = 0; k < 32; k++)
            snprintf(hex[1] + 2 * k, 3, "%02x", hash[k]);
        snprintf(
            insert, sizeof(insert),
            "INSERT INTO ledger (id, task_id, key_id, kind, amount_micro, at_ms, prev_hash, hash)"
            " VALUES (%d, '%s', 'key_a', '%s', %d, 9, x'%s', x'%s')",
            i + 1, old[i].task, old[i].kind, (int)old[i].amount, hex[0], hex[1]);
        assert_true(sql(insert));
    }

    struct store *s = open_store();
    assert_int_equal(ledger_verify(s, &count, NULL), ORATOR_OK);
    assert_int_equal(count, 4);
    store_close(&s);
    static const char expected[] =
        "CREATE TEMP TABLE t (ok INTEGER CHECK (ok));"
        "INSERT INTO t SELECT used_micro = 750 AND open_tasks = 1 FROM keys WHERE id = 'key_a';"
        "INSERT INTO t SELECT used_micro = 0 AND open_tasks = 0 FROM keys WHERE id = 'key_b';"
        "INSERT INTO t SELECT balance_micro = -750 AND held_micro = 500 AND spent_micro = 250"
        " AND prepaid = 0 FROM accounts WHERE id = 'acct_default';"
        "INSERT INTO t SELECT count(*) = 2 FROM tasks WHERE account_id = 'acct_default'";
    assert_true(sql(expected));
    s = open_store(); /* twice is fine */
    store_close(&s);
}

static void a_newer_schema_is_left_alone(void **state)
{
    (void)state;
    struct orator_error err = {0};
    struct store *s = open_store();
    store_close(&s);
    assert_true(
        sql(on_postgres() ? "INSERT INTO orator_schema VALUES (99)" : "PRAGMA user_version = 99"));
    assert_int_equal(store_open(&s, place(folder), &err), ORATOR_IO);
    assert_null(s);
    assert_non_null(strstr(err.text, "schema 99 is newer"));
}

static void a_damaged_file_is_a_sentence(void **state)
{
    (void)state;
    char path[SCRATCH_SIZE + 16], noise[8192];
    struct orator_error err = {0};
    struct store *s;
    snprintf(path, sizeof(path), "%s/orator.db", folder);
    memset(noise, 'x', sizeof(noise));
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, noise, sizeof(noise)), sizeof(noise));
    close(fd);
    assert_int_equal(store_open(&s, place(folder), &err), ORATOR_IO);
    assert_non_null(strstr(err.text, "not a database"));
}

/* Run as somebody whom permissions bind: root may write anywhere. */
static int open_as_nobody(void)
{
    struct orator_error err = {0};
    struct store *s;
    if (geteuid() == 0 && setuid(65534) != 0)
        return 2;
    return store_open(&s, place(folder), &err) == ORATOR_IO && strstr(err.text, "cannot") ? 0 : 1;
}

static void a_read_only_folder_is_a_sentence(void **state)
{
    (void)state;
    int status = -1;
    assert_int_equal(chmod(folder, 0555), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(open_as_nobody());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(chmod(folder, 0700), 0);
}

static void a_full_disk_is_a_sentence(void **state)
{
    (void)state;
    struct orator_error err = {0};
    struct connection *c = NULL;
    int64_t rows;
    struct store *s = open_store();
    add_rows(s, 0, 1);
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        struct store *mine;
        if (store_open(&mine, place(folder), &err) != ORATOR_OK)
            _exit(1);
        struct rlimit none = {0, 0};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &none);
        struct ledger_entry e = entry("task_y", LEDGER_RESERVE, 5, 6);
        enum orator_status r = store_write(mine, &c, &err);
        if (r == ORATOR_OK)
            r = ledger_add(c, &e, NULL, &err);
        r = store_end(&c, r, &err);
        _exit(r == ORATOR_IO && err.text[0] ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(ledger_verify_chains(s, &rows, NULL), ORATOR_OK);
    assert_int_equal(rows, 1);
    store_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_there_after_a_reopen, begin, end),
        cmocka_unit_test_setup_teardown(a_transaction_that_fails_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(writers_that_share_a_commit_are_kept_or_undone_alone, begin,
                                        end),
        cmocka_unit_test_setup_teardown(the_ledger_refuses_update_and_delete, begin, end),
        cmocka_unit_test_setup_teardown(a_forged_ledger_shows, begin, end),
        cmocka_unit_test_setup_teardown(a_mended_row_breaks_the_one_after, begin, end),
        cmocka_unit_test_setup_teardown(a_tail_that_was_cut_off_shows, begin, end),
        cmocka_unit_test_setup_teardown(a_newer_schema_is_left_alone, begin, end),
    };
    const struct CMUnitTest of_files[] = {
        cmocka_unit_test_setup_teardown(a_database_of_the_first_schema_is_brought_up, begin, end),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_a_sentence, begin, end),
        cmocka_unit_test_setup_teardown(a_read_only_folder_is_a_sentence, begin, end),
        cmocka_unit_test_setup_teardown(a_full_disk_is_a_sentence, begin, end),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return on_postgres() ? failed : failed + cmocka_run_group_tests(of_files, NULL, NULL);
}
