#include "server/store/tasks_table.h"

#include "server/store/connection.h"

#define COLUMNS                                                                                \
    "id, key_id, state, model, image_url, audio_url, prompt, declared_ms, seed, "              \
    "created_ms, updated_ms, completed_ms, attempt, worker, lease_until_ms, "                  \
    "stage, frames_done, frames_total, price_micro_per_s, reserved_micro, "                    \
    "charged_micro, measured_ms, video_name, duration_ms, size_bytes, "                        \
    "width_px, height_px, fps, failure, failure_text, failure_param, "                         \
    "resolution, fps_asked, aspect_ratio, face_x, face_y, face_width, face_height, "           \
    "motion_head, motion_expression, motion_blink, external_task_id, metadata, "               \
    "warnings, account_id, seq, started_ms, retention_ms, expires_ms, billing, ledger_entry, " \
    "label, thumbnail_name, sha256, quality, preview_name, captions, text, captions_name, "    \
    "direction, turn"

#define INSERT                                                                                  \
    "INSERT INTO tasks (id, key_id, state, model, image_url, audio_url, prompt, declared_ms, "  \
    "seed,"                                                                                     \
    " created_ms, updated_ms, price_micro_per_s, reserved_micro, resolution, fps_asked,"        \
    " aspect_ratio, face_x, face_y, face_width, face_height, motion_head, motion_expression,"   \
    " motion_blink, external_task_id, metadata, account_id, retention_ms, expires_ms,"          \
    " ledger_entry, label, captions, text, turn)"                                               \
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18," \
    " ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)"
static const char insert_sqlite[] = INSERT;
static const char insert_postgres[] = INSERT " RETURNING 1"; /* to hear of an error at once */

static const char update_sql[] =
    "UPDATE tasks SET state = ?2, image_url = ?3, audio_url = ?4, updated_ms = ?5,"
    " completed_ms = ?6, attempt = ?7, worker = ?8, lease_until_ms = ?9, stage = ?10,"
    " frames_done = ?11, frames_total = ?12, charged_micro = ?13, measured_ms = ?14,"
    " video_name = ?15, duration_ms = ?16, size_bytes = ?17, width_px = ?18, height_px = ?19,"
    " fps = ?20, failure = ?21, failure_text = ?22, failure_param = ?23,"
    " warnings = ?24, started_ms = ?25, expires_ms = ?26, billing = ?27, ledger_entry = ?28,"
    " thumbnail_name = ?29, sha256 = ?30, quality = ?31, preview_name = ?32, captions_name = ?33,"
    " direction = ?34"
    " WHERE id = ?1";

static const char get_sql[] = "SELECT " COLUMNS " FROM tasks WHERE id = ?1"
                              " AND (?2 IS NULL OR key_id = ?2) AND deleted_ms = 0";

/* What a person gave or was given goes; what the money needs stays. */
static const char erase_sql[] =
    "UPDATE tasks SET deleted_ms = ?2, image_url = '', audio_url = '', prompt = NULL,"
    " external_task_id = NULL, metadata = NULL, video_name = NULL, warnings = NULL,"
    " thumbnail_name = NULL, sha256 = NULL, quality = NULL, preview_name = '',"
    " captions_name = NULL, text = NULL, direction = NULL,"
    " failure_text = NULL, expires_ms = 0 WHERE id = ?1";

static const char expired_sql[] =
    "SELECT " COLUMNS " FROM tasks WHERE expires_ms > 0 AND expires_ms <= ?1"
    " ORDER BY expires_ms LIMIT 1";

#define OF_KEY                                                           \
    "SELECT " COLUMNS " FROM tasks WHERE key_id = ?1 AND deleted_ms = 0" \
    " AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR model = ?3) AND created_ms >= ?4"
static const char newest_sql[] = OF_KEY " AND seq < ?5 ORDER BY seq DESC LIMIT ?6";
static const char oldest_sql[] = OF_KEY " AND seq > ?5 ORDER BY seq LIMIT ?6";

/* Each walks along its index, tasks_running or tasks_waiting, and stops at the first row. */
#define FREE " AND (lease_until_ms <= ?1 OR lease_until_ms > ?2)"
static const char lost_sql[] =
    "SELECT " COLUMNS " FROM tasks WHERE state = 1" FREE " ORDER BY seq LIMIT 1";
static const char waiting_sql[] =
    "SELECT " COLUMNS " FROM tasks WHERE state = 0" FREE " ORDER BY turn, seq LIMIT 1";
#undef FREE

