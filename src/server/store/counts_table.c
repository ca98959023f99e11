#include "server/store/counts_table.h"

#include "server/store/connection.h"

static const char sums_sql[] =
    "SELECT CAST(sum(balance_micro) AS BIGINT), CAST(sum(held_micro) AS BIGINT),"
    " CAST(sum(spent_micro) AS BIGINT), CAST(sum(ledger_rows) AS BIGINT),"
    " (SELECT count(*) FROM files), (SELECT CAST(sum(size_bytes) AS BIGINT) FROM files),"
    " (SELECT count(*) FROM webhook_deliveries WHERE state = 0) FROM accounts";
static const char queued_sql[] =
    "SELECT model, CAST(sum(tasks) AS BIGINT), CAST(sum(declared_ms) AS BIGINT) FROM queue_sums"
    " GROUP BY model ORDER BY model";
static const char ended_sql[] = "SELECT model, result, CAST(sum(tasks) AS BIGINT) FROM task_ends"
                                " GROUP BY model, result ORDER BY model, result";

enum orator_status counts_read(struct store *store, struct counts *out,
                               const struct counts_rows *rows, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    bool row;
    char model[48], result[48];
    *out = (struct counts){0};
    TRY(store_read(store, &c, err));
    TRY(statement(c, sums_sql, &st, err));
    TRY(step(c, st, &row, err));
    *out =
        (struct counts){column_int(st, 0), column_int(st, 1), column_int(st, 2), column_int(st, 3),
                        column_int(st, 4), column_int(st, 5), column_int(st, 6)};
    TRY(statement(c, queued_sql, &st, err));
    for (;;) {
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        column_copy(st, 0, model, sizeof(model));
        rows->queued(rows->ctx, model, column_int(st, 1), column_int(st, 2));
    }
    TRY(statement(c, ended_sql, &st, err));
    for (;;) {
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        column_copy(st, 0, model, sizeof(model));
        column_copy(st, 1, result, sizeof(result));
        rows->ended(rows->ctx, model, result, column_int(st, 2));
    }
done:
    return store_end(&c, s, err);
}
