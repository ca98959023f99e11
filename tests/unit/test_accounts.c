#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api_fixture.h"

static char admin[KEY_SIZE], account[ACCOUNT_ID_SIZE], customer[KEY_SIZE], customer_id[KEY_ID_SIZE];

static json_t *expect(int status, const char *method, const char *path, const char *auth,
                      const char *body)
{
    struct raw_answer a = ask(method, path, auth, body ? "Content-Type: application/json\r\n" : "",
                              body, body ? strlen(body) : 0);
    if (a.status != status)
        fail_msg("%s %s %s: %.600s", method, path, body ? body : "", a.text);
    return body_json(&a);
}

static void refuse(int status, const char *code, const char *param, const char *method,
                   const char *path, const char *auth, const char *body)
{
    struct raw_answer a = ask(method, path, auth, "", body, body ? strlen(body) : 0);
    expect_error(0, &a, status, code, param);
}

static struct raw_answer submit_as(const char *auth, const char *body)
{
    return ask("POST", "/v1/video/generations", auth, "", body, strlen(body));
}

static int start_with_admin(void **state)
{
    struct orator_error err;
    struct api_key made;
    if (start(state) != 0)
        return 1;
    return key_create(store, &(struct key_terms){.name = "root", .scopes = SCOPE_ADMIN}, &made,
                      admin, &err) != ORATOR_OK;
}

static void an_operator_makes_accounts_and_keys(void **state)
{
    (void)state;
    char path[128], body[300];
    json_t *a = expect(200, "POST", "/v1/accounts", admin, "{\"name\":\"Acme\"}");
    assert_string_equal(at(a, "name", NULL), "Acme");
    assert_true(json_is_true(json_object_get(a, "prepaid")));
    snprintf(account, sizeof(account), "%s", at(a, "id", NULL));
    json_decref(a);

    snprintf(body, sizeof(body),
             "{\"name\":\"Acme's site\",\"account_id\":\"%s\",\"scopes\":[\"read\",\"write\","
             "\"billing\"],\"budget\":\"2\",\"rate_per_minute\":600,\"parallel_jobs\":3}",
             account);
    json_t *k = expect(200, "POST", "/v1/keys", admin, body);
    assert_string_equal(at(k, "budget", NULL), "2.00");
    assert_int_equal(strlen(at(k, "key", NULL)), 41);
    assert_int_equal(json_array_size(json_object_get(k, "scopes")), 3);
    snprintf(customer, sizeof(customer), "%s", at(k, "key", NULL));
    snprintf(customer_id, sizeof(customer_id), "%s", at(k, "id", NULL));
    json_decref(k);

    snprintf(path, sizeof(path), "/v1/keys/%s", customer_id);
    k = expect(200, "GET", path, admin, NULL);
    assert_null(json_object_get(k, "key")); /* never again */
    assert_int_equal(json_integer_value(json_object_get(k, "parallel_jobs")), 3);
    json_decref(k);
    snprintf(path, sizeof(path), "/v1/keys?account_id=%s", account);
    json_t *list = expect(200, "GET", path, admin, NULL);
    assert_int_equal(json_array_size(json_object_get(list, "data")), 1);
    json_decref(list);
    list = expect(200, "GET", "/v1/accounts", admin, NULL);
    assert_int_equal(json_array_size(json_object_get(list, "data")), 2);
    json_decref(list);
}

static void a_prepaid_account_spends_what_it_holds(void **state)
{
    (void)state;
    char path[128];
    struct raw_answer a = submit_as(customer, GOOD);
    expect_error(0, &a, 402, "insufficient_balance", NULL);
    snprintf(path, sizeof(path), "/v1/accounts/%s/credit", account);
    json_decref(expect(200, "POST", path, admin, "{\"amount\":\"2.5\",\"note\":\"invoice 7\"}"));
    snprintf(path, sizeof(path), "/v1/accounts/%s/debit", account);
    json_t *v = expect(200, "POST", path, admin, "{\"amount\":\"0.50\"}");
    assert_string_equal(at(v, "available", NULL), "2.00");
    json_decref(v);
    a = submit_as(customer, GOOD); /* 0.70 */
    assert_int_equal(a.status, 200);
    raw_free(&a);
    v = expect(200, "GET", "/v1/balance", customer, NULL);
    assert_string_equal(at(v, "account_id", NULL), account);
    assert_string_equal(at(v, "available", NULL), "1.30");
    assert_string_equal(at(v, "held", NULL), "0.70");
    assert_string_equal(at(v, "spent", NULL), "0.00");
    assert_string_equal(at(v, "key", "remaining"), "1.30");
    json_decref(v);
    a = submit_as(customer, GOOD);
    raw_free(&a);
    snprintf(path, sizeof(path), "/v1/accounts/%s/credit", account);
    json_decref(expect(200, "POST", path, admin, "{\"amount\":\"10\"}"));
    a = submit_as(customer, GOOD);
    expect_error(0, &a, 402, "key_budget_exceeded", NULL);

    /* the budget goes, the slots are still three */
    snprintf(path, sizeof(path), "/v1/keys/%s", customer_id);
    v = expect(200, "POST", path, admin, "{\"budget\":null,\"name\":\"renamed\"}");
    assert_true(json_is_null(json_object_get(v, "budget")));
    assert_string_equal(at(v, "name", NULL), "renamed");
    json_decref(v);
    a = submit_as(customer, GOOD);
    assert_int_equal(a.status, 200);
    raw_free(&a);
    a = submit_as(customer, GOOD);
    char again[16];
    assert_true(atoi(raw_header(&a, "Retry-After", again, sizeof(again))) >= 1);
    expect_error(0, &a, 429, "concurrency_limit_exceeded", NULL);

    snprintf(path, sizeof(path), "/v1/accounts/%s", account);
    v = expect(200, "POST", path, admin, "{\"prepaid\":false}");
    assert_true(json_is_false(json_object_get(v, "prepaid")));
    json_decref(v);
}