/* Turns of one priority; 10^12 submits of a key do not leave it. */
#define BAND ((int64_t)1 << 40)
static const char turn_sql[] =
    "SELECT (SELECT min(turn) FROM tasks WHERE state = 0 AND turn >= ?2 AND turn < ?3),"
    " (SELECT max(turn) FROM tasks WHERE state = 0 AND key_id = ?1 AND turn >= ?2 AND turn < ?3)";

/* LIKE of SQLite knows no case, so no index goes with it. */
#define NAMES_FILE_SQLITE   "(image_url GLOB 'blob:?*' OR audio_url GLOB 'blob:?*')"
#define NAMES_FILE_POSTGRES "(image_url LIKE 'blob:_%' OR audio_url LIKE 'blob:_%')"
#define SPENT(names) \
    "SELECT " COLUMNS " FROM tasks WHERE state >= 2 AND " names " ORDER BY seq LIMIT 1"
static const char spent_sqlite[] = SPENT(NAMES_FILE_SQLITE);
static const char spent_postgres[] = SPENT(NAMES_FILE_POSTGRES);

#define NAMED                                                 \
    "SELECT 1 FROM tasks WHERE video_name = ?1 UNION ALL"     \
    " SELECT 1 FROM tasks WHERE captions_name = ?1 UNION ALL" \
    " SELECT 1 FROM tasks WHERE thumbnail_name = ?1 UNION ALL SELECT 1 FROM tasks WHERE "
static const char named_sqlite[] =
    NAMED NAMES_FILE_SQLITE " AND (image_url = 'blob:' || ?1 OR audio_url = 'blob:' || ?1) LIMIT 1";
static const char named_postgres[] = NAMED
    "image_url LIKE 'blob:_%' AND image_url = 'blob:' || ?1 UNION ALL SELECT 1 FROM tasks WHERE"
    " audio_url LIKE 'blob:_%' AND audio_url = 'blob:' || ?1 LIMIT 1";

static const char external_sql[] =
    "SELECT id FROM tasks WHERE key_id = ?1 AND external_task_id = ?2";

/* What was not sent stays NULL. */
static void bind_options(struct statement *st, int first, const struct task_options *o)
{
    bind_text(st, first, o->resolution[0] ? o->resolution : NULL);
    if (o->fps)
        bind_int(st, first + 1, o->fps);
    bind_text(st, first + 2, o->aspect_ratio[0] ? o->aspect_ratio : NULL);
    for (int k = 0; k < 4 && o->face_box[2] > 0; k++)
        bind_double(st, first + 3 + k, o->face_box[k]);
    if (!o->moves)
        return;
    bind_double(st, first + 7, o->head);
    bind_double(st, first + 8, o->expression);
    bind_int(st, first + 9, o->blink);
}

static void read_options(struct statement *st, int first, struct task_options *o)
{
    column_copy(st, first, o->resolution, sizeof(o->resolution));
    o->fps = (int)column_int(st, first + 1);
    column_copy(st, first + 2, o->aspect_ratio, sizeof(o->aspect_ratio));
    for (int k = 0; k < 4; k++)
        o->face_box[k] = column_double(st, first + 3 + k);
    o->moves = !column_is_null(st, first + 7);
    o->head = column_double(st, first + 7);
    o->expression = column_double(st, first + 8);
    o->blink = column_int(st, first + 9) != 0;
}

enum orator_status tasks_insert(struct connection *c, const struct task *t,
                                struct orator_error *err)
{
    struct statement *st;
    bool row;
    enum orator_status s = statement(c, sql_for(c, insert_sqlite, insert_postgres), &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, t->id);
    bind_text(st, 2, t->key_id);
    bind_int(st, 3, (int)t->state);
    bind_text(st, 4, t->model);
    bind_text(st, 5, t->image_url);
    bind_text(st, 6, t->audio_url);
    bind_text(st, 7, t->prompt);
    bind_int(st, 8, t->declared_ms);
    bind_int(st, 9, (int64_t)t->seed);
    bind_int(st, 10, t->created_ms);
    bind_int(st, 11, t->updated_ms);
    bind_int(st, 12, t->price_micro_per_s);
    bind_int(st, 13, t->reserved_micro);
    bind_options(st, 14, &t->options);
    bind_text(st, 24, t->external_task_id);
    bind_text(st, 25, t->metadata);
    bind_text(st, 26, t->account_id);
    bind_int(st, 27, t->retention_ms);
    bind_int(st, 28, t->expires_ms);
    bind_int(st, 29, t->ledger_entry);
    bind_int(st, 30, t->options.label);
    bind_int(st, 31, t->options.captions);
    bind_text(st, 32, t->text);
    bind_int(st, 33, t->turn);
    return step(c, st, &row, err);
}

