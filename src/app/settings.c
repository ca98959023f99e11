#include "app/settings.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum { CREW_MOST = 64 /* CREW_MAX of server/worker/crew.h */ };

enum kind { TEXT, SECRET, /* a text that is not shown */ NUMBER, MONEY, CHOICE };

static const struct row {
    const char *name;
    enum kind kind;
    size_t offset, size_bytes;
    const char *initial;
    int64_t low, high;   /* NUMBER */
    const char *choices; /* CHOICE: "a|b|c" */
    const char *sentence;
} rows[] = {
#define FIELD(f) offsetof(struct settings, f), sizeof(((struct settings *)0)->f)
    {"data", TEXT, FIELD(data), "data", 0, 0, NULL,
     "folder of the database and the media; made if missing"},
    {"database", SECRET, FIELD(database), "", 0, 0, NULL,
     "URL of a PostgreSQL database that several servers share, "
     "postgresql://user:password@host/name; "
     "empty: SQLite in the data folder"},
    {"media_store", TEXT, FIELD(media_store), "", 0, 0, NULL,
     "URL of an S3 object store for the media (docs/media.md), such as "
     "https://s3.example.com:9000; empty: the data folder"},
    {"media_bucket", TEXT, FIELD(media_bucket), "", 0, 0, NULL,
     "its bucket, or bucket/folder; empty: media_store is the bucket's own address"},
    {"media_region", TEXT, FIELD(media_region), "us-east-1", 0, 0, NULL,
     "region that requests to it are signed for"},
    {"media_access_key", TEXT, FIELD(media_access_key), "", 0, 0, NULL, "access key for it"},
    {"media_secret_key", SECRET, FIELD(media_secret_key), "", 0, 0, NULL,
     "its secret key, best given as ORATOR_MEDIA_SECRET_KEY"},
    {"media_delivery", CHOICE, FIELD(media_delivery), "stream", 0, 0, "stream|redirect",
     "how what lies in it is read: through this server, or by a redirect to an address of the "
     "store, which clients must be able to reach"},
    {"models", TEXT, FIELD(models), "", 0, 0, NULL,
     "folder of the face and speech models; empty: models beside the program"},
    {"address", TEXT, FIELD(address), "127.0.0.1", 0, 0, NULL, "address to listen on"},
    {"port", NUMBER, FIELD(port), "8080", 0, 65535, NULL, "port to listen on; 0: any free one"},
    {"public_url", TEXT, FIELD(public_url), "", 0, 0, NULL,
     "how clients reach this server, such as https://api.example.com; empty: as they asked"},
    {"allow_hosts", TEXT, FIELD(allow_hosts), "", 0, 0, NULL,
     "host:port,... of sources that may be private, such as a file server of your own"},
    {"http_threads", NUMBER, FIELD(http_threads), "8", 1, 64, NULL, "threads that answer requests"},
    {"price_standard", MONEY, FIELD(price_standard), "0.056", 0, 0, NULL,
     "price of a second of standard video"},
    {"price_pro", MONEY, FIELD(price_pro), "0.112", 0, 0, NULL, "price of a second of pro video"},
    {"currency", TEXT, FIELD(currency), "USD", 0, 0, NULL, "currency of the prices"},
    {"max_audio_seconds", NUMBER, FIELD(max_audio_seconds), "300", 2, 600, NULL,
     "longest recording that is taken"},
    {"requests_per_minute", NUMBER, FIELD(requests_per_minute), "6000", 0, 1000000, NULL,
     "requests of a key that has no rate of its own; 0: any number"},
    {"max_waiting", NUMBER, FIELD(max_waiting), "10000", 1, 10000000, NULL,
     "jobs that may be queued in all; one more is refused with queue_full"},
    {"parallel_jobs", NUMBER, FIELD(parallel_jobs), "1000", 0, 1000000, NULL,
     "jobs not yet over of a key that has no such limit of its own; 0: any number"},
    {"retention_days", NUMBER, FIELD(retention_days), "30", 0, 3650, NULL,
     "how long jobs and their videos are kept; 0: until they are deleted"},
    {"media_link_hours", NUMBER, FIELD(media_link_hours), "24", 1, 8760, NULL,
     "how long the address of a video stays open; asking for the job again gives a new one"},
    {"workers", NUMBER, FIELD(workers), "1", 0, CREW_MOST, NULL,
     "videos that this process makes at once; 0: none, others make them (docs/workers.md)"},
    {"worker_port", NUMBER, FIELD(worker_port), "0", 0, 65535, NULL,
     "port on which orator worker answers /healthz, /readyz and /metrics; 0: none"},
    {"drain_seconds", NUMBER, FIELD(drain_seconds), "25", 0, 86400, NULL,
     "how long orator worker may finish what it has in hand when it is told to stop; then it "
     "hands it back"},
    {"engine_standard", CHOICE, FIELD(engine_standard), "orator", 0, 0, "orator|command|kling|none",
     "who makes standard videos (docs/engines.md): this engine, engine_command, Kling's own "
     "service, or nobody, "
     "for benchmarks"},
    {"engine_pro", CHOICE, FIELD(engine_pro), "orator", 0, 0, "orator|command|kling|none",
     "who makes pro videos"},
    {"engine_command", TEXT, FIELD(engine_command), "", 0, 0, NULL,
     "the program that makes the videos of the engine command"},
    {"engine_seconds", NUMBER, FIELD(engine_seconds), "900", 1, 86400, NULL,
     "how long the engines command and kling may work on one video"},
    {"engine_kling_url", TEXT, FIELD(engine_kling_url), "https://api-singapore.klingai.com", 0, 0,
     NULL, "where the engine kling sends its work"},
    {"engine_kling_access_key", TEXT, FIELD(engine_kling_access_key), "", 0, 0, NULL,
     "access key of the account there; empty: the secret key is sent as it is"},
    {"engine_kling_secret_key", SECRET, FIELD(engine_kling_secret_key), "", 0, 0, NULL,
     "its secret key, best given as ORATOR_ENGINE_KLING_SECRET_KEY"},
    {"log_level", CHOICE, FIELD(log_level), "info", 0, 0, "error|warn|info|debug",
     "which events are logged"},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
_Static_assert(ROWS <= sizeof(((struct settings *)0)->source) / sizeof(char *), "room for sources");

static enum orator_status unknown(const char *name, struct orator_error *err)
{
    int nearest = 0;
    for (int i = 1; i < ROWS; i++)
        if (text_edits(name, rows[i].name) < text_edits(name, rows[nearest].name))
            nearest = i;
    return orator_fail(err, ORATOR_BAD_SETTING, "there is no setting %.64s; did you mean %s?", name,
                       rows[nearest].name);
}

static bool is_money(const char *value)
{
    double units;
    return strlen(value) < 24 && !strpbrk(value, "eE-+") && text_to_f64(value, 0, 1000, &units);
}

static bool is_choice(const char *value, const char *choices)
{
    size_t n = strlen(value);
    for (const char *c = choices; c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL)
        if (n > 0 && strncmp(c, value, n) == 0 && (c[n] == '|' || c[n] == '\0'))
            return true;
    return false;
}

static enum orator_status set(struct settings *all, int i, const char *value, const char *source,
                              struct orator_error *err)
{
    const struct row *r = &rows[i];
    char *field = (char *)all + r->offset;
    switch (r->kind) {
    case NUMBER: {
        int64_t n;
        if (!text_to_i64(value, r->low, r->high, &n))
            return orator_fail(err, ORATOR_BAD_SETTING,
                               "%s is %.40s, it must be a whole number from %lld to %lld", r->name,
                               value, (long long)r->low, (long long)r->high);
        memcpy(field, &n, sizeof(n));
        break;
    }
    case MONEY:
        if (!is_money(value))
            return orator_fail(err, ORATOR_BAD_SETTING,
                               "%s is %.40s, it must be an amount such as 0.056", r->name, value);
        snprintf(field, r->size_bytes, "%s", value);
        break;
    case CHOICE:
        if (!is_choice(value, r->choices))
            return orator_fail(err, ORATOR_BAD_SETTING, "%s is %.40s, it must be one of %s",
                               r->name, value, r->choices);
        snprintf(field, r->size_bytes, "%s", value);
        break;
    case TEXT:
    case SECRET:
        if (strlen(value) >= r->size_bytes)
            return orator_fail(err, ORATOR_BAD_SETTING, "%s is longer than %zu bytes", r->name,
                               r->size_bytes - 1);
        snprintf(field, r->size_bytes, "%s", value);
        break;
    }
    all->source[i] = source;
    return ORATOR_OK;
}

static int find(const char *name)
{
    for (int i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return i;
    return -1;
}

/* "models" beside the program, one folder up (a build folder in the source tree), or as installed. */
static void find_models(struct settings *all)
{
    static const char *const places[] = {"models", "../models", "../share/orator/models"};
    char program[900];
    ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (n <= 0)
        return;
    program[n] = '\0';
    *strrchr(program, '/') = '\0';
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        snprintf(all->models, sizeof(all->models), "%s/%s", program, places[i]);
        char speech[1100];
        snprintf(speech, sizeof(speech), "%s/speech.bin", all->models);
        if (access(speech, R_OK) == 0)
            return;
    }
}

enum orator_status settings_init(struct settings *all, struct orator_error *err)
{
    *all = (struct settings){0};
    for (int i = 0; i < ROWS; i++) {
        char variable[64] = "ORATOR_";
        for (size_t k = 0; k <= strlen(rows[i].name); k++)
            variable[7 + k] = (char)toupper((unsigned char)rows[i].name[k]);
        const char *value = getenv(variable);
        enum orator_status s = set(all, i, rows[i].initial, "default", err);
        if (s == ORATOR_OK && value)
            s = set(all, i, value, "environment", err);
        if (s != ORATOR_OK)
            return s;
    }
    if (!*all->models)
        find_models(all);
    return ORATOR_OK;
}

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    char *end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1]))
        *--end = '\0';
    return s;
}

