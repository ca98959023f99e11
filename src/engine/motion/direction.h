/* direction.h - the words of a prompt become a way to perform and a way to film it.
 *
 * What:    not a language model but a table (lexicon.c) of what people write to a presenter, in English
 *          and Chinese: expression, energy, head, gaze, camera, style; degrees ("very", "稍微") and
 *          negations ("no", "不要"). The longest phrase that begins at a place counts. A word that is not
 *          in the table changes nothing. docs/direction.md lists the table; `orator direction` prints it.
 * Threads: pure.
 */
#pragma once

#include <stddef.h>

enum camera_move {
    CAMERA_STILL,
    CAMERA_ZOOM_IN,
    CAMERA_ZOOM_OUT,
    CAMERA_PAN_LEFT,
    CAMERA_PAN_RIGHT
};
enum camera_view { VIEW_AS_IS, VIEW_CLOSE };

/* How to perform. {0} is a neutral presenter before a still camera. */
struct direction {
    float smile;       /* 0..1 resting smile */
    float seriousness; /* 0..1 brows a little down, no smile */
    float concern;     /* 0..1 inner brows up */
    float sadness;     /* 0..1 that, corners of the mouth down, the head low */
    float anger;       /* 0..1 brows far down, lips tight */
    float surprise;    /* 0..1 brows up */
    float energy;      /* -1 calm .. 1 lively: head, brows, size of the mouth */
    float steadiness;  /* 0..1; 1 = frontal, hardly any head motion */
    float nodding;     /* -1 never .. 1 at every stressed syllable */
    float gaze;        /* -1 looks around .. 1 keeps its eyes on the viewer */
    float chin;        /* -1 lowered .. 1 raised */
    enum camera_move camera;
    float camera_amount; /* of an ordinary move; 0..2, 0 while still */
    enum camera_view view;
};

/* What was found in a prompt, for whoever wrote it. */
enum { HEARD_MAX = 24, HEARD_PHRASE_SIZE = 64 };
struct heard_phrase {
    char phrase[HEARD_PHRASE_SIZE]; /* in the lexicon's letters, with its degrees and negation */
    const char *aspect;             /* "expression", "energy", "head", "gaze", "camera", "style" */
    const char *means;              /* the name of the lexicon's row */
    float amount;                   /* 1: as the table has it; 0: forbidden */
};
struct heard {
    struct heard_phrase list[HEARD_MAX]; /* in the prompt's order; what is too much is dropped */
    int count;
};

/* `prompt` may be NULL, `heard` too. */
struct direction direction_read(const char *prompt, struct heard *heard);
struct direction direction_from_prompt(const char *prompt);

/* [{"phrase": "very friendly", "aspect": "expression", "means": "friendly", "amount": 1.4}, ...];
 * HEARD_JSON_SIZE bytes hold any list. */
struct text;
enum { HEARD_JSON_SIZE = 4 + HEARD_MAX * (HEARD_PHRASE_SIZE + 128) };
void heard_to_json(struct text *, const struct heard *);
