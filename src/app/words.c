#include "app/words.h"

#include <ctype.h>
#include <string.h>

static const char summary[] = "a portrait and a voice become a talking video";

bool words_heeds(const struct command *c, const char *setting)
{
    size_t n = strlen(setting);
    for (const char *at = c->settings; at && *at; at += strcspn(at, " "), at += *at == ' ') {
        size_t word = strcspn(at, " ");
        if (strcmp(c->settings, "*") == 0 || (word == n && strncmp(at, setting, n) == 0))
            return true;
    }
    return false;
}

const char *words_next_verb(const char **at, char word[WORDS_VERB_SIZE])
{
    while (*at && **at) {
        const char *from = *at, *bar = strstr(from, " | ");
        size_t n = strcspn(from, " ");
        *at = bar ? bar + 3 : NULL;
        if (islower((unsigned char)*from) && n < WORDS_VERB_SIZE) {
            snprintf(word, WORDS_VERB_SIZE, "%.*s", (int)n, from);
            return word;
        }
    }
    return NULL;
}

const char *words_exit_meaning(int exit_code)
{
    static const char *const meanings[] = {
        [0] = "done",
        [1] = "some rows of a batch failed, the others are done",
        [2] = "the request, a file or a setting is wrong",
        [3] = "something that was asked for is not there",
        [4] = "a limit was met",
        [5] = "stopped",
        [6] = "memory is gone",
        [7] = "storage or network failed",
        [8] = "a fault of ours",
        [9] = "not allowed",
    };
    return exit_code >= 0 && exit_code < 10 ? meanings[exit_code] : NULL;
}

void words_help(FILE *out)
{
    fprintf(out, "orator - %s\n\n", summary);
    for (const struct command *const *c = orator_commands; *c; c++)
        fprintf(out, "  %-12s %s\n", (*c)->name, (*c)->sentence);
    fputs(
        "\n  orator COMMAND --help   what it takes\n"
        "  orator --version\n\n"
        "Settings (orator settings) are options of the commands that heed them, and ORATOR_NAME in "
        "the environment.\n",
        out);
}

/* Breaks `text` at spaces so that no line is longer than `columns`; `indent` before each. */
static void wrap(FILE *out, const char *text, int indent, int columns)
{
    int at = 0;
    while (*text) {
        int n = (int)strcspn(text, " ");
        if (at > 0 && at + 1 + n > columns) {
            fputc('\n', out);
            at = 0;
        }
        fprintf(out, "%*s%.*s", at ? 1 : indent, "", n, text);
        at += at ? 1 + n : indent + n;
        text += n + (text[n] == ' ');
    }
    fputc('\n', out);
}

/* A long name has a line of its own. */
static void help_row(FILE *out, const char *name, const char *sentence)
{
    enum { COLUMN = 24 };
    bool is_long = strlen(name) >= COLUMN;
    fprintf(out, "  %-*s%s%*s%s\n", COLUMN, name, is_long ? "\n" : "", is_long ? COLUMN + 2 : 0, "",
            sentence);
}

void words_command_help(FILE *out, const struct command *c)
{
    struct settings_row row;
    fprintf(out, "orator %s%s%s%s - %s\n", c->name, c->options || c->settings ? " [options]" : "",
            c->operands ? " " : "", c->operands ? c->operands : "", c->sentence);
    for (const struct option *o = c->options; o && o->name; o++) {
        char synopsis[OPTION_SYNOPSIS_SIZE];
        option_synopsis(o, synopsis);
        fputs(o == c->options ? "\n" : "", out);
        help_row(out, synopsis, o->sentence);
    }
    if (c->settings) {
        fputs("\nsettings (orator settings shows their values):\n", out);
        for (int i = 0; settings_row(i, &row); i++) {
            char name[OPTION_SYNOPSIS_SIZE];
            snprintf(name, sizeof(name), "--%s", row.name);
            if (words_heeds(c, row.name))
                help_row(out, name, row.sentence);
        }
        help_row(out, "--config FILE", "lines of \"name = value\"");
    }
    if (c->notes) {
        fputc('\n', out);
        wrap(out, c->notes, 0, 100);
    }
    if (c->also)
        fprintf(out, "\n%s\n", c->also);
}

