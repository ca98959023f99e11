#include <assert.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "server/store/connection.h"

#define BUSY_TIMEOUT_MS 5000 /* our longest transaction takes milliseconds; a backup some seconds */

extern const char *const schema_steps[]; /* schema/: [n] makes version n + 1 out of version n */
extern const int schema_steps_count;

enum {
    GROUP_MAX = 64, /* more would make the first wait for little gain */
    READERS = 4, /* a read takes some 10 us of a core; more than there are cores are never at it */
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
struct store {
    struct connection writer, readers[READERS];
    atomic_uint turn;     /* which reader the next one tries first */
    atomic_int arriving;  /* threads that want the writer and do not hold it yet */
    struct member *group; /* this and the next: guarded by writer.lock */
    int group_size;
    int64_t (*now_ms)(void);
};

static enum orator_status failed(const struct connection *c, const char *what,
                                 struct orator_error *err)
{
    if (!c->db || (sqlite3_errcode(c->db) & 0xff) == SQLITE_NOMEM)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the database");
    return orator_fail(err, ORATOR_IO, "database: cannot %s: %s", what, sqlite3_errmsg(c->db));
}

static enum orator_status run(struct connection *c, const char *sql, const char *what,
                              struct orator_error *err)
{
    if (sqlite3_exec(c->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return failed(c, what, err);
    return ORATOR_OK;
}

enum orator_status statement(struct connection *c, const char *sql, sqlite3_stmt **out,
                             struct orator_error *err)
{
    for (int i = 0; i < c->statement_count; i++) {
        if (c->statements[i].sql != sql)
            continue;
        *out = c->statements[i].ready;
        sqlite3_reset(*out);
        sqlite3_clear_bindings(*out);
        return ORATOR_OK;
    }
    assert(c->statement_count < STATEMENTS_MAX);
    if (sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) != SQLITE_OK)
        return failed(c, "prepare a statement", err);
    c->statements[c->statement_count].sql = sql;
    c->statements[c->statement_count++].ready = *out;
    return ORATOR_OK;
}

enum orator_status step(struct connection *c, sqlite3_stmt *st, bool *row, struct orator_error *err)
{
    int r = sqlite3_step(st);
    if (r != SQLITE_ROW && r != SQLITE_DONE)
        return failed(c, c->writes ? "write" : "read", err);
    assert(row || r == SQLITE_DONE);
    if (row)
        *row = r == SQLITE_ROW;
    return ORATOR_OK;
}

/* The same, prepared once: for what every transaction runs. */
static enum orator_status run_ready(struct connection *c, const char *sql, const char *what,
                                    struct orator_error *err)
{
    sqlite3_stmt *st;
    enum orator_status s = statement(c, sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    if (sqlite3_step(st) != SQLITE_DONE)
        s = failed(c, what, err);
    sqlite3_reset(st);
    return s;
}

void bind_text(sqlite3_stmt *st, int index, const char *text)
{
    sqlite3_bind_text(st, index, text, -1, SQLITE_STATIC);
}

void bind_hash(sqlite3_stmt *st, int index, const unsigned char hash[32])
{
    sqlite3_bind_blob(st, index, hash, 32, SQLITE_STATIC);
}

void column_copy(sqlite3_stmt *st, int index, char *out, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(st, index);
    snprintf(out, size, "%s", text ? text : "");
}

enum orator_status column_new(sqlite3_stmt *st, int index, char **out, struct orator_error *err)
{
    const char *text = (const char *)sqlite3_column_text(st, index);
    *out = text ? strdup(text) : NULL;
    if (!*out && sqlite3_column_type(st, index) != SQLITE_NULL)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a row of the database");
    return ORATOR_OK;
}

/* Ends the open transaction of the group and tells every member how. */
static void settle_group(struct store *store, enum orator_status s)
{
    struct connection *c = &store->writer;
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
static enum orator_status leave_group(struct store *store, enum orator_status s,
                                      struct orator_error *err)
{
    struct connection *c = &store->writer;
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

enum orator_status store_write(struct store *store, struct connection **out,
                               struct orator_error *err)
{
    struct connection *c = &store->writer;
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
    *out = c;
    return ORATOR_OK;
}

enum orator_status store_read(struct store *store, struct connection **out,
                              struct orator_error *err)
{
    const unsigned turn = store->turn++;
    struct connection *c = &store->readers[turn % READERS];
    for (unsigned i = 0; i < READERS; i++) {
        c = &store->readers[(turn + i) % READERS];
        if (pthread_mutex_trylock(&c->lock) == 0)
            goto locked;
    }
    pthread_mutex_lock(&c->lock);
locked:;
    enum orator_status s = run_ready(c, "BEGIN", "read", err);
    if (s == ORATOR_OK)
        *out = c;
    else
        pthread_mutex_unlock(&c->lock);
    return s;
}

enum orator_status store_end(struct connection **conn, enum orator_status s,
                             struct orator_error *err)
{
    struct connection *c = *conn;
    if (!c)
        return s;
    *conn = NULL;
    for (int i = 0; i < c->statement_count; i++)
        sqlite3_reset(c->statements[i].ready);
    if (c->writes)
        return leave_group(c->store, s, err);
    (void)run_ready(c, "COMMIT", "read", NULL); /* of reads: nothing to lose */
    pthread_mutex_unlock(&c->lock);
    return s;
}

static enum orator_status read_version(struct connection *c, int64_t *out, struct orator_error *err)
{
    sqlite3_stmt *st;
    bool row = false;
    enum orator_status s = statement(c, "PRAGMA user_version", &st, err);
    if (s != ORATOR_OK)
        return s;
    s = step(c, st, &row, err);
    *out = row ? sqlite3_column_int64(st, 0) : 0;
    sqlite3_reset(st);
    return s;
}

/* The version is read inside the transaction: another process may be doing the same. All steps are one
 * transaction, so a database is never left between two versions. */
static enum orator_status migrate(struct store *store, struct orator_error *err)
{
    struct connection *c = NULL;
    enum orator_status s;
    int64_t version;
    TRY(store_write(store, &c, err));
    TRY(read_version(c, &version, err));
    if (version > schema_steps_count) {
        s = orator_fail(err, ORATOR_IO, "database: schema %lld is newer than this program's %d",
                        (long long)version, schema_steps_count);
        goto done;
    }
    for (; version < schema_steps_count; version++) {
        char what[48];
        snprintf(what, sizeof(what), "bring the schema to version %d", (int)version + 1);
        TRY(run(c, schema_steps[version], what, err));
        snprintf(what, sizeof(what), "PRAGMA user_version = %d", (int)version + 1);
        TRY(run(c, what, "bring the schema up to date", err));
    }
done:
    return store_end(&c, s, err);
}

static enum orator_status connect(struct connection *c, const char *path, bool writes,
                                  struct orator_error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (writes ? SQLITE_OPEN_CREATE : 0);
    c->writes = writes;
    if (sqlite3_open_v2(path, &c->db, flags, NULL) != SQLITE_OK)
        return failed(c, "open", err);
    sqlite3_busy_timeout(c->db, BUSY_TIMEOUT_MS);
    /* FULL: a commit that was answered survives a power cut, not only a crash of this program */
    return run(c,
               writes ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF"
                      : "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF",
               "open", err);
}

static void disconnect(struct connection *c)
{
    for (int i = 0; i < c->statement_count; i++)
        sqlite3_finalize(c->statements[i].ready);
    sqlite3_close(c->db);
    pthread_mutex_destroy(&c->lock);
}

enum orator_status store_open(struct store **out, const char *folder, struct orator_error *err)
{
    enum orator_status s;
    char path[4096];
    *out = NULL;
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the database");
    store->now_ms = clock_wall_ms;
    store->writer.store = store;
    pthread_mutex_init(&store->writer.lock, NULL);
    for (int i = 0; i < READERS; i++)
        pthread_mutex_init(&store->readers[i].lock, NULL);

    if ((size_t)snprintf(path, sizeof(path), "%s/orator.db", folder) >= sizeof(path)) {
        s = orator_fail(err, ORATOR_IO, "the path of the data folder is too long");
        goto done;
    }
    TRY(folder_make(folder, err));
    TRY(connect(&store->writer, path, true, err));
    TRY(migrate(store, err));
    for (int i = 0; i < READERS; i++)
        TRY(connect(&store->readers[i], path, false, err));
    *out = store;
    store = NULL;
done:
    store_close(&store);
    return s;
}

void store_close(struct store **store)
{
    if (!*store)
        return;
    for (int i = 0; i < READERS; i++)
        disconnect(&(*store)->readers[i]);
    disconnect(&(*store)->writer); /* last: it folds the WAL into the file */
    free(*store);
    *store = NULL;
}

int64_t store_now_ms(const struct store *store) { return store->now_ms(); }
void store_set_clock(struct store *store, int64_t (*now_ms)(void)) { store->now_ms = now_ms; }
