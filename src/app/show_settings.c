/* show_settings.c - `orator settings`: every setting, its value and where it came from. */
#include <stdio.h>

#include "app/app.h"

struct values {
    bool markdown;
};

static const struct option options[] = {
    {"markdown", NULL, "as docs/settings.md has them", offsetof(struct values, markdown), 0},
    {0},
};

static int run(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct values v = {0};
    TRY(app_read(self, &settings, &v, &argc, argv, &err));
    if (v.markdown)
        settings_print_markdown(stdout);
    else
        settings_print(&settings, stdout);
done:
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

const struct command settings_command = {
    .name = "settings",
    .sentence = "print every setting, its value and where it came from",
    .options = options,
    .settings = "*",
    .run = run,
};
