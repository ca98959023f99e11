/* work.c - `orator worker`: makes the videos of a store that others serve. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/site.h"
#include "base/clock.h"
#include "base/text.h"
#include "server/api/api.h"
#include "server/api/metrics.h"

/* A worker answers who watches over it, and nobody else. */
static enum orator_status admit(void *ctx, struct http_request *request, struct http_answer *answer,
                                struct orator_error *err)
{
    static const char *const open[] = {"/healthz", "/readyz", "/metrics"};
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
        if (strcmp(request->path, open[i]) == 0)
            return api_admit(ctx, request, answer, err);
    return orator_fail(err, ORATOR_NOT_FOUND,
                       "this is a worker: it answers /healthz, /readyz and /metrics");
}

/* True: a signal came. */
static bool told_to_stop(const sigset_t *stop, int64_t within_ms)
{
    struct timespec wait = {.tv_sec = within_ms / 1000, .tv_nsec = within_ms % 1000 * 1000000};
    return sigtimedwait(stop, NULL, &wait) > 0;
}

/* What is in hand may be finished, for a while; a second signal ends the patience. */
static void drain(struct site *site)
{
    enum { LOOK_MS = 100 };
    int64_t until_ms = clock_steady_ms() + site->settings.drain_seconds * 1000;
    crew_drain(site->crew);
    log_info(&site->log, "worker.draining", "tasks=%d", crew_facts(site->crew).busy);
    while (crew_facts(site->crew).busy > 0 && clock_steady_ms() < until_ms)
        if (told_to_stop(&site->stop, LOOK_MS))
            return;
}

static int run(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct site site = {0};
    struct metrics *metrics = NULL;
    struct http_server *http = NULL;

    TRY(site_open(&site, self, &argc, argv, &err));
    if (site.settings.workers == 0) {
        s = orator_fail(&err, ORATOR_BAD_SETTING, "workers is 0, a worker needs at least 1");
        goto done;
    }
    TRY(metrics_open(&metrics, &err));
    TRY(site_start_crew(&site, true, &err));
    struct api_setup api = {.store = site.store,
                            .blobs = site.blobs,
                            .metrics = metrics,
                            .local = app_is_local(site.settings.address),
                            .workers = app_crew_facts,
                            .ctx = site.crew};
    if (site.settings.worker_port > 0)
        TRY(http_start(&http,
                       &(struct http_setup){.address = site.settings.address,
                                            .port = (int)site.settings.worker_port,
                                            .threads = 1,
                                            .body_limit_bytes = 1 << 10,
                                            .admit = admit,
                                            .handle = api_handle,
                                            .ctx = &api,
                                            .log = &site.log},
                       &err));
    printf("orator " ORATOR_VERSION " works on %lld tasks at once\n",
           (long long)site.settings.workers);
    fflush(stdout);

    int number;
    sigwait(&site.stop, &number);
    log_info(&site.log, "worker.stopping", "signal=%d", number);
    drain(&site);
done:
    site_stop_crew(&site);
    http_stop(&http);
    metrics_close(&metrics);
    site_close(&site);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

const struct command worker_command = {
    .name = "worker",
    .sentence = "make the videos that servers of the same store were asked for",
    .settings = "*",
    .notes = "The servers beside it may run with --workers 0. SIGTERM and Ctrl-C let it finish "
             "what it has in hand, for "
             "drain_seconds at most; a second one hands it back to the queue at once.",
    .also = "orator worker --data ./data --workers 2",
    .run = run,
};
