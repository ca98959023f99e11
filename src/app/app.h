/* app.h - the commands of `orator`, one file each. A command returns the exit code of the program
 * (base/error.h): 0 done, 2 the request was wrong, others as the failure's row says.
 *
 * What a command takes is data, so that help, man page and completions (words.c) print what is read.
 */
#pragma once

#include "app/arguments.h"
#include "app/settings.h"

struct command {
    const char *name, *sentence;
    const char *operands;         /* "create NAME | list"; NULL: it takes none */
    const struct option *options; /* NULL: it has none */
    const char *settings;         /* names of those it heeds, "data models"; "*" all; NULL none */
    const char *notes;            /* paragraphs below the options; NULL: none */
    const char *also;             /* lines of examples; NULL: none */
    int (*run)(const struct command *, int argc, char **argv); /* argv[0] is its own name */
};

/* In the order of help; NULL ends. */
extern const struct command *const orator_commands[];
extern const struct command serve_command, worker_command, render_command, batch_command,
    submit_command, status_command, wait_command, list_command, cancel_command, mcp_command,
    estimate_command, inspect_command, direction_command, keys_command, accounts_command,
    ledger_command, store_command, media_command, settings_command, doctor_command,
    completions_command, man_command;

/* Settings (NULL: the command has none), then options into `values`; what is left are operands. */
ORATOR_MUST_CHECK enum orator_status app_read(const struct command *, struct settings *,
                                              void *values, int *argc, char **argv,
                                              struct orator_error *err);
/* Prints "orator: TEXT" to standard error and returns the exit code of the failure. */
int app_fail(const struct orator_error *err);

/* SIGINT and SIGTERM from here on only ask; work that takes long looks at app_stopped(). */
void app_stop_on_signals(void);
bool app_stopped(void);
