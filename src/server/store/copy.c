#include "server/store/copy.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/store/database.h"
#include "server/store/ledger.h"
#include "server/store/sqlite.h"

/* Who is pointed at comes first. queue_sums is summed up anew. */
static const char *const tables[] = {"accounts",
                                     "keys",
                                     "tasks",
                                     "ledger",
                                     "secrets",
                                     "idempotency",
                                     "webhook_endpoints",
                                     "callbacks",
                                     "webhook_deliveries",
                                     "webhook_attempts",
                                     "files",
                                     "speeds",
                                     "task_ends"};
enum {
    TABLES = sizeof(tables) / sizeof(tables[0]),
    COLUMNS_MAX = 72,
    TURN = 500, /* rows that are sent before their answers are read: as many as
                 surely fit the socket */
};

/* How each column travels. SQLite says INTEGER, REAL, TEXT, BLOB; all blobs are
 * hashes. */
struct columns {
    int count;
    char kind[COLUMNS_MAX]; /* its first letter */
};

/* SQL must live as long as its connection. */
static char reads[TABLES][2048], writes[TABLES][2048];

static enum orator_status run(struct connection *c, const char *sql, struct orator_error *err)
{
    struct statement *st;
    bool row;
    enum orator_status s = statement(c, sql, &st, err);
    return s == ORATOR_OK ? step(c, st, &row, err) : s;
}

static enum orator_status number(struct connection *c, const char *sql, int64_t *out,
                                 struct orator_error *err)
{
    struct statement *st;
    bool row;
    enum orator_status s = statement(c, sql, &st, err);
    if (s == ORATOR_OK)
        s = step(c, st, &row, err);
    *out = s == ORATOR_OK && row ? column_int(st, 0) : 0;
    return s;
}

/* "SELECT id, name FROM accounts" and "INSERT INTO accounts (id, name) VALUES
 * (?1, ?2)". */
static enum orator_status word(struct connection *from, int table, struct columns *columns,
                               struct orator_error *err)
{
    static const char names_sql[] = "SELECT name, type FROM pragma_table_info(?1) ORDER BY cid";
    enum orator_status s;
    struct statement *st;
    struct text read = text_over(reads[table], sizeof(reads[table]));
    struct text write = text_over(writes[table], sizeof(writes[table]));
    const bool split = strcmp(tables[table], "task_ends") == 0; /* in parts, there */
    bool row;
    columns->count = 0;
    text_add(&read, "SELECT ");
    text_addf(&write, "INSERT INTO %s (", tables[table]);
    TRY(statement(from, names_sql, &st, err));
    bind_text(st, 1, tables[table]);
    for (;;) {
        char name[64], type[16];
        TRY(step(from, st, &row, err));
        if (!row || columns->count == COLUMNS_MAX)
            break;
        column_copy(st, 0, name, sizeof(name));
        column_copy(st, 1, type, sizeof(type));
        const char *comma = columns->count ? ", " : "";
        text_addf(&read, "%s%s", comma, name);
        text_addf(&write, "%s%s", comma, name);
        columns->kind[columns->count++] = type[0];
    }
    text_addf(&read, " FROM %s", tables[table]);
    text_add(&write, split ? ", part) VALUES (" : ") VALUES (");
    for (int i = 0; i < columns->count; i++)
        text_addf(&write, "%s?%d", i ? ", " : "", i + 1);
    text_add(&write, split ? ", 0)" : ")");
    if (read.cut || write.cut || row)
        s = orator_fail(err, ORATOR_INTERNAL, "the table %s is too wide to copy", tables[table]);
done:
    return s;
}

static void carry(struct statement *in, struct statement *out, const struct columns *columns,
                  unsigned char hashes[COLUMNS_MAX][32])
{
    for (int i = 0; i < columns->count; i++) {
        const bool null = column_is_null(in, i);
        if (columns->kind[i] == 'T')
            bind_text(out, i + 1, null ? NULL : in->database->column_text(in, i));
        else if (columns->kind[i] == 'B')
            bind_hash(out, i + 1, column_hash(in, i, hashes[i]) ? hashes[i] : NULL);
        else if (null)
            continue;
        else if (columns->kind[i] == 'I')
            bind_int(out, i + 1, column_int(in, i));
        else
            bind_double(out, i + 1, column_double(in, i));
    }
}