/* --- roff ------------------------------------------------------------------------------------------- */

/* `text` with what roff takes for its own escaped; newlines stay. */
static void roff(FILE *out, const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
        start = *text == '\n';
    }
}

static void roff_tag(FILE *out, const char *name, const char *sentence)
{
    fputs(".TP\n\\fB", out);
    roff(out, name);
    fputs("\\fR\n", out);
    roff(out, sentence);
    fputc('\n', out);
}

static void man_command_section(FILE *out, const struct command *c)
{
    struct settings_row row;
    fprintf(out, ".SS orator %s\n\\fBorator %s\\fR%s", c->name, c->name,
            c->options || c->settings ? " [options]" : "");
    if (c->operands) {
        fputc(' ', out);
        roff(out, c->operands);
    }
    fputs("\n.PP\n", out);
    fprintf(out, "%c",
            c->sentence[0] >= 'a' && c->sentence[0] <= 'z' ? c->sentence[0] - 32 : c->sentence[0]);
    roff(out, c->sentence + 1);
    fputs(".\n", out);
    for (const struct option *o = c->options; o && o->name; o++) {
        char synopsis[OPTION_SYNOPSIS_SIZE];
        option_synopsis(o, synopsis);
        roff_tag(out, synopsis, o->sentence);
    }
    if (c->settings) {
        fputs(".PP\nHeeds ", out);
        if (strcmp(c->settings, "*") == 0)
            fputs("every setting", out);
        for (int i = 0, n = 0; strcmp(c->settings, "*") != 0 && settings_row(i, &row); i++)
            if (words_heeds(c, row.name))
                fprintf(out, "%s\\fB\\-\\-%s\\fR", n++ ? ", " : "", row.name);
        fputs(" (see SETTINGS).\n", out);
    }
    if (c->notes) {
        fputs(".PP\n", out);
        roff(out, c->notes);
        fputc('\n', out);
    }
    if (c->also) {
        fputs(".PP\n.nf\n", out);
        roff(out, c->also);
        fputs("\n.fi\n", out);
    }
}

static void man_exit_codes(FILE *out)
{
    fputs(".SH EXIT STATUS\n", out);
    for (int code = 0; code < 10; code++) {
        char name[8];
        int n = 0;
        snprintf(name, sizeof(name), "%d", code);
        roff_tag(out, name, words_exit_meaning(code));
        for (int s = 1; s < ORATOR_STATUS_COUNT; s++)
            if (orator_status_exit((enum orator_status)s) == code)
                fprintf(out, "%s%s", n++ ? ", " : "(", orator_status_word((enum orator_status)s));
        fputs(n ? ")\n" : "", out);
    }
}

void words_man(FILE *out)
{
    struct settings_row row;
    fprintf(out, ".TH ORATOR 1 \"\" \"orator " ORATOR_VERSION "\"\n.SH NAME\norator \\- %s\n",
            summary);
    fputs(".SH SYNOPSIS\n\\fBorator\\fR \\fICOMMAND\\fR [options]\n"
          ".SH DESCRIPTION\nTakes one portrait and one speech recording and makes a lip\\-synced "
          "video: "
          "by itself, or as a server that others ask over HTTP.\n.SH COMMANDS\n",
          out);
    for (const struct command *const *c = orator_commands; *c; c++)
        man_command_section(out, *c);
    fputs(".SH SETTINGS\nLater wins: default, \\fB\\-\\-config\\fR \\fIFILE\\fR, environment, "
          "command "
          "line.\n",
          out);
    for (int i = 0; settings_row(i, &row); i++) {
        char tag[64], text[512];
        snprintf(tag, sizeof(tag), "--%s", row.name);
        snprintf(text, sizeof(text), "%s%s%s%s%s", row.sentence, row.choices ? "; " : "",
                 row.choices ? row.choices : "", *row.initial ? "; default " : "", row.initial);
        roff_tag(out, tag, text);
    }
    fputs(
        ".SH ENVIRONMENT\nEvery setting as \\fBORATOR_\\fINAME\\fR, such as \\fBORATOR_PORT\\fR.\n",
        out);
    man_exit_codes(out);
}
