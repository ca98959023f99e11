/* postgres.c - PostgreSQL as database.h wants it: a pool of connections, each in libpq's pipeline mode.
 *
 * Nothing is sent for itself alone that can go with the next question: BEGIN goes with the first statement,
 * statements that give no rows go with the next that does or with COMMIT, and the COMMIT of reads is not waited
 * for. So a submit asks five times, not ten. Any failure ends its transaction as a whole.
 *
 * While the database restarts, a transaction waits RESTART_MS to begin; one that was cut off half-way is an IO
 * error, which every caller may try again. */
#include <assert.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/store/database.h"
#include "server/store/postgres_bell.h"
#include "server/store/postgres_connect.h"
#include "server/store/postgres_statement.h"

enum {
    POOL = 8, /* of writers, and as many readers: more than one server's threads are ever at it */
    RESTART_MS = 5000,
    PAUSE_MS = 100,
    SQL_MAX = 4096,
};

struct pg_connection {
    struct connection base;
    PGconn *pg; /* NULL: none yet */
    struct pg_connection *next;
    unsigned session; /* counts connects */
    int names;
    bool begun;
    int syncs; /* whose answers were not read yet */
    bool sent; /* something since the last sync */
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    struct pg_connection all[POOL], *free;
};

struct pg_store {
    struct store base;
    char *url;
    struct pool pools[2]; /* [writes] */
    struct bell *bell;
    atomic_llong down_ms; /* since when nobody can connect; 0: not known */
};

/* What went wrong, in one line of its own words. */
static enum orator_status failed(const char *what, const char *message, struct orator_error *err)
{
    int n = (int)strcspn(message, "\n");
    return orator_fail(err, ORATOR_IO, "database: cannot %s: %.*s", what, n, message);
}

static enum orator_status lost(const struct pg_connection *c, struct orator_error *err)
{
    return failed(c->base.writes ? "write" : "read", PQerrorMessage(c->pg), err);
}

/* --- the wire ---------------------------------------------------------------------------------------------- */

/* Reads what was asked for until now. *out is the last answer that is not an error; NULL: it is not wanted. */
static enum orator_status collect(struct pg_connection *c, PGresult **out, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    PGresult *last = NULL;
    if (c->sent) {
        c->sent = false;
        c->syncs += PQpipelineSync(c->pg);
    }
    while (c->syncs > 0) {
        PGresult *r = PQgetResult(c->pg);
        if (!r) {
            if (PQstatus(c->pg) == CONNECTION_BAD)
                break;
            continue; /* between two answers */
        }
        const ExecStatusType kind = PQresultStatus(r);
        if (kind == PGRES_PIPELINE_SYNC) {
            c->syncs--;
        } else if (kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK) {
            PQclear(last);
            last = r;
            r = NULL;
        } else if (kind != PGRES_PIPELINE_ABORTED &&
                   s == ORATOR_OK) { /* that is: by an error before */
            s = failed(c->base.writes ? "write" : "read", PQresultErrorMessage(r), err);
        }
        PQclear(r);
    }
    if (s == ORATOR_OK && PQstatus(c->pg) == CONNECTION_BAD)
        s = lost(c, err);
    if (s != ORATOR_OK || !out) {
        PQclear(last);
        last = NULL;
    }
    if (out)
        *out = last;
    return s;
}

static enum orator_status send(struct pg_connection *c, const char *sql, struct orator_error *err)
{
    if (!PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 1))
        return lost(c, err);
    c->sent = true;
    return ORATOR_OK;
}

