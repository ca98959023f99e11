/* app.h - the commands of `orator`, one file each. A command returns the exit code of the program
 * (base/error.h): 0 done, 2 the request was wrong, others as the failure's row says.
 */
#pragma once

#include "app/settings.h"
#include "base/error.h"

struct command {
    const char *name, *arguments, *sentence;
    int (*run)(int argc, char **argv); /* argv[0] is the command's own name */
};

int command_serve(int argc, char **argv);
int command_render(int argc, char **argv);
int command_inspect(int argc, char **argv);
int command_direction(int argc, char **argv);
int command_keys(int argc, char **argv);
int command_accounts(int argc, char **argv);
int command_ledger(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_settings(int argc, char **argv);

/* Prints "orator: TEXT" to standard error and returns the exit code of the failure. */
int app_fail(const struct orator_error *err);
