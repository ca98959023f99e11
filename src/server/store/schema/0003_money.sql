-- Step 3: one chain of ledger rows an account, credits, idempotency, retention, secrets.

-- What a row's hash covers is drawn in ledger.c; `format` says which drawing. Rows of format 1 are those of
-- step 1, all of the first account. One row of a kind per task makes a second charge impossible; numbers
-- without gaps and a prev_hash that is unique keep an account's chain from forking.
ALTER TABLE ledger RENAME TO ledger_1;
DROP TRIGGER ledger_keeps_its_rows;
DROP TRIGGER ledger_keeps_its_values;
DROP INDEX ledger_of_key;
CREATE TABLE ledger (
    id            INTEGER PRIMARY KEY,
    format        INTEGER NOT NULL CHECK (format IN (1, 2)),
    account_id    TEXT NOT NULL,
    number        INTEGER NOT NULL CHECK (number > 0), -- 1, 2, 3 ... within the account
    task_id       TEXT, -- NULL: credit and debit
    key_id        TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('reserve', 'charge', 'release', 'credit', 'debit')),
    amount_micro  INTEGER NOT NULL CHECK (amount_micro >= 0),
    balance_micro INTEGER NOT NULL, -- of the account, after this row
    note          TEXT NOT NULL DEFAULT '',
    at_ms         INTEGER NOT NULL,
    prev_hash     BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash          BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    UNIQUE (task_id, kind),
    UNIQUE (account_id, number),
    UNIQUE (account_id, prev_hash)
);
INSERT INTO ledger (id, format, account_id, number, task_id, key_id, kind, amount_micro, balance_micro, at_ms,
                    prev_hash, hash)
    SELECT id, 1, 'acct_default', row_number() OVER (ORDER BY id), task_id, key_id, kind, amount_micro,
           sum(CASE kind WHEN 'reserve' THEN -amount_micro WHEN 'release' THEN amount_micro ELSE 0 END)
               OVER (ORDER BY id), at_ms, prev_hash, hash FROM ledger_1 ORDER BY id;
DROP TABLE ledger_1;
CREATE INDEX ledger_of_key ON ledger (key_id, id);

CREATE TRIGGER ledger_keeps_its_rows BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_keeps_its_values BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- The end of each chain, kept apart, so that a tail that was cut off shows.
ALTER TABLE accounts ADD COLUMN ledger_rows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN ledger_hash BLOB; -- of the last row; NULL: there is none
UPDATE accounts SET ledger_rows = (SELECT count(*) FROM ledger),
                    ledger_hash = (SELECT hash FROM ledger ORDER BY id DESC LIMIT 1);

ALTER TABLE tasks ADD COLUMN started_ms INTEGER NOT NULL DEFAULT 0;   -- the last claim
ALTER TABLE tasks ADD COLUMN retention_ms INTEGER NOT NULL DEFAULT 0; -- 0: for ever
ALTER TABLE tasks ADD COLUMN expires_ms INTEGER NOT NULL DEFAULT 0;   -- 0: never
ALTER TABLE tasks ADD COLUMN deleted_ms INTEGER NOT NULL DEFAULT 0;   -- 0: it is there; else only its money is
ALTER TABLE tasks ADD COLUMN billing INTEGER NOT NULL DEFAULT 0 CHECK (billing BETWEEN 0 AND 2); -- enum task_billing
ALTER TABLE tasks ADD COLUMN ledger_entry INTEGER NOT NULL DEFAULT 0; -- number of the last row of the ledger about it
UPDATE tasks SET billing = CASE state WHEN 2 THEN 1 WHEN 3 THEN 2 ELSE 0 END,
                 ledger_entry = coalesce((SELECT max(number) FROM ledger l WHERE l.task_id = tasks.id), 0);
CREATE INDEX tasks_expiring ON tasks (expires_ms) WHERE expires_ms > 0;
CREATE INDEX tasks_of_account ON tasks (account_id, created_ms);

-- The answer to a submit that came with an Idempotency-Key, kept in the transaction of the submit.
CREATE TABLE idempotency (
    key_id     TEXT NOT NULL,
    name       TEXT NOT NULL, -- what the client sent
    body_hash  BLOB NOT NULL CHECK (length(body_hash) = 32),
    task_id    TEXT NOT NULL,
    answer     TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (key_id, name)
) WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_ms);

-- What this server signs with. Made when first needed.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
