#include "engine/captions.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

enum {
    CUE_COLUMNS = CAPTION_LINE_COLUMNS * CAPTION_LINES,
    SENTENCE_COLUMNS = 12, /* shorter sentences share a cue: "No. Not yet." */
    CLAUSE_PART = 2,       /* of a full cue, one over this must be reached to break at a comma */
    SNAP_MS = 700,         /* a cue's end goes to a pause this near */
    STRETCH_MAX_MS = 5000, /* of speech without a text, in one cue */
    LETTERS_OF_WORD = 2,   /* a word takes its letters and as long as these */
    LETTERS_OF_HAN = 4,    /* a Chinese character is a syllable */
    LETTERS_OF_DIGIT = 4
};

/* A word with the punctuation behind it, or a Chinese character with that. */
struct piece {
    const char *at;
    int bytes, columns;
    int64_t weight;
    bool space; /* before it */
    bool ends_clause, ends_sentence;
    int64_t start_ms, end_ms; /* if known */
};

struct cue {
    int first, last; /* pieces */
    int64_t start_ms, end_ms;
};

struct layout {
    struct piece *pieces;
    int count;
    struct cue *cues;
    int cue_count;
};

static int character_bytes(const char *at)
{
    unsigned char c = (unsigned char)*at;
    int n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    for (int k = 1; k < n; k++)
        if (((unsigned char)at[k] & 0xC0) != 0x80)
            return 1; /* not UTF-8: a byte */
    return n;
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static bool is_one_of(const char *at, int bytes, const char *const *list)
{
    for (; *list; list++)
        if ((int)strlen(*list) == bytes && memcmp(at, *list, (size_t)bytes) == 0)
            return true;
    return false;
}

static bool ends_sentence(const char *at, int bytes)
{
    static const char *const marks[] = {".", "!", "?", "。", "！", "？", "…", NULL};
    return is_one_of(at, bytes, marks);
}

static bool ends_clause(const char *at, int bytes)
{
    static const char *const marks[] = {",", ";", ":", "，", "；", "：", "、", "–", "—", NULL};
    return is_one_of(at, bytes, marks);
}

static bool is_closing(const char *at, int bytes)
{
    static const char *const marks[] = {"\"", "'",  ")",  "]",  "”", "’",
                                        "」", "』", "）", "》", NULL};
    return ends_sentence(at, bytes) || ends_clause(at, bytes) || is_one_of(at, bytes, marks);
}

/* Written without spaces: Han, kana, full-width forms. */
static bool is_wide(const char *at, int bytes)
{
    unsigned char c = (unsigned char)at[0], d = bytes > 1 ? (unsigned char)at[1] : 0;
    return (bytes == 3 && ((c >= 0xE3 && c <= 0xE9) || (c == 0xEF && d >= 0xBC))) || bytes == 4;
}

static void end_piece(struct piece *p, const char *end)
{
    p->bytes = (int)(end - p->at);
    for (const char *c = p->at; c < end;) {
        int n = character_bytes(c);
        bool digit = *c >= '0' && *c <= '9', mark = is_closing(c, n);
        p->columns += is_wide(c, n) ? 2 : 1;
        if (!mark)
            p->weight += is_wide(c, n) ? LETTERS_OF_HAN : digit ? LETTERS_OF_DIGIT : 1;
        p->ends_sentence |= ends_sentence(c, n) && end - c <= 6;
        p->ends_clause |= ends_clause(c, n) && end - c <= 6;
        c += n;
    }
    if (!is_wide(p->at, character_bytes(p->at)))
        p->weight += LETTERS_OF_WORD;
}

/* Punctuation stays with what is before it. */
static int cut_text(struct piece *pieces, const char *text)
{
    int count = 0;
    bool space = false;
    for (const char *at = text; *at;) {
        int n = character_bytes(at);
        if (is_space(*at)) {
            space = true;
            at++;
            continue;
        }
        struct piece *p = &pieces[count++];
        *p = (struct piece){.at = at, .space = space && count > 1};
        bool wide = is_wide(at, n);
        at += n;
        while (*at && !is_space(*at)) {
            n = character_bytes(at);
            if (!is_closing(at, n) && (wide || is_wide(at, n)))
                break;
            at += n;
        }
        end_piece(p, at);
        space = false;
    }
    return count;
}

/* Which pieces stand together. */
static void make_cues(struct layout *l)
{
    int first = 0, columns = 0, clause = -1;
    for (int i = 0; i < l->count; i++) {
        const struct piece *p = &l->pieces[i];
        int more = p->columns + (i > first && p->space);
        if (i > first && columns + more > CUE_COLUMNS) {
            int last = clause >= first ? clause : i - 1;
            l->cues[l->cue_count++] = (struct cue){first, last, 0, 0};
            first = last + 1;
            clause = -1;
            columns = 0;
            for (int k = first; k < i; k++)
                columns += l->pieces[k].columns + (k > first && l->pieces[k].space);
            more = p->columns + (i > first && p->space);
        }
        columns += more;
        if (p->ends_clause && columns * CLAUSE_PART >= CUE_COLUMNS)
            clause = i;
        if (i + 1 == l->count || (p->ends_sentence && columns >= SENTENCE_COLUMNS)) {
            l->cues[l->cue_count++] = (struct cue){first, i, 0, 0};
            first = i + 1;
            clause = -1;
            columns = 0;
        }
    }
}

/* Where so much speaking has been done. */
static int64_t after_speaking(const struct phrases *ph, int64_t spoken_ms)
{
    for (int i = 0; i < ph->count; i++) {
        int64_t length = ph->list[i].end_ms - ph->list[i].start_ms;
        if (spoken_ms <= length)
            return ph->list[i].start_ms + spoken_ms;
        spoken_ms -= length;
    }
    return ph->count ? ph->list[ph->count - 1].end_ms : ph->length_ms;
}

/* The pause nearest to a moment of speaking, counted as the phrase before it; -1: none is near. */
static int pause_near(const struct phrases *ph, int64_t spoken_ms, int from, int64_t *spoken_there)
{
    int best = -1;
    int64_t sum = 0, nearest = SNAP_MS;
    for (int i = 0; i + 1 < ph->count; i++) {
        sum += ph->list[i].end_ms - ph->list[i].start_ms;
        int64_t away = llabs(sum - spoken_ms);
        int64_t pause = ph->list[i + 1].start_ms - ph->list[i].end_ms;
        away -= pause < 600 ? pause / 4 : 150; /* a long pause is likelier the one */
        if (i >= from && away < nearest) {
            nearest = away;
            best = i;
            *spoken_there = sum;
        }
    }
    return best;
}

/* Each cue takes as much speaking as its letters; what a pause has put right holds for the rest. */
static void time_cues(struct layout *l, const struct phrases *ph)
{
    int64_t all_ms = 0, all_weight = 0, spoken = 0, weight = 0;
    int pause = 0;
    for (int i = 0; i < ph->count; i++)
        all_ms += ph->list[i].end_ms - ph->list[i].start_ms;
    for (int i = 0; i < l->count; i++)
        all_weight += l->pieces[i].weight;
    int64_t start = ph->count ? ph->list[0].start_ms : 0;
    for (int k = 0; k < l->cue_count; k++) {
        struct cue *cue = &l->cues[k];
        int64_t own = 0, there = 0;
        for (int i = cue->first; i <= cue->last; i++)
            own += l->pieces[i].weight;
        spoken += all_weight > weight ? (all_ms - spoken) * own / (all_weight - weight) : 0;
        weight += own;
        const struct piece *end = &l->pieces[cue->last];
        int at = k + 1 < l->cue_count && (end->ends_sentence || end->ends_clause)
                     ? pause_near(ph, spoken, pause, &there)
                     : -1;
        cue->start_ms = start;
        if (at >= 0 && ph->list[at].end_ms > start) {
            pause = at + 1;
            spoken = there;
            cue->end_ms = ph->list[at].end_ms;
            start = ph->list[at + 1].start_ms;
        } else {
            cue->end_ms = start = after_speaking(ph, spoken);
        }
    }
}

static void time_cues_by_words(struct layout *l)
{
    for (int k = 0; k < l->cue_count; k++) {
        l->cues[k].start_ms = l->pieces[l->cues[k].first].start_ms;
        l->cues[k].end_ms = l->pieces[l->cues[k].last].end_ms;
    }
}

/* In marks, & and < begin something; what is not UTF-8 is a question mark. */
static void add_escaped(struct text *t, const char *at, int bytes)
{
    for (const char *end = at + bytes; at < end;) {
        int n = character_bytes(at);
        if (*at == '&')
            text_add(t, "&amp;");
        else if (*at == '<')
            text_add(t, "&lt;");
        else if (*at == '>')
            text_add(t, "&gt;");
        else if (n == 1 && ((unsigned char)*at >= 0x80 || (unsigned char)*at < 0x20))
            text_add(t, "?");
        else
            text_add_n(t, at, (size_t)n);
        at += n;
    }
}

static void add_time(struct text *t, int64_t ms)
{
    text_addf(t, "%02lld:%02lld:%02lld.%03lld", (long long)(ms / 3600000),
              (long long)(ms / 60000 % 60), (long long)(ms / 1000 % 60), (long long)(ms % 1000));
}

static void add_times(struct text *t, int64_t start_ms, int64_t end_ms)
{
    add_time(t, start_ms);
    text_add(t, " --> ");
    add_time(t, end_ms > start_ms ? end_ms : start_ms + 1); /* a cue of no length is none */
    text_add(t, "\n");
}

/* On two lines if it must be, as even as its words let it. */
static void add_lines(struct text *t, const struct layout *l, const struct cue *cue)
{
    int all = 0, so_far = 0, best = -1, best_off = CUE_COLUMNS;
    for (int i = cue->first; i <= cue->last; i++)
        all += l->pieces[i].columns + (i > cue->first && l->pieces[i].space);
    for (int i = cue->first; all > CAPTION_LINE_COLUMNS && i < cue->last; i++) {
        so_far += l->pieces[i].columns + (i > cue->first && l->pieces[i].space);
        int off = abs(2 * so_far - all) - (l->pieces[i].ends_clause ? 8 : 0);
        if (off < best_off) {
            best_off = off;
            best = i;
        }
    }
    for (int i = cue->first; i <= cue->last; i++) {
        add_escaped(t, l->pieces[i].at, l->pieces[i].bytes);
        if (i < cue->last)
            text_add(t, i == best ? "\n" : l->pieces[i + 1].space ? " " : "");
    }
    text_add(t, "\n\n");
}

/* Stretches of speech in which no pause is long; a stretch too long is cut. */
static void add_stretches(struct text *t, const struct phrases *ph)
{
    for (int i = 0; i < ph->count;) {
        int last = i;
        while (last + 1 < ph->count &&
               ph->list[last + 1].start_ms - ph->list[last].end_ms < SNAP_MS &&
               ph->list[last + 1].end_ms - ph->list[i].start_ms < STRETCH_MAX_MS)
            last++;
        add_times(t, ph->list[i].start_ms, ph->list[last].end_ms);
        text_add(t, "[speech]\n\n");
        i = last + 1;
    }
}

static enum orator_status lay_out(struct layout *l, const struct captions_source *from,
                                  struct orator_error *err)
{
    const char *text = from->text ? from->text : "";
    size_t most = from->words ? (size_t)from->words_count : strlen(text);
    l->pieces = calloc(most + 1, sizeof(*l->pieces));
    l->cues = calloc(most + 1, sizeof(*l->cues));
    if (!l->pieces || !l->cues)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for captions");
    if (!from->words) {
        l->count = cut_text(l->pieces, text);
    } else {
        for (int i = 0; i < from->words_count; i++) {
            const struct caption_word *w = &from->words[i];
            if (!w->text[0])
                continue;
            struct piece *p = &l->pieces[l->count++];
            *p = (struct piece){.at = w->text, .start_ms = w->start_ms, .end_ms = w->end_ms};
            p->space = l->count > 1 && !is_wide(w->text, character_bytes(w->text));
            end_piece(p, w->text + strlen(w->text));
        }
    }
    make_cues(l);
    if (from->words)
        time_cues_by_words(l);
    else
        time_cues(l, from->phrases);
    return ORATOR_OK;
}

enum orator_status captions_format(char **out, const struct captions_source *from,
                                   struct orator_error *err)
{
    enum orator_status s;
    struct layout l = {0};
    *out = NULL;
    TRY(lay_out(&l, from, err));
    size_t size = 64 + 64 * (size_t)(l.cue_count + from->phrases->count);
    for (int i = 0; i < l.count; i++)
        size += 5 * (size_t)l.pieces[i].bytes + 2;
    *out = malloc(size);
    if (!*out) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for captions");
        goto done;
    }
    struct text t = text_over(*out, size);
    text_add(&t, "WEBVTT\n\n");
    if (l.count == 0)
        add_stretches(&t, from->phrases);
    for (int k = 0; k < l.cue_count; k++) {
        add_times(&t, l.cues[k].start_ms, l.cues[k].end_ms);
        add_lines(&t, &l, &l.cues[k]);
    }
done:
    free(l.pieces);
    free(l.cues);
    return s;
}

enum orator_status captions_write(const char *path, const struct captions_source *from,
                                  struct orator_error *err)
{
    char *vtt;
    enum orator_status s = captions_format(&vtt, from, err);
    if (s == ORATOR_OK)
        s = file_write(path, vtt, strlen(vtt), err);
    free(vtt);
    return s;
}
