/* keys.c - `orator keys`, `orator accounts`, `orator ledger`: who may use the server whose data folder is named,
 * and with whose money. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "server/api/money.h"
#include "server/store/ledger.h"
#include "server/store/secrets.h"

/* Once we say that a key is worth nothing, no server takes it. */
static void wait_for_servers(void)
{
    nanosleep(&(struct timespec){.tv_nsec = KEY_REMEMBERED_MS * 1000000L}, NULL);
}

static void print_day(int64_t ms)
{
    char day[32] = "never";
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    if (ms > 0 && gmtime_r(&seconds, &utc))
        strftime(day, sizeof(day), "%Y-%m-%d %H:%M", &utc);
    printf("  %-16s", day);
}

static void print_key(void *ctx, const struct api_key *key)
{
    (void)ctx;
    printf("%-24s  %-8s", key->id, key->prefix);
    print_day(key->created_ms);
    print_day(key->last_used_ms);
    print_day(key->expires_ms);
    printf("  %s%s\n", key->revoked_ms ? "(revoked) " : "", key->name);
}

static void print_account(void *ctx, const struct account *a)
{
    char balance[MONEY_TEXT_SIZE], held[MONEY_TEXT_SIZE], spent[MONEY_TEXT_SIZE];
    (void)ctx;
    printf("%-26s  %-8s  %12s  %12s  %12s  %s\n", a->id, a->prepaid ? "prepaid" : "postpaid",
           money_format(balance, a->balance_micro), money_format(held, a->held_micro),
           money_format(spent, a->spent_micro), a->name);
}

struct values {
    const char *account, *scopes, *budget, *days, *rate, *parallel, *priority;
};

static const struct option key_options[] = {
    {"account", "ID", "of create: the account that the key spends from",
     offsetof(struct values, account), 0},
    {"scopes", "LIST", "of create: words out of read,write,billing,admin",
     offsetof(struct values, scopes), 0},
    {"budget", "AMOUNT", "of create: what the key may spend in all",
     offsetof(struct values, budget), 0},
    {"expires-days", "N", "of create: how long it is good", offsetof(struct values, days), 0},
    {"rate", "N", "of create: requests a minute", offsetof(struct values, rate), 0},
    {"parallel", "N", "of create: how many of its tasks may be open at once",
     offsetof(struct values, parallel), 0},
    {"priority", "N", "of create: 1 to 9, its tasks go before those of keys with less",
     offsetof(struct values, priority), 0},
    {0},
};

static enum orator_status read_amount(const char *text, int64_t *out, struct orator_error *err)
{
    if (!text || !money_parse(text, out))
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "an amount is a number with up to six decimals, such as 25.00");
    return ORATOR_OK;
}

static enum orator_status read_number(const char *name, const char *text, int *out,
                                      struct orator_error *err)
{
    int64_t n;
    if (!text)
        return ORATOR_OK;
    if (!text_to_i64(text, 1, 1000000, &n))
        return orator_fail(err, ORATOR_INVALID_PARAMETER, "%s needs a number from 1 to 1000000",
                           name);
    *out = (int)n;
    return ORATOR_OK;
}

/* The terms of a new key out of its options. */
static enum orator_status read_terms(struct key_terms *terms, const struct values *v,
                                     const char *name, struct orator_error *err)
{
    enum orator_status s;
    int days = 0;
    terms->account_id = v->account;
    if (v->scopes && !key_scopes_parse(v->scopes, &terms->scopes))
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "--scopes takes words out of read,write,billing,admin");
    if (v->budget)
        TRY(read_amount(v->budget, &terms->budget_micro, err));
    terms->has_budget = v->budget != NULL;
    TRY(read_number("--expires-days", v->days, &days, err));
    TRY(read_number("--rate", v->rate, &terms->rate_per_minute, err));
    TRY(read_number("--parallel", v->parallel, &terms->parallel, err));
    TRY(read_number("--priority", v->priority, &terms->priority, err));
    if (terms->priority > KEY_PRIORITY_MAX)
        return orator_fail(err, ORATOR_INVALID_PARAMETER, "--priority takes 1 to %d",
                           KEY_PRIORITY_MAX);
    terms->expires_ms = days ? clock_wall_ms() + (int64_t)days * 86400000 : 0;
    terms->name = name ? name : "unnamed";
done:
    return s;
}

static enum orator_status top_up(struct store *store, enum ledger_kind kind, const char *account_id,
                                 const char *amount, const char *note, struct orator_error *err)
{
    enum orator_status s;
    struct account after;
    char balance[MONEY_TEXT_SIZE];
    struct ledger_entry e = {.key_id = "", .account_id = account_id, .kind = kind, .note = note};
    TRY(read_amount(amount, &e.amount_micro, err));
    TRY(ledger_top_up(store, &e, &after, err));
    printf("%s: balance %s%s\n", after.id, money_format(balance, after.balance_micro),
           after.prepaid ? "" : " (postpaid: spends without limit)");
done:
    return s;
}

static enum orator_status open_data(const struct command *self, struct store **store, void *values,
                                    int *argc, char **argv, struct orator_error *err)
{
    enum orator_status s;
    struct settings settings;
    TRY(app_read(self, &settings, values, argc, argv, err));
    if (!*settings.database)
        TRY(folder_make(settings.data, err));
    umask(0077); /* the database may be made here */
    TRY(store_open(store, settings_store(&settings), err));
done:
    return s;
}