enum orator_status settings_from_file(struct settings *all, const char *path,
                                      struct orator_error *err)
{
    struct bytes file;
    enum orator_status s = file_read(&file, path, 1 << 20, err);
    if (s != ORATOR_OK)
        return s;
    char *rest = (char *)file.data;
    for (int number = 1; rest && s == ORATOR_OK; number++) {
        char *line = strsep(&rest, "\n"), *comment = strchr(line, '#');
        if (comment)
            *comment = '\0';
        char *equals = strchr(line, '=');
        if (equals)
            *equals = '\0';
        char *name = trim(line);
        if (!*name && !equals)
            continue;
        int i = find(name);
        if (!equals)
            s = orator_fail(err, ORATOR_BAD_SETTING, "%.80s is not \"name = value\"", name);
        else if (i < 0)
            s = unknown(name, err);
        else
            s = set(all, i, trim(equals + 1), "file", err);
        if (s != ORATOR_OK) {
            char where[32];
            snprintf(where, sizeof(where), "line %d", number);
            orator_within(err, s, where);
        }
    }
    bytes_fini(&file);
    return s;
}

enum orator_status settings_from_arguments(struct settings *all, int *argc, char **argv,
                                           struct orator_error *err)
{
    struct settings before = *all;
    int kept = 1;
    /* the file first, so that what stands beside it on the command line wins */
    for (int pass = 0; pass < 2; pass++) {
        kept = 1;
        for (int k = 1; k < *argc; k++) {
            char name[64], *value = text_starts(argv[k], "--") ? strchr(argv[k], '=') : NULL;
            snprintf(name, sizeof(name), "%.*s", value ? (int)(value - argv[k]) - 2 : 63,
                     text_starts(argv[k], "--") ? argv[k] + 2 : "");
            for (char *c = name; *c; c++)
                *c = *c == '-' ? '_' : *c;
            int i = find(name);
            bool is_file = strcmp(name, "config") == 0;
            if (i < 0 && !is_file) {
                if (pass == 1)
                    argv[kept] = argv[k];
                kept++;
                continue;
            }
            if (!value && k + 1 >= *argc) {
                *all = before;
                return orator_fail(err, ORATOR_BAD_SETTING, "%s needs a value", argv[k]);
            }
            value = value ? value + 1 : argv[++k];
            enum orator_status s = ORATOR_OK;
            if (is_file && pass == 0)
                s = settings_from_file(all, value, err);
            else if (!is_file && pass == 1)
                s = set(all, i, value, "command line", err);
            if (s != ORATOR_OK)
                return s;
        }
    }
    *argc = kept;
    return ORATOR_OK;
}

