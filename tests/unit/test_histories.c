/* Random histories of submits, claims, crashes, retries, cancels, deletes, expiries, mismatches, credits and
 * debits, against a small model of what each should cost. */
#include "queue_bench.h"

#include <stdlib.h>

#include "base/random.h"
#include "server/store/keys.h"

enum { HISTORIES = 12, STEPS = 160, TASKS_MAX = STEPS, ACCOUNTS = 2, KEYS = 3 };

/* What the model knows of a task. */
struct known {
    char id[TASK_ID_SIZE], worker[16];
    int key;
    int64_t reserved, price;
    enum task_state state;
    bool deleted;
    int64_t charged;
};
static struct known known[TASKS_MAX];
static int known_count;
static struct api_key keys[KEYS];
static char prepaid_id[ACCOUNT_ID_SIZE];
static int64_t given[ACCOUNTS]; /* credits - debits */
static struct random chance;

static int below(int n) { return (int)(random_u32(&chance) % (unsigned)n); }
static int account_of(int key) { return key == 0 ? 0 : 1; }
static const char *account_id(int account) { return account ? prepaid_id : ACCOUNT_DEFAULT; }

static struct known *find(const char *id)
{
    for (int i = 0; i < known_count; i++)
        if (strcmp(known[i].id, id) == 0)
            return &known[i];
    fail_msg("%s was never submitted", id);
    abort();
}

/* A task of the model in this state, any of them; NULL if there is none. */
static struct known *pick(enum task_state state)
{
    int start = known_count ? below(known_count) : 0;
    for (int i = 0; i < known_count; i++) {
        struct known *k = &known[(start + i) % known_count];
        if (k->state == state && !k->deleted)
            return k;
    }
    return NULL;
}

/* What the model says an account may still spend, and a key has used. */
static int64_t balance_of(int account)
{
    int64_t sum = given[account];
    for (int i = 0; i < known_count; i++)
        if (account_of(known[i].key) == account)
            sum -= known[i].state < TASK_COMPLETED ? known[i].reserved : known[i].charged;
    return sum;
}

static int64_t used_by(int key)
{
    int64_t sum = 0;
    for (int i = 0; i < known_count; i++)
        if (known[i].key == key)
            sum += known[i].state < TASK_COMPLETED ? known[i].reserved : known[i].charged;
    return sum;
}

static int open_of(int key)
{
    int n = 0;
    for (int i = 0; i < known_count; i++)
        n += known[i].key == key && known[i].state < TASK_COMPLETED;
    return n;
}

static void step_submit(void)
{
    struct known k = {.key = below(KEYS), .price = 1 + below(200000)};
    int64_t declared_ms = 2000 + below(30000);
    struct task t;
    struct orator_error err = {0};
    k.reserved = declared_ms * k.price / 1000 + (declared_ms * k.price % 1000 >= 500);
    struct task_request r = request;
    r.key_id = keys[k.key].id;
    r.account_id = account_id(account_of(k.key));
    r.declared_ms = declared_ms;
    r.price_micro_per_s = k.price;
    r.retention_ms = below(2) ? 60000 : 0;
    enum orator_status s = queue_submit(store, &r, &t, &err), expect = ORATOR_OK;
    if (k.key > 0 && balance_of(1) < k.reserved)
        expect = ORATOR_INSUFFICIENT_BALANCE;
    else if (keys[k.key].budget_micro >= 0 &&
             used_by(k.key) + k.reserved > keys[k.key].budget_micro)
        expect = ORATOR_KEY_BUDGET_EXCEEDED;
    else if (keys[k.key].parallel > 0 && open_of(k.key) >= keys[k.key].parallel)
        expect = ORATOR_CONCURRENCY_LIMIT;
    if (s != expect)
        fail_msg("submit: %s (%s), not %s", orator_status_word(s), err.text,
                 orator_status_word(expect));
    if (s == ORATOR_OK) {
        assert_int_equal(t.reserved_micro, k.reserved);
        strcpy(k.id, t.id);
        known[known_count++] = k;
    }
    task_fini(&t);
}

static void step_claim(void)
{
    struct task t;
    bool found;
    char worker[16];
    snprintf(worker, sizeof(worker), "w%d", below(1000000));
    assert_int_equal(queue_claim(store, worker, &t, &found, NULL), ORATOR_OK);
    if (found) {
        struct known *k = find(t.id);
        assert_true(k->state < TASK_COMPLETED && !k->deleted);
        k->state = TASK_PROCESSING;
        strcpy(k->worker, worker);
    }
    task_fini(&t);
    /* those that the claim gave up for want of attempts */
    for (int i = 0; i < known_count; i++) {
        struct known *k = &known[i];
        if (k->state != TASK_PROCESSING || k->deleted)
            continue;
        t = get(k->id);
        if (t.state == TASK_FAILED && t.failure == ORATOR_RENDER_FAILED)
            k->state = TASK_FAILED;
        task_fini(&t);
    }
}

/* By who holds it, or by somebody who held it once. */
static void step_finish(void)
{
    struct known *k = pick(below(5) ? TASK_PROCESSING : (enum task_state)below(4));
    struct task_outcome o = outcome;
    bool kept, mine = below(4) != 0;
    if (!k)
        return;
    o.duration_ms = 1 + below(40000);
    enum orator_status s =
        queue_finish(store, k->id, mine ? k->worker : "stranger", &o, &kept, NULL);
    assert_int_equal(s, ORATOR_OK);
    assert_int_equal(kept, mine && k->state == TASK_PROCESSING);
    if (!kept)
        return;
    k->state = TASK_COMPLETED;
    k->charged = o.duration_ms * k->price / 1000 + (o.duration_ms * k->price % 1000 >= 500);
    if (k->charged > k->reserved)
        k->charged = k->reserved;
}

