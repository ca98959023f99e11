/* The queue's promises over long random histories and under kill -9. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "queue_bench.h"

/* Random histories: whatever happens in whatever order, with restarts between, the worker that holds
 * a task is the one the queue says, and the books balance. */
static void random_histories_keep_the_books(void **state)
{
    (void)state;
    enum { TASKS = 40, STEPS = 700, WORKERS = 3 };
    static const char *const workers[WORKERS] = {"w0", "w1", "w2"};
    struct random r = random_seeded(20240607, 1);
    char ids[TASKS][TASK_ID_SIZE];
    int count = 0;
    for (int i = 0; i < STEPS; i++) {
        const char *w = workers[random_u32(&r) % WORKERS];
        const char *id = count ? ids[random_u32(&r) % (unsigned)count] : "task_none";
        char got[TASK_ID_SIZE];
        bool held = false;
        if (count) {
            struct task t = get(id);
            held = t.state == TASK_PROCESSING && strcmp(t.worker, w) == 0;
            task_fini(&t);
        }
        switch (random_u32(&r) % 9) {
        case 0:
            if (count < TASKS)
                submit(ids[count++]);
            break;
        case 1:
        case 2:
            claim(w, got);
            break;
        case 3:
            now_ms += random_u32(&r) % (TASK_LEASE_MS / 2);
            break;
        case 4:
            if (random_u32(&r) % 4 == 0) {
                store_close(&store);
                open_store();
            }
            break;
        case 5:
            if (count)
                assert_int_equal(beat(id, w), held);
            break;
        case 6:
            if (count)
                assert_int_equal(finish(id, w), held);
            break;
        case 7:
            if (count)
                assert_int_equal(give_up(id, w, random_u32(&r) % 3 ? &hiccup : &bad_face), held);
            break;
        default:
            if (count)
                assert_int_equal(queue_hand_back(store, id, w, NULL), ORATOR_OK);
            break;
        }
        if (i % 50 == 0)
            assert_books_balance();
    }
    assert_books_balance();
    int64_t reserved = 0, charged = 0, held = 0;
    int states[TASK_STATE_COUNT] = {0};
    for (int i = 0; i < count; i++) {
        struct task t = get(ids[i]);
        reserved += t.reserved_micro;
        charged += t.charged_micro;
        held += t.state < TASK_COMPLETED ? t.reserved_micro : 0;
        states[t.state]++;
        task_fini(&t);
    }
    struct ledger_sums s = sums();
    assert_int_equal(s.micro[LEDGER_RESERVE], reserved);
    assert_int_equal(s.micro[LEDGER_CHARGE], charged);
    assert_int_equal(reserved - charged - s.micro[LEDGER_RELEASE], held);
    assert_true(states[TASK_COMPLETED] > 5 && states[TASK_FAILED] > 5); /* the history was rich */
}

/* What a child says it was told, before it is killed. */
struct word {
    char what; /* 's' submitted, 'f' finished */
    char id[TASK_ID_SIZE];
};

static void say(int fd, char what, const char *id)
{
    struct word w = {.what = what};
    strcpy(w.id, id);
    if (write(fd, &w, sizeof(w)) != sizeof(w))
        _exit(3);
}

static int words; /* the pipe to the parent */

static void *submit_claim_finish(void *name)
{
    for (;;) {
        struct task t;
        bool found, kept;
        if (queue_submit(store, &request, &t, NULL) != ORATOR_OK)
            _exit(2);
        say(words, 's', t.id);
        task_fini(&t);
        if (queue_claim(store, name, &t, &found, NULL) != ORATOR_OK || !found)
            _exit(2);
        if (queue_finish(store, t.id, name, &outcome, &kept, NULL) != ORATOR_OK || !kept)
            _exit(2);
        say(words, 'f', t.id);
        task_fini(&t);
    }
    return NULL;
}

static void work_until_killed(int fd)
{
    enum { THREADS = 4 }; /* so that commits are shared */
    static char names[THREADS][32];
    pthread_t threads[THREADS];
    words = fd;
    if (store_open(&store, place(folder), NULL) != ORATOR_OK)
        _exit(1);
    for (int i = 0; i < THREADS; i++) {
        snprintf(names[i], sizeof(names[i]), "w%d_%d", getpid(), i);
        if (pthread_create(&threads[i], NULL, submit_claim_finish, names[i]) != 0)
            _exit(1);
    }
    pause();
}

static void kill_9_loses_nothing_and_charges_once(void **state)
{
    (void)state;
    enum { KILLS = 20 };
    int told = 0, fd[2];
    struct random r = random_seeded(9, 9);
    store_close(&store);
    for (int i = 0; i < KILLS; i++) {
        int status = 0;
        assert_int_equal(pipe(fd), 0);
        pid_t child = fork();
        if (child == 0)
            work_until_killed(fd[1]);
        close(fd[1]);
        struct word w; /* the first word says that it is at work; then the blow, at any moment */
        assert_int_equal(read(fd[0], &w, sizeof(w)), sizeof(w));
        usleep(random_u32(&r) % (on_postgres() ? 150000 : 40000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));

        open_store();
        do {
            struct task t = get(w.id);
            if (w.what == 'f')
                assert_int_equal(t.state, TASK_COMPLETED);
            task_fini(&t);
            told++;
        } while (read(fd[0], &w, sizeof(w)) == sizeof(w));
        close(fd[0]);
        assert_books_balance();
        store_close(&store);
    }
    assert_true(told > (on_postgres() ? KILLS : KILLS * 2));
    open_store();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_histories_keep_the_books, begin, end),
        cmocka_unit_test_setup_teardown(kill_9_loses_nothing_and_charges_once, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
