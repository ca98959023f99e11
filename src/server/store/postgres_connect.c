#include "server/store/postgres_connect.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char
    *const schema_postgres_steps[]; /* schema_postgres/: [n] makes version n + 1 out of version n */
extern const int schema_postgres_steps_count;

#define SCHEMA_LOCK "8029191107151" /* "orator" as a number: who brings the schema up holds it */

static const char settings[] =
    /* Every question of ours has its index, and tables grow faster than the planner hears of it. */
    "SET enable_seqscan = off; SET enable_sort = off; SET plan_cache_mode = force_generic_plan;"
    "SET jit = off;"
    /* A process that was stopped in a transaction must not keep its rows from the others. */
    "SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '10s'";

static enum orator_status failed(PGconn *pg, const char *what, struct orator_error *err)
{
    const char *message = pg ? PQerrorMessage(pg) : "no memory";
    return orator_fail(err, ORATOR_IO, "database: cannot %s: %.*s", what,
                       (int)strcspn(message, "\n"), message);
}

static void say_nothing(void *ctx, const PGresult *notice) { (void)ctx, (void)notice; }

enum orator_status postgres_run(PGconn *pg, const char *sql, const char *what, int64_t *number,
                                struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    PGresult *r = PQexec(pg, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
        s = failed(pg, what, err);
    else if (number)
        *number = PQntuples(r) > 0 ? strtoll(PQgetvalue(r, 0, 0), NULL, 10) : 0;
    PQclear(r);
    return s;
}

enum orator_status postgres_connect(PGconn **out, const char *url, struct orator_error *err)
{
    /* what stands before dbname may be set otherwise by the URL */
    const char *const names[] = {"fallback_application_name",
                                 "connect_timeout",
                                 "keepalives_idle",
                                 "tcp_user_timeout",
                                 "dbname",
                                 "client_encoding",
                                 NULL};
    const char *const values[] = {"orator", "5", "10", "15000", url, "UTF8", NULL};
    *out = PQconnectdbParams(names, values, 1);
    enum orator_status s = ORATOR_OK;
    if (PQstatus(*out) != CONNECTION_OK) {
        s = failed(*out, "connect", err);
    } else {
        PQsetNoticeReceiver(*out, say_nothing, NULL);
        s = postgres_run(*out, settings, "set up the connection", NULL, err);
    }
    if (s != ORATOR_OK) {
        PQfinish(*out);
        *out = NULL;
    }
    return s;
}

enum orator_status postgres_migrate(const char *url, struct orator_error *err)
{
    enum orator_status s;
    PGconn *pg = NULL;
    int64_t version = 0;
    char text[96];
    TRY(postgres_connect(&pg, url, err));
    TRY(postgres_run(pg,
                     "SET lock_timeout = 0; BEGIN; SELECT pg_advisory_xact_lock(" SCHEMA_LOCK ");"
                     "CREATE TABLE IF NOT EXISTS orator_schema (version BIGINT NOT NULL)",
                     "look at the schema", NULL, err));
    TRY(postgres_run(pg, "SELECT max(version) FROM orator_schema", "look at the schema", &version,
                     err));
    if (version > schema_postgres_steps_count) {
        s = orator_fail(err, ORATOR_IO,
                        "database: schema %" PRId64 " is newer than this program's %d", version,
                        schema_postgres_steps_count);
        goto done;
    }
    for (; version < schema_postgres_steps_count; version++) {
        snprintf(text, sizeof(text), "bring the schema to version %" PRId64, version + 1);
        TRY(postgres_run(pg, schema_postgres_steps[version], text, NULL, err));
        snprintf(text, sizeof(text), "INSERT INTO orator_schema VALUES (%" PRId64 ")", version + 1);
        TRY(postgres_run(pg, text, "bring the schema up to date", NULL, err));
    }
    TRY(postgres_run(pg, "COMMIT", "bring the schema up to date", NULL, err));
done:
    PQfinish(pg);
    return s;
}