static void a_customer_sees_its_own_money_alone(void **state)
{
    (void)state;
    char path[128];
    json_t *v = expect(200, "GET", "/v1/ledger?order=asc&limit=2", customer, NULL);
    json_t *data = json_object_get(v, "data"), *row = json_array_get(data, 0);
    assert_string_equal(at(row, "kind", NULL), "credit");
    assert_string_equal(at(row, "note", NULL), "invoice 7");
    assert_string_equal(at(row, "amount", NULL), "2.50");
    assert_string_equal(at(row, "hash", NULL), at(json_array_get(data, 1), "previous_hash", NULL));
    assert_true(json_is_true(json_object_get(v, "has_more")));
    assert_int_equal(json_integer_value(json_object_get(v, "last_id")), 2);
    json_decref(v);
    v = expect(200, "GET", "/v1/ledger?order=asc&limit=100&after=2", customer, NULL);
    data = json_object_get(v, "data");
    assert_int_equal(json_array_size(data), 4); /* three reserves and a credit */
    assert_string_equal(at(json_array_get(data, 3), "hash", NULL), at(v, "account", "last_hash"));
    json_decref(v);
    v = expect(200, "GET", "/v1/ledger?limit=1", customer, NULL); /* newest first */
    assert_int_equal(json_integer_value(json_object_get(v, "first_id")), 6);
    json_decref(v);
    v = expect(200, "GET", "/v1/ledger?limit=10&after=2", customer, NULL);
    assert_int_equal(json_array_size(json_object_get(v, "data")), 1);
    json_decref(v);

    static const char *const groups[][2] = {
        {"day", NULL}, {"model", STANDARD}, {"key", customer_id}};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "/v1/usage?group_by=%s", groups[i][0]);
        v = expect(200, "GET", path, customer, NULL);
        data = json_object_get(v, "data");
        assert_int_equal(json_array_size(data), 1);
        row = json_array_get(data, 0);
        assert_int_equal(json_integer_value(json_object_get(row, "jobs")), 3);
        assert_string_equal(at(row, "held", NULL), "2.10");
        if (groups[i][1])
            assert_string_equal(at(row, groups[i][0], NULL), groups[i][1]);
        json_decref(v);
    }
    v = expect(200, "GET", "/v1/usage?from=2001-01-01&to=2001-02-01", customer, NULL);
    assert_int_equal(json_array_size(json_object_get(v, "data")), 0);
    json_decref(v);
}

static void scopes_shut_doors(void **state)
{
    (void)state;
    char body[200], reader[KEY_SIZE], path[128];
    snprintf(body, sizeof(body), "{\"account_id\":\"%s\",\"scopes\":[\"read\"]}", account);
    json_t *k = expect(200, "POST", "/v1/keys", admin, body);
    snprintf(reader, sizeof(reader), "%s", at(k, "key", NULL));
    json_decref(k);
    json_decref(expect(200, "GET", "/v1/video/generations", reader, NULL));
    refuse(403, "permission_denied", NULL, "POST", "/v1/video/generations", reader, GOOD);
    refuse(403, "permission_denied", NULL, "GET", "/v1/balance", reader, NULL);
    refuse(403, "permission_denied", NULL, "GET", "/v1/ledger", reader, NULL);
    refuse(403, "permission_denied", NULL, "GET", "/v1/keys", customer, NULL);
    refuse(403, "permission_denied", NULL, "POST", "/v1/accounts", customer, "{}");
    refuse(403, "permission_denied", NULL, "POST", "/v1/video/generations", admin, GOOD);
    snprintf(path, sizeof(path), "/v1/accounts/%s/credit", account);
    refuse(403, "permission_denied", NULL, "POST", path, customer, "{\"amount\":\"1\"}");
}

