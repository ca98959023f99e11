-- Step 12: rows come in batches.

-- An account's rows are kept apart by their numbers alone. A hash is of no order, so an index of hashes
-- writes a page of its own for each row; numbers without gaps keep a chain from forking as well.

DROP TRIGGER ledger_keeps_its_rows;
DROP TRIGGER ledger_keeps_its_values;
DROP INDEX ledger_of_key;
ALTER TABLE ledger RENAME TO ledger_11;
CREATE TABLE ledger (
    id            INTEGER PRIMARY KEY,
    format        INTEGER NOT NULL CHECK (format IN (1, 2)),
    account_id    TEXT NOT NULL,
    number        INTEGER NOT NULL CHECK (number > 0), -- 1, 2, 3 ... within the account
    task_id       TEXT, -- NULL: credit and debit
    key_id        TEXT NOT NULL,
    -- one by one, for IN builds a table of the words for each row
    kind          TEXT NOT NULL CHECK (kind = 'reserve' OR kind = 'charge' OR kind = 'release'
                                            OR kind = 'credit' OR kind = 'debit'),
    amount_micro  INTEGER NOT NULL CHECK (amount_micro >= 0),
    balance_micro INTEGER NOT NULL, -- of the account, after this row
    note          TEXT NOT NULL DEFAULT '',
    at_ms         INTEGER NOT NULL,
    prev_hash     BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash          BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (task_id, kind),
    UNIQUE (account_id, number)
);
INSERT INTO ledger SELECT * FROM ledger_11 ORDER BY id;
DROP TABLE ledger_11;
CREATE INDEX ledger_of_key ON ledger (key_id, id);

CREATE TRIGGER ledger_keeps_its_rows BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_keeps_its_values BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- What waits is added up once for a batch, by who submits it.
DROP TRIGGER queue_sums_grow;
