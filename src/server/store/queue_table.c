#include "server/store/queue_table.h"

#include "server/store/connection.h"

static const char sums_sql[] =
    "SELECT s.model, CAST(sum(s.tasks) AS BIGINT), CAST(sum(s.declared_ms) AS BIGINT),"
    " max(v.permille) FROM queue_sums s LEFT JOIN speeds v ON v.model = s.model GROUP BY s.model"
    " LIMIT ?1";
static const char speed_sql[] = "SELECT permille FROM speeds WHERE model = ?1";
static const char depth_sql[] = "SELECT CAST(sum(tasks) AS BIGINT) FROM queue_sums";
static const char ahead_sql[] = "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE state = 0"
                                " AND (turn, seq) < (?1, ?2) ORDER BY turn, seq LIMIT ?3) AS ahead";
static const char ends_sql[] = "SELECT (SELECT min(turn) FROM tasks WHERE state = 0),"
                               " (SELECT max(turn) FROM tasks WHERE state = 0)";
static const char running_sql[] =
    "SELECT model, declared_ms, started_ms, frames_done, frames_total FROM tasks"
    " WHERE state = 1 ORDER BY seq LIMIT ?1";
static const char note_sqlite[] =
    "INSERT INTO speeds (model, permille) VALUES (?1, ?2)"
    " ON CONFLICT (model) DO UPDATE SET permille = permille + (excluded.permille - permille) / 4";
/* Nobody waits for this row: of two videos that end at once one is not noted. */
static const char note_postgres[] =
    "WITH mine AS (SELECT model FROM speeds WHERE model = ?1 FOR UPDATE SKIP LOCKED),"
    " moved AS (UPDATE speeds v SET permille = v.permille + (?2 - v.permille) / 4 FROM mine"
    " WHERE v.model = mine.model)"
    " INSERT INTO speeds (model, permille) SELECT CAST(?1 AS TEXT), ?2 WHERE NOT EXISTS"
    " (SELECT 1 FROM speeds WHERE model = ?1) ON CONFLICT DO NOTHING";

#define GROW(place, conflict)                                                             \
    "INSERT INTO queue_sums AS q VALUES (?1, " place "?2, ?3) ON CONFLICT (" conflict ")" \
    " DO UPDATE SET tasks = q.tasks + excluded.tasks,"                                    \
    " declared_ms = q.declared_ms + excluded.declared_ms"
static const char grow_sqlite[] = GROW("", "model");
static const char grow_postgres[] = GROW("pg_backend_pid() % 64, ", "model, part");

enum orator_status queue_sums_grow(struct connection *c, const char *model, int64_t tasks,
                                   int64_t declared_ms, struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, sql_for(c, grow_sqlite, grow_postgres), &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, model);
    bind_int(st, 2, tasks);
    bind_int(st, 3, declared_ms);
    return step(c, st, NULL, err);
}

enum orator_status queue_sums(struct connection *c, struct queue_sum out[QUEUE_MODELS_MAX],
                              int *count, struct orator_error *err)
{
    enum orator_status s;
    struct statement *st;
    bool row;
    *count = 0;
    TRY(statement(c, sums_sql, &st, err));
    bind_int(st, 1, QUEUE_MODELS_MAX);
    for (;;) {
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        struct queue_sum *sum = &out[(*count)++];
        column_copy(st, 0, sum->model, sizeof(sum->model));
        sum->tasks = column_int(st, 1);
        sum->declared_ms = column_int(st, 2);
        sum->speed_permille = column_int(st, 3);
    }
done:
    return s;
}

static enum orator_status one_number(struct connection *c, struct statement *st, int64_t *out,
                                     struct orator_error *err)
{
    bool row = false;
    enum orator_status s = step(c, st, &row, err);
    *out = row ? column_int(st, 0) : 0;
    return s;
}

enum orator_status queue_depth(struct connection *c, int64_t *out, struct orator_error *err)
{
    struct statement *st;
    *out = 0;
    enum orator_status s = statement(c, depth_sql, &st, err);
    return s == ORATOR_OK ? one_number(c, st, out, err) : s;
}

enum orator_status queue_ahead(struct connection *c, int64_t turn, int64_t seq, int64_t *out,
                               struct orator_error *err)
{
    enum orator_status s;
    struct statement *ahead, *ends;
    int64_t depth, first, last;
    bool row;
    *out = 0;
    TRY(statement(c, ahead_sql, &ahead, err));
    bind_int(ahead, 1, turn);
    bind_int(ahead, 2, seq);
    bind_int(ahead, 3, QUEUE_EXACT_MAX);
    TRY(one_number(c, ahead, out, err));
    if (*out < QUEUE_EXACT_MAX)
        goto done;
    /* in the middle of a long queue, tasks count as spread evenly over its turns */
    TRY(queue_depth(c, &depth, err));
    TRY(statement(c, ends_sql, &ends, err));
    TRY(step(c, ends, &row, err));
    first = column_int(ends, 0);
    last = column_int(ends, 1);
    if (last > first && turn >= first) {
        int64_t reckoned =
            (int64_t)((double)depth * (double)(turn - first) / (double)(last - first + 1));
        *out = reckoned > QUEUE_EXACT_MAX ? reckoned : QUEUE_EXACT_MAX;
    }
done:
    return s;
}

enum orator_status queue_running(struct connection *c, struct queue_running out[QUEUE_RUNNING_MAX],
                                 int *count, struct orator_error *err)
{
    enum orator_status s;
    struct statement *st;
    bool row;
    *count = 0;
    TRY(statement(c, running_sql, &st, err));
    bind_int(st, 1, QUEUE_RUNNING_MAX);
    for (;;) {
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        struct queue_running *r = &out[(*count)++];
        column_copy(st, 0, r->model, sizeof(r->model));
        r->declared_ms = column_int(st, 1);
        r->started_ms = column_int(st, 2);
        r->frames_done = column_int(st, 3);
        r->frames_total = column_int(st, 4);
    }
done:
    return s;
}

enum orator_status speeds_get(struct connection *c, const char *model, int64_t *permille,
                              struct orator_error *err)
{
    struct statement *st;
    *permille = 0;
    enum orator_status s = statement(c, speed_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, model);
    return one_number(c, st, permille, err);
}

enum orator_status speeds_note(struct connection *c, const char *model, int64_t work_ms,
                               int64_t video_ms, struct orator_error *err)
{
    struct statement *st;
    if (video_ms <= 0 || work_ms < 0 || work_ms > (int64_t)7 * 86400 * 1000)
        return ORATOR_OK; /* a clock that was set tells nothing */
    enum orator_status s = statement(c, sql_for(c, note_sqlite, note_postgres), &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, model);
    bind_int(st, 2, work_ms * 1000 / video_ms);
    return step(c, st, NULL, err);
}
