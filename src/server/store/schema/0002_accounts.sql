-- Step 2: a key belongs to an account, which may hold money; a key may be limited.

CREATE TABLE accounts (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    prepaid       INTEGER NOT NULL DEFAULT 0 CHECK (prepaid IN (0, 1)), -- 0: no submit asks for a balance
    balance_micro INTEGER NOT NULL DEFAULT 0, -- credits - debits - reserves + releases
    held_micro    INTEGER NOT NULL DEFAULT 0 CHECK (held_micro >= 0),  -- reserved by tasks not yet over
    spent_micro   INTEGER NOT NULL DEFAULT 0 CHECK (spent_micro >= 0), -- charged
    created_ms    INTEGER NOT NULL
);
INSERT INTO accounts (id, name, created_ms) VALUES ('acct_default', 'default', 0);

ALTER TABLE keys ADD COLUMN account_id TEXT NOT NULL DEFAULT 'acct_default';
ALTER TABLE keys ADD COLUMN scopes INTEGER NOT NULL DEFAULT 7;  -- bits of enum key_scope; 7: all but admin
ALTER TABLE keys ADD COLUMN budget_micro INTEGER;               -- NULL: none
ALTER TABLE keys ADD COLUMN used_micro INTEGER NOT NULL DEFAULT 0 CHECK (used_micro >= 0); -- held and charged
ALTER TABLE keys ADD COLUMN expires_ms INTEGER NOT NULL DEFAULT 0;      -- 0: never
ALTER TABLE keys ADD COLUMN rate_per_minute INTEGER NOT NULL DEFAULT 0; -- 0: the server's
ALTER TABLE keys ADD COLUMN parallel INTEGER NOT NULL DEFAULT 0;        -- 0: the server's
ALTER TABLE keys ADD COLUMN open_tasks INTEGER NOT NULL DEFAULT 0 CHECK (open_tasks >= 0);

ALTER TABLE tasks ADD COLUMN account_id TEXT NOT NULL DEFAULT 'acct_default';

-- What schema 1 had booked, summed up.
UPDATE keys SET
    used_micro = (SELECT coalesce(sum(CASE kind WHEN 'reserve' THEN amount_micro WHEN 'release' THEN -amount_micro
                                      ELSE 0 END), 0) FROM ledger l WHERE l.key_id = keys.id),
    open_tasks = (SELECT count(*) FROM tasks t WHERE t.key_id = keys.id AND t.state < 2);
UPDATE accounts SET
    balance_micro = (SELECT coalesce(sum(CASE kind WHEN 'reserve' THEN -amount_micro WHEN 'release' THEN amount_micro
                                         ELSE 0 END), 0) FROM ledger),
    held_micro = (SELECT coalesce(sum(CASE kind WHEN 'reserve' THEN amount_micro ELSE -amount_micro END), 0)
                  FROM ledger),
    spent_micro = (SELECT coalesce(sum(amount_micro), 0) FROM ledger WHERE kind = 'charge');