static void step_fail(void)
{
    static const struct orator_error mismatch = {ORATOR_AUDIO_DURATION_MISMATCH, "7, not 9", ""};
    struct known *k = pick(TASK_PROCESSING);
    bool kept;
    if (!k)
        return;
    assert_int_equal(
        queue_fail(store, k->id, k->worker, below(2) ? &hiccup : &mismatch, &kept, NULL),
        ORATOR_OK);
    assert_true(kept);
    struct task t = get(k->id);
    k->state = t.state;
    task_fini(&t);
}

static void step_cancel(void)
{
    struct known *k = pick((enum task_state)below(4));
    struct task t;
    if (!k)
        return;
    struct task before = get(k->id);
    enum orator_status s = queue_cancel(store, k->id, keys[k->key].id, &t, NULL);
    bool over = k->state == TASK_COMPLETED ||
                (k->state == TASK_FAILED && before.failure != ORATOR_CANCELED);
    assert_int_equal(s, over ? ORATOR_TASK_NOT_CANCELABLE : ORATOR_OK);
    if (!over)
        k->state = TASK_FAILED;
    task_fini(&before);
    task_fini(&t);
}

static void step_delete(void)
{
    struct known *k = pick((enum task_state)below(4));
    struct task t;
    if (!k)
        return;
    assert_int_equal(queue_delete(store, k->id, keys[k->key].id, &t, NULL), ORATOR_OK);
    task_fini(&t);
    if (k->state < TASK_COMPLETED)
        k->state = TASK_FAILED;
    k->deleted = true;
}

static void step_expire(void)
{
    struct task t;
    bool found = true;
    while (found) {
        assert_int_equal(queue_expire(store, &t, &found, NULL), ORATOR_OK);
        if (found) {
            struct known *k = find(t.id);
            k->deleted = k->state == TASK_FAILED; /* failed before: gone now */
            k->state = TASK_FAILED;               /* charged stays what it was */
        }
        task_fini(&t);
    }
}

static void step_top_up(void)
{
    struct account after;
    int account = below(ACCOUNTS);
    enum ledger_kind kind = below(3) ? LEDGER_CREDIT : LEDGER_DEBIT;
    int64_t amount = below(3000000);
    struct ledger_entry e = {.key_id = "",
                             .account_id = account_id(account),
                             .kind = kind,
                             .amount_micro = amount,
                             .note = "a\nnote"};
    assert_int_equal(ledger_top_up(store, &e, &after, NULL), ORATOR_OK);
    given[account] += kind == LEDGER_CREDIT ? amount : -amount;
}

static void step_crash(void)
{
    store_close(&store);
    open_store();
}

static void step_time(void) { now_ms += below(2) ? 1000 : 20000; }

static void assert_the_model_agrees(void)
{
    struct orator_error err = {0};
    int64_t rows;
    for (int i = 0; i < ACCOUNTS; i++) {
        struct account a;
        assert_int_equal(account_get(store, account_id(i), &a, NULL), ORATOR_OK);
        assert_int_equal(a.balance_micro, balance_of(i));
        assert_int_equal(a.balance_micro + a.held_micro + a.spent_micro, given[i]);
    }
    for (int i = 0; i < KEYS; i++) {
        struct api_key k;
        assert_int_equal(key_get(store, keys[i].id, &k, NULL), ORATOR_OK);
        assert_int_equal(k.used_micro, used_by(i));
        assert_int_equal(k.open_tasks, open_of(i));
    }
    for (int i = 0; i < known_count; i++) {
        if (known[i].deleted)
            continue;
        struct task t = get(known[i].id);
        assert_int_equal(t.state, known[i].state);
        assert_int_equal(t.charged_micro, known[i].charged);
        assert_int_equal(t.billing == BILLING_RESERVED, t.state < TASK_COMPLETED);
        task_fini(&t);
    }
    if (ledger_verify(store, &rows, &err) != ORATOR_OK)
        fail_msg("%s", err.text);
}

static void make_accounts(void)
{
    struct account a;
    char secret[KEY_SIZE];
    assert_int_equal(account_create(store, "prepaid", true, &a, NULL), ORATOR_OK);
    strcpy(prepaid_id, a.id);
    const struct key_terms terms[KEYS] = {
        {.name = "free", .parallel = 5},
        {.name = "usual", .account_id = prepaid_id},
        {.name = "small", .account_id = prepaid_id, .has_budget = true, .budget_micro = 4000000},
    };
    for (int i = 0; i < KEYS; i++)
        assert_int_equal(key_create(store, &terms[i], &keys[i], secret, NULL), ORATOR_OK);
    memset(given, 0, sizeof(given));
    known_count = 0;
}

static void sums_agree_and_nothing_is_charged_twice_or_for_a_failure(void **state)
{
    static void (*const steps[])(void) = {
        step_submit, step_submit, step_submit, step_claim, step_claim,
        step_claim,  step_finish, step_finish, step_fail,  step_cancel,
        step_delete, step_expire, step_top_up, step_crash, step_time,
    };
    int submitted = 0, completed = 0;
    for (int h = 0; h < HISTORIES; h++) {
        chance = random_seeded(20261124, (uint64_t)h);
        make_accounts();
        for (int i = 0; i < STEPS; i++) {
            steps[below(sizeof(steps) / sizeof(steps[0]))]();
            if (i % 16 == 0)
                assert_the_model_agrees();
        }
        assert_the_model_agrees();
        submitted += known_count;
        for (int i = 0; i < known_count; i++)
            completed += known[i].charged > 0;
        end(state);
        begin(state);
    }
    assert_true(submitted > 100 && completed > 20); /* else it claims little */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sums_agree_and_nothing_is_charged_twice_or_for_a_failure,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
