/* doctor.c - `orator doctor`: what this machine has, what it lacks, and the cure. Changes nothing. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/app.h"
#include "app/media.h"
#include "base/text.h"
#include "engine/engine.h"
#include "engine/voice/voice.h"
#include "server/store/keys.h"
#include "server/store/store.h"

/* What a check has seen. A note is worth knowing, nothing fails for it. */
enum state { FINE, NOTE, MISSING };

struct finding {
    enum state state;
    char seen[320];
    char cure[200];
};

__attribute__((format(printf, 3, 4))) static void saw(struct finding *f, enum state state,
                                                      const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(f->seen, sizeof(f->seen), fmt, args);
    va_end(args);
    f->state = state;
}

__attribute__((format(printf, 2, 3))) static void cure(struct finding *f, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(f->cure, sizeof(f->cure), fmt, args);
    va_end(args);
}

static void look_at_processor(struct finding *f, const struct settings *settings)
{
    const char *level = engine_cpu_level();
    (void)settings;
    saw(f, strcmp(level, "c") == 0 ? NOTE : FINE, "%ld processors, instructions: %s",
        sysconf(_SC_NPROCESSORS_ONLN), level);
    cure(f, "it works, but a processor with AVX2 makes videos several times as fast");
}

static void look_at_memory(struct finding *f, const struct settings *settings)
{
    enum { ENOUGH_MIB = 1024 }; /* a 1080p job takes about 220 MiB */
    long mib = sysconf(_SC_AVPHYS_PAGES) / 256 * (sysconf(_SC_PAGESIZE) / 4096);
    (void)settings;
    saw(f, mib < ENOUGH_MIB ? NOTE : FINE, "%ld MiB unused", mib);
    cure(f, "a pro video needs about 250 MiB; with less, jobs fail with out_of_memory");
}

static void look_at_files(struct finding *f, const struct settings *settings)
{
    struct rlimit limit = {0};
    (void)settings;
    getrlimit(RLIMIT_NOFILE, &limit);
    saw(f, limit.rlim_cur < 1024 ? NOTE : FINE, "%llu may be open at once",
        (unsigned long long)limit.rlim_cur);
    cure(f, "connections are files; raise the limit with `ulimit -n 4096` or LimitNOFILE=");
}

static void look_at_encoders(struct finding *f, const struct settings *settings)
{
    struct orator_error err;
    (void)settings;
    if (engine_check_encoders(&err) == ORATOR_OK)
        saw(f, FINE, "H.264 and AAC can be written");
    else
        saw(f, MISSING, "%s", err.text);
    cure(f, "install FFmpeg's libraries with libx264 (Debian: apt-get install libavcodec59)");
}

static void look_at_models(struct finding *f, const struct settings *settings)
{
    struct orator_error err;
    struct engine *engine = NULL;
    if (engine_open(&engine, settings->models, &err) == ORATOR_OK)
        saw(f, FINE, "%.200s", settings->models);
    else
        saw(f, MISSING, "%.100s: %.200s", settings->models, err.text);
    cure(f, "run tools/setup in the source tree, or name the folder: --models DIR");
    engine_free(&engine);
}

/* The folder, or the nearest of its parents that is there. */
static void nearest_folder(const char *path, char *out, size_t size)
{
    snprintf(out, size, "%s", path);
    while (access(out, F_OK) != 0) {
        char *slash = strrchr(out, '/');
        if (!slash) {
            snprintf(out, size, ".");
            return;
        }
        slash[slash == out] = '\0';
    }
}

static void count_key(void *count, const struct api_key *key)
{
    *(int *)count += key->revoked_ms == 0;
}

static void look_at_data(struct finding *f, const struct settings *settings)
{
    char parent[1024], database[1100];
    struct store *store = NULL;
    struct orator_error err;
    int keys = 0;
    nearest_folder(settings->data, parent, sizeof(parent));
    if (access(parent, W_OK | X_OK) != 0) {
        saw(f, MISSING, "%.200s may not be written by this user", parent);
        cure(f, "choose another: --data DIR, or give it to user %d", (int)geteuid());
        return;
    }
    snprintf(database, sizeof(database), "%s/orator.db", settings->data);
    if (!*settings->database && access(database, F_OK) != 0) {
        saw(f, FINE, "%.200s will be made by the first start", settings->data);
        return;
    }
    if (store_open(&store, settings_store(settings), &err) != ORATOR_OK) {
        saw(f, MISSING, "%.100s: %.200s", *settings->database ? "PostgreSQL" : settings->data,
            err.text);
        cure(f, *settings->database ? "what the setting database says, and that server"
                                    : "a backup of the folder, or another one: --data DIR");
        return;
    }
    struct stat about;
    if (key_list(store, NULL, count_key, &keys, &err) != ORATOR_OK)
        keys = 0;
    store_close(&store);
    if (keys == 0) {
        saw(f, NOTE, "%.200s holds no key that is good", settings->data);
        cure(f, "make one: orator keys create NAME --data %.100s", settings->data);
    } else if (stat(settings->data, &about) == 0 && (about.st_mode & 077) != 0) {
        saw(f, NOTE, "%.200s can be read by other users (mode %o)", settings->data,
            (unsigned)about.st_mode & 0777);
        cure(f, "it holds portraits and voices: chmod 700 %.100s", settings->data);
    } else {
        saw(f, FINE, "%.200s, %d key%s", settings->data, keys, keys == 1 ? "" : "s");
    }
}