static enum orator_status copy_table(struct connection *from, struct connection *to, int table,
                                     int64_t *rows, struct orator_error *err)
{
    enum orator_status s;
    struct columns columns;
    unsigned char hashes[COLUMNS_MAX][32];
    struct statement *in, *out;
    bool row;
    int64_t there;
    *rows = 0;
    TRY(word(from, table, &columns, err));
    TRY(statement(from, reads[table], &in, err));
    for (;;) {
        TRY(step(from, in, &row, err));
        if (!row)
            break;
        TRY(statement(to, writes[table], &out, err));
        carry(in, out, &columns, hashes);
        TRY(step(to, out, NULL, err));
        if (++*rows % TURN == 0)
            TRY(number(to, "SELECT CAST(1 AS BIGINT)", &there, err));
    }
done:
    return s;
}

static const char empty_sql[] =
    "SELECT (SELECT count(*) FROM tasks) + (SELECT count(*) FROM keys) + "
    "(SELECT count(*) FROM ledger)"
    " + (SELECT count(*) FROM accounts WHERE id <> 'acct_default')";

/* Before the rows and after them; the numbers that identities give go on behind
 * the highest. */
static const char *const before[] = {"DELETE FROM accounts", "DELETE FROM secrets",
                                     "ALTER TABLE tasks DISABLE TRIGGER USER"};
#define GO_ON(table, column)                                                                \
    "SELECT setval(pg_get_serial_sequence('" table "', '" column "'), coalesce(max(" column \
    "), 0) + 1,"                                                                            \
    " false) FROM " table
static const char *const after[] = {
    "ALTER TABLE tasks ENABLE TRIGGER USER",
    "INSERT INTO queue_sums (model, part, tasks, declared_ms) SELECT model, 0, "
    "count(*),"
    " CAST(sum(declared_ms) AS BIGINT) FROM tasks WHERE state = 0 GROUP BY "
    "model",
    GO_ON("keys", "seq"),
    GO_ON("tasks", "seq"),
    GO_ON("ledger", "id"),
    GO_ON("webhook_endpoints", "seq"),
    GO_ON("webhook_deliveries", "seq"),
    GO_ON("files", "seq")};

static enum orator_status fill(struct connection *from, struct connection *to, struct copied *out,
                               struct orator_error *err)
{
    enum orator_status s;
    int64_t others, tasks;
    TRY(number(to, empty_sql, &others, err));
    if (others > 0) {
        s = orator_fail(err, ORATOR_INVALID_PARAMETER,
                        "the target holds tasks, keys or accounts; it must be an "
                        "empty database");
        goto done;
    }
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
        TRY(run(to, before[i], err));
    for (int t = 0; t < TABLES; t++) {
        int64_t rows;
        TRY(copy_table(from, to, t, &rows, err));
        out->rows += rows;
        if (strcmp(tables[t], "tasks") == 0)
            out->tasks = rows;
    }
    for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++)
        TRY(run(to, after[i], err));
    TRY(number(to, "SELECT count(*) FROM tasks", &tasks, err));
    if (tasks != out->tasks)
        s = orator_fail(err, ORATOR_INTERNAL, "%lld of %lld tasks arrived", (long long)tasks,
                        (long long)out->tasks);
done:
    return s;
}

enum orator_status store_copy(struct store *from, struct store *to, bool moves, struct copied *out,
                              struct orator_error *err)
{
    enum orator_status s;
    struct connection *in = NULL, *there = NULL;
    *out = (struct copied){0};
    if (from->database->is_postgres || !to->database->is_postgres)
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "this copies from SQLite to PostgreSQL; the target is a URL,"
                           " postgresql://user:password@host/name");
    TRY(store_write(from, &in, err));
    TRY(store_write(to, &there, err));
    TRY(fill(in, there, out, err));
    TRY(store_end(&there, s, err));
    TRY(ledger_verify(to, &out->ledger_rows, err));
    if (moves)
        TRY(sqlite_mark_moved(in, err));
done:
    s = store_end(&there, s, err);
    return store_end(&in, s, err);
}
