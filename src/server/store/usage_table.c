#include "server/store/usage_table.h"

#include <time.h>

#include "server/store/connection.h"

/* billing: 0 reserved, 1 settled, 2 released, as enum task_billing has them */
#define SUM_BY(what)                                                                        \
    "SELECT " what ", count(*), count(CASE WHEN billing = 1 THEN 1 END),"                   \
    " count(CASE WHEN billing = 2 THEN 1 END),"                                             \
    " CAST(sum(CASE WHEN billing = 1 THEN duration_ms ELSE 0 END) AS BIGINT),"              \
    " CAST(sum(charged_micro) AS BIGINT),"                                                  \
    " CAST(sum(CASE WHEN billing = 0 THEN reserved_micro ELSE 0 END) AS BIGINT) FROM tasks" \
    " WHERE account_id = ?1 AND created_ms >= ?2 AND created_ms < ?3 GROUP BY 1 ORDER BY 1"

static const char day_sql[] = SUM_BY("created_ms / 86400000");
static const char model_sql[] = SUM_BY("model");
static const char key_sql[] = SUM_BY("key_id");

/* "2025-03-09" of days since 1970. */
static void name_day(int64_t day, char *out, size_t size)
{
    const time_t second = (time_t)(day * 86400);
    struct tm date;
    if (!gmtime_r(&second, &date) || strftime(out, size, "%Y-%m-%d", &date) == 0)
        out[0] = '\0';
}

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
        if (group == USAGE_BY_DAY)
            name_day(column_int(st, 0), u.what, sizeof(u.what));
        else
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
