/* espeak - speaks lines with espeak-ng and writes down when each phone begins.
 *
 *     espeak FOLDER < lines          a line: name TAB voice TAB rate TAB pitch TAB range TAB text
 *
 * Writes FOLDER/name.raw (16-bit mono, 22,050 Hz) and FOLDER/name.phones (a line a mark: ms TAB phone; a
 * mark named "#" ends the sentence before it, the last line is the sound's length). */
#include <espeak-ng/speak_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 16384, FIELDS = 6, RATE_HZ = 22050 };

static FILE *sound, *marks;
static long samples;

static int heard(short *wave, int count, espeak_EVENT *event)
{
    if (wave && count > 0)
        samples += (long)fwrite(wave, sizeof(*wave), (size_t)count, sound);
    for (; event->type != espeakEVENT_LIST_TERMINATED; event++) {
        if (event->type == espeakEVENT_PHONEME)
            fprintf(marks, "%d\t%.8s\n", event->audio_position, event->id.string);
        else if (event->type == espeakEVENT_END)
            fprintf(marks, "%d\t#\n", event->audio_position);
    }
    return 0;
}

static FILE *open_in(const char *folder, const char *name, const char *ending)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s.%s", folder, name, ending);
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

int main(int argc, char **argv)
{
    static char line[LINE_MAX_BYTES];
    if (argc != 2 || espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, NULL,
                                       espeakINITIALIZE_PHONEME_EVENTS |
                                           espeakINITIALIZE_PHONEME_IPA) != RATE_HZ)
        return 1;
    espeak_SetSynthCallback(heard);
    while (fgets(line, sizeof(line), stdin)) {
        char *field[FIELDS], *rest = line;
        int count = 0;
        line[strcspn(line, "\n")] = '\0';
        while (count < FIELDS && rest)
            field[count++] = strsep(&rest, "\t");
        if (count < FIELDS)
            continue;
        if (espeak_SetVoiceByName(field[1]) != EE_OK) {
            fprintf(stderr, "espeak has no voice %s\n", field[1]);
            continue;
        }
        espeak_SetParameter(espeakRATE, atoi(field[2]), 0);
        espeak_SetParameter(espeakPITCH, atoi(field[3]), 0);
        espeak_SetParameter(espeakRANGE, atoi(field[4]), 0);
        sound = open_in(argv[1], field[0], "raw");
        marks = open_in(argv[1], field[0], "phones");
        samples = 0;
        espeak_Synth(field[5], strlen(field[5]) + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL,
                     NULL);
        espeak_Synchronize();
        fprintf(marks, "%ld\t#\n", samples * 1000 / RATE_HZ);
        fclose(sound);
        fclose(marks);
    }
    return 0;
}
