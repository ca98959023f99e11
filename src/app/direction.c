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

int command_direction(int argc, char **argv)
{
    struct heard heard;
    char json[HEARD_JSON_SIZE];
    struct text t = text_over(json, sizeof(json));
    if (argc == 2 && strcmp(argv[1], "--markdown") == 0)
        return print_markdown();
    if (argc != 2 || argv[1][0] == '-') {
        fputs("orator: orator direction takes one prompt, or --markdown\n", stderr);
        return orator_status_exit(ORATOR_INVALID_PARAMETER);
    }
    direction_read(argv[1], &heard);
    heard_to_json(&t, &heard);
    puts(json);
    return 0;
}
