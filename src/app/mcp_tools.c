#include "app/mcp_tools.h"

#include <stdio.h>
#include <string.h>

enum {
    WAIT_USUAL_S = 45,
    WAIT_MAX_S = 600
}; /* clients wait for an answer for a minute as a rule */

/* make_video's arguments: the options of `orator render`, with underscores. */
static const struct option video_options[] = {
    {"image", "FILE", "the portrait: a jpg, png or webp with one face",
     offsetof(struct video_request, image), 0},
    {"audio", "FILE", "the voice: an mp3, wav, m4a, aac, ogg or flac recording, 2 to 300 seconds",
     offsetof(struct video_request, audio), 0},
    {"output", "FILE", "where to write the MP4, an absolute path",
     offsetof(struct video_request, out), 0},
    VIDEO_OPTIONS(0),
    VIDEO_SPEECH(0),
    VIDEO_FILES(0), /* from here on of this machine only */
    {0},
};

/* How many of them this maker knows. */
static int option_count(const struct mcp_maker *maker)
{
    static const struct option files[] = {VIDEO_FILES(0)};
    int all = (int)(sizeof(video_options) / sizeof(video_options[0])) - 1;
    return maker->inspect ? all : all - (int)(sizeof(files) / sizeof(files[0]));
}

static json_t *property(const struct option *o)
{
    json_t *p = json_pack("{s:s}", "description", o->sentence);
    const char *type = !o->value                    ? "boolean"
                       : strcmp(o->value, "N") == 0 ? "integer"
                       : strcmp(o->value, "F") == 0 ? "number"
                                                    : "string";
    json_object_set_new(p, "type", json_string(type));
    if (option_has_choices(o)) {
        json_t *words = json_array();
        const char *at = o->value, *word;
        size_t n;
        while ((word = option_next_choice(&at, &n)))
            json_array_append_new(words, json_stringn(word, n));
        json_object_set_new(p, "enum", words);
    }
    return p;
}

static void property_name(const struct option *o, char out[40])
{
    snprintf(out, 40, "%s", o->name);
    for (char *c = out; *c; c++)
        *c = *c == '-' ? '_' : *c;
}

static json_t *wait_property(void)
{
    return json_pack(
        "{s:s, s:i, s:i, s:i, s:s}", "type", "integer", "minimum", 0, "maximum", WAIT_MAX_S,
        "default", WAIT_USUAL_S, "description",
        "how long to wait for the end; then the answer says how far it is and video_status "
        "goes on");
}

static json_t *video_schema(const struct mcp_maker *maker, bool wait)
{
    json_t *properties = json_object();
    for (int i = 0; i < option_count(maker); i++) {
        char name[40];
        property_name(&video_options[i], name);
        json_object_set_new(properties, name, property(&video_options[i]));
    }
    if (wait)
        json_object_set_new(properties, "wait_seconds", wait_property());
    bool local =
        maker->inspect != NULL; /* a server keeps the video, this machine must put it somewhere */
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required",
                     local ? json_pack("[s, s]", "image", "output") : json_pack("[s]", "image"),
                     "additionalProperties", 0);
}

static json_t *id_schema(bool wait)
{
    json_t *properties = json_pack("{s:{s:s, s:s}}", "id", "type", "string", "description",
                                   "the id that make_video answered with");
    if (wait)
        json_object_set_new(properties, "wait_seconds", wait_property());
    return json_pack("{s:s, s:o, s:[s], s:b}", "type", "object", "properties", properties,
                     "required", "id", "additionalProperties", 0);
}

static json_t *list_schema(void)
{
    return json_pack("{s:s, s:{s:{s:s, s:i, s:i, s:i}}, s:b}", "type", "object", "properties",
                     "limit", "type", "integer", "minimum", 1, "maximum", 100, "default", 20,
                     "additionalProperties", 0);
}

static json_t *inspect_schema(void)
{
    return json_pack("{s:s, s:{s:{s:s, s:s}, s:{s:s, s:s}}, s:b}", "type", "object", "properties",
                     "image", "type", "string", "description", "a portrait, by its absolute path",
                     "audio", "type", "string", "description", "a voice, by its absolute path",
                     "additionalProperties", 0);
}

static void add(json_t *tools, const char *name, const char *title, const char *description,
                json_t *schema, bool reads, bool destroys)
{
    json_array_append_new(tools, json_pack("{s:s, s:s, s:s, s:o, s:{s:b, s:b, s:b}}", "name", name,
                                           "title", title, "description", description,
                                           "inputSchema", schema, "annotations", "readOnlyHint",
                                           reads, "destructiveHint", destroys, "openWorldHint", 0));
}

json_t *mcp_tools_list(const struct mcp_maker *maker)
{
    json_t *tools = json_array();
    add(tools, "make_video", "Make a talking video",
        "Makes a lip-synced MP4 of the person in a portrait speaking a recording (audio) or a text "
        "(say). Use only "
        "pictures and "
        "voices of people who agree. Rendering is about as fast as the video is long, or faster.",
        video_schema(maker, true), false, false);
    add(tools, "video_status", "Look at a video's job",
        "Says how far a video is; completed jobs name the file or URL, failed ones the reason.",
        id_schema(true), true, false);
    add(tools, "list_videos", "List video jobs", "The newest jobs first.", list_schema(), true,
        false);
    add(tools, "cancel_video", "Cancel a video's job",
        "Stops a job that is not over; nothing is charged and no file is left.", id_schema(false),
        false, true);
    if (maker->estimate)
        add(tools, "estimate_video", "Price and check a video",
            "Says what make_video would cost, when it would be done, and what is wrong with the "
            "files; "
            "charges nothing.",
            video_schema(maker, false), true, false);
    if (maker->inspect)
        add(tools, "inspect_files", "Check a portrait and a voice",
            "Says where the face is, what keeps a portrait from being its best, and how long a "
            "voice is.",
            inspect_schema(), true, false);
    return json_pack("{s:o}", "tools", tools);
}