static void look_at_space(struct finding *f, const struct settings *settings)
{
    enum { TIGHT_MIB = 2048, FULL_MIB = 128 };
    char folder[1024];
    struct statvfs about;
    nearest_folder(settings->data, folder, sizeof(folder));
    if (statvfs(folder, &about) != 0) {
        saw(f, NOTE, "%.200s cannot be asked", folder);
        return;
    }
    long long mib = (long long)about.f_bavail * (long long)about.f_frsize / (1 << 20);
    saw(f,
        mib < FULL_MIB    ? MISSING
        : mib < TIGHT_MIB ? NOTE
                          : FINE,
        "%lld MiB free at %.200s", mib, folder);
    cure(f, "a minute of video takes 5 to 15 MiB; make room or move the folder: --data DIR");
}

static void look_at_port(struct finding *f, const struct settings *settings)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST};
    struct addrinfo *at = NULL;
    snprintf(port, sizeof(port), "%d", (int)settings->port);
    if (getaddrinfo(settings->address, port, &hints, &at) != 0) {
        saw(f, MISSING, "%s is no address", settings->address);
        cure(f, "give a numeric one, such as --address 127.0.0.1 or 0.0.0.0");
        return;
    }
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    bool good = fd >= 0 && bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, 1) == 0;
    int why = errno;
    freeaddrinfo(at);
    if (fd >= 0)
        close(fd);
    if (good) {
        saw(f, FINE, "%s:%s is free", settings->address, port);
        return;
    }
    saw(f, why == EADDRINUSE ? NOTE : MISSING, "%s:%s: %s", settings->address, port,
        why == EADDRINUSE ? "something listens there already" : strerror(why));
    cure(f, why == EADDRINUSE      ? "if that is not this server, choose another: --port N"
            : why == EACCES        ? "ports below 1024 are root's: choose another, --port 8080"
            : why == EADDRNOTAVAIL ? "this machine does not have the address: --address 0.0.0.0"
                                   : "choose another: --address A --port N");
}

static void look_at_reach(struct finding *f, const struct settings *settings)
{
    bool local = text_starts(settings->address, "127.") || strcmp(settings->address, "::1") == 0;
    if (*settings->public_url)
        saw(f, FINE, "clients reach it as %.200s", settings->public_url);
    else if (local)
        saw(f, FINE, "this machine alone reaches it (address %s)", settings->address);
    else
        saw(f, NOTE, "other machines reach it, without TLS, and links name the host they asked");
    cure(f, "put a TLS proxy in front and say so: --public-url https://api.example.com");
}

/* Every entry is host:port; the first that is not, or NULL. */
static bool first_bad_host(const char *list, char *out, size_t size)
{
    for (const char *at = list; *at;) {
        int n = (int)strcspn(at, ","), port_at = n;
        while (port_at > 0 && at[port_at - 1] != ':')
            port_at--;
        char port[8] = "";
        int64_t number;
        if (port_at > 1 && n - port_at < (int)sizeof(port))
            snprintf(port, sizeof(port), "%.*s", n - port_at, at + port_at);
        if (!text_to_i64(port, 1, 65535, &number)) {
            snprintf(out, size, "%.*s", n, at);
            return true;
        }
        at += n + (at[n] == ',');
    }
    return false;
}

static void look_at_hosts(struct finding *f, const struct settings *settings)
{
    char bad[256];
    if (!*settings->allow_hosts)
        saw(f, FINE, "portraits, voices and callbacks are fetched from public addresses only");
    else if (first_bad_host(settings->allow_hosts, bad, sizeof(bad)))
        saw(f, MISSING, "\"%.100s\" in allow_hosts is not host:port", bad);
    else
        saw(f, FINE, "private addresses are open for %.200s", settings->allow_hosts);
    cure(f, "write every host with its port: --allow-hosts 10.0.0.5:9000,files.lan:80");
}

static void look_at_certificates(struct finding *f, const struct settings *settings)
{
    static const char path[] = "/etc/ssl/certs/ca-certificates.crt";
    (void)settings;
    if (access(path, R_OK) == 0)
        saw(f, FINE, "%s", path);
    else
        saw(f, NOTE, "%s is not there: https sources are not trusted", path);
    cure(f, "apt-get install ca-certificates");
}

static void look_at_voices(struct finding *f, const struct settings *settings)
{
    char program[4096];
    (void)settings;
    if (voice_find_program(program, sizeof(program)))
        saw(f, FINE, "%.300s", program);
    else
        saw(f, NOTE, "texts cannot be spoken: orator-speak is not there");
    cure(f, "apt-get install libespeak-ng-dev espeak-ng-data, then build anew; recordings work "
            "without");
}

