#include "server/api/metrics.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "server/api/call.h"
#include "server/api/money.h"
#include "server/store/counts_table.h"

enum {
    ROUTES = METRICS_ROUTES_MAX + 1 /* [0]: nowhere */,
    CLASSES = 4 /* 2xx .. 5xx */,
    BUCKETS = 7
};

static const int bucket_ms[BUCKETS] = {1, 5, 20, 100, 500, 2500, 30000};

struct metrics {
    int64_t started_ms;
    struct {
        const char *_Atomic method, *_Atomic pattern;
        atomic_llong answers[CLASSES], took_ms, bucket[BUCKETS];
    } routes[ROUTES];
};

enum orator_status metrics_open(struct metrics **out, struct orator_error *err)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for counters");
    (*out)->started_ms = clock_wall_ms();
    return ORATOR_OK;
}

void metrics_close(struct metrics **m)
{
    free(*m);
    *m = NULL;
}

void metrics_count(struct metrics *m, int route, const char *method, const char *pattern,
                   int http_status, int64_t took_ms)
{
    int class = http_status / 100 - 2;
    if (!m || route + 1 >= ROUTES)
        return;
    m->routes[route + 1].method = method;
    m->routes[route + 1].pattern = pattern;
    m->routes[route + 1].answers[class < 0 ? 0 : class >= CLASSES ? CLASSES - 1 : class]++;
    m->routes[route + 1].took_ms += took_ms;
    for (int i = 0; i < BUCKETS; i++)
        if (took_ms <= bucket_ms[i])
            m->routes[route + 1].bucket[i]++;
}

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(FILE *out, const char *name, const char *type, const char *help, double value)
{
    head(out, name, type, help);
    fprintf(out, "%s %.15g\n", name, value);
}

static void print_requests(FILE *out, const struct metrics *m)
{
    head(out, "orator_http_requests_total", "counter", "Requests that were answered.");
    for (int i = 0; i < ROUTES; i++)
        for (int k = 0; k < CLASSES; k++)
            if (m->routes[i].answers[k] > 0)
                fprintf(out,
                        "orator_http_requests_total{method=\"%s\",route=\"%s\",code=\"%dxx\"} "
                        "%lld\n",
                        m->routes[i].method, m->routes[i].pattern, k + 2, m->routes[i].answers[k]);
    head(out, "orator_http_request_seconds", "histogram",
         "From the head of a request to its answer, long polls included.");
    for (int i = 0; i < ROUTES; i++) {
        long long total = 0;
        for (int k = 0; k < CLASSES; k++)
            total += m->routes[i].answers[k];
        if (total == 0)
            continue;
        const char *method = m->routes[i].method, *pattern = m->routes[i].pattern;
        for (int k = 0; k < BUCKETS; k++)
            fprintf(out,
                    "orator_http_request_seconds_bucket{method=\"%s\",route=\"%s\",le=\"%g\"} "
                    "%lld\n",
                    method, pattern, bucket_ms[k] / 1000.0, m->routes[i].bucket[k]);
        fprintf(out,
                "orator_http_request_seconds_bucket{method=\"%s\",route=\"%s\",le=\"+Inf\"} %lld\n"
                "orator_http_request_seconds_sum{method=\"%s\",route=\"%s\"} %g\n"
                "orator_http_request_seconds_count{method=\"%s\",route=\"%s\"} %lld\n",
                method, pattern, total, method, pattern, (double)m->routes[i].took_ms / 1000,
                method, pattern, total);
    }
}

/* Rows of the store, gathered under the heads of their metrics. */
struct gathered {
    FILE *queued, *waiting, *ended;
};

static void add_queued(void *ctx, const char *model, int64_t tasks, int64_t declared_ms)
{
    struct gathered *g = ctx;
    fprintf(g->queued, "orator_jobs_queued{model=\"%s\"} %lld\n", model, (long long)tasks);
    fprintf(g->waiting, "orator_queued_voice_seconds{model=\"%s\"} %g\n", model,
            (double)declared_ms / 1000);
}

static void add_ended(void *ctx, const char *model, const char *result, int64_t tasks)
{
    struct gathered *g = ctx;
    fprintf(g->ended, "orator_jobs_ended_total{model=\"%s\",result=\"%s\"} %lld\n", model, result,
            (long long)tasks);
}

