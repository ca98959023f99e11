/* keys.c - `orator keys`, `orator accounts`, `orator ledger`: who may use the server whose data folder is named,
 * and with whose money. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "server/api/money.h"
#include "server/store/ledger.h"

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

/* "--name value" taken out of argv; NULL if it is not there. */
static const char *take_option(int *argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < *argc; i++) {
        if (strcmp(argv[i], name) != 0)
            continue;
        const char *value = argv[i + 1];
        for (int k = i; k + 2 < *argc; k++)
            argv[k] = argv[k + 2];
        *argc -= 2;
        return value;
    }
    return NULL;
}

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
static enum orator_status read_terms(struct key_terms *terms, int *argc, char **argv,
                                     struct orator_error *err)
{
    enum orator_status s;
    const char *scopes = take_option(argc, argv, "--scopes");
    const char *budget = take_option(argc, argv, "--budget");
    int days = 0;
    terms->account_id = take_option(argc, argv, "--account");
    if (scopes && !key_scopes_parse(scopes, &terms->scopes))
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "--scopes takes words out of read,write,billing,admin");
    if (budget)
        TRY(read_amount(budget, &terms->budget_micro, err));
    terms->has_budget = budget != NULL;
    TRY(read_number("--expires-days", take_option(argc, argv, "--expires-days"), &days, err));
    TRY(read_number("--rate", take_option(argc, argv, "--rate"), &terms->rate_per_minute, err));
    TRY(read_number("--parallel", take_option(argc, argv, "--parallel"), &terms->parallel, err));
    terms->expires_ms = days ? clock_wall_ms() + (int64_t)days * 86400000 : 0;
    terms->name = *argc > 2 ? argv[2] : "unnamed";
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

static enum orator_status open_data(struct settings *settings, struct store **store, int *argc,
                                    char **argv, struct orator_error *err)
{
    enum orator_status s;
    TRY(settings_init(settings, err));
    TRY(settings_from_arguments(settings, argc, argv, err));
    TRY(folder_make(settings->data, err));
    TRY(store_open(store, settings->data, err));
done:
    return s;
}

int command_keys(int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct store *store = NULL;
    struct api_key key;
    struct key_terms terms = {0};
    char secret[KEY_SIZE];

    TRY(open_data(&settings, &store, &argc, argv, &err));
    TRY(read_terms(&terms, &argc, argv, &err));
    const char *what = argc > 1 ? argv[1] : "", *whom = argc > 2 ? argv[2] : NULL;
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
        printf("%s is revoked\n", whom);
    } else if (strcmp(what, "rotate") == 0 && whom) {
        TRY(key_rotate(store, whom, &key, secret, &err));
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
                        "credit ID AMOUNT");
    }
done:
    store_close(&store);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

int command_accounts(int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct store *store = NULL;
    struct account account;

    TRY(open_data(&settings, &store, &argc, argv, &err));
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

int command_ledger(int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct store *store = NULL;
    int64_t rows;

    TRY(open_data(&settings, &store, &argc, argv, &err));
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
