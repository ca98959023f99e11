#include "server/store/usage_table.h"

#include "server/store/connection.h"

/* billing: 0 reserved, 1 settled, 2 released, as enum task_billing has them */
#define SUM_BY(what)                                                 \
    "SELECT " what ", count(*), sum(billing = 1), sum(billing = 2)," \
    " sum(iif(billing = 1, duration_ms, 0)), sum(charged_micro),"    \
    " sum(iif(billing = 0, reserved_micro, 0)) FROM tasks"           \
    " WHERE account_id = ?1 AND created_ms >= ?2 AND created_ms < ?3 GROUP BY 1 ORDER BY 1"

static const char day_sql[] = SUM_BY("strftime('%Y-%m-%d', created_ms / 1000, 'unixepoch')");
static const char model_sql[] = SUM_BY("model");
static const char key_sql[] = SUM_BY("key_id");

enum orator_status usage_sum(struct store *store, const char *account_id, enum usage_group group,
                             int64_t from_ms, int64_t to_ms,
                             void (*each)(void *ctx, const struct usage *), void *ctx,
                             struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    bool row;
    TRY(store_read(store, &c, err));
    TRY(statement(c,
                  group == USAGE_BY_DAY     ? day_sql
                  : group == USAGE_BY_MODEL ? model_sql
                                            : key_sql,
                  &st, err));
    bind_text(st, 1, account_id);
    bind_int(st, 2, from_ms);
    bind_int(st, 3, to_ms);
    for (;;) {
        struct usage u = {0};
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        column_copy(st, 0, u.what, sizeof(u.what));
        u.tasks = column_int(st, 1);
        u.completed = column_int(st, 2);
        u.failed = column_int(st, 3);
        u.video_ms = column_int(st, 4);
        u.charged_micro = column_int(st, 5);
        u.reserved_micro = column_int(st, 6);
        each(ctx, &u);
    }
done:
    return store_end(&c, s, err);
}