static enum orator_status print_store(FILE *out, const struct api_setup *api,
                                      struct orator_error *err)
{
    enum orator_status s;
    struct counts n;
    char *queued = NULL, *waiting = NULL, *ended = NULL;
    size_t sizes[3];
    struct gathered g = {open_memstream(&queued, &sizes[0]), open_memstream(&waiting, &sizes[1]),
                         open_memstream(&ended, &sizes[2])};
    FILE *const files[] = {g.queued, g.waiting, g.ended};
    s = g.queued && g.waiting && g.ended
            ? counts_read(api->store, &n, &(struct counts_rows){add_queued, add_ended, &g}, err)
            : orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
    for (int i = 0; i < 3; i++)
        if (files[i])
            fclose(files[i]);
    if (s == ORATOR_OK) {
        head(out, "orator_jobs_queued", "gauge", "Jobs that wait.");
        fputs(queued, out);
        head(out, "orator_queued_voice_seconds", "gauge",
             "Length of the voices of jobs that wait.");
        fputs(waiting, out);
        head(out, "orator_jobs_ended_total", "counter", "Jobs by how they ended.");
        fputs(ended, out);
        one(out, "orator_money_balance", "gauge", "What all accounts hold.",
            (double)n.balance_micro / MONEY_MICRO);
        one(out, "orator_money_held", "gauge", "What is reserved for jobs that are not over.",
            (double)n.held_micro / MONEY_MICRO);
        one(out, "orator_money_spent_total", "counter", "What was charged.",
            (double)n.spent_micro / MONEY_MICRO);
        one(out, "orator_ledger_rows_total", "counter", "Rows of the ledger.",
            (double)n.ledger_rows);
        one(out, "orator_files", "gauge", "Uploaded files that are kept.", (double)n.files);
        one(out, "orator_file_bytes", "gauge", "Their size.", (double)n.file_bytes);
        one(out, "orator_webhooks_waiting", "gauge", "Webhooks that are to be delivered.",
            (double)n.deliveries_waiting);
    }
    free(queued);
    free(waiting);
    free(ended);
    return s;
}

static void print_workers(FILE *out, const struct api_workers *w)
{
    one(out, "orator_workers", "gauge", "Videos that this process can make at once.", w->workers);
    one(out, "orator_workers_busy", "gauge", "Videos that it makes now.", w->busy);
    head(out, "orator_worker_tasks_total", "counter",
         "Tasks that it let go since its start, by how: done, failed (or to be tried again), lost "
         "to another.");
    fprintf(out,
            "orator_worker_tasks_total{result=\"done\"} %lld\n"
            "orator_worker_tasks_total{result=\"failed\"} %lld\n"
            "orator_worker_tasks_total{result=\"lost\"} %lld\n",
            (long long)w->done, (long long)w->failed, (long long)w->lost);
}

static void print_process(FILE *out, const struct metrics *m)
{
    long long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm && fscanf(statm, "%*d %lld", &pages) != 1)
        pages = 0;
    if (statm)
        fclose(statm);
    int descriptors = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        descriptors++;
    if (d)
        closedir(d);
    one(out, "process_resident_memory_bytes", "gauge", "Memory in use.",
        (double)(pages * sysconf(_SC_PAGESIZE)));
    one(out, "process_open_fds", "gauge", "Open file descriptors.",
        descriptors > 3 ? descriptors - 3 : 0); /* without ".", ".." and the folder's own */
    one(out, "process_start_time_seconds", "gauge", "Start of the process since 1970.",
        m ? (double)m->started_ms / 1000 : 0);
    head(out, "orator_build_info", "gauge", "The version that runs.");
    fputs("orator_build_info{version=\"" ORATOR_VERSION "\"} 1\n", out);
}

enum orator_status metrics_get(struct call *call, struct orator_error *err)
{
    struct http_answer *a = call->answer;
    FILE *out = open_memstream(&a->body, &a->body_size);
    if (!out)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the answer");
    if (call->api->metrics)
        print_requests(out, call->api->metrics);
    enum orator_status s = print_store(out, call->api, err);
    if (call->api->workers) {
        struct api_workers workers = call->api->workers(call->api->ctx);
        print_workers(out, &workers);
    }
    print_process(out, call->api->metrics);
    fclose(out);
    a->content_type = "text/plain; version=0.0.4; charset=utf-8";
    return s;
}
