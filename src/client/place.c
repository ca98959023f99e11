#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "client/client.h"

static const char usual_url[] = "http://127.0.0.1:8080";

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    char *end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1]))
        *--end = '\0';
    return s;
}

/* Fills what is empty yet. */
static void take(char *out, size_t size, const char *value)
{
    if (!*out && value)
        snprintf(out, size, "%s", value);
}

static enum orator_status from_file(struct client_place *place, const char *path,
                                    struct orator_error *err)
{
    struct bytes file;
    enum orator_status s = file_read(&file, path, 1 << 16, err);
    if (s == ORATOR_NOT_FOUND)
        return ORATOR_OK;
    if (s != ORATOR_OK)
        return s;
    char *rest = (char *)file.data;
    for (int number = 1; rest && s == ORATOR_OK; number++) {
        char *line = trim(strsep(&rest, "\n")), *equals = strchr(line, '=');
        if (!*line || *line == '#')
            continue;
        if (equals)
            *equals = '\0';
        const char *name = trim(line);
        if (equals && strcmp(name, "url") == 0)
            take(place->url, sizeof(place->url), trim(equals + 1));
        else if (equals && strcmp(name, "api_key") == 0)
            take(place->key, sizeof(place->key), trim(equals + 1));
        else
            s = orator_fail(err, ORATOR_BAD_SETTING,
                            "%.150s, line %d: it takes \"url = ...\" and \"api_key = ...\"", path,
                            number);
    }
    bytes_fini(&file);
    return s;
}

static enum orator_status key_from_file(struct client_place *place, const char *path,
                                        struct orator_error *err)
{
    struct bytes file;
    enum orator_status s = file_read(&file, path, 1 << 12, err);
    if (s != ORATOR_OK)
        return s;
    char *text = (char *)file.data;
    text[strcspn(text, "\n")] = '\0';
    take(place->key, sizeof(place->key), trim(text));
    bytes_fini(&file);
    return ORATOR_OK;
}

static void config_path(char *out, size_t size)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && *config)
        snprintf(out, size, "%s/orator/client.conf", config);
    else
        snprintf(out, size, "%s/.config/orator/client.conf", home ? home : "");
}

enum orator_status client_place_find(struct client_place *place, const char *url,
                                     const char *key_file, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    char path[1024];
    *place = (struct client_place){0};
    config_path(path, sizeof(path));
    take(place->url, sizeof(place->url), url);
    if (key_file)
        TRY(key_from_file(place, key_file, err));
    take(place->url, sizeof(place->url), getenv("ORATOR_URL"));
    take(place->key, sizeof(place->key), getenv("ORATOR_API_KEY"));
    TRY(from_file(place, path, err));
    take(place->url, sizeof(place->url), usual_url);
    for (size_t n = strlen(place->url); n > 0 && place->url[n - 1] == '/'; n--)
        place->url[n - 1] = '\0';
    if (!text_starts(place->url, "http://") && !text_starts(place->url, "https://"))
        s = orator_fail(err, ORATOR_INVALID_URL, "the server's URL is %.100s, need http or https",
                        place->url);
    else if (!*place->key)
        s = orator_fail(
            err, ORATOR_MISSING_API_KEY,
            "there is no API key: set ORATOR_API_KEY, or \"api_key = sk-...\" in %.100s, or "
            "give --key-file FILE",
            path);
done:
    return s;
}
