/* serve.c - `orator serve`: the whole server, put together and taken apart.
 *
 *   http --> api --> queue (store) --> worker --> engine --> media folder --> http
 *                      store --> webhooks --> receivers
 */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/app.h"
#include "app/examine.h"
#include "app/site.h"
#include "base/text.h"
#include "engine/engine.h"
#include "engine/voice/voice.h"
#include "server/api/api.h"
#include "server/api/known_keys.h"
#include "server/api/measure.h"
#include "server/api/metrics.h"
#include "server/api/money.h"
#include "server/api/rates.h"
#include "server/api/speech.h"
#include "server/store/secrets.h"
#include "server/tasks/keeper.h"
#include "server/tasks/sweep.h"
#include "server/webhooks/sender.h"

static enum orator_status voice_ms(void *engine, const struct bytes *voice, int64_t max_ms,
                                   int64_t *out, struct orator_error *err)
{
    struct engine_facts facts;
    enum orator_status s = engine_inspect(engine, NULL, voice, max_ms, &facts, err);
    if (s == ORATOR_OK)
        *out = (facts.voice_us + 500) / 1000;
    return s;
}

static enum orator_status speak(void *program, const struct speech_order *o,
                                struct speech_file *out, struct orator_error *err)
{
    struct voice_sound sound;
    enum orator_status s = voice_speak(&sound, program,
                                       &(struct voice_order){.text = o->text,
                                                             .voice = o->voice,
                                                             .speed = o->speed,
                                                             .format = o->format,
                                                             .max_ms = o->max_ms},
                                       o->stop, err);
    *out = (struct speech_file){sound.file, sound.notes, sound.duration_ms};
    return s;
}

static int run(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct site site = {0};
    struct http_server *http = NULL;
    struct sender *sender = NULL;
    struct measures *measures = NULL;
    struct intake *intake = NULL;
    struct known_keys *known_keys = NULL;
    struct rates *rates = NULL;
    struct metrics *metrics = NULL;
    struct keeper *keeper = NULL;
    struct speeches *speeches = NULL;
    char speak_program[PATH_MAX];
    int64_t swept = 0;

    TRY(site_open(&site, self, &argc, argv, &err));
    const struct settings *settings = &site.settings;
    struct api_setup api = {.fetch = site.fetch,
                            .public_url = *settings->public_url ? settings->public_url : NULL,
                            .currency = settings->currency,
                            .max_voice_ms = settings->max_audio_seconds * 1000,
                            .rate_per_minute = (int)settings->requests_per_minute,
                            .parallel = (int)settings->parallel_jobs,
                            .queue_max = settings->max_waiting,
                            .retention_ms = settings->retention_days * 86400000,
                            .link_ms = settings->media_link_hours * 3600000,
                            .redirect_media = strcmp(settings->media_delivery, "redirect") == 0,
                            .submitted = app_wake_crew,
                            .workers = app_crew_facts};
    if (!money_parse(settings->price_standard, &api.price_standard_micro) ||
        !money_parse(settings->price_pro, &api.price_pro_micro)) {
        s = orator_fail(&err, ORATOR_BAD_SETTING,
                        "a price is an amount with up to six decimals, such as 0.056");
        goto done;
    }
    TRY(sweep_media(site.store, site.blobs, &swept, &err));
    if (swept > 0)
        log_info(&site.log, "media.swept", "files=%lld", (long long)swept);
    TRY(site_start_crew(&site, false, &err));
    TRY(keeper_start(&keeper, site.store, site.blobs, &site.log, &err));
    TRY(secret_get(site.store, "media", api.link_key, &err));
    api.store = site.store;
    api.blobs = site.blobs;
    api.voice_ms = voice_ms;
    api.examine = app_examine;
    api.voice_ctx = site.engine;
    TRY(intake_start(&intake, site.store, &err));
    api.intake = intake;
    TRY(known_keys_open(&known_keys, &err));
    api.known_keys = known_keys;
    TRY(rates_open(&rates, &err));
    api.rates = rates;
    TRY(metrics_open(&metrics, &err));
    api.metrics = metrics;
    api.local = app_is_local(settings->address);
    TRY(measures_open(&measures, &err));
    api.measures = measures;
    TRY(speeches_open(&speeches, &err));
    api.speeches = speeches;
    if (voice_find_program(speak_program, sizeof(speak_program))) {
        api.speak = speak;
        api.speak_ctx = speak_program;
    }
    TRY(sender_start(&sender,
                     &(struct sender_setup){.store = site.store,
                                            .fetch.allow_hosts = settings->allow_hosts,
                                            .body = api_webhook_body,
                                            .ctx = &api,
                                            .log = &site.log},
                     &err));
    api.ctx = site.crew;
    TRY(http_start(&http,
                   &(struct http_setup){.address = settings->address,
                                        .port = (int)settings->port,
                                        .threads = (int)settings->http_threads,
                                        .body_limit_bytes = API_BODY_MAX_BYTES,
                                        .admit = api_admit,
                                        .handle = api_handle,
                                        .ctx = &api,
                                        .log = &site.log},
                   &err));
    printf("orator " ORATOR_VERSION " listens on http://%s:%d\n", settings->address,
           http_port(http));
    fflush(stdout);

    int number;
    sigwait(&site.stop, &number);
    log_info(&site.log, "server.stopping", "signal=%d", number);
done:
    http_stop(&http);
    intake_stop(&intake);
    sender_stop(&sender);
    measures_close(&measures);
    rates_close(&rates);
    known_keys_close(&known_keys);
    metrics_close(&metrics);
    speeches_close(&speeches);
    keeper_stop(&keeper);
    site_close(&site);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

const struct command serve_command = {
    .name = "serve",
    .sentence = "run the HTTP API and make the videos that are asked for",
    .settings = "*",
    .notes = "SIGTERM and Ctrl-C stop it cleanly; work in hand goes on at the next start.",
    .also = "orator serve --port 8080 --data ./data",
    .run = run,
};
