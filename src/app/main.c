/* main.c - `orator COMMAND ...`: finds the command and runs it. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "app/words.h"
#include "base/text.h"

// clang-format off
const struct command *const orator_commands[] = {
    &serve_command,
    &worker_command,
    &render_command,
    &batch_command,
    &inspect_command,
    &submit_command,
    &estimate_command,
    &status_command,
    &wait_command,
    &list_command,
    &cancel_command,
    &mcp_command,
    &direction_command,
    &keys_command,
    &accounts_command,
    &ledger_command,
    &store_command,
    &media_command,
    &settings_command,
    &doctor_command,
    &completions_command,
    &man_command,
    NULL,
};
// clang-format on

int app_fail(const struct orator_error *err)
{
    fprintf(stderr, "orator: %s\n", err->text);
    return orator_status_exit(err->status);
}

enum orator_status app_read(const struct command *self, struct settings *settings, void *values,
                            int *argc, char **argv, struct orator_error *err)
{
    static const struct option none[] = {{0}};
    enum orator_status s = ORATOR_OK;
    if (settings) {
        TRY(settings_init(settings, err));
        TRY(settings_from_arguments(settings, argc, argv, err));
    }
    TRY(arguments_read(self->options ? self->options : none, values, argc, argv, err));
    if (!self->operands && *argc > 1)
        s = orator_fail(err, ORATOR_INVALID_PARAMETER,
                        "orator %s takes no %.60s (orator %s --help)", self->name, argv[1],
                        self->name);
done:
    return s;
}

static atomic_bool stopped;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&stopped, true);
}

void app_stop_on_signals(void)
{
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
}

bool app_stopped(void) { return atomic_load(&stopped); }

static const struct command *find(const char *name)
{
    for (const struct command *const *c = orator_commands; *c; c++)
        if (strcmp(name, (*c)->name) == 0)
            return *c;
    return NULL;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int unknown(const char *name)
{
    const struct command *near = orator_commands[0];
    for (const struct command *const *c = orator_commands; *c; c++)
        if (text_edits(name, (*c)->name) < text_edits(name, near->name))
            near = *c;
    fprintf(stderr, "orator: there is no command %.40s; did you mean %s? (orator --help)\n", name,
            near->name);
    return orator_status_exit(ORATOR_INVALID_PARAMETER);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    const struct command *command = find(name);
    if (command) {
        for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
            if (is_help(argv[i]))
                return words_command_help(stdout, command), 0;
        return command->run(command, argc - 1, argv + 1);
    }
    if (strcmp(name, "--version") == 0)
        return puts("orator " ORATOR_VERSION), 0;
    if (is_help(name) || strcmp(name, "help") == 0) {
        const struct command *about = argc > 2 ? find(argv[2]) : NULL;
        if (about)
            words_command_help(stdout, about);
        else
            words_help(stdout);
        return 0;
    }
    if (*name)
        return unknown(name);
    words_help(stderr);
    return orator_status_exit(ORATOR_MISSING_PARAMETER);
}
