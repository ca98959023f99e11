#include "engine/motion/direction.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/motion/lexicon.h"
#include "engine/motion/smooth.h"

/* A degree is of the next effect; so much unknown may stand between them: a word, or two characters of
 * Chinese. "very natural smile", but not "slightly blurred background, friendly". */
enum { STRANGE_WORD = 2, STRANGE_CHARACTER = 1, STRANGE_MOST = 2 };

/* One phrase of the lexicon, found at a place. */
struct found {
    const struct lexicon_row *row; /* NULL: none */
    const char *phrase;
    size_t length;
};

static bool is_word(char c) { return isalnum((unsigned char)c) && (unsigned char)c < 0x80; }

static bool matches(const char *at, const char *phrase, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] + ('a' - 'A')) : at[i];
        if (c != phrase[i])
            return false; /* the end of the prompt, too */
    }
    return !is_word(phrase[length - 1]) || !is_word(at[length]);
}

/* The longest phrase that begins here, of the rows of one kind (-1: of any). */
static struct found look_up(const char *at, int kind)
{
    struct found best = {0};
    for (int i = 0; i < lexicon_count; i++) {
        if (kind >= 0 && (int)lexicon[i].kind != kind)
            continue;
        for (const char *phrase = lexicon[i].phrases; *phrase;) {
            size_t length = strcspn(phrase, "|");
            if (length > best.length && matches(at, phrase, length))
                best = (struct found){&lexicon[i], phrase, length};
            phrase += length + (phrase[length] == '|');
        }
    }
    return best;
}

/* Towards 1 with each word that asks for it, back to 0 with each that is against it. */
static void move(float *value, float by)
{
    by = clampf(by, -1.0f, 1.0f);
    *value = by > 0.0f ? *value + by * (1.0f - *value) : *value * (1.0f + by);
}

static void lean(float *value, float by) { *value = clampf(*value + by, -1.0f, 1.0f); }

static void apply(struct direction *d, const struct direction *e, float degree)
{
    move(&d->smile, degree * e->smile);
    move(&d->seriousness, degree * e->seriousness);
    move(&d->concern, degree * e->concern);
    move(&d->sadness, degree * e->sadness);
    move(&d->anger, degree * e->anger);
    move(&d->surprise, degree * e->surprise);
    move(&d->steadiness, degree * e->steadiness);
    lean(&d->energy, degree * e->energy);
    lean(&d->nodding, degree * e->nodding);
    lean(&d->gaze, degree * e->gaze);
    lean(&d->chin, degree * e->chin);
    if (e->camera != CAMERA_STILL) {
        d->camera = e->camera;
        d->camera_amount = clampf(degree * e->camera_amount, 0.0f, 2.0f);
    }
    if (e->view != VIEW_AS_IS)
        d->view = e->view;
}

static void take(float *value, float asked)
{
    if (*value * asked > 0.0f)
        *value = 0.0f;
}

/* Takes away what the phrase would ask for. */
static void forbid(struct direction *d, const struct direction *e)
{
    take(&d->smile, e->smile);
    take(&d->seriousness, e->seriousness);
    take(&d->concern, e->concern);
    take(&d->sadness, e->sadness);
    take(&d->anger, e->anger);
    take(&d->surprise, e->surprise);
    take(&d->steadiness, e->steadiness);
    take(&d->energy, e->energy);
    take(&d->gaze, e->gaze);
    take(&d->chin, e->chin);
    if (e->nodding > 0.0f)
        d->nodding = -1.0f;
    if (e->camera != CAMERA_STILL)
        d->camera = CAMERA_STILL, d->camera_amount = 0.0f;
    if (e->view == d->view)
        d->view = VIEW_AS_IS;
}

static bool ends_clause(const char *at)
{
    static const char *const ends[] = {",",  ".",  ";",  ":",  "!",  "?", "\n",
                                       "，", "。", "；", "：", "！", "？"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strncmp(at, ends[i], strlen(ends[i])) == 0)
            return true;
    return false;
}

/* "warm light": said of the scene, not of the person. */
static bool is_of_the_scene(const char *after)
{
    while (*after == ' ' || *after == '-')
        after++;
    if (strncmp(after, "的", strlen("的")) == 0)
        after += strlen("的");
    return look_up(after, WORD_SCENE).row;
}

