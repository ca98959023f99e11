/* inspect.c - `orator inspect`: what a request would need to know of its files. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "engine/engine.h"

int command_inspect(int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct engine *engine = NULL;
    struct engine_facts facts;
    struct bytes portrait = {0}, voice = {0};
    char json[WARNINGS_JSON_SIZE];
    struct text warnings = text_over(json, sizeof(json));

    TRY(settings_init(&settings, &err));
    TRY(settings_from_arguments(&settings, &argc, argv, &err));
    for (int i = 1; i < argc; i += 2) {
        bool image = strcmp(argv[i], "--image") == 0;
        if ((!image && strcmp(argv[i], "--audio") != 0) || i + 1 == argc) {
            s = orator_fail(&err, ORATOR_INVALID_PARAMETER,
                            "orator inspect takes --image FILE and --audio FILE");
            goto done;
        }
        TRY(file_read(image ? &portrait : &voice, argv[i + 1], 256 << 20, &err));
    }
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