static int run_keys(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct store *store = NULL;
    struct api_key key;
    struct key_terms terms = {0};
    struct values v = {0};
    char secret[KEY_SIZE];

    TRY(open_data(self, &store, &v, &argc, argv, &err));
    const char *what = argc > 1 ? argv[1] : "", *whom = argc > 2 ? argv[2] : NULL;
    TRY(read_terms(&terms, &v, whom, &err));
    if (strcmp(what, "create") == 0) {
        TRY(key_create(store, &terms, &key, secret, &err));
        fprintf(stderr, "This is the only time the key is shown:\n");
        puts(secret);
    } else if (strcmp(what, "list") == 0) {
        printf("%-24s  %-8s  %-16s  %-16s  %-16s  %s\n", "id", "key", "created (UTC)", "last used",
               "expires", "name");
        TRY(key_list(store, NULL, print_key, NULL, &err));
    } else if (strcmp(what, "revoke") == 0 && whom) {
        TRY(key_revoke(store, whom, &err));
        wait_for_servers();
        printf("%s is revoked\n", whom);
    } else if (strcmp(what, "rotate") == 0 && whom && strcmp(whom, "links") == 0) {
        TRY(secret_renew(store, "media", &err));
        puts("servers that are started from now on sign links to videos anew, and refuse the old "
             "ones");
    } else if (strcmp(what, "rotate") == 0 && whom) {
        TRY(key_rotate(store, whom, &key, secret, &err));
        wait_for_servers();
        fprintf(stderr, "The old secret of %s is worth nothing now; this is the new one:\n",
                key.id);
        puts(secret);
    } else if (strcmp(what, "credit") == 0 && whom) {
        TRY(key_get(store, whom, &key, &err));
        TRY(top_up(store, LEDGER_CREDIT, key.account_id, argc > 3 ? argv[3] : NULL,
                   argc > 4 ? argv[4] : NULL, &err));
    } else {
        s = orator_fail(&err, ORATOR_INVALID_PARAMETER,
                        "say what to do: orator keys create NAME | list | revoke ID | rotate ID | "
                        "rotate links | credit ID AMOUNT");
    }
done:
    store_close(&store);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

static int run_accounts(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct store *store = NULL;
    struct account account;

    TRY(open_data(self, &store, NULL, &argc, argv, &err));
    const char *what = argc > 1 ? argv[1] : "", *whom = argc > 2 ? argv[2] : NULL;
    const char *amount = argc > 3 ? argv[3] : NULL, *note = argc > 4 ? argv[4] : NULL;
    if (strcmp(what, "list") == 0) {
        printf("%-26s  %-8s  %12s  %12s  %12s  %s\n", "id", "pays", "balance", "held", "spent",
               "name");
        TRY(account_list(store, print_account, NULL, &err));
    } else if (strcmp(what, "create") == 0 && whom) {
        TRY(account_create(store, whom, true, &account, &err));
        puts(account.id);
    } else if (strcmp(what, "credit") == 0 && whom) {
        TRY(top_up(store, LEDGER_CREDIT, whom, amount, note, &err));
    } else if (strcmp(what, "debit") == 0 && whom) {
        TRY(top_up(store, LEDGER_DEBIT, whom, amount, note, &err));
    } else if ((strcmp(what, "prepaid") == 0 || strcmp(what, "postpaid") == 0) && whom) {
        TRY(account_set_prepaid(store, whom, strcmp(what, "prepaid") == 0, &err));
        printf("%s is %s\n", whom, what);
    } else {
        s = orator_fail(
            &err, ORATOR_INVALID_PARAMETER,
            "say what to do: orator accounts list | create NAME | credit ID AMOUNT [NOTE] | "
            "debit ID AMOUNT [NOTE] | prepaid ID | postpaid ID");
    }
done:
    store_close(&store);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

static int run_ledger(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct store *store = NULL;
    int64_t rows;

    TRY(open_data(self, &store, NULL, &argc, argv, &err));
    if (argc != 2 || strcmp(argv[1], "verify") != 0) {
        s = orator_fail(&err, ORATOR_INVALID_PARAMETER, "say what to do: orator ledger verify");
        goto done;
    }
    TRY(ledger_verify(store, &rows, &err));
    printf("%lld rows: every chain is whole, and balances, keys and tasks agree with them\n",
           (long long)rows);
done:
    store_close(&store);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

const struct command keys_command = {
    .name = "keys",
    .sentence = "make, show and revoke API keys; credit the account of one",
    .operands = "create NAME | list | revoke ID | rotate ID or links | credit ID AMOUNT [NOTE]",
    .options = key_options,
    .settings = "data database",
    .also = "orator keys create reader --scopes read --expires-days 30",
    .run = run_keys,
};

const struct command accounts_command = {
    .name = "accounts",
    .sentence = "make and show accounts, which hold the money that keys spend",
    .operands = "list | create NAME | credit ID AMOUNT [NOTE] | debit ID AMOUNT [NOTE] | "
                "prepaid ID | postpaid ID",
    .settings = "data database",
    .run = run_accounts,
};

const struct command ledger_command = {
    .name = "ledger",
    .sentence = "check the hash chains, the sums, the balances and every task's charge",
    .operands = "verify",
    .settings = "data database",
    .run = run_ledger,
};
