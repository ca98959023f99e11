-- Webhooks and uploaded files.

CREATE TABLE webhook_endpoints (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,            -- "we_..."
    account_id   TEXT NOT NULL,
    url          TEXT NOT NULL,                   -- '': only the secret that signs what goes to a callback_url
    events       TEXT NOT NULL,                   -- " video.completed video.failed ": a space before and after each
    description  TEXT NOT NULL DEFAULT '',
    base_url     TEXT NOT NULL DEFAULT '',        -- how its owner reached us; addresses in bodies begin with it
    secret       TEXT NOT NULL,
    old_secret   TEXT NOT NULL DEFAULT '',        -- signs too, until old_until_ms
    old_until_ms INTEGER NOT NULL DEFAULT 0,
    disabled_ms  INTEGER NOT NULL DEFAULT 0,      -- 0: enabled
    created_ms   INTEGER NOT NULL
);
CREATE INDEX webhook_endpoints_of_account ON webhook_endpoints (account_id, seq);
CREATE UNIQUE INDEX webhook_endpoints_own ON webhook_endpoints (account_id) WHERE url = '';

-- What a submit asked for with callback_url.
CREATE TABLE callbacks (
    task_id  TEXT PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
    url      TEXT NOT NULL,
    events   TEXT NOT NULL,                       -- as above
    base_url TEXT NOT NULL,
    shape    TEXT NOT NULL                        -- which door's: 'job', 'kling', 'replicate', 'fal'
) WITHOUT ROWID;

CREATE TABLE webhook_deliveries (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,             -- "msg_...", the webhook-id
    account_id  TEXT NOT NULL,
    endpoint_id TEXT REFERENCES webhook_endpoints (id) ON DELETE CASCADE, -- NULL: a callback_url
    task_id     TEXT REFERENCES tasks (id) ON DELETE CASCADE,             -- NULL: a test
    event       TEXT NOT NULL,
    url         TEXT NOT NULL,
    base_url    TEXT NOT NULL,
    shape       TEXT NOT NULL,
    body        TEXT,                             -- as first sent; NULL: not yet
    state       INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2), -- enum delivery_state
    attempt     INTEGER NOT NULL DEFAULT 0,       -- since it was made or replayed
    attempts    INTEGER NOT NULL DEFAULT 0,       -- ever
    next_ms     INTEGER NOT NULL,                 -- due then; while it is under way: free for others then
    created_ms  INTEGER NOT NULL,
    ended_ms    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_ms) WHERE state = 0;
CREATE INDEX webhook_deliveries_of_account ON webhook_deliveries (account_id, seq);
CREATE INDEX webhook_deliveries_of_task ON webhook_deliveries (task_id);
CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_ms) WHERE state > 0;

CREATE TABLE webhook_attempts (
    delivery_id TEXT NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    status      INTEGER NOT NULL,                 -- of HTTP; 0: none came, and why says so
    why         TEXT NOT NULL,
    took_ms     INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, number)
) WITHOUT ROWID;

CREATE TABLE files (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,             -- "file_..."
    account_id  TEXT NOT NULL,
    key_id      TEXT NOT NULL,
    purpose     TEXT NOT NULL CHECK (purpose IN ('image', 'audio')),
    filename    TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    blob_name   TEXT NOT NULL UNIQUE,             -- in the media folder
    size_bytes  INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL DEFAULT 0,       -- of a sound; 0: not measured
    created_ms  INTEGER NOT NULL,
    expires_ms  INTEGER NOT NULL
);
CREATE INDEX files_of_account ON files (account_id, seq);
CREATE INDEX files_by_expiry ON files (expires_ms);
