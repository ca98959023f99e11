#include "server/store/counts_table.h"

#include "server/store/connection.h"

static const char sums_sql[] =
    "SELECT sum(balance_micro), sum(held_micro), sum(spent_micro), sum(ledger_rows),"
    " (SELECT count(*) FROM files), (SELECT coalesce(sum(size_bytes), 0) FROM files),"
    " (SELECT count(*) FROM webhook_deliveries WHERE state = 0) FROM accounts";
static const char queued_sql[] = "SELECT model, tasks, declared_ms FROM queue_sums ORDER BY model";
static const char ended_sql[] = "SELECT model, result, tasks FROM task_ends ORDER BY model, result";

enum orator_status counts_read(struct store *store, struct counts *out,
                               const struct counts_rows *rows, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    sqlite3_stmt *st;
    bool row;
    char model[48], result[48];
    *out = (struct counts){0};
    TRY(store_read(store, &c, err));
    TRY(statement(c, sums_sql, &st, err));
    TRY(step(c, st, &row, err));
    *out = (struct counts){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
                           sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
                           sqlite3_column_int64(st, 4), sqlite3_column_int64(st, 5),
                           sqlite3_column_int64(st, 6)};
    TRY(statement(c, queued_sql, &st, err));
    for (;;) {
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        column_copy(st, 0, model, sizeof(model));
        rows->queued(rows->ctx, model, sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2));
    }
    TRY(statement(c, ended_sql, &st, err));
    for (;;) {
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        column_copy(st, 0, model, sizeof(model));
        column_copy(st, 1, result, sizeof(result));
        rows->ended(rows->ctx, model, result, sqlite3_column_int64(st, 2));
    }
done:
    return store_end(&c, s, err);
}
