/* completions.c - `orator completions SHELL` and `orator man`: what shells and man show of the table of
 * commands.
 */
#include <string.h>

#include "app/app.h"
#include "app/words.h"

/* `text` between single quotes of the shell; `also` are letters that get a backslash. */
static void quoted(FILE *out, const char *text, const char *also)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fprintf(out, "%s%c", strchr(also, *text) ? "\\" : "", *text);
}

static bool is_path(const struct option *o)
{
    return o->value && (strcmp(o->value, "FILE") == 0 || strcmp(o->value, "DIR") == 0);
}

static void choices(FILE *out, const char *list, const char *between)
{
    size_t n;
    const char *at = list, *word;
    for (int i = 0; (word = option_next_choice(&at, &n)); i++)
        fprintf(out, "%s%.*s", i ? between : "", (int)n, word);
}

/* --- bash --------------------------------------------------------------------------------------------- */

static void bash_pattern(FILE *out, const char *command, const struct option *o)
{
    fprintf(out, "    %s:--%s", command, o->name);
    if (o->letter)
        fprintf(out, "|%s:-%c", command, o->letter);
    fputs(") ", out);
}

static void bash_values(FILE *out, const struct command *c)
{
    for (const struct option *o = c->options; o && o->name; o++) {
        if (!o->value)
            continue;
        bash_pattern(out, c->name, o);
        if (option_has_choices(o)) {
            fputs("words='", out);
            choices(out, o->value, " ");
            fputs("' ;;\n", out);
        } else {
            fprintf(out, "%s ;;\n",
                    !is_path(o)                    ? "return"
                    : strcmp(o->value, "DIR") == 0 ? "paths=-d"
                                                   : "paths=-f");
        }
    }
}

static void bash_words(FILE *out, const struct command *c)
{
    struct settings_row row;
    char verb[WORDS_VERB_SIZE];
    const char *at = c->operands;
    fprintf(out, "        %s) words='--help", c->name);
    for (const struct option *o = c->options; o && o->name; o++)
        fprintf(out, " --%s", o->name);
    if (c->settings)
        fputs(" --config", out);
    for (int i = 0; settings_row(i, &row); i++)
        if (words_heeds(c, row.name))
            fprintf(out, " --%s", row.name);
    for (int i = 0; words_next_verb(&at, verb); i++)
        fprintf(out, "%s%s", i ? " " : "'; [[ $COMP_CWORD = 2 && $word != -* ]] && words='", verb);
    fputs("' ;;\n", out);
}

void words_bash(FILE *out)
{
    struct settings_row row;
    fputs("# bash completion of orator, made by `orator completions bash`\n"
          "_orator() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
          "command=${COMP_WORDS[1]} words= paths=\n"
          "    COMPREPLY=()\n"
          "    case $COMP_CWORD:$command:$before in\n"
          "    1:*) words='",
          out);
    for (const struct command *const *c = orator_commands; *c; c++)
        fprintf(out, "%s ", (*c)->name);
    fputs("--help --version' ;;\n    esac\n    case $command:$before in\n", out);
    for (const struct command *const *c = orator_commands; *c; c++)
        bash_values(out, *c);
    fputs("    *:--config) paths=-f ;;\n    *:--data|*:--models) paths=-d ;;\n", out);
    for (int i = 0; settings_row(i, &row); i++)
        if (row.choices) {
            fprintf(out, "    *:--%s) words='", row.name);
            choices(out, row.choices, " ");
            fputs("' ;;\n", out);
        } else if (strcmp(row.name, "data") != 0 && strcmp(row.name, "models") != 0) {
            fprintf(out, "    *:--%s) return ;;\n", row.name);
        }
    fputs("    esac\n"
          "    if [ -z \"$words$paths\" ]; then\n        case $command in\n",
          out);
    for (const struct command *const *c = orator_commands; *c; c++)
        bash_words(out, *c);
    fputs("        esac\n"
          "        [[ $word != -* ]] && [ \"$COMP_CWORD\" -gt 2 ] && paths=-f\n"
          "    fi\n"
          "    if [ -n \"$paths\" ]; then\n"
          "        compopt -o filenames 2>/dev/null\n"
          "        mapfile -t COMPREPLY < <(compgen \"$paths\" -- \"$word\")\n"
          "    else\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
          "    fi\n"
          "}\n"
          "complete -F _orator orator\n",
          out);
}

/* --- zsh ---------------------------------------------------------------------------------------------- */

static void zsh_option(FILE *out, const char *dashes, const char *name, const char *value,
                       const char *sentence)
{
    fprintf(out, " \\\n        '%s%s[", dashes, name);
    quoted(out, sentence, "[]:\\");
    fputc(']', out);
    if (value) {
        bool words = strchr(value, '|') != NULL;
        fprintf(out, ":%s:", words ? name : value);
        if (words) {
            fputc('(', out);
            for (const char *c = value; *c; c++)
                fprintf(out, "%s%c", *c == ':' ? "\\" : "", *c == '|' ? ' ' : *c);
            fputc(')', out);
        } else {
            fputs(strcmp(value, "FILE") == 0  ? "_files"
                  : strcmp(value, "DIR") == 0 ? "_files -/"
                                              : "",
                  out);
        }
    }
    fputc('\'', out);
}

static const char *setting_value(const struct settings_row *row)
{
    bool folder = strcmp(row->name, "data") == 0 || strcmp(row->name, "models") == 0;
    return row->choices ? row->choices : folder ? "DIR" : "VALUE";
}