/* The words that change the next effect, as heard. */
struct before {
    char words[HEARD_PHRASE_SIZE];
    float degree;
    bool negated, negated_something;
    int strange;
};

static void add_phrase(struct text *t, const struct found *f)
{
    bool latin = is_word(f->phrase[0]);
    if (t->length > 0 && latin)
        text_add(t, " ");
    text_add_n(t, f->phrase, f->length);
}

static void hear(struct heard *heard, const struct before *b, const struct found *f)
{
    if (!heard || heard->count == HEARD_MAX)
        return;
    struct heard_phrase *h = &heard->list[heard->count++];
    struct text t = text_over(h->phrase, sizeof(h->phrase));
    text_add(&t, b->words);
    add_phrase(&t, f);
    if (t.cut) { /* whole or not at all: half a character is none */
        t = text_over(h->phrase, sizeof(h->phrase));
        add_phrase(&t, f);
    }
    h->aspect = f->row->aspect;
    h->means = f->row->name;
    h->amount = b->negated ? 0.0f : b->degree;
}

static void remember(struct before *b, const struct found *f)
{
    char words[HEARD_PHRASE_SIZE];
    struct text t = text_over(words, sizeof(words));
    text_add(&t, b->words);
    add_phrase(&t, f);
    if (!t.cut)
        memcpy(b->words, words, sizeof(words));
    b->strange = 0;
}

static void forget_degree(struct before *b)
{
    b->degree = 1.0f;
    b->strange = 0;
    b->words[0] = '\0';
}

static void read_found(struct direction *d, struct heard *heard, struct before *b,
                       const struct found *f, const char *after)
{
    switch (f->row->kind) {
    case WORD_DEGREE:
        b->degree *= f->row->degree;
        remember(b, f);
        break;
    case WORD_NEGATION:
        forget_degree(b);
        b->negated = true;
        b->negated_something = false;
        remember(b, f);
        break;
    case WORD_TURN:
        if (b->negated_something)
            b->negated = false;
        forget_degree(b);
        break;
    case WORD_EFFECT: /* an expression or an energy may be a room's */
        if ((f->row->aspect[0] != 'e' || !is_of_the_scene(after))) {
            hear(heard, b, f);
            if (b->negated)
                forbid(d, &f->row->effect);
            else
                apply(d, &f->row->effect, b->degree);
            b->negated_something =
                b->negated; /* and on to the end of its clause: no smile or frown */
        }
        forget_degree(b);
        break;
    case WORD_SCENE:
    case WORD_OTHER:
        forget_degree(b);
        break;
    }
}

struct direction direction_read(const char *prompt, struct heard *heard)
{
    struct direction d = {0};
    struct before b = {.degree = 1.0f};
    const char *at = prompt ? prompt : "";
    if (heard)
        heard->count = 0;
    while (*at) {
        struct found f = look_up(at, -1);
        if (f.row) {
            read_found(&d, heard, &b, &f, at + f.length);
            at += f.length;
        } else if (ends_clause(at)) {
            forget_degree(&b);
            b.negated = false;
            at++;
        } else if (is_word(*at)) {
            while (is_word(*at))
                at++;
            b.strange += STRANGE_WORD;
        } else {
            b.strange += (*at & 0xC0) == 0xC0 ? STRANGE_CHARACTER : 0;
            at++;
        }
        if (b.strange > STRANGE_MOST)
            forget_degree(&b);
    }
    return d;
}

struct direction direction_from_prompt(const char *prompt) { return direction_read(prompt, NULL); }

void heard_to_json(struct text *t, const struct heard *heard)
{
    text_add(t, "[");
    for (int i = 0; i < heard->count; i++) {
        const struct heard_phrase *h = &heard->list[i];
        text_add(t, i ? ", {\"phrase\": " : "{\"phrase\": ");
        text_add_json(t, h->phrase);
        text_addf(t, ", \"aspect\": \"%s\", \"means\": \"%s\", \"amount\": %.3g}", h->aspect,
                  h->means, (double)h->amount);
    }
    text_add(t, "]");
}
