/* site.h - what a server and a worker both stand on: settings, store, media, engine, workers.
 *
 * Owns: everything in it. Threads: opened and closed by one.
 */
#pragma once

#include <signal.h>

#include "app/app.h"
#include "app/makers.h"
#include "server/api/api.h"
#include "server/worker/crew.h"

struct site {
    struct settings settings;
    struct log log;
    sigset_t stop; /* the signals that end us: blocked in every thread, for sigwait() */
    struct fetch_policy fetch;
    struct store *store;
    struct blobs *blobs;
    struct engine *engine;
    struct app_makers makers;
    struct crew *crew;
};

/* Reads the settings and opens all but the crew; `site` starts as {0} and is to be closed whatever the outcome. Blocks
 * SIGINT and SIGTERM, so it comes before any thread. */
ORATOR_MUST_CHECK enum orator_status site_open(struct site *, const struct command *, int *argc,
                                               char **argv, struct orator_error *err);
/* As many workers as the settings say. `is_worker`: whoever serves may be another machine. */
ORATOR_MUST_CHECK enum orator_status site_start_crew(struct site *, bool is_worker,
                                                     struct orator_error *err);
void site_stop_crew(struct site *); /* before what it is asked by */
void site_close(struct site *);

/* For api_setup; ctx is the crew. */
void app_wake_crew(void *crew);
struct api_workers app_crew_facts(void *crew);
bool app_is_local(const char *address); /* only this machine can reach it */
