#include "app/arguments.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct option *find(const struct option *table, const char *name, size_t n)
{
    for (const struct option *o = table; o->name; o++)
        if (strncmp(o->name, name, n) == 0 && o->name[n] == '\0')
            return o;
    return NULL;
}

/* The table's name nearest to `name`, or NULL if none is near. */
static const char *nearest(const struct option *table, const char *name, size_t n)
{
    char word[65];
    const char *best = NULL;
    int best_edits = 4; /* farther apart is another word */
    snprintf(word, sizeof(word), "%.*s", (int)(n < 64 ? n : 64), name);
    for (const struct option *o = table; o->name; o++) {
        int edits = text_edits(word, o->name);
        if (edits < best_edits) {
            best = o->name;
            best_edits = edits;
        }
    }
    return best;
}

/* The option that `word` names, and what stands behind its '='. NULL: `word` is not one of the table's. */
static const struct option *named(const struct option *table, char *word, char **value)
{
    *value = NULL;
    if (text_starts(word, "--")) {
        size_t n = strcspn(word + 2, "=");
        if (word[2 + n] == '=')
            *value = word + 2 + n + 1;
        return find(table, word + 2, n);
    }
    for (const struct option *o = table; o->name; o++)
        if (o->letter && o->letter == word[1] && word[2] == '\0')
            return o;
    return NULL;
}

static enum orator_status unknown(const struct option *table, const char *word,
                                  struct orator_error *err)
{
    const char *near = text_starts(word, "--") && word[2]
                           ? nearest(table, word + 2, strcspn(word + 2, "="))
                           : NULL;
    return orator_fail(err, ORATOR_INVALID_PARAMETER, "%.60s is not an option here%s%s%s", word,
                       near ? "; did you mean --" : "", near ? near : "", near ? "?" : "");
}

enum orator_status arguments_read(const struct option *table, void *values, int *argc, char **argv,
                                  struct orator_error *err)
{
    int kept = 1;
    bool ended = false;
    for (int i = 1; i < *argc; i++) {
        char *value;
        if (ended || argv[i][0] != '-' || !argv[i][1]) {
            argv[kept++] = argv[i];
            continue;
        }
        if (strcmp(argv[i], "--") == 0) {
            ended = true;
            continue;
        }
        const struct option *o = named(table, argv[i], &value);
        if (!o)
            return unknown(table, argv[i], err);
        char *place = (char *)values + o->offset;
        if (!o->value) {
            if (value)
                return orator_fail(err, ORATOR_INVALID_PARAMETER, "--%s takes no value", o->name);
            memcpy(place, &(bool){true}, sizeof(bool));
            continue;
        }
        if (!value && ++i < *argc)
            value = argv[i];
        if (!value)
            return orator_fail(err, ORATOR_MISSING_PARAMETER, "--%s needs a value: %s", o->name,
                               o->value);
        memcpy(place, &value, sizeof(value));
    }
    *argc = kept;
    return ORATOR_OK;
}

void option_synopsis(const struct option *o, char out[OPTION_SYNOPSIS_SIZE])
{
    char letter[8] = "";
    if (o->letter)
        snprintf(letter, sizeof(letter), "-%c, ", o->letter);
    snprintf(out, OPTION_SYNOPSIS_SIZE, "%s--%s%s%s", letter, o->name, o->value ? " " : "",
             o->value ? o->value : "");
}

bool option_has_choices(const struct option *o) { return o->value && strchr(o->value, '|'); }

const char *option_next_choice(const char **at, size_t *n)
{
    const char *word = *at;
    if (!word || !*word)
        return NULL;
    *n = strcspn(word, "|");
    *at = word[*n] ? word + *n + 1 : NULL;
    return word;
}
