/* keys.c - `orator keys`: API keys of the server whose data folder is named. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/app.h"
#include "base/file.h"
#include "server/store/keys.h"

static void print_day(int64_t ms)
{
    char day[32] = "never";
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    if (ms > 0 && gmtime_r(&seconds, &utc))
        strftime(day, sizeof(day), "%Y-%m-%d %H:%M", &utc);
    printf("  %-16s", day);
}

static void print_key(void *ctx, const struct api_key *key)
{
    (void)ctx;
    printf("%-24s  %-8s", key->id, key->prefix);
    print_day(key->created_ms);
    print_day(key->last_used_ms);
    printf("  %s%s\n", key->revoked_ms ? "(revoked) " : "", key->name);
}

int command_keys(int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct store *store = NULL;
    struct api_key key;
    char secret[KEY_SIZE];

    TRY(settings_init(&settings, &err));
    TRY(settings_from_arguments(&settings, &argc, argv, &err));
    const char *what = argc > 1 ? argv[1] : "", *whom = argc > 2 ? argv[2] : NULL;

    TRY(folder_make(settings.data, &err));
    TRY(store_open(&store, settings.data, &err));
    if (strcmp(what, "create") == 0) {
        TRY(key_create(store, whom ? whom : "unnamed", &key, secret, &err));
        fprintf(stderr, "This is the only time the key is shown:\n");
        puts(secret);
    } else if (strcmp(what, "list") == 0) {
        printf("%-24s  %-8s  %-16s  %-16s  %s\n", "id", "key", "created (UTC)", "last used",
               "name");
        TRY(key_list(store, print_key, NULL, &err));
    } else if (strcmp(what, "revoke") == 0 && whom) {
        TRY(key_revoke(store, whom, &err));
        printf("%s is revoked\n", whom);
    } else {
        s = orator_fail(&err, ORATOR_INVALID_PARAMETER,
                        "say what to do: orator keys create NAME | list | revoke ID");
    }
done:
    store_close(&store);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}
