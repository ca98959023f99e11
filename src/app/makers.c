#include "app/makers.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAKERS = 4, KLING_POLL_MS = 1000 };

static enum orator_status check(const struct settings *s, struct orator_error *err)
{
    const char *const chosen[] = {s->engine_standard, s->engine_pro};
    for (int i = 0; i < 2; i++) {
        if (strcmp(chosen[i], "command") == 0 && !*s->engine_command)
            return orator_fail(err, ORATOR_BAD_SETTING,
                               "an engine is command, but engine_command names no program");
        if (strcmp(chosen[i], "kling") == 0 && !*s->engine_kling_secret_key)
            return orator_fail(err, ORATOR_BAD_SETTING,
                               "an engine is kling, but engine_kling_secret_key is empty");
    }
    return ORATOR_OK;
}

/* The settings know no other names. */
static struct maker called(const struct maker makers[MAKERS], const char *name)
{
    int i = 0;
    while (i < MAKERS - 1 && strcmp(makers[i].name, name) != 0)
        i++;
    return makers[i];
}

enum orator_status app_makers_open(struct app_makers *m, const struct settings *settings,
                                   const struct engine *engine, const struct log *log,
                                   struct orator_error *err)
{
    enum orator_status s;
    char folder[PATH_MAX + 16], whole[PATH_MAX];
    *m = (struct app_makers){0};
    TRY(check(settings, err));
    snprintf(folder, sizeof(folder), "%s/engine",
             realpath(settings->data, whole) ? whole : settings->data);
    TRY(own_folder_open(&m->folder, folder, err));
    TRY(maker_none_open(&m->none, m->folder.path, err));
    TRY(maker_command_open(&m->command, settings->engine_command, m->folder.path,
                           settings->engine_seconds * 1000, log, err));
    TRY(maker_kling_open(&m->kling,
                         &(struct maker_kling_setup){
                             .url = settings->engine_kling_url,
                             .access_key = settings->engine_kling_access_key,
                             .secret_key = settings->engine_kling_secret_key,
                             .folder = m->folder.path,
                             .fetch.allow_hosts = settings->allow_hosts,
                             .limit_ms = settings->engine_seconds * 1000,
                             .poll_ms = KLING_POLL_MS,
                             .log = log,
                         },
                         err));
    const struct maker makers[MAKERS] = {maker_orator(engine), maker_command(m->command),
                                         maker_kling(m->kling), maker_none(m->none)};
    m->standard = called(makers, settings->engine_standard);
    m->pro = called(makers, settings->engine_pro);
done:
    if (s != ORATOR_OK)
        app_makers_close(m);
    return s;
}

void app_makers_close(struct app_makers *m)
{
    maker_kling_free(&m->kling);
    maker_command_free(&m->command);
    maker_none_free(&m->none);
    own_folder_close(&m->folder);
}
