#include "app/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum {
    LINE_EVERY_MS = 100,   /* ten a second look alive */
    JSON_EVERY_MS = 250,   /* a program asks no more of us */
    PLAIN_EVERY_MS = 5000, /* a log of an hour keeps its other lines */
    BAR_WIDTH = 20,
};

enum orator_status progress_start(struct progress *p, const char *word, bool quiet,
                                  struct orator_error *err)
{
    static const char *const words[] = {"none", "line", "plain", "json"};
    const char *term = getenv("TERM");
    bool terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    *p = (struct progress){.style = terminal ? PROGRESS_LINE : PROGRESS_PLAIN};
    bool known = !word || strcmp(word, "auto") == 0;
    for (int i = 0; word && i < 4; i++)
        if (strcmp(word, words[i]) == 0) {
            p->style = (enum progress_style)i;
            known = true;
        }
    if (!known)
        return orator_fail(err, ORATOR_INVALID_PARAMETER, "--progress is %.40s, need one of %s",
                           word, PROGRESS_CHOICES);
    if (quiet)
        p->style = PROGRESS_NONE;
    progress_next(p, NULL);
    return ORATOR_OK;
}

void progress_next(struct progress *p, const char *label)
{
    enum progress_style style = p->style;
    progress_end(p);
    *p = (struct progress){.style = style, .label = label, .began_ms = clock_steady_ms()};
}

struct pace {
    int percent;
    double per_second;
    int64_t left_s; /* -1: not known */
};

static struct pace pace_of(const struct progress *p, const struct progress_point *now, int64_t at)
{
    struct pace pace = {.left_s = now->eta_s > 0 ? now->eta_s : -1};
    if (now->frames_total <= 0)
        return pace;
    double seconds = (double)(at - p->first_ms) / 1000.0;
    int64_t frames =
        now->frames_done - p->first_frames; /* who joins late has not seen the others made */
    pace.percent = (int)(now->frames_done * 100 / now->frames_total);
    if (p->first_ms && seconds > 0 && frames > 0) {
        pace.per_second = (double)frames / seconds;
        pace.left_s =
            (int64_t)((double)(now->frames_total - now->frames_done) / pace.per_second + 0.5);
    }
    return pace;
}

static void line_text(struct text *t, const struct progress *p, const struct progress_point *now,
                      struct pace pace, int columns)
{
    if (p->label)
        text_addf(t, "%.40s  ", p->label);
    if (now->frames_total <= 0 && now->queue_position > 0)
        text_addf(t, "%s, %lld before it", now->stage, (long long)now->queue_position);
    else if (now->frames_total <= 0)
        text_add(t, now->stage);
    if (now->frames_total > 0) {
        int filled = pace.percent * BAR_WIDTH / 100;
        text_addf(t, "[%.*s%.*s] %3d%%  %s  %lld/%lld frames", filled, "####################",
                  BAR_WIDTH - filled, "--------------------", pace.percent, now->stage,
                  (long long)now->frames_done, (long long)now->frames_total);
        if (pace.per_second > 0)
            text_addf(t, "  %.0f/s", pace.per_second);
    }
    if (pace.left_s >= 0)
        text_addf(t, "  %lld:%02lld left", (long long)(pace.left_s / 60),
                  (long long)(pace.left_s % 60));
    if (columns > 1 && t->length >= (size_t)columns) /* a line that wraps cannot be redrawn */
        t->start[columns - 1] = '\0';
}

static void plain_text(struct text *t, const struct progress *p, const struct progress_point *now,
                       struct pace pace)
{
    text_addf(t, "%.40s%s%s", p->label ? p->label : "", p->label ? ": " : "", now->stage);
    if (now->frames_total > 0)
        text_addf(t, ": %d%%, %lld of %lld frames", pace.percent, (long long)now->frames_done,
                  (long long)now->frames_total);
    else if (now->queue_position > 0)
        text_addf(t, ": %lld before it", (long long)now->queue_position);
    if (pace.per_second > 0)
        text_addf(t, ", %.0f a second", pace.per_second);
    if (pace.left_s >= 0)
        text_addf(t, ", %lld s left", (long long)pace.left_s);
    if (now->preview_us > 0)
        text_addf(t, ", %.1f s can be watched", (double)now->preview_us / 1e6);
}

static void json_text(struct text *t, const struct progress *p, const struct progress_point *now,
                      struct pace pace, int64_t at)
{
    char label[64];
    text_add(t, "{\"event\":\"progress\"");
    if (p->label) {
        snprintf(label, sizeof(label), "%s", p->label);
        text_add(t, ",\"label\":");
        text_add_json(t, label);
    }
    text_addf(t, ",\"stage\":\"%s\",\"progress\":%d", now->stage, pace.percent);
    if (now->frames_total > 0)
        text_addf(t, ",\"frames_done\":%lld,\"frames_total\":%lld", (long long)now->frames_done,
                  (long long)now->frames_total);
    if (now->queue_position >= 0)
        text_addf(t, ",\"queue_position\":%lld", (long long)now->queue_position);
    if (pace.per_second > 0)
        text_addf(t, ",\"frames_per_second\":%.1f", pace.per_second);
    if (pace.left_s >= 0)
        text_addf(t, ",\"eta_seconds\":%lld", (long long)pace.left_s);
    if (now->preview_us > 0)
        text_addf(t, ",\"preview_seconds\":%.2f", (double)now->preview_us / 1e6);
    text_addf(t, ",\"elapsed_seconds\":%.2f}", (double)(at - p->began_ms) / 1000.0);
}

void progress_text(const struct progress *p, const struct progress_point *now, int64_t now_ms,
                   int columns, char out[PROGRESS_TEXT_SIZE])
{
    struct text t = text_over(out, PROGRESS_TEXT_SIZE);
    struct pace pace = pace_of(p, now, now_ms);
    if (p->style == PROGRESS_LINE)
        line_text(&t, p, now, pace, columns);
    else if (p->style == PROGRESS_PLAIN)
        plain_text(&t, p, now, pace);
    else if (p->style == PROGRESS_JSON)
        json_text(&t, p, now, pace, now_ms);
}

static int terminal_columns(void)
{
    struct winsize size = {0};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void progress_show(struct progress *p, const struct progress_point *now)
{
    static const int every_ms[] = {[PROGRESS_LINE] = LINE_EVERY_MS,
                                   [PROGRESS_PLAIN] = PLAIN_EVERY_MS,
                                   [PROGRESS_JSON] = JSON_EVERY_MS};
    if (p->style == PROGRESS_NONE)
        return;
    int64_t at = clock_steady_ms();
    if (now->frames_total > 0 && !p->first_ms) {
        p->first_ms = at;
        p->first_frames = now->frames_done;
    }
    bool last = now->frames_total > 0 && now->frames_done == now->frames_total;
    bool another = strcmp(p->stage, now->stage) != 0;
    if (!another && !last && at - p->shown_ms < every_ms[p->style])
        return;
    char text[PROGRESS_TEXT_SIZE];
    p->shown_ms = at;
    snprintf(p->stage, sizeof(p->stage), "%s", now->stage);
    progress_text(p, now, at, p->style == PROGRESS_LINE ? terminal_columns() : 0, text);
    if (p->style == PROGRESS_LINE)
        fprintf(stderr, "\r\033[K%s", text);
    else
        fprintf(stderr, "%s\n", text);
    p->drawn = true;
}

void progress_end(struct progress *p)
{
    if (p->style == PROGRESS_LINE && p->drawn)
        fputs("\r\033[K", stderr);
    p->drawn = false;
}