static void a_key_ends_when_it_is_said_to(void **state)
{
    (void)state;
    char path[128], fresh[KEY_SIZE];
    snprintf(path, sizeof(path), "/v1/keys/%s/rotate", customer_id);
    json_t *k = expect(200, "POST", path, admin, "");
    snprintf(fresh, sizeof(fresh), "%s", at(k, "key", NULL));
    json_decref(k);
    refuse(401, "invalid_api_key", NULL, "GET", "/v1/balance", customer, NULL);
    json_decref(expect(200, "GET", "/v1/balance", fresh, NULL));
    snprintf(path, sizeof(path), "/v1/keys/%s", customer_id);
    k = expect(200, "DELETE", path, admin, NULL);
    assert_true(json_is_integer(json_object_get(k, "revoked_at")));
    json_decref(k);
    refuse(401, "invalid_api_key", NULL, "GET", "/v1/balance", fresh, NULL);
}

static void wrong_orders_change_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *path, *body, *param;
        int status;
    } rows[] = {
        {"/v1/keys", "{\"scopes\":[]}", "scopes", 400},
        {"/v1/keys", "{\"scopes\":[\"root\"]}", "scopes", 400},
        {"/v1/keys", "{\"scopes\":\"read\"}", "scopes", 400},
        {"/v1/keys", "{\"scopes\":[\"read,admin\"]}", "scopes", 400},
        {"/v1/keys", "{\"budget\":5}", "budget", 400},
        {"/v1/keys", "{\"budget\":\"-5\"}", "budget", 400},
        {"/v1/keys", "{\"expires_at\":1}", "expires_at", 400},
        {"/v1/keys", "{\"expires_at\":\"tomorrow\"}", "expires_at", 400},
        {"/v1/keys", "{\"rate_per_minute\":0}", "rate_per_minute", 400},
        {"/v1/keys", "{\"rate_per_minute\":1.5}", "rate_per_minute", 400},
        {"/v1/keys", "{\"parallel_jobs\":-1}", "parallel_jobs", 400},
        {"/v1/keys", "{\"name\":7}", "name", 400},
        {"/v1/keys", "{\"account_id\":\"acct_none\"}", "account_id", 404},
        {"/v1/accounts", "{\"prepaid\":1}", "prepaid", 400},
        {"/v1/accounts/acct_none/credit", "{\"amount\":\"1\"}", NULL, 404},
        {"/v1/accounts/acct_default/credit", "{\"amount\":1}", "amount", 400},
        {"/v1/accounts/acct_default/credit", "{\"amount\":\"0\"}", "amount", 400},
        {"/v1/accounts/acct_default/credit", "{\"amount\":\"1e3\"}", "amount", 400},
        {"/v1/accounts/acct_default/credit", "{}", "amount", 400},
        {"/v1/accounts/acct_default/debit", "{\"amount\":\"0.0000001\"}", "amount", 400},
        {"/v1/keys/key_none", "{}", NULL, 404},
        {"/v1/keys/key_none/rotate", "{}", NULL, 404},
    };
    struct orator_error err;
    struct account before, after;
    int64_t verified;
    assert_int_equal(account_get(store, ACCOUNT_DEFAULT, &before, &err), ORATOR_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct raw_answer a =
            ask("POST", rows[i].path, admin, "", rows[i].body, strlen(rows[i].body));
        expect_error(i, &a, rows[i].status,
                     rows[i].status == 404 ? "not_found" : "invalid_parameter", rows[i].param);
    }
    assert_int_equal(account_get(store, ACCOUNT_DEFAULT, &after, &err), ORATOR_OK);
    assert_int_equal(after.ledger_rows, before.ledger_rows);
    refuse(400, "invalid_parameter", "group_by", "GET", "/v1/usage?group_by=hour", key, NULL);
    refuse(400, "invalid_parameter", "from", "GET", "/v1/usage?from=yesterday", key, NULL);
    refuse(400, "invalid_parameter", "after", "GET", "/v1/ledger?after=x", key, NULL);
    assert_int_equal(ledger_verify(store, &verified, &err), ORATOR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operator_makes_accounts_and_keys),
        cmocka_unit_test(a_prepaid_account_spends_what_it_holds),
        cmocka_unit_test(a_customer_sees_its_own_money_alone),
        cmocka_unit_test(scopes_shut_doors),
        cmocka_unit_test(a_key_ends_when_it_is_said_to),
        cmocka_unit_test(wrong_orders_change_nothing),
    };
    return cmocka_run_group_tests(tests, start_with_admin, stop);
}
