/* direction.c - `orator direction`: what a prompt is understood as, without making a video. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/text.h"
#include "engine/motion/lexicon.h"

static void print_row(const struct lexicon_row *row)
{
    if (row->kind == WORD_DEGREE)
        printf("| %s (%g) |", row->name, (double)row->degree);
    else
        printf("| %s |", row->name);
    for (const char *p = row->phrases; *p; p++)
        p == row->phrases ? printf(" %c", *p) : *p == '|' ? printf(", ") : putchar(*p);
    puts(" |");
}

static int print_markdown(void)
{
    static const struct {
        const char *aspect, *title;
    } parts[] = {{"expression", "Expression"},
                 {"energy", "Energy"},
                 {"head", "Head"},
                 {"gaze", "Gaze"},
                 {"camera", "Camera"},
                 {"style", "Style of delivery"},
                 {"degree", "Degrees: a factor of the next word"},
                 {"negation", "Negations: up to the end of the clause"},
                 {"turn", "What ends a negation before the clause does"},
                 {"scene", "What is not the person: \"warm light\" is no smile"},
                 {"other", "What is left alone, and what it contains"}};
    fputs(
        "# The words of a prompt\n\n"
        "`orator direction --markdown` prints this page; `orator direction \"warm smile, slow "
        "zoom\"` "
        "says what a\nprompt is understood as, and a job's `direction` lists the same. Words that "
        "are not here change nothing. The\nlongest phrase counts; later words build on earlier "
        "ones. A new word is a new phrase in\n`src/engine/motion/lexicon.c`.\n",
        stdout);
    for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
        printf("\n## %s\n\n| meaning | phrases |\n| --- | --- |\n", parts[k].title);
        for (int i = 0; i < lexicon_count; i++)
            if (strcmp(lexicon[i].aspect, parts[k].aspect) == 0)
                print_row(&lexicon[i]);
    }
    return 0;
}

struct values {
    bool markdown;
};

static const struct option options[] = {
    {"markdown", NULL, "print every word that is understood, as docs/direction.md",
     offsetof(struct values, markdown), 0},
    {0},
};

static int run(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct values v = {0};
    struct heard heard;
    char json[HEARD_JSON_SIZE];
    struct text t = text_over(json, sizeof(json));
    TRY(app_read(self, NULL, &v, &argc, argv, &err));
    if (v.markdown)
        return print_markdown();
    if (argc != 2) {
        s = orator_fail(&err, ORATOR_MISSING_PARAMETER,
                        "orator direction takes one prompt, or --markdown");
        goto done;
    }
    direction_read(argv[1], &heard);
    heard_to_json(&t, &heard);
    puts(json);
done:
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

const struct command direction_command = {
    .name = "direction",
    .sentence = "say what a prompt is understood as",
    .operands = "PROMPT",
    .options = options,
    .also = "orator direction \"warm smile, slow zoom\"",
    .run = run,
};
