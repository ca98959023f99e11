#include "server/objects/sigv4.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { DATE_LENGTH = 8, HASH_BYTES = 32, CANONICAL_SIZE = 8192, SCOPE_SIZE = 160 };

static const char algorithm[] = "AWS4-HMAC-SHA256";

void sigv4_time(char out[SIGV4_TIME_SIZE], long long unix_s)
{
    time_t at = (time_t)unix_s;
    struct tm utc;
    gmtime_r(&at, &utc);
    strftime(out, SIGV4_TIME_SIZE, "%Y%m%dT%H%M%SZ", &utc);
}

static void to_hex(char out[SIGV4_HEX_SIZE], const unsigned char hash[HASH_BYTES])
{
    for (size_t i = 0; i < HASH_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

bool sigv4_sha256(char out[SIGV4_HEX_SIZE], const void *data, size_t size)
{
    unsigned char hash[HASH_BYTES];
    if (!EVP_Digest(data, size, hash, NULL, EVP_sha256(), NULL))
        return false;
    to_hex(out, hash);
    return true;
}

void sigv4_encode(struct text *t, const char *s, bool is_path)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c) || (is_path && c == '/');
        text_addf(t, plain ? "%c" : "%%%02X", c);
    }
}

/* One field as it is sent: where its text starts, and its name ends. */
struct encoded {
    const char *name, *value;
};

static int by_name_then_value(const void *a, const void *b)
{
    const struct encoded *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->value, y->value);
}

void sigv4_query(struct text *out, const struct sigv4_field *fields, int count)
{
    char room[CANONICAL_SIZE];
    struct text t = text_over(room, sizeof(room));
    struct encoded sorted[SIGV4_FIELDS_MAX];
    assert(count <= SIGV4_FIELDS_MAX);
    for (int i = 0; i < count; i++) {
        sorted[i].name = room + t.length;
        sigv4_encode(&t, fields[i].name, false);
        text_add_n(&t, "\0", 1);
        sorted[i].value = room + t.length;
        sigv4_encode(&t, fields[i].value, false);
        text_add_n(&t, "\0", 1);
    }
    out->cut = out->cut || t.cut;
    if (t.cut)
        return;
    qsort(sorted, (size_t)count, sizeof(*sorted), by_name_then_value); /* as sent, not as meant */
    for (int i = 0; i < count; i++)
        text_addf(out, "%s%s=%s", i > 0 ? "&" : "", sorted[i].name, sorted[i].value);
}

static bool hmac(unsigned char out[HASH_BYTES], const void *key, size_t key_size, const char *data)
{
    return HMAC(EVP_sha256(), key, (int)key_size, (const unsigned char *)data, strlen(data), out,
                NULL) != NULL;
}

static void scope_of(char out[SCOPE_SIZE], const struct sigv4_key *k, const char *time)
{
    snprintf(out, SCOPE_SIZE, "%.8s/%s/%s/aws4_request", time, k->region, k->service);
}

static void add_signed_names(struct text *t, const struct sigv4_request *r)
{
    for (int i = 0; i < r->headers_count; i++)
        text_addf(t, "%s%s", i > 0 ? ";" : "", r->headers[i].name);
}

bool sigv4_signature(char out[SIGV4_HEX_SIZE], const struct sigv4_key *k,
                     const struct sigv4_request *r)
{
    char canonical[CANONICAL_SIZE], to_sign[512], scope[SCOPE_SIZE], hash[SIGV4_HEX_SIZE];
    char secret[256], date[DATE_LENGTH + 1];
    unsigned char key[HASH_BYTES];
    struct text t = text_over(canonical, sizeof(canonical));
    text_addf(&t, "%s\n%s\n%s\n", r->method, r->path, r->query);
    for (int i = 0; i < r->headers_count; i++)
        text_addf(&t, "%s:%s\n", r->headers[i].name, r->headers[i].value);
    text_add(&t, "\n");
    add_signed_names(&t, r);
    text_addf(&t, "\n%s", r->payload_sha256);
    if (t.cut || !sigv4_sha256(hash, canonical, t.length))
        return false;

    scope_of(scope, k, r->time);
    t = text_over(to_sign, sizeof(to_sign));
    text_addf(&t, "%s\n%s\n%s\n%s", algorithm, r->time, scope, hash);
    struct text s = text_over(secret, sizeof(secret));
    text_addf(&s, "AWS4%s", k->secret_key);
    snprintf(date, sizeof(date), "%.8s", r->time);
    bool good = !t.cut && !s.cut && hmac(key, secret, s.length, date) &&
                hmac(key, key, sizeof(key), k->region) && hmac(key, key, sizeof(key), k->service) &&
                hmac(key, key, sizeof(key), "aws4_request") && hmac(key, key, sizeof(key), to_sign);
    OPENSSL_cleanse(secret, sizeof(secret));
    if (good)
        to_hex(out, key);
    return good;
}

bool sigv4_authorization(struct text *out, const struct sigv4_key *k, const struct sigv4_request *r)
{
    char signature[SIGV4_HEX_SIZE], scope[SCOPE_SIZE];
    if (!sigv4_signature(signature, k, r))
        return false;
    scope_of(scope, k, r->time);
    text_addf(out, "%s Credential=%s/%s, SignedHeaders=", algorithm, k->access_key, scope);
    add_signed_names(out, r);
    text_addf(out, ", Signature=%s", signature);
    return !out->cut;
}

bool sigv4_presign(struct text *out, const struct sigv4_key *k, const char *method,
                   const char *host, const char *path, const struct sigv4_field *fields, int count,
                   const char time[SIGV4_TIME_SIZE], int seconds)
{
    char scope[SCOPE_SIZE], credential[SCOPE_SIZE + 160], open_for[16], query[CANONICAL_SIZE / 2];
    char signature[SIGV4_HEX_SIZE];
    struct sigv4_field all[SIGV4_FIELDS_MAX];
    int n = 0;
    scope_of(scope, k, time);
    snprintf(credential, sizeof(credential), "%.159s/%s", k->access_key, scope);
    snprintf(open_for, sizeof(open_for), "%d", seconds);
    all[n++] = (struct sigv4_field){"X-Amz-Algorithm", algorithm};
    all[n++] = (struct sigv4_field){"X-Amz-Credential", credential};
    all[n++] = (struct sigv4_field){"X-Amz-Date", time};
    all[n++] = (struct sigv4_field){"X-Amz-Expires", open_for};
    all[n++] = (struct sigv4_field){"X-Amz-SignedHeaders", "host"};
    assert(n + count <= SIGV4_FIELDS_MAX);
    for (int i = 0; i < count; i++)
        all[n++] = fields[i];
    struct text q = text_over(query, sizeof(query));
    sigv4_query(&q, all, n);
    struct sigv4_request r = {.method = method,
                              .path = path,
                              .query = query,
                              .headers = &(struct sigv4_field){"host", host},
                              .headers_count = 1,
                              .payload_sha256 = SIGV4_UNSIGNED};
    snprintf(r.time, sizeof(r.time), "%s", time);
    if (q.cut || !sigv4_signature(signature, k, &r))
        return false;
    text_addf(out, "%s&X-Amz-Signature=%s", query, signature);
    return !out->cut;
}
