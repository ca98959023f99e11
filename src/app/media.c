/* media.c - `orator media`: whether the object store of the settings does what a server will ask of it, and the
 * rules that it should keep by itself. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "app/media.h"
#include "server/fetch/fetch.h"
#include "server/objects/rehearsal.h"

static struct s3_place place_of(const struct settings *all)
{
    return (struct s3_place){.url = all->media_store,
                             .bucket = all->media_bucket,
                             .region = all->media_region,
                             .access_key = all->media_access_key,
                             .secret_key = all->media_secret_key};
}

static void say(void *ctx, const char *step)
{
    (void)ctx;
    printf("ok  %s\n", step);
    fflush(stdout);
}

enum orator_status app_use_media_store(struct blobs *blobs, const struct settings *all,
                                       struct orator_error *err)
{
    struct s3_place place = place_of(all);
    return *all->media_store ? blobs_use_store(blobs, &place, err) : ORATOR_OK;
}

enum orator_status app_try_media_store(const struct settings *all, struct orator_error *err)
{
    enum orator_status s;
    struct s3 *s3 = NULL;
    struct s3_place place = place_of(all);
    TRY(fetch_setup(err));
    TRY(s3_open(&s3, &place, err));
    TRY(s3_check(s3, err));
done:
    s3_close(&s3);
    return s;
}

static enum orator_status check(const struct settings *all, struct orator_error *err)
{
    enum orator_status s = fetch_setup(err);
    if (s != ORATOR_OK)
        return s;
    struct s3_place place = place_of(all);
    return s3_rehearse(&place, say, NULL, err);
}

/* Uploads in parts that nobody ended cost money until they are given up. */
static void print_lifecycle(const struct settings *all)
{
    const char *folder = strchr(all->media_bucket, '/');
    folder = folder ? folder + 1 : "";
    size_t n = strlen(folder);
    printf("<LifecycleConfiguration>\n"
           "  <Rule>\n"
           "    <ID>orator-unfinished-uploads</ID>\n"
           "    <Status>Enabled</Status>\n"
           "    <Filter><Prefix>%s%s</Prefix></Filter>\n"
           "    <AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
           "</AbortIncompleteMultipartUpload>\n"
           "  </Rule>\n"
           "</LifecycleConfiguration>\n",
           folder, n == 0 || folder[n - 1] == '/' ? "" : "/");
}

static int run(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    TRY(app_read(self, &settings, NULL, &argc, argv, &err));
    if (argc == 2 && strcmp(argv[1], "lifecycle") == 0) {
        print_lifecycle(&settings);
    } else if (argc != 2 || strcmp(argv[1], "check") != 0) {
        s = orator_fail(&err, ORATOR_INVALID_PARAMETER, "orator media takes check or lifecycle");
    } else if (!*settings.media_store) {
        puts("the media are in the data folder; media_store names an object store (docs/media.md)");
    } else {
        TRY(check(&settings, &err));
    }
done:
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

const struct command media_command = {
    .name = "media",
    .sentence = "try the object store of the settings, or print the rules that it should keep",
    .operands = "check | lifecycle",
    .settings = "media_store media_bucket media_region media_access_key media_secret_key",
    .notes = "check puts, reads, copies, lists and removes a few files of its own, and says which "
             "step fails and why. "
             "lifecycle prints a bucket's lifecycle configuration as XML.",
    .also = "orator media check --media_store https://s3.example.com --media_bucket videos",
    .run = run,
};
