/* flite - speaks lines with flite's four American voices and writes down when each phone begins.
 *
 *     flite FOLDER < lines           a line: name TAB voice TAB stretch TAB pitch in Hz, or 0 TAB text
 *
 * Writes FOLDER/name.raw (16-bit mono, 16,000 Hz) and FOLDER/name.phones (a line a phone: ms TAB phone; the
 * last line, "#", is the sound's length). */
#include <flite/flite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 16384, FIELDS = 5, VOICES = 4 };

cst_voice *register_cmu_us_kal16(const char *);
cst_voice *register_cmu_us_awb(const char *);
cst_voice *register_cmu_us_rms(const char *);
cst_voice *register_cmu_us_slt(const char *);

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

static void write_down(const char *folder, const char *name, cst_utterance *said)
{
    cst_wave *wave = utt_wave(said);
    FILE *sound = open_in(folder, name, "raw"), *marks = open_in(folder, name, "phones");
    fwrite(wave->samples, sizeof(*wave->samples), (size_t)wave->num_samples, sound);
    float start = 0.0f;
    for (cst_item *s = relation_head(utt_relation(said, "Segment")); s; s = item_next(s)) {
        fprintf(marks, "%d\t%s\n", (int)(start * 1000.0f + 0.5f), item_feat_string(s, "name"));
        start = item_feat_float(s, "end");
    }
    fprintf(marks, "%d\t#\n", (int)(wave->num_samples * 1000LL / wave->sample_rate));
    fclose(sound);
    fclose(marks);
}

int main(int argc, char **argv)
{
    static char line[LINE_MAX_BYTES];
    if (argc != 2)
        return 1;
    flite_init();
    const char *names[VOICES] = {"kal16", "awb", "rms", "slt"};
    cst_voice *voices[VOICES] = {register_cmu_us_kal16(NULL), register_cmu_us_awb(NULL),
                                 register_cmu_us_rms(NULL), register_cmu_us_slt(NULL)};
    while (fgets(line, sizeof(line), stdin)) {
        char *field[FIELDS], *rest = line;
        int count = 0, v = 0;
        line[strcspn(line, "\n")] = '\0';
        while (count < FIELDS && rest)
            field[count++] = strsep(&rest, "\t");
        while (v < VOICES && count == FIELDS && strcmp(names[v], field[1]) != 0)
            v++;
        if (count < FIELDS || v == VOICES)
            continue;
        feat_set_float(voices[v]->features, "duration_stretch", (float)atof(field[2]));
        if (atof(field[3]) > 0.0)
            feat_set_float(voices[v]->features, "int_f0_target_mean", (float)atof(field[3]));
        cst_utterance *said = flite_synth_text(field[4], voices[v]);
        if (said) {
            write_down(argv[1], field[0], said);
            delete_utterance(said);
        }
    }
    return 0;
}
