/* move.c - `orator store`: a SQLite installation goes on with PostgreSQL. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "server/store/copy.h"

static int run(const struct command *self, int argc, char **argv)
{
    enum orator_status s;
    struct orator_error err;
    struct settings settings;
    struct store *from = NULL, *to = NULL;
    struct copied copied;
    char path[1100];
    TRY(app_read(self, &settings, NULL, &argc, argv, &err));
    const char *what = argc > 1 ? argv[1] : "";
    const bool moves = strcmp(what, "migrate") == 0;
    if (argc != 3 || (!moves && strcmp(what, "copy") != 0)) {
        s = orator_fail(&err, ORATOR_INVALID_PARAMETER,
                        "say what to do: orator store migrate URL | copy URL");
        goto done;
    }
    snprintf(path, sizeof(path), "%s/orator.db", settings.data);
    if (access(path, F_OK) != 0) {
        s = orator_fail(&err, ORATOR_NOT_FOUND, "there is no %.200s: say where with --data", path);
        goto done;
    }
    TRY(store_open(&from, settings.data, &err));
    TRY(store_open(&to, argv[2], &err));
    TRY(store_copy(from, to, moves, &copied, &err));
    printf("%lld rows, %lld tasks; %lld rows of the ledger verified\n", (long long)copied.rows,
           (long long)copied.tasks, (long long)copied.ledger_rows);
    if (moves)
        printf("start the servers with the setting database; %s/orator.db takes no "
               "more work\n",
               settings.data);
done:
    store_close(&to);
    store_close(&from);
    return s == ORATOR_OK ? 0 : app_fail(&err);
}

const struct command store_command = {
    .name = "store",
    .sentence = "copy or move tasks, keys and ledger from the data folder to a "
                "PostgreSQL database",
    .operands = "migrate URL | copy URL",
    .settings = "data",
    .notes = "The database must be empty. Nothing that a server accepts "
             "meanwhile is lost: until the end it waits or "
             "is refused, after migrate it is refused for good. Media stay "
             "where they are.",
    .also = "orator store migrate postgresql://orator@db.example.com/orator",
    .run = run,
};