bool mcp_tools_has(const struct mcp_maker *maker, const char *name)
{
    static const char *const names[] = {"make_video", "video_status", "list_videos",
                                        "cancel_video"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return (maker->estimate && strcmp(name, "estimate_video") == 0) ||
           (maker->inspect && strcmp(name, "inspect_files") == 0);
}

/* Words for what came as numbers. */
struct numbers {
    char text[8][32];
    int count;
};

static enum orator_status word_of(const json_t *value, const struct option *o, void *place,
                                  struct numbers *numbers, struct orator_error *err)
{
    const char *word = json_string_value(value);
    if (!o->value && json_is_boolean(value)) {
        memcpy(place, &(bool){json_is_true(value)}, sizeof(bool));
        return ORATOR_OK;
    }
    if (!word && json_is_number(value) && o->value && numbers->count < 8) {
        char *text = numbers->text[numbers->count++];
        if (json_is_integer(value))
            snprintf(text, 32, "%lld", (long long)json_integer_value(value));
        else
            snprintf(text, 32, "%.9g", json_real_value(value));
        word = text;
    }
    if (!word || !o->value)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, o->name, "%s has a wrong type",
                                 o->name);
    memcpy(place, &word, sizeof(word));
    return ORATOR_OK;
}

static enum orator_status request_from(const struct mcp_maker *maker, const json_t *arguments,
                                       struct video_request *out, struct numbers *numbers,
                                       struct orator_error *err)
{
    const char *key;
    json_t *value;
    *out = (struct video_request){0};
    *numbers = (struct numbers){0};
    for (void *at = json_object_iter((json_t *)(uintptr_t)arguments); at;
         at = json_object_iter_next((json_t *)(uintptr_t)arguments, at)) {
        const struct option *o = video_options;
        char name[40] = "";
        key = json_object_iter_key(at);
        value = json_object_iter_value(at);
        if (strcmp(key, "wait_seconds") == 0 || json_is_null(value))
            continue;
        const struct option *end = video_options + option_count(maker);
        for (; o < end; o++) {
            property_name(o, name);
            if (strcmp(name, key) == 0)
                break;
        }
        if (o == end)
            return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "", "make_video takes no %.40s",
                                     key);
        enum orator_status s = word_of(value, o, (char *)out + o->offset, numbers, err);
        if (s != ORATOR_OK)
            return s;
    }
    return ORATOR_OK;
}

static enum orator_status wait_from(const json_t *arguments, int *wait_s, struct orator_error *err)
{
    const json_t *value = json_object_get(arguments, "wait_seconds");
    json_int_t n = value ? json_integer_value(value) : WAIT_USUAL_S;
    if ((value && !json_is_integer(value)) || n < 0 || n > WAIT_MAX_S)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "wait_seconds",
                                 "wait_seconds must be from 0 to %d", WAIT_MAX_S);
    *wait_s = (int)n;
    return ORATOR_OK;
}

static enum orator_status id_from(const json_t *arguments, const char **id,
                                  struct orator_error *err)
{
    *id = json_string_value(json_object_get(arguments, "id"));
    return *id ? ORATOR_OK
               : orator_fail_param(err, ORATOR_MISSING_PARAMETER, "id", "id is missing");
}

enum orator_status mcp_tools_call(const struct mcp_maker *maker, const char *name,
                                  const json_t *arguments, json_t **job, int *wait_s,
                                  struct orator_error *err)
{
    enum orator_status s;
    const char *id;
    *job = NULL;
    *wait_s = 0;
    if (strcmp(name, "make_video") == 0) {
        struct video_request request;
        struct numbers numbers;
        TRY(request_from(maker, arguments, &request, &numbers, err));
        TRY(wait_from(arguments, wait_s, err));
        TRY(maker->start(maker->self, &request, job, err));
    } else if (maker->estimate && strcmp(name, "estimate_video") == 0) {
        struct video_request request;
        struct numbers numbers;
        TRY(request_from(maker, arguments, &request, &numbers, err));
        TRY(maker->estimate(maker->self, &request, job, err));
    } else if (strcmp(name, "video_status") == 0) {
        TRY(id_from(arguments, &id, err));
        TRY(wait_from(arguments, wait_s, err));
        TRY(maker->look(maker->self, id, job, err));
    } else if (strcmp(name, "cancel_video") == 0) {
        TRY(id_from(arguments, &id, err));
        TRY(maker->cancel(maker->self, id, job, err));
    } else if (strcmp(name, "list_videos") == 0) {
        json_t *jobs = NULL;
        json_int_t limit = json_integer_value(json_object_get(arguments, "limit"));
        TRY(maker->list(maker->self, limit >= 1 && limit <= 100 ? (int)limit : 20, &jobs, err));
        *job = json_pack("{s:o}", "videos", jobs);
    } else if (maker->inspect && strcmp(name, "inspect_files") == 0) {
        const char *image = json_string_value(json_object_get(arguments, "image"));
        const char *audio = json_string_value(json_object_get(arguments, "audio"));
        if (!image && !audio)
            return orator_fail(err, ORATOR_MISSING_PARAMETER, "give an image, an audio, or both");
        TRY(maker->inspect(maker->self, image, audio, job, err));
    } else {
        s = orator_fail(err, ORATOR_NOT_FOUND, "there is no tool %.40s", name);
    }
done:
    return s;
}
