/* motion.c - how a voice moves a person, as figures: what people do is in brackets.
 *
 *   build/bench/motion MODELS VOICE...    one row a voice, at 25 frames a second, neutral direction
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "engine/motion/motion.h"
#include "engine/motion/phrases.h"

enum { FPS = 25 };
#define DEGREE 0.017453293

/* How far the lips are apart in their middle, in eye distances, as the renderer draws action units. */
static double gap(const struct pose *p)
{
    double apart = 0.30 * (double)p->au[AU_JAW] + 0.065 * (double)p->au[AU_UPPER_RAISE] +
                   0.07 * (double)p->au[AU_LOWER_DROP] + 0.097 * (double)p->au[AU_FUNNEL];
    return apart * (1 - (double)p->closure);
}

static bool speaking(const struct phrases *ph, int64_t frame)
{
    int64_t ms = frame * 1000 / FPS;
    for (int i = 0; i < ph->count; i++)
        if (ms >= ph->list[i].start_ms && ms < ph->list[i].end_ms)
            return true;
    return false;
}

static double deviation(const double *v, int64_t n)
{
    double sum = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        sum += v[i], square += v[i] * v[i];
    return sqrt(fmax(square / (double)n - sum / (double)n * sum / (double)n, 0));
}

/* Peaks at least `rise` above the valleys on both sides, `apart` frames from the last. */
static int peaks(const double *v, const bool *counted, int64_t n, double rise, int apart)
{
    int found = 0;
    int64_t last = -apart;
    for (int64_t i = 1; i + 1 < n; i++) {
        if (v[i] <= v[i - 1] || v[i] < v[i + 1] || !counted[i] || i - last < apart)
            continue;
        double left = v[i], right = v[i];
        for (int64_t k = i; k >= 0 && v[k] <= v[i]; k--)
            left = fmin(left, v[k]);
        for (int64_t k = i; k < n && v[k] <= v[i]; k++)
            right = fmin(right, v[k]);
        if (v[i] - fmax(left, right) >= rise)
            found++, last = i;
    }
    return found;
}

static double correlation(const double *a, const double *b, int64_t n)
{
    double ab = 0, ma = 0, mb = 0;
    for (int64_t i = 0; i < n; i++)
        ma += a[i] / (double)n, mb += b[i] / (double)n;
    for (int64_t i = 0; i < n; i++)
        ab += (a[i] - ma) * (b[i] - mb) / (double)n;
    return ab / (deviation(a, n) * deviation(b, n) + 1e-9);
}

static void figures(const char *name, const struct motion *m, const struct speech *speech,
                    const struct phrases *ph)
{
    int64_t n = m->count, spoken = 0, shut = 0, blinks = 0, closed_eyes = 0;
    double *open = calloc((size_t)n, sizeof(*open)), *yaw = calloc((size_t)n, sizeof(*yaw));
    double *loud = calloc((size_t)n, sizeof(*loud)), *heard = calloc((size_t)n, sizeof(*heard));
    bool *is_speech = calloc((size_t)n, sizeof(*is_speech));
    double speed = 0, turned = 0, p95 = 0;
    if (!open || !yaw || !loud || !heard || !is_speech)
        abort();
    for (int64_t i = 0; i < n; i++) {
        const struct pose *p = &m->poses[i];
        int64_t f = i * SPEECH_FRAMES_HZ / FPS;
        open[i] = gap(p);
        yaw[i] = (double)p->yaw_rad / DEGREE;
        is_speech[i] = speaking(ph, i);
        if (is_speech[i]) {
            loud[spoken] = f < speech->count ? pow(10, (double)speech->frames[f].level_db / 20) : 0;
            heard[spoken++] = open[i];
            shut += open[i] < 0.025;
        }
        if (i > 0) {
            const struct pose *q = &m->poses[i - 1];
            speed += is_speech[i] ? fabs(open[i] - open[i - 1]) * FPS : 0;
            turned +=
                FPS / DEGREE *
                hypot((double)(p->yaw_rad - q->yaw_rad), (double)(p->pitch_rad - q->pitch_rad));
            blinks += p->blink_left >= 0.5f && q->blink_left < 0.5f;
        }
        closed_eyes += p->blink_left >= 0.5f;
    }
    double s = (double)(spoken ? spoken : 1);
    double together = spoken > 10 ? correlation(loud, heard, spoken) : 0;
    int tops = peaks(open, is_speech, n, 0.03, 2);
    for (double level = 0; level < 1 && spoken; level += 0.002) { /* a share of 5 % lies above */
        int64_t above = 0;
        for (int64_t i = 0; i < spoken; i++)
            above += heard[i] > level;
        if (above * 20 <= spoken) {
            p95 = level;
            break;
        }
    }
    printf("%-14s %6.1f %6.2f %6.2f %6.3f %6.2f %6.2f | %6.1f %6.0f %6.2f %6.1f\n", name,
           (double)n / FPS, speed / s, tops * FPS / s, p95, (double)shut / s, together,
           (double)blinks * 60 * FPS / (double)n,
           blinks ? (double)closed_eyes * 1000 / FPS / (double)blinks : 0, deviation(yaw, n),
           turned / (double)n);
    free(open), free(yaw), free(loud), free(heard), free(is_speech);
}

int main(int argc, char **argv)
{
    struct orator_error err = {0};
    struct speech_model *model = NULL;
    char path[4096];
    if (argc < 3)
        return fputs("motion MODELS VOICE...\n", stderr), 2;
    snprintf(path, sizeof(path), "%s/speech.bin", argv[1]);
    if (speech_model_open(&model, path, &err) != ORATOR_OK)
        return fprintf(stderr, "%s\n", err.text), 1;
    puts(
        "voice         seconds  speed  peaks    p95   shut loudness | blinks     ms    yaw  speed\n"
        "(people)              .49-.95 1.8-3.1 .17-.30 .07-.21 <.5 | 10-40  95-200    2-6   5-20");
    for (int i = 2; i < argc; i++) {
        struct bytes file = {0};
        struct sound sound = {0}, mono = {0};
        struct speech speech = {0};
        struct motion motion = {0};
        struct phrases phrases = {0};
        enum orator_status s = ORATOR_OK;
        TRY(file_read(&file, argv[i], 256 << 20, &err));
        TRY(sound_decode(&sound, file.data, file.size, 3600000, &err));
        TRY(sound_to_mono(&mono, &sound, SPEECH_RATE_HZ, &err));
        TRY(speech_analyse(&speech, model, &mono, &err));
        TRY(motion_predict(&motion, &speech, &(struct motion_options){.fps = FPS, .seed = 1},
                           &err));
        TRY(phrases_find(&phrases, &speech, &err));
        figures(strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i], &motion, &speech,
                &phrases);
    done:
        if (s != ORATOR_OK)
            fprintf(stderr, "%s: %s\n", argv[i], err.text);
        phrases_fini(&phrases);
        motion_fini(&motion);
        speech_fini(&speech);
        sound_fini(&mono);
        sound_fini(&sound);
        bytes_fini(&file);
    }
    speech_model_free(&model);
    return 0;
}