enum orator_status tasks_update(struct connection *c, const struct task *t,
                                struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, update_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, t->id);
    bind_int(st, 2, (int)t->state);
    bind_text(st, 3, t->image_url);
    bind_text(st, 4, t->audio_url);
    bind_int(st, 5, t->updated_ms);
    bind_int(st, 6, t->completed_ms);
    bind_int(st, 7, t->attempt);
    bind_text(st, 8, t->worker);
    bind_int(st, 9, t->lease_until_ms);
    bind_text(st, 10, t->stage);
    bind_int(st, 11, t->frames_done);
    bind_int(st, 12, t->frames_total);
    bind_int(st, 13, t->charged_micro);
    bind_int(st, 14, t->measured_ms);
    bind_text(st, 15, t->video_name);
    bind_int(st, 16, t->duration_ms);
    bind_int(st, 17, t->size_bytes);
    bind_int(st, 18, t->width_px);
    bind_int(st, 19, t->height_px);
    bind_int(st, 20, t->fps);
    bind_text(st, 21, t->failure == ORATOR_OK ? NULL : orator_status_word(t->failure));
    bind_text(st, 22, t->failure_text);
    bind_text(st, 23, t->failure_param);
    bind_text(st, 24, t->warnings);
    bind_int(st, 25, t->started_ms);
    bind_int(st, 26, t->expires_ms);
    bind_int(st, 27, (int)t->billing);
    bind_int(st, 28, t->ledger_entry);
    bind_text(st, 29, t->thumbnail_name);
    bind_text(st, 30, t->sha256);
    bind_text(st, 31, t->quality);
    bind_text(st, 32, t->preview_name);
    bind_text(st, 33, t->captions_name);
    bind_text(st, 34, t->direction);
    return step(c, st, NULL, err);
}

/* Columns in the order of COLUMNS. */
static enum orator_status read_row(struct statement *st, struct task *out, struct orator_error *err)
{
    enum orator_status s;
    struct task t = {0};
    char failure[48];
    column_copy(st, 0, t.id, sizeof(t.id));
    column_copy(st, 1, t.key_id, sizeof(t.key_id));
    t.state = (enum task_state)column_int(st, 2);
    t.declared_ms = column_int(st, 7);
    t.seed = (uint64_t)column_int(st, 8);
    t.created_ms = column_int(st, 9);
    t.updated_ms = column_int(st, 10);
    t.completed_ms = column_int(st, 11);
    t.attempt = (int)column_int(st, 12);
    column_copy(st, 13, t.worker, sizeof(t.worker));
    t.lease_until_ms = column_int(st, 14);
    column_copy(st, 15, t.stage, sizeof(t.stage));
    t.frames_done = column_int(st, 16);
    t.frames_total = column_int(st, 17);
    t.price_micro_per_s = column_int(st, 18);
    t.reserved_micro = column_int(st, 19);
    t.charged_micro = column_int(st, 20);
    t.measured_ms = column_int(st, 21);
    t.duration_ms = column_int(st, 23);
    t.size_bytes = column_int(st, 24);
    t.width_px = (int)column_int(st, 25);
    t.height_px = (int)column_int(st, 26);
    t.fps = (int)column_int(st, 27);
    column_copy(st, 28, failure, sizeof(failure));
    read_options(st, 31, &t.options);
    column_copy(st, 44, t.account_id, sizeof(t.account_id));
    t.seq = column_int(st, 45);
    t.started_ms = column_int(st, 46);
    t.retention_ms = column_int(st, 47);
    t.expires_ms = column_int(st, 48);
    t.billing = (enum task_billing)column_int(st, 49);
    t.ledger_entry = column_int(st, 50);
    t.turn = column_int(st, 60);
    column_copy(st, 55, t.preview_name, sizeof(t.preview_name));
    t.options.label = column_int(st, 51) != 0;
    t.options.captions = column_int(st, 56) != 0;
    t.failure = failure[0] ? orator_status_from_word(failure) : ORATOR_OK;
    TRY(column_new(st, 3, &t.model, err));
    TRY(column_new(st, 4, &t.image_url, err));
    TRY(column_new(st, 5, &t.audio_url, err));
    TRY(column_new(st, 6, &t.prompt, err));
    TRY(column_new(st, 22, &t.video_name, err));
    TRY(column_new(st, 29, &t.failure_text, err));
    TRY(column_new(st, 30, &t.failure_param, err));
    TRY(column_new(st, 41, &t.external_task_id, err));
    TRY(column_new(st, 42, &t.metadata, err));
    TRY(column_new(st, 43, &t.warnings, err));
    TRY(column_new(st, 52, &t.thumbnail_name, err));
    TRY(column_new(st, 53, &t.sha256, err));
    TRY(column_new(st, 54, &t.quality, err));
    TRY(column_new(st, 57, &t.text, err));
    TRY(column_new(st, 58, &t.captions_name, err));
    TRY(column_new(st, 59, &t.direction, err));
done:
    *out = t;
    return s;
}

