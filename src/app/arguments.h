/* arguments.h - what a command takes after its name, as a table. The table reads the command line, prints
 * --help, the man page and the shells' completions, so that none of them can say something else.
 *
 * Threads: tables are constant; arguments_read() from one thread.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct option {
    const char *name;  /* without its dashes; NULL ends a table */
    const char *value; /* what follows: NULL nothing, a flag; "FILE", "DIR" a path; "a|b" words to
                           * choose from; else a word in capitals that the sentence explains */
    const char *sentence; /* a line of help */
    size_t offset;        /* in the command's values: a const char *, or a bool for a flag */
    char letter;          /* -o for --out; 0: none */
};

/* Takes "--name value", "--name=value", "-n value" and flags out of argv into `values`; operands stay
 * in order behind argv[0]. "--" ends the options. INVALID_PARAMETER for a name that is not in the
 * table (with the nearest one), MISSING_PARAMETER for a value that is not there. The values point
 * into argv. */
ORATOR_MUST_CHECK enum orator_status arguments_read(const struct option *table, void *values,
                                                    int *argc, char **argv,
                                                    struct orator_error *err);

/* "--name VALUE" as help shows it; for a flag the name alone. */
enum { OPTION_SYNOPSIS_SIZE = 96 };
void option_synopsis(const struct option *, char out[OPTION_SYNOPSIS_SIZE]);
/* The next word of "a|b|c" from *at on, its length in *n; NULL when there are no more. */
const char *option_next_choice(const char **at, size_t *n);
bool option_has_choices(const struct option *);
