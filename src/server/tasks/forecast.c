/* forecast.c - when will it be done? Work that is before a task, at the speed of late.
 *
 * One worker takes one task at a time, so the times of those ahead add up. A model that has finished
 * nothing yet is guessed at. */
#include "server/tasks/forecast.h"

#include <stdio.h>
#include <string.h>

enum {
    GUESS_PERMILLE = 2000, /* two seconds of work for one of video: a small machine */
    TRUST_PERMILLE = 50,   /* so much of its frames must be drawn for a task to speak for itself */
};

static int64_t work_ms(int64_t video_ms, int64_t speed_permille)
{
    return video_ms * (speed_permille > 0 ? speed_permille : GUESS_PERMILLE) / 1000;
}

static int64_t rest_ms(const struct queue_running *r, int64_t speed_permille, int64_t now_ms)
{
    int64_t elapsed_ms = now_ms > r->started_ms ? now_ms - r->started_ms : 0;
    int64_t whole_ms = work_ms(r->declared_ms, speed_permille);
    if (r->frames_total > 0 && r->frames_done * 1000 >= r->frames_total * TRUST_PERMILLE)
        return elapsed_ms * (r->frames_total - r->frames_done) / r->frames_done;
    /* one that takes longer than usual has at least as little left as the last tenth */
    return whole_ms - elapsed_ms > whole_ms / 10 ? whole_ms - elapsed_ms : whole_ms / 10;
}

/* Of those that run, and of `ahead` of those that wait. */
static enum orator_status work_before(struct connection *c, int64_t ahead, int64_t now_ms,
                                      int64_t *out, struct orator_error *err)
{
    enum orator_status s;
    struct queue_running running[QUEUE_RUNNING_MAX];
    struct queue_sum sums[QUEUE_MODELS_MAX];
    int running_count, sums_count;
    int64_t depth = 0, waiting_ms = 0, speed;
    *out = 0;
    TRY(queue_running(c, running, &running_count, err));
    for (int i = 0; i < running_count; i++) {
        TRY(speeds_get(c, running[i].model, &speed, err));
        *out += rest_ms(&running[i], speed, now_ms);
    }
    TRY(queue_sums(c, sums, &sums_count, err));
    for (int i = 0; i < sums_count; i++) {
        depth += sums[i].tasks;
        waiting_ms += work_ms(sums[i].declared_ms, sums[i].speed_permille);
    }
    if (depth > 0)
        *out += (int64_t)((double)waiting_ms * (double)ahead / (double)depth);
done:
    return s;
}

enum orator_status queue_outlook(struct store *store, const struct task *t, struct outlook *out,
                                 struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    int64_t speed, before_ms = 0, now_ms = store_now_ms(store);
    *out = (struct outlook){.position = -1};
    TRY(store_read(store, &c, err));
    TRY(speeds_get(c, t->model, &speed, err));
    if (t->state == TASK_QUEUED) {
        TRY(queue_ahead(c, t->turn, t->seq, &out->position, err));
        TRY(work_before(c, out->position, now_ms, &before_ms, err));
        out->eta_ms = before_ms + work_ms(t->declared_ms, speed);
    } else if (t->state == TASK_PROCESSING) {
        out->eta_ms = rest_ms(&(struct queue_running){.declared_ms = t->declared_ms,
                                                      .started_ms = t->started_ms,
                                                      .frames_done = t->frames_done,
                                                      .frames_total = t->frames_total},
                              speed, now_ms);
    }
done:
    return store_end(&c, s, err);
}

enum orator_status forecast_read(struct connection *c, int64_t now_ms, struct forecast *out,
                                 struct orator_error *err)
{
    enum orator_status s;
    *out = (struct forecast){.now_ms = now_ms};
    TRY(queue_depth(c, &out->depth, err));
    TRY(work_before(c, out->depth, now_ms, &out->before_ms, err));
done:
    return s;
}

static enum orator_status find_model(struct connection *c, struct forecast *f, const char *model,
                                     struct forecast_model **out, struct orator_error *err)
{
    for (int i = 0; i < f->known; i++) {
        *out = &f->models[i];
        if (strcmp((*out)->model, model) == 0)
            return ORATOR_OK;
    }
    if (f->known == QUEUE_MODELS_MAX)
        return orator_fail(err, ORATOR_INTERNAL, "there are more than %d models", f->known);
    *out = &f->models[f->known++];
    **out = (struct forecast_model){0};
    snprintf((*out)->model, sizeof((*out)->model), "%s", model);
    return speeds_get(c, model, &(*out)->permille, err);
}

enum orator_status forecast_of(struct connection *c, struct forecast *f, const char *model,
                               int64_t declared_ms, struct outlook *out, struct orator_error *err)
{
    struct forecast_model *m;
    *out = (struct outlook){.position = f->depth};
    enum orator_status s = find_model(c, f, model, &m, err);
    if (s == ORATOR_OK)
        out->eta_ms = f->before_ms + work_ms(declared_ms, m->permille);
    return s;
}

enum orator_status forecast_add(struct connection *c, struct forecast *f, const char *model,
                                int64_t declared_ms, struct orator_error *err)
{
    struct forecast_model *m;
    enum orator_status s = find_model(c, f, model, &m, err);
    if (s != ORATOR_OK)
        return s;
    f->depth++;
    f->before_ms += work_ms(declared_ms, m->permille);
    m->added++;
    m->declared_ms += declared_ms;
    return ORATOR_OK;
}

enum orator_status forecast_end(struct connection *c, const struct forecast *f,
                                struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    for (int i = 0; i < f->known; i++)
        if (f->models[i].added > 0)
            TRY(queue_sums_grow(c, f->models[i].model, f->models[i].added, f->models[i].declared_ms,
                                err));
done:
    return s;
}

enum orator_status queue_forecast(struct store *store, const char *model, int64_t declared_ms,
                                  struct outlook *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct forecast f;
    *out = (struct outlook){.position = -1};
    TRY(store_read(store, &c, err));
    TRY(forecast_read(c, store_now_ms(store), &f, err));
    TRY(forecast_of(c, &f, model, declared_ms, out, err));
done:
    return store_end(&c, s, err);
}