static enum orator_status send_begin(struct pg_connection *c, struct orator_error *err)
{
    enum orator_status s =
        send(c, c->base.writes ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    c->begun = s == ORATOR_OK;
    return s;
}

/* --- statements --------------------------------------------------------------------------------------------- */

/* ?1 becomes $1, and the lock goes to the end. The highest number is how many parameters there are. */
static int translate(const struct pg_statement *st, char out[SQL_MAX])
{
    static const char *const locks[] = {"", " FOR NO KEY UPDATE", " FOR NO KEY UPDATE SKIP LOCKED"};
    struct text text = text_over(out, SQL_MAX);
    text_add(&text, st->base.sql);
    text_add(&text, locks[st->base.lock]);
    assert(!text.cut);
    bool quoted = false;
    int highest = 0;
    for (char *p = out; *p; p++) {
        quoted ^= *p == '\'';
        if (*p != '?' || quoted)
            continue;
        *p = '$';
        int number = (int)strtol(p + 1, NULL, 10);
        highest = number > highest ? number : highest;
    }
    assert(highest <= PARAMETERS_MAX);
    return highest;
}

static enum orator_status prepare(struct connection *base, const char *sql, struct statement **out,
                                  struct orator_error *err)
{
    (void)sql; /* when it is first sent: only then the types of its parameters are known */
    struct pg_statement *st = calloc(1, sizeof(*st));
    if (!st)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the database");
    st->c = (struct pg_connection *)base;
    *out = &st->base;
    return ORATOR_OK;
}

static void drop_result(struct pg_statement *st)
{
    PQclear(st->result);
    st->result = NULL;
    st->row = 0;
}

static void reset(struct statement *base)
{
    struct pg_statement *st = pg_statement(base);
    drop_result(st);
    for (int i = 0; i < st->count; i++) {
        st->values[i] = NULL;
        st->types[i] = 0;
        free(st->mended[i]);
        st->mended[i] = NULL;
    }
    st->count = 0;
}

/* Whether the database knows the statement with these types. A parameter that is NULL fits any. */
static bool fits(const struct pg_statement *st, const struct prepared *p)
{
    if (!p->name || p->session != st->c->session)
        return false;
    for (int i = 0; i < st->count; i++)
        if (st->types[i] && st->types[i] != p->types[i])
            return false;
    return true;
}

static enum orator_status send_prepare(struct pg_statement *st, struct prepared *p,
                                       struct orator_error *err)
{
    enum orator_status s;
    struct pg_connection *c = st->c;
    char sql[SQL_MAX], name[16];
    const bool known = p->name && p->session == c->session;
    for (int i = 0; i < PARAMETERS_MAX; i++)
        p->types[i] = i < st->count && st->types[i] ? st->types[i]
                      : known && p->types[i]        ? p->types[i]
                                                    : INT8; /* a number that was not sent */
    p->count = translate(st, sql);
    p->name = ++c->names;
    p->session = c->session;
    snprintf(name, sizeof(name), "s%d", p->name);
    if (!PQsendPrepare(c->pg, name, sql, p->count, p->types))
        s = lost(c, err);
    else {
        c->sent = true;
        s = collect(c, NULL, err);
    }
    if (s != ORATOR_OK)
        p->name = 0;
    return s;
}

/* Sends it with what is bound. */
static enum orator_status send_statement(struct pg_statement *st, struct orator_error *err)
{
    int binary[PARAMETERS_MAX];
    enum orator_status s = ORATOR_OK;
    struct pg_connection *c = st->c;
    struct prepared *p = &st->prepared[st->base.lock];
    char name[16];
    if (!c->begun)
        TRY(send_begin(c, err));
    if (!fits(st, p))
        TRY(send_prepare(st, p, err));
    for (; st->count < p->count; st->count++)
        st->values[st->count] = NULL;
    for (int i = 0; i < p->count; i++)
        binary[i] = 1;
    snprintf(name, sizeof(name), "s%d", p->name);
    if (!PQsendQueryPrepared(c->pg, name, p->count, st->values, st->lengths, binary, 1))
        s = lost(c, err);
    c->sent = true;
done:
    return s;
}

/* --- connections -------------------------------------------------------------------------------------------- */

static void pause_ms(int64_t ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* Whether the connection is as it was left. A database that ended has said so by now. */
static bool alive(struct pg_connection *c)
{
    if (!c->pg || PQstatus(c->pg) != CONNECTION_OK)
        return false;
    if (c->syncs > 0) /* of reads that were not waited for: what they say is of no interest */
        (void)collect(c, NULL, NULL);
    struct pollfd ready = {.fd = PQsocket(c->pg), .events = POLLIN};
    if (poll(&ready, 1, 0) > 0)
        (void)PQconsumeInput(c->pg);
    return PQstatus(c->pg) == CONNECTION_OK && PQtransactionStatus(c->pg) == PQTRANS_IDLE;
}

/* Waits some seconds for a database that restarts; then, until it is back, no longer. */
static enum orator_status revive(struct pg_store *store, struct pg_connection *c,
                                 struct orator_error *err)
{
    const int64_t start_ms = clock_steady_ms();
    const bool patient = store->down_ms == 0;
    if (alive(c))
        return ORATOR_OK;
    for (;;) {
        PQfinish(c->pg);
        c->pg = NULL;
        c->session++;
        c->syncs = c->names = 0;
        c->sent = c->begun = false;
        enum orator_status s = postgres_connect(&c->pg, store->url, err);
        if (s == ORATOR_OK && PQenterPipelineMode(c->pg) == 1) {
            store->down_ms = 0;
            return s;
        }
        if (!patient || clock_steady_ms() - start_ms >= RESTART_MS) {
            store->down_ms = start_ms;
            return s;
        }
        pause_ms(PAUSE_MS);
    }
}

/* --- questions ---------------------------------------------------------------------------------------------- */

/* A connection that was cut before its transaction asked anything is no failure: it is made again. */
static enum orator_status ask(struct pg_statement *st, struct orator_error *err)
{
    struct pg_connection *c = st->c;
    const bool first = !c->begun;
    enum orator_status s = send_statement(st, err);
    if (s == ORATOR_OK)
        s = collect(c, &st->result, err);
    if (s == ORATOR_OK || !first || PQstatus(c->pg) == CONNECTION_OK)
        return s;
    TRY(revive((struct pg_store *)c->base.store, c, err));
    TRY(send_statement(st, err));
    TRY(collect(c, &st->result, err));
done:
    return s;
}

static enum orator_status step_once(struct connection *base, struct statement *statement, bool *row,
                                    struct orator_error *err)
{
    struct pg_statement *st = pg_statement(statement);
    (void)base;
    if (!row)
        return send_statement(st, err); /* what comes of it is seen with the next answer */
    enum orator_status s = st->result ? ORATOR_OK : ask(st, err);
    if (s == ORATOR_OK)
        *row = st->row++ < PQntuples(st->result);
    return s;
}

/* --- transactions ------------------------------------------------------------------------------------------- */

static void give_back(struct pg_connection *c)
{
    struct pool *pool = &((struct pg_store *)c->base.store)->pools[c->base.writes];
    for (int i = 0; i < c->base.statement_count; i++)
        drop_result(pg_statement(c->base.statements[i]));
    pthread_mutex_lock(&pool->lock);
    c->next = pool->free;
    pool->free = c;
    pthread_cond_signal(&pool->freed);
    pthread_mutex_unlock(&pool->lock);
}

static enum orator_status begin(struct store *base, bool writes, struct connection **out,
                                struct orator_error *err)
{
    struct pg_store *store = (struct pg_store *)base;
    struct pool *pool = &store->pools[writes];
    pthread_mutex_lock(&pool->lock);
    while (!pool->free)
        pthread_cond_wait(&pool->freed, &pool->lock);
    struct pg_connection *c = pool->free;
    pool->free = c->next;
    pthread_mutex_unlock(&pool->lock);
    enum orator_status s = revive(store, c, err);
    if (s == ORATOR_OK)
        *out = &c->base;
    else
        give_back(c);
    return s;
}

/* COMMIT of a transaction that an error has ended answers ROLLBACK; but then collect() has seen the error. */
static enum orator_status end(struct connection *base, enum orator_status s,
                              struct orator_error *err)
{
    struct pg_connection *c = (struct pg_connection *)base;
    if (c->begun && PQstatus(c->pg) == CONNECTION_OK) {
        const bool keep = s == ORATOR_OK;
        enum orator_status sent = send(c, keep ? "COMMIT" : "ROLLBACK", keep ? err : NULL);
        if (sent == ORATOR_OK && base->writes) {
            sent = collect(c, NULL, keep ? err : NULL);
        } else if (sent == ORATOR_OK) {
            c->sent = false;
            c->syncs += PQpipelineSync(c->pg);
        }
        if (keep && base->writes)
            s = sent;
    } else if (c->begun && s == ORATOR_OK && base->writes) {
        s = lost(c, err);
    }
    c->begun = false;
    if (base->writes && PQstatus(c->pg) == CONNECTION_OK &&
        PQtransactionStatus(c->pg) != PQTRANS_IDLE) {
        PQfinish(c->pg); /* it is not known how it stands */
        c->pg = NULL;
    }
    give_back(c);
    return s;
}

/* --- the store ---------------------------------------------------------------------------------------------- */

static int64_t now_of_database(const struct store *base)
{
    return bell_now_ms(((const struct pg_store *)base)->bell);
}

static void announce(struct store *base) { bell_ring(((struct pg_store *)base)->bell); }

static void listen(struct store *base, void (*heard)(void *ctx), void *ctx)
{
    bell_listen(((struct pg_store *)base)->bell, heard, ctx);
}

static void close_all(struct store *base)
{
    struct pg_store *store = (struct pg_store *)base;
    bell_close(&store->bell);
    for (int w = 0; w < 2; w++) {
        struct pool *pool = &store->pools[w];
        for (int i = 0; i < POOL; i++) {
            struct pg_connection *c = &pool->all[i];
            for (int k = 0; k < c->base.statement_count; k++) {
                reset(c->base.statements[k]);
                free(c->base.statements[k]);
            }
            PQfinish(c->pg);
        }
        pthread_cond_destroy(&pool->freed);
        pthread_mutex_destroy(&pool->lock);
    }
    free(store->url);
    free(store);
}

static const struct database postgres = {
    .is_postgres = true,
    .now_ms = now_of_database,
    .announce = announce,
    .listen = listen,
    .close = close_all,
    .begin = begin,
    .end = end,
    .prepare = prepare,
    .reset = reset,
    .step = step_once,
    .bind_text = postgres_put_text,
    .bind_hash = postgres_put_hash,
    .bind_int = postgres_put_int,
    .bind_double = postgres_put_double,
    .column_is_null = postgres_get_is_null,
    .column_int = postgres_get_int,
    .column_double = postgres_get_double,
    .column_text = postgres_get_text,
    .column_bytes = postgres_get_bytes,
};

enum orator_status postgres_open(struct store **out, const char *url, struct orator_error *err)
{
    enum orator_status s;
    *out = NULL;
    struct pg_store *store = calloc(1, sizeof(*store));
    if (!store || !(store->url = strdup(url))) {
        free(store);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the database");
    }
    store->base.database = &postgres;
    for (int w = 0; w < 2; w++) {
        struct pool *pool = &store->pools[w];
        pthread_mutex_init(&pool->lock, NULL);
        pthread_cond_init(&pool->freed, NULL);
        for (int i = POOL - 1; i >= 0; i--) {
            pool->all[i].base.store = &store->base;
            pool->all[i].base.writes = w;
            pool->all[i].next = pool->free;
            pool->free = &pool->all[i];
        }
    }
    TRY(postgres_migrate(url, err));
    TRY(bell_open(&store->bell, url, err));
    *out = &store->base;
    store = NULL;
done:
    if (store)
        close_all(&store->base);
    return s;
}
