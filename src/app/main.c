/* main.c - `orator COMMAND ...`: finds the command and runs it. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"

// clang-format off
static const struct command commands[] = {
    {"serve",    "[--port N] [--data DIR] [--config FILE]",
                 "run the HTTP API and make the videos that are asked for",           command_serve},
    {"render",   "--image FILE --audio FILE --out FILE",
                 "make one video, without a server",                                  command_render},
    {"inspect",  "[--image FILE] [--audio FILE]",
                 "say how long a voice is and where the face of a portrait is, as JSON", command_inspect},
    {"direction", "PROMPT | --markdown",
                 "say what a prompt is understood as, as JSON",                       command_direction},
    {"keys",     "create NAME [--account ID] [--scopes read,write,billing,admin] [--budget AMOUNT]\n"
                 "                  [--expires-days N] [--rate N] [--parallel N] | list | revoke ID | rotate ID |\n"
                 "                  credit ID AMOUNT  [--data DIR]",
                 "make, show and revoke API keys; credit the account of one",         command_keys},
    {"accounts", "list | create NAME | credit ID AMOUNT [NOTE] | debit ID AMOUNT [NOTE] | prepaid ID |\n"
                 "                  postpaid ID  [--data DIR]",
                 "make and show accounts, which hold the money that keys spend",      command_accounts},
    {"ledger",   "verify  [--data DIR]",
                 "check the hash chains, the sums, the balances and every task's charge", command_ledger},
    {"settings", "[--markdown]",
                 "print every setting, its value and where it came from",             command_settings},
    {"doctor",   "",
                 "say what is missing on this machine, and the cure",                 command_doctor},
};
// clang-format on
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void help(FILE *out)
{
    fputs("orator - a portrait and a voice become a talking video\n\n", out);
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  orator %-9s %s\n        %s\n", commands[i].name, commands[i].arguments,
                commands[i].sentence);
    fputs("  orator --version | --help\n\n"
          "Every setting (orator settings) is also an option: --name VALUE.\n",
          out);
}

int app_fail(const struct orator_error *err)
{
    fprintf(stderr, "orator: %s\n", err->text);
    return orator_status_exit(err->status);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (strcmp(name, "--version") == 0) {
        puts("orator " ORATOR_VERSION);
        return 0;
    }
    bool asked = strcmp(name, "--help") == 0 || strcmp(name, "help") == 0;
    if (*name && !asked)
        fprintf(stderr, "orator: there is no command %.40s\n\n", name);
    help(asked ? stdout : stderr);
    return asked ? 0 : 2;
}
