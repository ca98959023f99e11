/* place.h - where the store of a test lives: in the test's folder, or, with ORATOR_TEST_DATABASE, in a schema of
 * its own in that database (tests/with_postgres). The same tests run on both, so both keep the same promises. */
#pragma once

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline bool on_postgres(void) { return getenv("ORATOR_TEST_DATABASE") != NULL; }

/* What store_open() takes. A file in the folder remembers the schema: a new folder is a new one. */
static inline const char *place(const char *folder)
{
    static char url[300];
    const char *cluster = getenv("ORATOR_TEST_DATABASE");
    char path[128], name[64];
    static int count;
    if (!cluster)
        return folder;
    mkdir(folder, 0700);
    snprintf(path, sizeof(path), "%s/database", folder);
    FILE *f = fopen(path, "r");
    if (f) {
        if (fscanf(f, "%63s", name) != 1)
            abort();
    } else {
        char sql[100];
        PGconn *pg = PQconnectdb(cluster);
        snprintf(name, sizeof(name), "test_%d_%d", (int)getpid(), count++);
        snprintf(sql, sizeof(sql), "CREATE SCHEMA %s", name);
        PGresult *r = PQexec(pg, sql);
        if (PQresultStatus(r) != PGRES_COMMAND_OK)
            abort();
        PQclear(r);
        PQfinish(pg);
        f = fopen(path, "w");
        fputs(name, f);
    }
    fclose(f);
    snprintf(url, sizeof(url), "%s&options=-csearch_path%%3D%s", cluster, name);
    return url;
}

/* SQL past the store's back, as a curious operator would; false if it was refused. *number is the first column of
 * the first row; NULL: it is not wanted. */
static inline bool place_ask(const char *folder, const char *sql, int64_t *number)
{
    bool good;
    if (number)
        *number = 0;
    if (on_postgres()) {
        PGconn *pg = PQconnectdb(place(folder));
        PGresult *r = PQexec(pg, sql);
        good = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
        if (!good)
            fprintf(stderr, "%s", PQerrorMessage(pg));
        else if (number && PQntuples(r) > 0)
            *number = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
        PQclear(r);
        PQfinish(pg);
    } else {
        char path[128];
        sqlite3 *db;
        sqlite3_stmt *st = NULL;
        snprintf(path, sizeof(path), "%s/orator.db", folder);
        good = sqlite3_open(path, &db) == SQLITE_OK;
        if (good && number) {
            good = sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
                   sqlite3_step(st) == SQLITE_ROW;
            *number = good ? sqlite3_column_int64(st, 0) : 0;
            sqlite3_finalize(st);
        } else if (good) {
            good = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
        }
        sqlite3_close(db);
    }
    return good;
}

static inline bool place_sql(const char *folder, const char *sql)
{
    return place_ask(folder, sql, NULL);
}