bool settings_row(int i, struct settings_row *out)
{
    if (i < 0 || i >= ROWS)
        return false;
    const struct row *r = &rows[i];
    *out = (struct settings_row){r->name, r->initial, r->choices, r->sentence};
    return true;
}

static void value_text(const struct settings *all, int i, char *out, size_t size_bytes)
{
    const char *field = (const char *)all + rows[i].offset;
    if (rows[i].kind == NUMBER) {
        int64_t n;
        memcpy(&n, field, sizeof(n));
        snprintf(out, size_bytes, "%lld", (long long)n);
    } else if (rows[i].kind == SECRET) {
        snprintf(out, size_bytes, "%s", *field ? "(set)" : "");
    } else {
        snprintf(out, size_bytes, "%s", field);
    }
}

void settings_print(const struct settings *all, FILE *out)
{
    for (int i = 0; i < ROWS; i++) {
        char value[1100];
        value_text(all, i, value, sizeof(value));
        fprintf(out, "%-18s = %-28s # %s; %s\n", rows[i].name, value, all->source[i],
                rows[i].sentence);
    }
}

void settings_print_markdown(FILE *out)
{
    fputs("# Settings\n\n"
          "Printed by `orator settings --markdown`. Later wins: default, `--config FILE` "
          "(`name = value` lines),\nenvironment (`ORATOR_NAME`), command line (`--name value`).\n\n"
          "| name | default | what it is |\n| --- | --- | --- |\n",
          out);
    for (int i = 0; i < ROWS; i++) {
        char range[80] = "";
        if (rows[i].kind == NUMBER)
            snprintf(range, sizeof(range), " (%lld to %lld)", (long long)rows[i].low,
                     (long long)rows[i].high);
        fprintf(out, "| `%s` | %s | %s%s |\n", rows[i].name, rows[i].initial, rows[i].sentence,
                range);
    }
}

const char *settings_store(const struct settings *s)
{
    return *s->database ? s->database : s->data;
}
