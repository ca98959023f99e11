#include "engine/voice/voice.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/text.h"
#include "engine/media/media.h"

enum {
    LIMIT_MS = 60000, /* five minutes of speech take a second or two */
    OUTPUT_MAX_BYTES = 64 << 20,
    EXIT_NO_VOICE = 3,
};

/* OpenAI's names, for clients that know no others: voices that sound apart, in American English. */
static const char *const well_known[][2] = {
    {"alloy", "en-us"},      {"ash", "en-us+m1"},   {"ballad", "en-gb"},
    {"coral", "en-us+f2"},   {"echo", "en-us+m3"},  {"fable", "en-gb-scotland"},
    {"nova", "en-us+f3"},    {"onyx", "en-us+m7"},  {"sage", "en-us+f4"},
    {"shimmer", "en-us+f5"}, {"verse", "en-us+m2"}, {"marin", "en-us+f1"},
    {"cedar", "en-us+m4"},
};

void voice_sound_fini(struct voice_sound *v)
{
    bytes_fini(&v->file);
    bytes_fini(&v->notes);
    *v = (struct voice_sound){0};
}

bool voice_find_program(char *path, size_t size)
{
    static const char *const places[] = {"orator-speak", "src/speak/orator-speak",
                                         "../libexec/orator/orator-speak"};
    char own[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
    if (n <= 0)
        return false;
    own[n] = '\0';
    *strrchr(own, '/') = '\0';
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if ((size_t)snprintf(path, size, "%s/%s", own, places[i]) < size && access(path, X_OK) == 0)
            return true;
    return false;
}

static enum orator_status keep_output(void *ctx, const char *data, size_t size,
                                      struct orator_error *err)
{
    struct bytes *b = ctx;
    if (b->size + size > OUTPUT_MAX_BYTES)
        return orator_fail_param(err, ORATOR_AUDIO_TOO_LONG, "input",
                                 "the text is too long to say");
    unsigned char *more = realloc(b->data, b->size + size + 1);
    if (!more)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a voice");
    memcpy(more + b->size, data, size);
    b->data = more;
    b->size += size;
    b->data[b->size] = '\0';
    return ORATOR_OK;
}

static enum orator_status fail_voice(struct orator_error *err, const char *voice)
{
    return orator_fail_param(
        err, ORATOR_INVALID_PARAMETER, "voice",
        "there is no voice \"%.40s\"; there are alloy, nova, onyx and others, and "
        "those of espeak-ng such as en-us, de, fr or cmn+f3",
        voice);
}

static enum orator_status run(struct bytes *out, const char *program, const struct voice_order *o,
                              const char *voice, const atomic_int *stop, struct orator_error *err)
{
    char speed[16];
    struct child_end end;
    snprintf(speed, sizeof(speed), "%.2f", o->speed);
    const char *const argv[] = {program, voice, speed, NULL};
    enum orator_status s = child_run(&(struct child_order){.argv = argv,
                                                           .input = o->text,
                                                           .input_size = strlen(o->text),
                                                           .limit_ms = LIMIT_MS,
                                                           .stop = stop,
                                                           .out = keep_output,
                                                           .ctx = out},
                                     &end, err);
    if (s == ORATOR_OK && end.exit_code == EXIT_NO_VOICE)
        return fail_voice(err, o->voice);
    if (s == ORATOR_OK && end.exit_code != 0)
        return orator_fail(err, ORATOR_RENDER_FAILED, "the text could not be spoken");
    return s;
}

/* The samples behind the notes; *notes_size is that of the lines in front of them, "r" left out. */
static enum orator_status take_sound(struct sound *out, const struct bytes *said, size_t *notes_at,
                                     size_t *notes_size, struct orator_error *err)
{
    const char *text = (const char *)said->data;
    const char *gap = text ? strstr(text, "\n\n") : NULL;
    const char *line = gap ? strchr(text, '\n') : NULL;
    int rate_hz = gap && text[0] == 'r' ? atoi(text + 1) : 0;
    if (rate_hz < 8000 || rate_hz > 48000)
        return orator_fail(err, ORATOR_RENDER_FAILED, "the text could not be spoken");
    const unsigned char *pcm = (const unsigned char *)gap + 2;
    *out = (struct sound){
        .frames = (int64_t)(said->data + said->size - pcm) / 2, .channels = 1, .rate_hz = rate_hz};
    *notes_at = (size_t)(line + 1 - text);
    *notes_size = (size_t)(gap - line);
    if (out->frames < rate_hz / 50)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "input",
                                 "there is nothing in the text that can be said");
    out->samples = malloc((size_t)out->frames * sizeof(float));
    if (!out->samples)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a voice");
    for (int64_t i = 0; i < out->frames; i++)
        out->samples[i] = (float)(int16_t)(pcm[2 * i] | pcm[2 * i + 1] << 8) / 32768.0f;
    return ORATOR_OK;
}

/* The notes with `later_ms` added to each time. */
static enum orator_status copy_notes(struct bytes *out, const char *notes, size_t size,
                                     int64_t later_ms, struct orator_error *err)
{
    size_t room = 2 * size + 64; /* a time grows by some digits at most */
    char *memory = malloc(room);
    if (!memory)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a voice");
    struct text t = text_over(memory, room);
    for (const char *p = notes, *end = notes + size; p < end;) {
        char *rest;
        const char *next = memchr(p, '\n', (size_t)(end - p));
        next = next ? next + 1 : end;
        long ms = strtol(p + 1, &rest, 10);
        if (rest < next) {
            text_addf(&t, "%c %lld", *p, (long long)(ms + later_ms));
            text_add_n(&t, rest, (size_t)(next - rest));
        }
        p = next;
    }
    *out = (struct bytes){(unsigned char *)memory, t.length};
    return ORATOR_OK;
}

enum orator_status voice_speak(struct voice_sound *out, const char *program,
                               const struct voice_order *o, const atomic_int *stop,
                               struct orator_error *err)
{
    enum orator_status s;
    struct bytes said = {0};
    struct sound sound = {0};
    size_t notes_at = 0, notes_size = 0;
    int64_t lead = 0;
    const char *voice = o->voice;
    *out = (struct voice_sound){0};
    for (size_t i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++)
        if (strcmp(well_known[i][0], voice) == 0)
            voice = well_known[i][1];
    size_t n = strlen(voice);
    if (n == 0 || n > VOICE_NAME_MAX || *voice == '-' ||
        strspn(voice, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-") != n)
        return fail_voice(err, o->voice);
    TRY(run(&said, program, o, voice, stop, err));
    TRY(take_sound(&sound, &said, &notes_at, &notes_size, err));
    out->duration_ms = sound.frames * 1000 / sound.rate_hz;
    if (out->duration_ms > o->max_ms) {
        s = orator_fail_param(err, ORATOR_AUDIO_TOO_LONG, "input",
                              "it takes %.1f seconds to say that, at most %.0f are made",
                              (double)out->duration_ms / 1000, (double)o->max_ms / 1000);
        goto done;
    }
    TRY(sound_encode(&out->file, &sound, o->format, &lead, err));
    TRY(copy_notes(&out->notes, (const char *)said.data + notes_at, notes_size,
                   lead * 1000 / sound.rate_hz, err));
done:
    sound_fini(&sound);
    bytes_fini(&said);
    if (s != ORATOR_OK)
        voice_sound_fini(out);
    return s;
}
