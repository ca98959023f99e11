#include "server/store/postgres_statement.h"

#include <assert.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void put(struct pg_statement *st, int index, Oid type, const void *value, size_t length)
{
    assert(index >= 1 && index <= PARAMETERS_MAX);
    for (; st->count < index; st->count++)
        st->values[st->count] = NULL, st->types[st->count] = 0;
    st->types[index - 1] = type;
    st->values[index - 1] = value;
    st->lengths[index - 1] = (int)length;
}

/* PostgreSQL takes UTF-8 alone; a sentence that was cut in the middle of a character must not keep a task
 * from failing. */
static char *mend(const char *text)
{
    const size_t length = strlen(text);
    char *out = malloc(length + 1);
    for (size_t i = 0; out && i < length;) {
        size_t n = text_utf8_length(text + i, length - i);
        memcpy(out + i, n ? text + i : "?", n ? n : 1);
        i += n ? n : 1;
    }
    if (out)
        out[length] = '\0';
    return out;
}

static bool is_utf8(const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t n = text_utf8_length(text + i, length - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

void postgres_put_text(struct statement *base, int index, const char *text)
{
    struct pg_statement *st = pg_statement(base);
    size_t length = text ? strlen(text) : 0;
    if (text && !is_utf8(text, length)) {
        free(st->mended[index - 1]);
        text = st->mended[index - 1] = mend(text);
    }
    put(st, index, TEXT, text, length);
}

void postgres_put_hash(struct statement *st, int index, const unsigned char hash[32])
{
    put(pg_statement(st), index, BYTEA, hash, 32);
}

void postgres_put_int(struct statement *st, int index, int64_t value)
{
    uint64_t *at = &pg_statement(st)->numbers[index - 1];
    *at = htobe64((uint64_t)value);
    put(pg_statement(st), index, INT8, at, sizeof(*at));
}

void postgres_put_double(struct statement *st, int index, double value)
{
    uint64_t *at = &pg_statement(st)->numbers[index - 1];
    memcpy(at, &value, sizeof(value));
    *at = htobe64(*at);
    put(pg_statement(st), index, FLOAT8, at, sizeof(*at));
}

bool postgres_get_is_null(struct statement *st, int index)
{
    return PQgetisnull(pg_statement(st)->result, pg_statement(st)->row - 1, index);
}

static const char *get(struct statement *st, int index)
{
    return PQgetvalue(pg_statement(st)->result, pg_statement(st)->row - 1, index);
}

static uint64_t get_number(struct statement *st, int index)
{
    uint64_t bits = 0;
    if (postgres_get_is_null(st, index))
        return 0;
    memcpy(&bits, get(st, index), sizeof(bits));
    return be64toh(bits);
}

int64_t postgres_get_int(struct statement *st, int index)
{
    if (PQftype(pg_statement(st)->result, index) == INT4 && !postgres_get_is_null(st, index)) {
        uint32_t bits;
        memcpy(&bits, get(st, index), sizeof(bits));
        return (int32_t)be32toh(bits);
    }
    assert(PQftype(pg_statement(st)->result, index) == INT8);
    return (int64_t)get_number(st, index);
}

double postgres_get_double(struct statement *st, int index)
{
    assert(PQftype(pg_statement(st)->result, index) == FLOAT8);
    uint64_t bits = get_number(st, index);
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

const char *postgres_get_text(struct statement *st, int index)
{
    return postgres_get_is_null(st, index) ? NULL : get(st, index);
}

const void *postgres_get_bytes(struct statement *st, int index, size_t *size)
{
    *size = (size_t)PQgetlength(pg_statement(st)->result, pg_statement(st)->row - 1, index);
    return get(st, index);
}
