/* lexicon.h - what the words of a prompt mean: a table that anybody can add a row to.
 *
 * A row has a name and its phrases, "|" between them: English in lower case, matched as whole words;
 * Chinese anywhere. Everything else is read from `kind`.
 */
#pragma once

#include "engine/motion/direction.h"

enum word_kind {
    WORD_EFFECT,   /* adds `effect` to the direction, times the degrees before it */
    WORD_DEGREE,   /* `degree`: a factor of the next effect */
    WORD_NEGATION, /* effects up to the end of the clause are forbidden */
    WORD_TURN,     /* ends a negation that has had its effect: "not sad but calm" */
    WORD_SCENE,    /* an expression right before it is of the scene: "warm light" */
    WORD_OTHER     /* means nothing here, and what it contains neither: 不错 */
};

struct lexicon_row {
    const char *name;
    enum word_kind kind;
    const char *aspect;      /* of an effect */
    struct direction effect; /* each number: how far towards 1, or away from it */
    float degree;
    const char *phrases;
};

extern const struct lexicon_row lexicon[];
extern const int lexicon_count;
