#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "server/store/database.h"
#include "server/store/sqlite.h"

#define BUSY_TIMEOUT_MS 5000 /* our longest transaction takes milliseconds; a backup some seconds */

extern const char *const schema_steps[]; /* schema/: [n] makes version n + 1 out of version n */
extern const int schema_steps_count;

enum { MOVED = 1000000 }; /* the version of a database that was given up */

enum {
    GROUP_MAX = 64, /* more would make the first wait for little gain */
    READERS = 4, /* a read takes some 10 us of a core; more than there are cores are never at it */
};

struct sqlite_connection {
    struct connection base;
    sqlite3 *db;
    pthread_mutex_t lock; /* held from begin() to end() */
};

/* A transaction that is done and waits for the commit it shares; lives in its thread's store_end(). */
struct member {
    struct member *next;
    sem_t over; /* its own, so that whoever is woken does not queue for the writer's lock */
    enum orator_status status;
    struct orator_error why;
};

/* A commit waits for the disk, some milliseconds, whatever it holds. So transactions that arrive
 * meanwhile go into one, each in a savepoint of its own, and the last to arrive commits for all. */
struct sqlite_store {
    struct store base;
    struct sqlite_connection writer, readers[READERS];
    atomic_uint turn;     /* which reader the next one tries first */
    atomic_int arriving;  /* threads that want the writer and do not hold it yet */
    struct member *group; /* this and the next: guarded by writer.lock */
    int group_size;
};

struct sqlite_statement {
    struct statement base;
    sqlite3_stmt *ready;
};

static sqlite3_stmt *ready(struct statement *st) { return ((struct sqlite_statement *)st)->ready; }

static enum orator_status failed(const struct sqlite_connection *c, const char *what,
                                 struct orator_error *err)
{
    if (!c->db || (sqlite3_errcode(c->db) & 0xff) == SQLITE_NOMEM)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the database");
    return orator_fail(err, ORATOR_IO, "database: cannot %s: %s", what, sqlite3_errmsg(c->db));
}

