/* words.h - what the program says of itself, all from the table of commands. Threads: any. */
#pragma once

#include <stdio.h>

#include "app/app.h"

void words_help(FILE *out);                                 /* `orator --help` */
void words_command_help(FILE *out, const struct command *); /* `orator render --help` */
void words_man(FILE *out);                                  /* roff: `orator man` */
void words_bash(FILE *out), words_zsh(FILE *out), words_fish(FILE *out);

/* Whether the command heeds this setting. */
bool words_heeds(const struct command *, const char *setting);
/* The first words of "create NAME | list | revoke ID" one after the other; NULL at the end. Only lower
 * case words count: FILE is not one to complete. `word` holds it. */
enum { WORDS_VERB_SIZE = 32 };
const char *words_next_verb(const char **at, char word[WORDS_VERB_SIZE]);
/* "render" -> "what follows" an exit code means, NULL: no failure has it. */
const char *words_exit_meaning(int exit_code);
