/* models.h - the two models of the contract. Private to api/. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct api_setup;

struct model {
    const char *id, *title, *size_class;
    int fps, width_px, height_px; /* of a 16:9 portrait; others keep their aspect */
    bool pro;
};

const struct model *model_find(const char *id); /* NULL: there is none */
int64_t model_price_micro(const struct model *, const struct api_setup *);
int64_t model_max_voice_ms(const struct api_setup *);
