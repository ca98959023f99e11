#include "server/store/files_table.h"

#include "server/store/connection.h"

#define COLUMNS                                                                     \
    "id, account_id, key_id, purpose, filename, media_type, blob_name, size_bytes," \
    " duration_ms, created_ms, expires_ms"

static const char add_sql[] = "INSERT INTO files (" COLUMNS ")"
                              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
static const char get_sql[] =
    "SELECT " COLUMNS " FROM files WHERE id = ?1 AND account_id = ?2 AND expires_ms > ?3";
static const char delete_sql[] = "DELETE FROM files WHERE id = ?1";
static const char next_sql[] =
    "SELECT " COLUMNS ", seq FROM files WHERE account_id = ?1 AND (?2 = 0 OR seq < ?2)"
    " AND (?3 IS NULL OR purpose = ?3) AND expires_ms > ?4 ORDER BY seq DESC LIMIT 1";
static const char row_sql[] = "SELECT seq FROM files WHERE id = ?1";
static const char usage_sql[] =
    "SELECT count(*), CAST(sum(size_bytes) AS BIGINT) FROM files WHERE account_id = ?1";
static const char expired_sql[] =
    "SELECT id, blob_name FROM files WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT 1";
static const char named_sql[] = "SELECT 1 FROM files WHERE blob_name = ?1";

static void read_row(struct statement *st, struct stored_file *f)
{
    column_copy(st, 0, f->id, sizeof(f->id));
    column_copy(st, 1, f->account_id, sizeof(f->account_id));
    column_copy(st, 2, f->key_id, sizeof(f->key_id));
    column_copy(st, 3, f->purpose, sizeof(f->purpose));
    column_copy(st, 4, f->filename, sizeof(f->filename));
    column_copy(st, 5, f->media_type, sizeof(f->media_type));
    column_copy(st, 6, f->blob_name, sizeof(f->blob_name));
    f->size_bytes = column_int(st, 7);
    f->duration_ms = column_int(st, 8);
    f->created_ms = column_int(st, 9);
    f->expires_ms = column_int(st, 10);
}

enum orator_status files_insert(struct connection *c, const struct stored_file *f,
                                struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, add_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, f->id);
    bind_text(st, 2, f->account_id);
    bind_text(st, 3, f->key_id);
    bind_text(st, 4, f->purpose);
    bind_text(st, 5, f->filename);
    bind_text(st, 6, f->media_type);
    bind_text(st, 7, f->blob_name);
    bind_int(st, 8, f->size_bytes);
    bind_int(st, 9, f->duration_ms);
    bind_int(st, 10, f->created_ms);
    bind_int(st, 11, f->expires_ms);
    return step(c, st, NULL, err);
}

enum orator_status files_get(struct connection *c, const char *id, const char *account_id,
                             int64_t now_ms, struct stored_file *out, struct orator_error *err)
{
    struct statement *st;
    bool row;
    *out = (struct stored_file){0};
    enum orator_status s = statement(c, get_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, id);
    bind_text(st, 2, account_id);
    bind_int(st, 3, now_ms);
    s = step(c, st, &row, err);
    if (s == ORATOR_OK && !row)
        return orator_fail(err, ORATOR_NOT_FOUND, "no file of yours has the id %.40s", id);
    if (s == ORATOR_OK)
        read_row(st, out);
    return s;
}

enum orator_status files_delete(struct connection *c, const char *id, struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, delete_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, id);
    return step(c, st, NULL, err);
}

enum orator_status files_next(struct connection *c, const char *account_id, const char *purpose,
                              int64_t now_ms, int64_t *before, struct stored_file *out, bool *found,
                              struct orator_error *err)
{
    struct statement *st;
    *out = (struct stored_file){0};
    enum orator_status s = statement(c, next_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, account_id);
    bind_int(st, 2, *before);
    bind_text(st, 3, purpose);
    bind_int(st, 4, now_ms);
    s = step(c, st, found, err);
    if (s != ORATOR_OK || !*found)
        return s;
    read_row(st, out);
    *before = column_int(st, 11);
    return ORATOR_OK;
}

enum orator_status files_row(struct connection *c, const char *id, int64_t *out,
                             struct orator_error *err)
{
    struct statement *st;
    bool row;
    *out = 0;
    enum orator_status s = statement(c, row_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, id);
    s = step(c, st, &row, err);
    if (s == ORATOR_OK && row)
        *out = column_int(st, 0);
    return s;
}

enum orator_status files_usage(struct connection *c, const char *account_id, int64_t *count,
                               int64_t *size_bytes, struct orator_error *err)
{
    struct statement *st;
    bool row;
    enum orator_status s = statement(c, usage_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, account_id);
    s = step(c, st, &row, err);
    *count = s == ORATOR_OK && row ? column_int(st, 0) : 0;
    *size_bytes = s == ORATOR_OK && row ? column_int(st, 1) : 0;
    return s;
}

enum orator_status files_remove_expired(struct connection *c, int64_t now_ms,
                                        char blob_name[BLOB_NAME_SIZE], bool *found,
                                        struct orator_error *err)
{
    struct statement *st;
    char id[FILE_ID_SIZE];
    enum orator_status s = statement_to_take(c, expired_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_int(st, 1, now_ms);
    s = step(c, st, found, err);
    if (s != ORATOR_OK || !*found)
        return s;
    column_copy(st, 0, id, sizeof(id));
    column_copy(st, 1, blob_name, BLOB_NAME_SIZE);
    return files_delete(c, id, err);
}

enum orator_status files_name_blob(struct connection *c, const char *name, bool *named,
                                   struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, named_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, name);
    return step(c, st, named, err);
}
