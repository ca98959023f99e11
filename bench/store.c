/* store.c - how fast the queue is on a database; bench/store runs it.
 *
 *     bench_store DATABASE rates WORKERS SECONDS     submit, then claim and finish, with so many processes at once
 *     bench_store DATABASE backlog TASKS CLAIMS      claims out of so many waiting tasks, by four processes
 *
 * A worker is a process with a store of its own, as on a machine of its own, and submits for an account of its
 * own. Nothing is rendered. Prints one line a phase: operations a second, the median, the 99th percentile. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "server/store/ledger.h"
#include "server/tasks/queue.h"

enum { WORKERS_MAX = 64, SAMPLES_MAX = 200000 };

/* Shared with the workers. */
static struct board {
    int count[WORKERS_MAX];
    float ms[WORKERS_MAX][SAMPLES_MAX];
} * board;

static const char *database;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void die(const struct orator_error *err)
{
    fprintf(stderr, "bench_store: %s\n", err->text);
    exit(1);
}

static struct store *open_store(void)
{
    struct store *s;
    struct orator_error err;
    if (store_open(&s, database, &err) != ORATOR_OK)
        die(&err);
    return s;
}

static void note(int worker, double began_ms)
{
    int *n = &board->count[worker];
    if (*n < SAMPLES_MAX)
        board->ms[worker][(*n)++] = (float)(now_ms() - began_ms);
}

static void submit_until(int worker, double end_ms)
{
    struct store *s = open_store();
    struct orator_error err;
    struct account account;
    char key[32];
    snprintf(key, sizeof(key), "key_bench_%d", worker);
    if (account_create(s, key, false, &account, &err) != ORATOR_OK)
        die(&err);
    const struct task_request r = {.key_id = key,
                                   .account_id = account.id,
                                   .model = "kling-avatar-v2-standard",
                                   .image_url = "https://example.com/portrait.png",
                                   .audio_url = "https://example.com/voice.mp3",
                                   .declared_ms = 12500,
                                   .price_micro_per_s = 56000,
                                   .queue_max = 100000000};
    while (now_ms() < end_ms) {
        struct task t;
        double began = now_ms();
        if (queue_submit(s, &r, &t, &err) != ORATOR_OK)
            die(&err);
        note(worker, began);
        task_fini(&t);
    }
    store_close(&s);
}

/* With `finish`, a sample is a claim and its finish; without, a claim alone. */
static void claim_until(int worker, double end_ms, int most, bool finish)
{
    static const struct task_outcome outcome = {.video_name = "v.mp4",
                                                .duration_ms = 12480,
                                                .size_bytes = 1000000,
                                                .width_px = 720,
                                                .height_px = 1280,
                                                .fps = 25};
    struct store *s = open_store();
    char name[32];
    bool held;
    snprintf(name, sizeof(name), "worker_%d", worker);
    if (queue_beat(s, "task_none", name, "", 0, 0, 0, &held, NULL) != ORATOR_OK) /* connects */
        exit(1);
    for (int i = 0; i < most && now_ms() < end_ms; i++) {
        struct task t;
        struct orator_error err;
        bool found, kept;
        double began = now_ms();
        if (queue_claim(s, name, &t, &found, &err) != ORATOR_OK)
            die(&err);
        if (found && finish && queue_finish(s, t.id, name, &outcome, &kept, &err) != ORATOR_OK)
            die(&err);
        task_fini(&t);
        if (!found)
            break;
        note(worker, began);
    }
    store_close(&s);
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

enum phase { SUBMIT, FINISH, CLAIM };

static void run(enum phase phase, const char *what, int workers, double seconds, int most)
{
    static float all[WORKERS_MAX * SAMPLES_MAX];
    int n = 0;
    memset(board->count, 0, sizeof(board->count));
    const double began = now_ms();
    for (int w = 0; w < workers; w++)
        if (fork() == 0) {
            if (phase == SUBMIT)
                submit_until(w, began + seconds * 1e3);
            else
                claim_until(w, began + seconds * 1e3, most, phase == FINISH);
            exit(0);
        }
    for (int w = 0; w < workers; w++)
        wait(NULL);
    double rate = 0; /* of each, over its own time: starting a process is not the queue's work */
    for (int w = 0; w < workers; w++) {
        double sum_ms = 0;
        for (int i = 0; i < board->count[w]; i++)
            sum_ms += (double)board->ms[w][i];
        rate += sum_ms > 0 ? board->count[w] / sum_ms * 1e3 : 0;
        memcpy(all + n, board->ms[w], sizeof(float) * (size_t)board->count[w]);
        n += board->count[w];
    }
    qsort(all, (size_t)n, sizeof(float), by_size);
    if (n == 0)
        printf("%-28s nothing\n", what);
    else
        printf("%-28s %8.0f /s   median %7.2f ms   p99 %7.2f ms   (%d)\n", what, rate,
               (double)all[n / 2], (double)all[(int)(n * 0.99)], n);
    fflush(stdout);
}

/* Waiting tasks by the thousand, past the ledger: they are claimed and never finished. A tenth belongs to nine keys,
 * the rest to one, as where one customer sends a campaign. */
static void fill(int tasks)
{
    char sql[1200];
    PGconn *pg = PQconnectdb(database);
    snprintf(
        sql, sizeof(sql),
        "SET session_replication_role = replica;" /* one row of sums, not one change a task */
        "INSERT INTO tasks (id, key_id, state, model, image_url, audio_url, declared_ms, seed,"
        " created_ms, updated_ms, price_micro_per_s, reserved_micro, turn)"
        " SELECT 'task_fill_' || i, CASE WHEN i %% 10 = 0 THEN 'key_' || (i / 10 %% 9) ELSE"
        " 'key_big' END, 0, 'kling-avatar-v2-standard', 'https://example.com/portrait.png',"
        " 'https://example.com/voice.mp3', 12500, 1, 1, 1, 0, 0, i"
        " FROM generate_series(1, %d) AS i;"
        "INSERT INTO queue_sums VALUES ('kling-avatar-v2-standard', 0, %d, 12500::bigint * %d)",
        tasks, tasks, tasks);
    PGresult *r = PQexec(pg, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        fprintf(stderr, "bench_store: %s", PQerrorMessage(pg));
    PQclear(r);
    PQfinish(pg);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return fprintf(stderr, "bench_store DATABASE rates|backlog N M\n"), 2;
    database = argv[1];
    const int n = atoi(argv[3]), m = atoi(argv[4]);
    char what[64];
    board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED || n < 1)
        return 1;
    struct store *s = open_store(); /* makes the schema */
    store_close(&s);
    if (strcmp(argv[2], "rates") == 0 && n <= WORKERS_MAX) {
        snprintf(what, sizeof(what), "submit, %d at once", n);
        run(SUBMIT, what, n, m, 0);
        snprintf(what, sizeof(what), "claim + finish, %d at once", n);
        run(FINISH, what, n, m, 1 << 30);
    } else {
        fill(n);
        snprintf(what, sizeof(what), "claim out of %d", n);
        run(CLAIM, what, 4, 60, m / 4);
    }
    return 0;
}
