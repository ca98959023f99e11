#include "app/site.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/media.h"
#include "base/text.h"
#include "engine/engine.h"

static enum log_level level_from(const char *word)
{
    static const char *const words[] = {"error", "warn", "info", "debug"};
    for (int i = 0; i < 4; i++)
        if (strcmp(word, words[i]) == 0)
            return (enum log_level)i;
    return LOG_INFO;
}

static void block_stop_signals(sigset_t *stop)
{
    sigemptyset(stop);
    sigaddset(stop, SIGINT);
    sigaddset(stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, stop, NULL);
    signal(SIGPIPE, SIG_IGN);
}

enum orator_status site_open(struct site *site, const struct command *self, int *argc, char **argv,
                             struct orator_error *err)
{
    enum orator_status s;
    char media[1100];
    struct settings *settings = &site->settings;
    block_stop_signals(&site->stop);
    TRY(app_read(self, settings, NULL, argc, argv, err));
    site->log.level = level_from(settings->log_level);
    site->fetch.allow_hosts = settings->allow_hosts;
    TRY(folder_make(settings->data, err));
    umask(
        0077); /* portraits and voices of customers are nobody else's, whatever the folder allows */
    TRY(store_open(&site->store, settings_store(settings), err));
    snprintf(media, sizeof(media), "%s/media", settings->data);
    TRY(blobs_open(&site->blobs, media, err));
    TRY(fetch_setup(err));
    TRY(app_use_media_store(site->blobs, settings, err));
    TRY(engine_open(&site->engine, settings->models, err));
    TRY(app_makers_open(&site->makers, settings, site->engine, &site->log, err));
done:
    return s;
}

void app_wake_crew(void *crew) { crew_wake(crew); }

enum orator_status site_start_crew(struct site *site, bool is_worker, struct orator_error *err)
{
    enum orator_status s = crew_start(&site->crew, (int)site->settings.workers,
                                      &(struct worker_setup){
                                          .store = site->store,
                                          .blobs = site->blobs,
                                          .standard = site->makers.standard,
                                          .pro = site->makers.pro,
                                          .fetch = site->fetch,
                                          .max_voice_ms = site->settings.max_audio_seconds * 1000,
                                          .hide_previews = is_worker && *site->settings.media_store,
                                          .log = &site->log,
                                      },
                                      err);
    if (s == ORATOR_OK)
        store_listen(site->store, app_wake_crew, site->crew);
    return s;
}

void site_stop_crew(struct site *site)
{
    if (site->store)
        store_listen(site->store, NULL, NULL);
    crew_stop(&site->crew);
}

struct api_workers app_crew_facts(void *crew)
{
    struct crew_facts f = crew_facts(crew);
    return (struct api_workers){f.workers, f.busy, f.done, f.failed, f.lost};
}

bool app_is_local(const char *address)
{
    return text_starts(address, "127.") || strcmp(address, "::1") == 0;
}

void site_close(struct site *site)
{
    site_stop_crew(site);
    app_makers_close(&site->makers);
    engine_free(&site->engine);
    blobs_close(&site->blobs);
    store_close(&site->store);
}
