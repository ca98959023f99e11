/* doctor.c - `orator doctor` and `orator settings`: what is here, what is missing, and the cure. */
#include <stdio.h>
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

static int run_doctor(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct engine *engine = NULL;
    int missing = 0;

    TRY(app_read(self, &settings, NULL, &argc, argv, &err));

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

struct settings_values {
    bool markdown;
};

static const struct option settings_options[] = {
    {"markdown", NULL, "as docs/settings.md has them", offsetof(struct settings_values, markdown),
     0},
    {0},
};

static int run_settings(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct settings_values v = {0};
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
    .options = settings_options,
    .settings = "*",
    .run = run_settings,
};

const struct command doctor_command = {
    .name = "doctor",
    .sentence = "say what is missing on this machine, and the cure",
    .settings = "*",
    .run = run_doctor,
};