static bool is_chosen(const struct settings *settings, const char *maker)
{
    return strcmp(settings->engine_standard, maker) == 0 ||
           strcmp(settings->engine_pro, maker) == 0;
}

static void look_at_makers(struct finding *f, const struct settings *settings)
{
    if (is_chosen(settings, "command") && access(settings->engine_command, X_OK) != 0) {
        saw(f, MISSING, "the engine command: \"%.200s\" is no program", settings->engine_command);
        cure(f, "name one by its whole path: --engine-command /opt/engine/run (docs/engines.md)");
    } else if (is_chosen(settings, "kling") && !*settings->engine_kling_secret_key) {
        saw(f, MISSING, "the engine kling has no key");
        cure(f, "set ORATOR_ENGINE_KLING_ACCESS_KEY and ORATOR_ENGINE_KLING_SECRET_KEY");
    } else {
        saw(f, is_chosen(settings, "none") ? NOTE : FINE, "standard: %s, pro: %s",
            settings->engine_standard, settings->engine_pro);
        cure(f, "none gives everybody a second of grey; for videos say --engine-standard orator "
                "--engine-pro orator");
    }
}

static void look_at_media(struct finding *f, const struct settings *settings)
{
    struct orator_error err = {0};
    if (!*settings->media_store)
        saw(f, FINE, "in the data folder");
    else if (app_try_media_store(settings, &err) != ORATOR_OK)
        saw(f, MISSING, "%s", err.text);
    else
        saw(f, FINE, "%.150s opens to the key media_access_key, bucket %.100s",
            settings->media_store, settings->media_bucket);
    cure(f, "orator media check tries every step (docs/media.md)");
}

static const struct check {
    const char *name;
    void (*look)(struct finding *, const struct settings *);
} checks[] = {
    {"processor", look_at_processor},
    {"memory", look_at_memory},
    {"open files", look_at_files},
    {"encoders", look_at_encoders},
    {"models", look_at_models},
    {"voices", look_at_voices},
    {"makers", look_at_makers},
    {"data folder", look_at_data},
    {"media", look_at_media},
    {"disk space", look_at_space},
    {"port", look_at_port},
    {"reach", look_at_reach},
    {"private sources", look_at_hosts},
    {"certificates", look_at_certificates},
};
enum { CHECKS = sizeof(checks) / sizeof(checks[0]) };

static void print_json(struct text *t, const char *name, const struct finding *f)
{
    static const char *const states[] = {"ok", "note", "missing"};
    text_add(t, t->length > 1 ? ",\n {\"check\":" : "\n {\"check\":");
    text_add_json(t, name);
    text_addf(t, ",\"state\":\"%s\",\"seen\":", states[f->state]);
    text_add_json(t, f->seen);
    text_add(t, ",\"cure\":");
    if (f->state == FINE)
        text_add(t, "null");
    else
        text_add_json(t, f->cure);
    text_add(t, "}");
}

static void print(const char *name, const struct finding *f)
{
    static const char *const states[] = {"ok", "note", "MISSING"};
    printf("  %-8s %-16s %s\n", states[f->state], name, f->seen);
    if (f->state != FINE && *f->cure)
        printf("  %-8s %-16s cure: %s\n", "", "", f->cure);
}

struct values {
    bool json;
};

static const struct option options[] = {
    {"json", NULL, "print a list of objects: check, state, seen, cure",
     offsetof(struct values, json), 0},
    {0},
};

static int run(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct values v = {0};
    int count[3] = {0};
    char memory[16384];
    struct text json = text_over(memory, sizeof(memory));

    TRY(app_read(self, &settings, &v, &argc, argv, &err));
    text_add(&json, "[");
    if (!v.json)
        puts("orator " ORATOR_VERSION);
    for (int i = 0; i < CHECKS; i++) {
        struct finding f = {0};
        checks[i].look(&f, &settings);
        count[f.state]++;
        if (v.json)
            print_json(&json, checks[i].name, &f);
        else
            print(checks[i].name, &f);
    }
    if (v.json)
        printf("%s\n]\n", memory);
    else
        puts(count[MISSING] ? "Something is missing."
             : count[NOTE]  ? "Everything that is needed is here."
                            : "Everything is here.");
done:
    if (s != ORATOR_OK)
        return app_fail(&err);
    return count[MISSING] ? orator_status_exit(ORATOR_NOT_FOUND) : 0;
}

const struct command doctor_command = {
    .name = "doctor",
    .sentence = "say what is missing on this machine, and the cure",
    .options = options,
    .settings = "*",
    .notes = "Looks at this machine with the settings that a server would have; exit code 3 if "
             "something is "
             "missing. It changes nothing.",
    .also = "orator doctor --data /srv/orator --port 8080",
    .run = run,
};
