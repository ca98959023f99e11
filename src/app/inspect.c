/* inspect.c - `orator inspect`: what a request would need to know of its files. */
#include <math.h>
#include <stdio.h>

#include "app/app.h"
#include "engine/engine.h"

struct values {
    const char *image, *audio;
};

static const struct option options[] = {
    {"image", "FILE", "a portrait", offsetof(struct values, image), 'i'},
    {"audio", "FILE", "a voice", offsetof(struct values, audio), 'a'},
    {0},
};

static int run(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct values v = {0};
    struct engine *engine = NULL;
    struct engine_facts facts;
    struct bytes portrait = {0}, voice = {0};
    char json[WARNINGS_JSON_SIZE];
    struct text warnings = text_over(json, sizeof(json));

    TRY(app_read(self, &settings, &v, &argc, argv, &err));
    if (!v.image && !v.audio) {
        s = orator_fail(&err, ORATOR_MISSING_PARAMETER,
                        "orator inspect takes --image FILE and --audio FILE");
        goto done;
    }
    if (v.image)
        TRY(file_read(&portrait, v.image, 256 << 20, &err));
    if (v.audio)
        TRY(file_read(&voice, v.audio, 256 << 20, &err));
    TRY(engine_open(&engine, settings.models, &err));
    TRY(engine_inspect(engine, portrait.data ? &portrait : NULL, voice.data ? &voice : NULL,
                       settings.max_audio_seconds * 1000, &facts, &err));
    printf("{");
    if (voice.data)
        printf("\"audio_duration_seconds\": %.3f%s", (double)facts.voice_us / 1e6,
               portrait.data ? ", " : "");
    if (portrait.data)
        printf("\"width\": %d, \"height\": %d, \"face\": {\"box\": [%.1f, %.1f, %.1f, %.1f], "
               "\"confidence\": %.3f, \"yaw_degrees\": %.1f, \"eye_distance_px\": %.1f}",
               facts.width_px, facts.height_px, (double)facts.face_box[0],
               (double)facts.face_box[1], (double)facts.face_box[2], (double)facts.face_box[3],
               (double)facts.face_confidence, (double)facts.face_yaw_rad * 180.0 / M_PI,
               (double)facts.eye_distance_px);
    warnings_add_json(&warnings, &facts.warnings);
    if (portrait.data)
        printf(", \"warnings\": %s", json);
    puts("}");
done:
    engine_free(&engine);
    bytes_fini(&voice);
    bytes_fini(&portrait);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

const struct command inspect_command = {
    .name = "inspect",
    .sentence = "say how long a voice is and where the face of a portrait is, as JSON",
    .options = options,
    .settings = "models max_audio_seconds",
    .also = "orator inspect --image portrait.jpg --audio voice.mp3",
    .run = run,
};