enum orator_status tasks_get(struct connection *c, const char *id, const char *key_id,
                             struct task *out, struct orator_error *err)
{
    struct statement *st;
    bool row = false;
    *out = (struct task){0};
    enum orator_status s = statement_to_change(c, get_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, id);
    bind_text(st, 2, key_id);
    s = step(c, st, &row, err);
    if (s == ORATOR_OK && !row)
        return orator_fail(err, ORATOR_TASK_NOT_FOUND, "no task of yours has this id");
    return s == ORATOR_OK ? read_row(st, out, err) : s;
}

enum orator_status tasks_find_external(struct connection *c, const char *key_id,
                                       const char *external_id, char id[TASK_ID_SIZE],
                                       struct orator_error *err)
{
    struct statement *st;
    bool row = false;
    id[0] = '\0';
    enum orator_status s = statement(c, external_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, key_id);
    bind_text(st, 2, external_id);
    s = step(c, st, &row, err);
    if (row)
        column_copy(st, 0, id, TASK_ID_SIZE);
    return s;
}

enum orator_status tasks_turn(struct connection *c, const char *key_id, int priority, int64_t *out,
                              bool *next, struct orator_error *err)
{
    enum orator_status s;
    struct statement *st;
    bool row;
    const int64_t low = -priority * BAND;
    *out = low;
    *next = true;
    TRY(statement(c, turn_sql, &st, err));
    bind_text(st, 1, key_id);
    bind_int(st, 2, low);
    bind_int(st, 3, low + BAND);
    TRY(step(c, st, &row, err));
    if (!column_is_null(st, 0))
        *out = column_int(st, 0);
    if (!column_is_null(st, 1)) {
        *out = column_int(st, 1) + 1;
        *next = false;
    }
done:
    return s;
}

enum orator_status tasks_next(struct connection *c, int64_t now_ms, int64_t horizon_ms,
                              struct task *out, bool *found, struct orator_error *err)
{
    struct statement *st;
    *found = false;
    *out = (struct task){0};
    enum orator_status s;
    for (int i = 0; i < 2 && !*found; i++) {
        TRY(statement_to_take(c, i == 0 ? lost_sql : waiting_sql, &st, err));
        bind_int(st, 1, now_ms);
        bind_int(st, 2, horizon_ms);
        TRY(step(c, st, found, err));
    }
    if (*found)
        TRY(read_row(st, out, err));
done:
    return s;
}

enum orator_status tasks_next_spent(struct connection *c, struct task *out, bool *found,
                                    struct orator_error *err)
{
    struct statement *st;
    *found = false;
    *out = (struct task){0};
    enum orator_status s = statement(c, sql_for(c, spent_sqlite, spent_postgres), &st, err);
    if (s == ORATOR_OK)
        s = step(c, st, found, err);
    return s == ORATOR_OK && *found ? read_row(st, out, err) : s;
}

enum orator_status tasks_name_file(struct connection *c, const char *name, bool *named,
                                   struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, sql_for(c, named_sqlite, named_postgres), &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, name);
    return step(c, st, named, err);
}

enum orator_status tasks_erase(struct connection *c, const char *id, int64_t now_ms,
                               struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, erase_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, id);
    bind_int(st, 2, now_ms);
    return step(c, st, NULL, err);
}

enum orator_status tasks_next_expired(struct connection *c, int64_t now_ms, struct task *out,
                                      bool *found, struct orator_error *err)
{
    struct statement *st;
    *found = false;
    *out = (struct task){0};
    enum orator_status s = statement_to_take(c, expired_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_int(st, 1, now_ms);
    s = step(c, st, found, err);
    return s == ORATOR_OK && *found ? read_row(st, out, err) : s;
}

enum orator_status tasks_list(struct connection *c, const struct tasks_filter *f, struct task *out,
                              int *count, struct orator_error *err)
{
    struct statement *st;
    bool row;
    enum orator_status s;
    *count = 0;
    TRY(statement(c, f->oldest_first ? oldest_sql : newest_sql, &st, err));
    bind_text(st, 1, f->key_id);
    if (f->state >= 0)
        bind_int(st, 2, f->state);
    bind_text(st, 3, f->model);
    bind_int(st, 4, f->created_from_ms);
    bind_int(st, 5, f->after_seq ? f->after_seq : f->oldest_first ? 0 : INT64_MAX);
    bind_int(st, 6, f->limit);
    while (*count < f->limit) {
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        TRY(read_row(st, &out[(*count)++], err));
    }
done:
    return s;
}
