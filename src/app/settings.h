/* settings.h - what an operator may set, one row each: name, default, range, sentence.
 *
 * A value comes from, later over earlier: the default, a file given by --config ("name = value" lines,
 * '#' comments), the environment (ORATOR_NAME), the command line (--name VALUE
 * or --name=VALUE). An unknown name is
 * an error that shows the nearest known one. `orator settings` prints this table with the values in
 * force and where each came from; docs/settings.md is the same, and a test compares them.
 *
 * Threads: filled once at the start, read-only afterwards.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

struct settings {
    char data[1024], database[1024], models[1024];
    char address[64];
    int64_t port;
    char public_url[512];
    char allow_hosts[1024];
    int64_t http_threads;
    char media_store[512], media_bucket[256], media_region[64];
    char media_access_key[160], media_secret_key[160], media_delivery[16];
    char price_standard[32], price_pro[32], currency[8];
    int64_t max_audio_seconds;
    int64_t requests_per_minute, parallel_jobs, max_waiting;
    int64_t retention_days, media_link_hours;
    char engine_standard[16], engine_pro[16];
    char engine_command[1024];
    char engine_kling_url[512], engine_kling_access_key[128], engine_kling_secret_key[256];
    int64_t engine_seconds, workers, worker_port, drain_seconds;
    char log_level[8];
    const char *source[64]; /* where row i's value came from; static text */
};

/* Defaults, then the environment. The models folder defaults to the one beside the program, or to the
 * source tree's. */
ORATOR_MUST_CHECK enum orator_status settings_init(struct settings *, struct orator_error *err);
/* Takes "--name value" and "--config FILE" out of argv; what it does not know stays, in order. */
ORATOR_MUST_CHECK enum orator_status settings_from_arguments(struct settings *, int *argc,
                                                             char **argv, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status settings_from_file(struct settings *, const char *path,
                                                        struct orator_error *err);
/* What store_open() takes: the database, or the data folder. */
const char *settings_store(const struct settings *);
/* Row i, as tables of options need it; false behind the last. */
struct settings_row {
    const char *name, *initial;
    const char *choices; /* "a|b|c", NULL: any value */
    const char *sentence;
};
bool settings_row(int i, struct settings_row *out);
void settings_print(const struct settings *, FILE *out);
void settings_print_markdown(FILE *out);
