/* doctor.c - `orator doctor` and `orator settings`: what is here, what is missing, and the cure. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/file.h"
#include "engine/engine.h"
#include "server/store/store.h"

static int say(const char *what, enum orator_status s, const struct orator_error *err,
               const char *cure)
{
    if (s == ORATOR_OK)
        printf("  ok       %s\n", what);
    else
        printf("  MISSING  %s: %s\n           cure: %s\n", what, err->text, cure);
    return s != ORATOR_OK;
}

static enum orator_status check_data(const char *folder, struct orator_error *err)
{
    struct store *store = NULL;
    enum orator_status s = folder_make(folder, err);
    if (s == ORATOR_OK)
        s = store_open(&store, folder, err);
    store_close(&store);
    return s;
}

int command_doctor(int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct engine *engine = NULL;
    int missing = 0;

    TRY(settings_init(&settings, &err));
    TRY(settings_from_arguments(&settings, &argc, argv, &err));

    printf("orator " ORATOR_VERSION ", %ld processors, instructions: %s\n",
           sysconf(_SC_NPROCESSORS_ONLN), engine_cpu_level());
    missing += say("H.264 and AAC encoders", engine_check_encoders(&err), &err,
                   "install FFmpeg's libraries with libx264 (apt-get install libavcodec59)");
    missing += say("face and speech models", engine_open(&engine, settings.models, &err), &err,
                   "run tools/setup in the source tree, or point --models at the folder");
    missing += say("data folder", check_data(settings.data, &err), &err,
                   "choose a folder that this user may write: --data DIR");
done:
    engine_free(&engine);
    if (s != ORATOR_OK)
        return app_fail(&err);
    puts(missing ? "Something is missing." : "Everything is here.");
    return missing ? 3 : 0;
}

int command_settings(int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    TRY(settings_init(&settings, &err));
    TRY(settings_from_arguments(&settings, &argc, argv, &err));
    if (argc > 1 && strcmp(argv[1], "--markdown") == 0)
        settings_print_markdown(stdout);
    else
        settings_print(&settings, stdout);
done:
    return s == ORATOR_OK ? 0 : app_fail(&err);
}