static void zsh_command(FILE *out, const struct command *c)
{
    struct settings_row row;
    char verb[WORDS_VERB_SIZE];
    const char *at = c->operands;
    fprintf(out, "    %s) _arguments", c->name);
    for (const struct option *o = c->options; o && o->name; o++) {
        zsh_option(out, "--", o->name, o->value, o->sentence);
        if (o->letter)
            zsh_option(out, "-", (char[]){o->letter, '\0'}, o->value, o->sentence);
    }
    if (c->settings)
        zsh_option(out, "--", "config", "FILE", "lines of name = value");
    for (int i = 0; settings_row(i, &row); i++)
        if (words_heeds(c, row.name))
            zsh_option(out, "--", row.name, setting_value(&row), row.sentence);
    zsh_option(out, "--", "help", NULL, "what it takes");
    for (int i = 0; words_next_verb(&at, verb); i++)
        fprintf(out, "%s%s", i ? " " : " \\\n        '1:what:(", verb);
    fputs(c->operands && words_next_verb(&(const char *){c->operands}, verb) ? ")'" : "", out);
    fprintf(out, "%s ;;\n", c->operands ? " \\\n        '*:file:_files'" : "");
}

void words_zsh(FILE *out)
{
    fputs("#compdef orator\n# zsh completion of orator, made by `orator completions zsh`\n"
          "_orator() {\n    local -a commands\n    commands=(\n",
          out);
    for (const struct command *const *c = orator_commands; *c; c++) {
        fprintf(out, "        '%s:", (*c)->name);
        quoted(out, (*c)->sentence, ":\\");
        fputs("'\n", out);
    }
    fputs(
        "    )\n    if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
        "    local command=$words[2]\n    shift words\n    (( CURRENT-- ))\n    case $command in\n",
        out);
    for (const struct command *const *c = orator_commands; *c; c++)
        zsh_command(out, *c);
    fputs("    esac\n}\nif [ \"$funcstack[1]\" = _orator ]; then _orator \"$@\"; else compdef "
          "_orator "
          "orator; fi\n",
          out);
}

/* --- fish --------------------------------------------------------------------------------------------- */

static void fish_sentence(FILE *out, const char *sentence)
{
    fputs(" -d '", out);
    for (; *sentence; sentence++)
        fprintf(out, "%s%c", *sentence == '\'' || *sentence == '\\' ? "\\" : "", *sentence);
    fputs("'\n", out);
}

static void fish_option(FILE *out, const char *command, const char *name, char letter,
                        const char *value, const char *sentence)
{
    fprintf(out, "complete -c orator -n '__fish_seen_subcommand_from %s' -l %s", command, name);
    if (letter)
        fprintf(out, " -s %c", letter);
    if (value) {
        bool words = strchr(value, '|'), path = strcmp(value, "FILE") == 0;
        fputs(path ? " -r -F" : words ? " -x -a '" : " -x", out);
        if (words) {
            choices(out, value, " ");
            fputc('\'', out);
        } else if (strcmp(value, "DIR") == 0) {
            fputs(" -a '(__fish_complete_directories)'", out);
        }
    }
    fish_sentence(out, sentence);
}

void words_fish(FILE *out)
{
    struct settings_row row;
    char verb[WORDS_VERB_SIZE];
    fputs("# fish completion of orator, made by `orator completions fish`\ncomplete -c orator -f\n",
          out);
    for (const struct command *const *list = orator_commands; *list; list++) {
        const struct command *c = *list;
        const char *at = c->operands;
        fprintf(out, "complete -c orator -n __fish_use_subcommand -a %s", c->name);
        fish_sentence(out, c->sentence);
        for (const struct option *o = c->options; o && o->name; o++)
            fish_option(out, c->name, o->name, o->letter, o->value, o->sentence);
        for (int i = 0; settings_row(i, &row); i++)
            if (words_heeds(c, row.name))
                fish_option(out, c->name, row.name, 0, setting_value(&row), row.sentence);
        while (words_next_verb(&at, verb))
            fprintf(out, "complete -c orator -n '__fish_seen_subcommand_from %s' -a %s\n", c->name,
                    verb);
        if (c->operands && strstr(c->operands, "FILE"))
            fprintf(out, "complete -c orator -n '__fish_seen_subcommand_from %s' -F\n", c->name);
    }
}

/* ------------------------------------------------------------------------------------------------------ */

static int run_completions(const struct command *self, int argc, char **argv)
{
    struct orator_error err;
    enum orator_status s = app_read(self, NULL, NULL, &argc, argv, &err);
    const char *shell = argc == 2 ? argv[1] : "";
    if (s != ORATOR_OK)
        return app_fail(&err);
    if (strcmp(shell, "bash") == 0)
        words_bash(stdout);
    else if (strcmp(shell, "zsh") == 0)
        words_zsh(stdout);
    else if (strcmp(shell, "fish") == 0)
        words_fish(stdout);
    else
        return orator_fail(&err, ORATOR_INVALID_PARAMETER,
                           "say for which shell: bash, zsh or fish"),
               app_fail(&err);
    return 0;
}

static int run_man(const struct command *self, int argc, char **argv)
{
    struct orator_error err;
    if (app_read(self, NULL, NULL, &argc, argv, &err) != ORATOR_OK)
        return app_fail(&err);
    words_man(stdout);
    return 0;
}

const struct command completions_command = {
    .name = "completions",
    .sentence = "print what a shell needs to complete these commands",
    .operands = "bash | zsh | fish",
    .notes = "`meson install` puts them where the shells look.",
    .also = "source <(orator completions bash)",
    .run = run_completions,
};

const struct command man_command = {
    .name = "man",
    .sentence = "print this program's manual page",
    .also = "orator man | man -l -",
    .run = run_man,
};
