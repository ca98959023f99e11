/* limits.h - what a request may ask for. The engine holds the same numbers for what it decodes; the
 * two meet in the answers of GET /v1/limits and in the tests. */
#pragma once

enum {
    LIMIT_IMAGE_BYTES = 10 << 20,
    LIMIT_IMAGE_MIN_PX = 128,
    LIMIT_IMAGE_GOOD_PX = 300, /* a warning below */
    LIMIT_IMAGE_MAX_PX = 8192,
    LIMIT_AUDIO_BYTES = 50 << 20,
    LIMIT_AUDIO_MIN_MS = 2000,
    LIMIT_AUDIO_MAX_MS = 300000, /* unless the setup says more */
    LIMIT_FPS_MIN = 12,
    LIMIT_FPS_MAX = 60,
    LIMIT_MOTION_MAX = 2, /* times the usual */
    LIMIT_METADATA_PAIRS = 16,
    LIMIT_METADATA_KEY = 64, /* characters */
    LIMIT_METADATA_VALUE = 512,
    LIMIT_FILES = 1000, /* uploads that an account may hold */
    LIMIT_FILE_DAYS = 30,
    LIMIT_EXPIRES_MIN_S = 60,
    LIMIT_EXPIRES_MAX_S = 3650 * 86400, /* where the setup keeps jobs for ever */
    LIMIT_JSON_DEPTH = 32,              /* the deepest documented field is at 2 */
};
#define LIMIT_FILES_BYTES  (2LL << 30)
#define LIMIT_IMAGE_ASPECT 2.5                /* longer side over shorter side */
#define LIMIT_SEED         9007199254740991LL /* 2^53 - 1: the last integer that every JSON reader keeps */