static enum orator_status run(struct sqlite_connection *c, const char *sql, const char *what,
                              struct orator_error *err)
{
    if (sqlite3_exec(c->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return failed(c, what, err);
    return ORATOR_OK;
}

static enum orator_status prepare(struct connection *base, const char *sql, struct statement **out,
                                  struct orator_error *err)
{
    struct sqlite_connection *c = (struct sqlite_connection *)base;
    struct sqlite_statement *st = calloc(1, sizeof(*st));
    if (!st)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the database");
    if (sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->ready, NULL) !=
        SQLITE_OK) {
        free(st);
        return failed(c, "prepare a statement", err);
    }
    *out = &st->base;
    return ORATOR_OK;
}

static void reset(struct statement *st)
{
    sqlite3_reset(ready(st));
    sqlite3_clear_bindings(ready(st));
}

static enum orator_status step_once(struct connection *c, struct statement *st, bool *row,
                                    struct orator_error *err)
{
    int r = sqlite3_step(ready(st));
    assert(row || r != SQLITE_ROW);
    if (row)
        *row = r == SQLITE_ROW;
    if (r != SQLITE_ROW && r != SQLITE_DONE)
        return failed((struct sqlite_connection *)c, c->writes ? "write" : "read", err);
    return ORATOR_OK;
}

/* The same, prepared once: for what every transaction runs. */
static enum orator_status run_ready(struct sqlite_connection *c, const char *sql, const char *what,
                                    struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(&c->base, sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    if (sqlite3_step(ready(st)) != SQLITE_DONE)
        s = failed(c, what, err);
    sqlite3_reset(ready(st));
    return s;
}

static void put_text(struct statement *st, int index, const char *text)
{
    sqlite3_bind_text(ready(st), index, text, -1, SQLITE_STATIC);
}

static void put_hash(struct statement *st, int index, const unsigned char hash[32])
{
    sqlite3_bind_blob(ready(st), index, hash, 32, SQLITE_STATIC);
}

static void put_int(struct statement *st, int index, int64_t value)
{
    sqlite3_bind_int64(ready(st), index, value);
}

static void put_double(struct statement *st, int index, double value)
{
    sqlite3_bind_double(ready(st), index, value);
}

static bool get_is_null(struct statement *st, int index)
{
    return sqlite3_column_type(ready(st), index) == SQLITE_NULL;
}

static int64_t get_int(struct statement *st, int index)
{
    return sqlite3_column_int64(ready(st), index);
}

static double get_double(struct statement *st, int index)
{
    return sqlite3_column_double(ready(st), index);
}

static const char *get_text(struct statement *st, int index)
{
    return (const char *)sqlite3_column_text(ready(st), index);
}

static const void *get_bytes(struct statement *st, int index, size_t *size)
{
    *size = (size_t)sqlite3_column_bytes(ready(st), index);
    return sqlite3_column_blob(ready(st), index);
}

/* Ends the open transaction of the group and tells every member how. */
static void settle_group(struct sqlite_store *store, enum orator_status s)
{
    struct sqlite_connection *c = &store->writer;
    struct orator_error why = {0};
    if (s == ORATOR_OK)
        s = run_ready(c, "COMMIT", "write", &why);
    else
        s = failed(c, "write", &why);
    /* after some failures (a full disk) SQLite has rolled back by itself */
    if (s != ORATOR_OK && !sqlite3_get_autocommit(c->db))
        sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    for (struct member *m = store->group, *next; m; m = next) {
        next = m->next; /* m is gone as soon as it knows */
        m->status = s;
        m->why = why;
        sem_post(&m->over);
    }
    store->group = NULL;
    store->group_size = 0;
}

/* Leaves the group: with its work if s is OK, without it otherwise. Unlocks. */
static enum orator_status leave_group(struct sqlite_store *store, enum orator_status s,
                                      struct orator_error *err)
{
    struct sqlite_connection *c = &store->writer;
    struct member me;
    bool alive = !sqlite3_get_autocommit(c->db);
    if (alive && s != ORATOR_OK)
        alive = sqlite3_exec(c->db, "ROLLBACK TO member; RELEASE member", NULL, NULL, NULL) ==
                SQLITE_OK;
    else if (alive)
        s = run_ready(c, "RELEASE member", "write", err);
    const bool member = s == ORATOR_OK;
    if (member) {
        sem_init(&me.over, 0, 0);
        me.next = store->group;
        store->group = &me;
        store->group_size++;
    }
    if (!alive)
        settle_group(store, ORATOR_IO);
    else if (store->arriving == 0 || store->group_size >= GROUP_MAX)
        settle_group(store, ORATOR_OK);
    pthread_mutex_unlock(&c->lock);
    if (!member)
        return s;
    while (sem_wait(&me.over) != 0)
        ; /* a signal came */
    sem_destroy(&me.over);
    if (me.status != ORATOR_OK && err)
        *err = me.why;
    return me.status;
}

static enum orator_status begin_write(struct sqlite_store *store, struct connection **out,
                                      struct orator_error *err)
{
    struct sqlite_connection *c = &store->writer;
    enum orator_status s = ORATOR_OK;
    store->arriving++;
    pthread_mutex_lock(&c->lock);
    store->arriving--;
    if (sqlite3_get_autocommit(c->db))
        s = run_ready(c, "BEGIN IMMEDIATE", "write", err);
    if (s != ORATOR_OK) {
        pthread_mutex_unlock(&c->lock);
        return s;
    }
    s = run_ready(c, "SAVEPOINT member", "write", err);
    if (s != ORATOR_OK) {
        (void)leave_group(store, s, err); /* others may be in it */
        return s;
    }
    *out = &c->base;
    return ORATOR_OK;
}

static enum orator_status begin_read(struct sqlite_store *store, struct connection **out,
                                     struct orator_error *err)
{
    const unsigned turn = store->turn++;
    struct sqlite_connection *c = &store->readers[turn % READERS];
    for (unsigned i = 0; i < READERS; i++) {
        c = &store->readers[(turn + i) % READERS];
        if (pthread_mutex_trylock(&c->lock) == 0)
            goto locked;
    }
    pthread_mutex_lock(&c->lock);
locked:;
    enum orator_status s = run_ready(c, "BEGIN", "read", err);
    if (s == ORATOR_OK)
        *out = &c->base;
    else
        pthread_mutex_unlock(&c->lock);
    return s;
}

static enum orator_status begin(struct store *store, bool writes, struct connection **out,
                                struct orator_error *err)
{
    return writes ? begin_write((struct sqlite_store *)store, out, err)
                  : begin_read((struct sqlite_store *)store, out, err);
}

static enum orator_status end(struct connection *base, enum orator_status s,
                              struct orator_error *err)
{
    struct sqlite_connection *c = (struct sqlite_connection *)base;
    for (int i = 0; i < base->statement_count; i++)
        sqlite3_reset(ready(base->statements[i]));
    if (base->writes)
        return leave_group((struct sqlite_store *)base->store, s, err);
    (void)run_ready(c, "COMMIT", "read", NULL); /* of reads: nothing to lose */
    pthread_mutex_unlock(&c->lock);
    return s;
}

static enum orator_status read_version(struct connection *c, int64_t *out, struct orator_error *err)
{
    struct statement *st;
    bool row = false;
    enum orator_status s = statement(c, "PRAGMA user_version", &st, err);
    if (s != ORATOR_OK)
        return s;
    s = step(c, st, &row, err);
    *out = row ? get_int(st, 0) : 0;
    reset(st);
    return s;
}

/* The version is read inside the transaction: another process may be doing the same. All steps are one
 * transaction, so a database is never left between two versions. */
static enum orator_status migrate(struct sqlite_store *store, struct orator_error *err)
{
    struct sqlite_connection *writer = &store->writer;
    struct connection *c = NULL;
    enum orator_status s;
    int64_t version;
    TRY(begin_write(store, &c, err));
    TRY(read_version(c, &version, err));
    if (version == MOVED) {
        s = orator_fail(err, ORATOR_IO,
                        "database: this one has moved to PostgreSQL; the setting database says"
                        " where");
        goto done;
    }
    if (version > schema_steps_count) {
        s = orator_fail(err, ORATOR_IO, "database: schema %lld is newer than this program's %d",
                        (long long)version, schema_steps_count);
        goto done;
    }
    for (; version < schema_steps_count; version++) {
        char what[48];
        snprintf(what, sizeof(what), "bring the schema to version %d", (int)version + 1);
        TRY(run(writer, schema_steps[version], what, err));
        snprintf(what, sizeof(what), "PRAGMA user_version = %d", (int)version + 1);
        TRY(run(writer, what, "bring the schema up to date", err));
    }
done:
    return c ? end(c, s, err) : s;
}

#define REFUSE(number, what)                                \
    "CREATE TRIGGER moved_" number " BEFORE " what " BEGIN" \
    " SELECT RAISE(ABORT, 'moved to PostgreSQL'); END;"

enum orator_status sqlite_mark_moved(struct connection *c, struct orator_error *err)
{
    static const char mark[] = REFUSE("1", "INSERT ON tasks") REFUSE("2", "UPDATE ON tasks")
        REFUSE("3", "INSERT ON ledger")
            REFUSE("4", "INSERT ON keys") "PRAGMA user_version = 1000000";
    return run((struct sqlite_connection *)c, mark, "mark the database as moved", err);
}

static enum orator_status connect(struct sqlite_connection *c, const char *path, bool writes,
                                  struct orator_error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (writes ? SQLITE_OPEN_CREATE : 0);
    c->base.writes = writes;
    if (sqlite3_open_v2(path, &c->db, flags, NULL) != SQLITE_OK)
        return failed(c, "open", err);
    sqlite3_busy_timeout(c->db, BUSY_TIMEOUT_MS);
    /* FULL: a commit that was answered survives a power cut, not only a crash of this program */
    return run(
        c,
        /* temp_store: what a savepoint would undo, 64 KiB of a batch, is no file of its own */
        writes ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
                 "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF"
               : "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF",
        "open", err);
}

static void disconnect(struct sqlite_connection *c)
{
    for (int i = 0; i < c->base.statement_count; i++) {
        sqlite3_finalize(ready(c->base.statements[i]));
        free(c->base.statements[i]);
    }
    sqlite3_close(c->db);
    pthread_mutex_destroy(&c->lock);
}

static void close_all(struct store *base)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    for (int i = 0; i < READERS; i++)
        disconnect(&store->readers[i]);
    disconnect(&store->writer); /* last: it folds the WAL into the file */
    free(store);
}

static const struct database sqlite = {
    .close = close_all,
    .begin = begin,
    .end = end,
    .prepare = prepare,
    .reset = reset,
    .step = step_once,
    .bind_text = put_text,
    .bind_hash = put_hash,
    .bind_int = put_int,
    .bind_double = put_double,
    .column_is_null = get_is_null,
    .column_int = get_int,
    .column_double = get_double,
    .column_text = get_text,
    .column_bytes = get_bytes,
};

/* Its books of its memory, which nobody reads, are one lock for all connections. */
static void set_up_library(void) { (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

enum orator_status sqlite_open(struct store **out, const char *folder, struct orator_error *err)
{
    enum orator_status s;
    char path[4096];
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up_library);
    *out = NULL;
    struct sqlite_store *store = calloc(1, sizeof(*store));
    if (!store)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the database");
    store->base.database = &sqlite;
    store->writer.base.store = &store->base;
    pthread_mutex_init(&store->writer.lock, NULL);
    for (int i = 0; i < READERS; i++) {
        store->readers[i].base.store = &store->base;
        pthread_mutex_init(&store->readers[i].lock, NULL);
    }
    if ((size_t)snprintf(path, sizeof(path), "%s/orator.db", folder) >= sizeof(path)) {
        s = orator_fail(err, ORATOR_IO, "the path of the data folder is too long");
        goto done;
    }
    TRY(folder_make(folder, err));
    TRY(connect(&store->writer, path, true, err));
    TRY(migrate(store, err));
    for (int i = 0; i < READERS; i++)
        TRY(connect(&store->readers[i], path, false, err));
    *out = &store->base;
    store = NULL;
done:
    if (store)
        close_all(&store->base);
    return s;
}
