/* speak.c - `orator-speak`: a text on standard input becomes a voice and its phones on standard output.
 *
 *     orator-speak VOICE SPEED            SPEED: 1 is usual
 *
 * A program of its own, so that the library that speaks (espeak-ng, GPL-3) is in no other
 * (docs/decisions/0003), and so that what it does wrong ends with it. Its output:
 *
 *     r 22050            samples a second
 *     w 0 Hello          a word begins, in ms
 *     p 12 h             a phone begins: IPA, or nothing for silence
 *     e 640              the end
 *                        an empty line, then the samples: 16 bits, little endian, one channel
 *
 * Exit status: 0; 2 wrong arguments; 3 no such voice; 4 the library cannot work.
 */
#include <errno.h>
#include <espeak-ng/speak_lib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_A_MINUTE = 175, /* espeak's usual rate */
    SLOWEST = 80,
    FASTEST = 900, /* beyond 450 it shortens the sound */
    TEXT_MAX_BYTES = 64 << 10,
    NAME_MAX_BYTES = 8 /* of a phone's name in an event */
};

struct buffer {
    char *data;
    size_t size, room;
};

static struct buffer samples, notes;
static char text[TEXT_MAX_BYTES + 1];
static bool out_of_memory;

static void add(struct buffer *b, const void *data, size_t size)
{
    if (b->size + size > b->room) {
        size_t room = (b->size + size) * 2;
        char *more = realloc(b->data, room);
        if (!more) {
            out_of_memory = true;
            return;
        }
        b->data = more;
        b->room = room;
    }
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

static void note(char kind, int ms, const char *name, size_t size)
{
    char line[32];
    add(&notes, line, (size_t)snprintf(line, sizeof(line), "%c %d ", kind, ms));
    for (size_t i = 0; i < size; i++)
        add(&notes, (unsigned char)name[i] < ' ' ? " " : &name[i], 1);
    add(&notes, "\n", 1);
}

static const char blanks[] = " \t\r\n";
static const char *unsaid = text; /* where the words begin that were not noted yet */
static int said_ms;               /* when the last one was */

/* Words up to `until`, or to the end, which espeak did not announce: between the last and what comes now. */
static void note_skipped(const char *until, int ms)
{
    int count = 0, i = 0;
    for (int pass = 0; pass < 2; pass++)
        for (const char *p = unsaid + strspn(unsaid, blanks); *p && (!until || p < until);
             p += strspn(p, blanks)) {
            size_t size = strcspn(p, blanks);
            if (pass == 0)
                count++;
            else
                note('w', said_ms + (ms - said_ms) * ++i / (count + 1), p, size);
            p += size;
        }
}

/* The word at a position, which espeak counts in characters from 1, with what is written against it. It announces
 * some twice, some never, and some where there are none. */
static void note_word(int ms, int position)
{
    const char *from = text;
    for (int i = 1; *from && i < position; i++)
        for (from++; (*from & 0xC0) == 0x80; from++)
            ;
    from += strspn(from, blanks);
    while (from > text && !strchr(blanks, from[-1]))
        from--; /* a quote or a bracket before it */
    size_t size = strcspn(from, blanks);
    if (size == 0 || from < unsaid)
        return;
    note_skipped(from, ms);
    note('w', ms, from, size);
    unsaid = from + size;
    said_ms = ms;
}

static int on_sound(short *wave, int count, espeak_EVENT *event)
{
    if (wave && count > 0)
        add(&samples, wave, (size_t)count * sizeof(*wave));
    for (; event->type != espeakEVENT_LIST_TERMINATED; event++) {
        if (event->type == espeakEVENT_PHONEME)
            note('p', event->audio_position, event->id.string,
                 strnlen(event->id.string, NAME_MAX_BYTES));
        else if (event->type == espeakEVENT_WORD && event->length > 0)
            note_word(event->audio_position, event->text_position);
    }
    return out_of_memory;
}

int main(int argc, char **argv)
{
    char *end;
    double speed = argc == 3 ? strtod(argv[2], &end) : 0;
    if (argc != 3 || *end || !(speed >= 0.1 && speed <= 10)) {
        fputs("orator-speak VOICE SPEED < text\n", stderr);
        return 2;
    }
    size_t size = fread(text, 1, TEXT_MAX_BYTES, stdin);
    text[size] = '\0';
    /* espeak-ng looks for a sound server, though nothing is to be played, and that makes folders at home and
     * in /tmp; one that cannot be there makes none. */
    setenv("PULSE_SERVER", "unix:/nonexistent", 1);
    int rate_hz = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 200, NULL,
                                    espeakINITIALIZE_PHONEME_EVENTS | espeakINITIALIZE_PHONEME_IPA |
                                        espeakINITIALIZE_DONT_EXIT);
    if (rate_hz <= 0) {
        fputs("espeak-ng finds no data\n", stderr);
        return 4;
    }
    if (espeak_SetVoiceByName(argv[1]) != EE_OK) {
        fputs("there is no such voice\n", stderr);
        return 3;
    }
    int rate = (int)(WORDS_A_MINUTE * speed + 0.5);
    espeak_SetParameter(espeakRATE, rate < SLOWEST ? SLOWEST : rate > FASTEST ? FASTEST : rate, 0);
    espeak_SetSynthCallback(on_sound);
    if (espeak_Synth(text, size + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL, NULL) != EE_OK ||
        espeak_Synchronize() != EE_OK || out_of_memory) {
        fputs("espeak-ng failed\n", stderr);
        return 4;
    }
    int end_ms = (int)(samples.size / 2 * 1000 / (size_t)rate_hz);
    note_skipped(NULL, end_ms);
    printf("r %d\n", rate_hz);
    fwrite(notes.data, 1, notes.size, stdout);
    printf("e %d\n\n", end_ms);
    fwrite(samples.data, 1, samples.size, stdout);
    return fflush(stdout) == 0 ? 0 : 4;
}
