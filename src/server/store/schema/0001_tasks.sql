-- Step 1: tasks, keys, ledger. Times are ms since 1970, UTC; money is in micro-units of the currency.
-- A change of the schema is a new file, with the next number, in the list of store/meson.build; a file
-- that has been released never changes.

CREATE TABLE tasks (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of submits, and so of claims
    id                TEXT NOT NULL UNIQUE,
    key_id            TEXT NOT NULL,
    state             INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3), -- enum task_state
    model             TEXT NOT NULL,
    image_url         TEXT NOT NULL,
    audio_url         TEXT NOT NULL,
    prompt            TEXT,
    declared_ms       INTEGER NOT NULL,
    seed              INTEGER NOT NULL, -- the 64 bits, read as signed
    resolution        TEXT,    -- this and the next nine as asked for; NULL: not sent
    fps_asked         INTEGER,
    aspect_ratio      TEXT,
    face_x            REAL,
    face_y            REAL,
    face_width        REAL,
    face_height       REAL,
    motion_head       REAL,
    motion_expression REAL,
    motion_blink      INTEGER,
    external_task_id  TEXT,    -- the client's own name
    metadata          TEXT,    -- a JSON object of texts
    created_ms        INTEGER NOT NULL,
    updated_ms        INTEGER NOT NULL,
    completed_ms      INTEGER NOT NULL DEFAULT 0,
    attempt           INTEGER NOT NULL DEFAULT 0,
    worker            TEXT NOT NULL DEFAULT '',
    lease_until_ms    INTEGER NOT NULL DEFAULT 0,
    stage             TEXT NOT NULL DEFAULT '',
    frames_done       INTEGER NOT NULL DEFAULT 0,
    frames_total      INTEGER NOT NULL DEFAULT 0,
    price_micro_per_s INTEGER NOT NULL CHECK (price_micro_per_s >= 0),
    reserved_micro    INTEGER NOT NULL CHECK (reserved_micro >= 0),
    charged_micro     INTEGER NOT NULL DEFAULT 0 CHECK (charged_micro BETWEEN 0 AND reserved_micro),
    measured_ms       INTEGER NOT NULL DEFAULT 0,
    video_name        TEXT,
    duration_ms       INTEGER NOT NULL DEFAULT 0,
    size_bytes        INTEGER NOT NULL DEFAULT 0,
    width_px          INTEGER NOT NULL DEFAULT 0,
    height_px         INTEGER NOT NULL DEFAULT 0,
    fps               INTEGER NOT NULL DEFAULT 0,
    warnings          TEXT, -- JSON, as warning.h writes it; completed only
    failure           TEXT, -- the word of base/error.h
    failure_text      TEXT,
    failure_param     TEXT
);
CREATE INDEX tasks_open ON tasks (state, seq) WHERE state < 2;
CREATE INDEX tasks_spent ON tasks (seq)
    WHERE state >= 2 AND (image_url GLOB 'blob:?*' OR audio_url GLOB 'blob:?*');
CREATE INDEX tasks_video ON tasks (video_name) WHERE video_name IS NOT NULL;
CREATE INDEX tasks_inputs ON tasks (image_url, audio_url)
    WHERE image_url GLOB 'blob:?*' OR audio_url GLOB 'blob:?*';
CREATE INDEX tasks_of_key ON tasks (key_id, seq);
CREATE UNIQUE INDEX tasks_external ON tasks (key_id, external_task_id)
    WHERE external_task_id IS NOT NULL;

CREATE TABLE keys (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    prefix       TEXT NOT NULL,
    hash         BLOB NOT NULL UNIQUE CHECK (length(hash) = 32), -- SHA-256 of the whole key
    created_ms   INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL DEFAULT 0,
    revoked_ms   INTEGER NOT NULL DEFAULT 0
);

-- What a row's hash covers is drawn in ledger.c. One row of a kind per task makes a second charge
-- impossible; a unique prev_hash keeps the chain from forking.
CREATE TABLE ledger (
    id           INTEGER PRIMARY KEY,
    task_id      TEXT NOT NULL,
    key_id       TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('reserve', 'charge', 'release')),
    amount_micro INTEGER NOT NULL CHECK (amount_micro >= 0),
    at_ms        INTEGER NOT NULL,
    prev_hash    BLOB NOT NULL UNIQUE CHECK (length(prev_hash) = 32),
    hash         BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    UNIQUE (task_id, kind)
);
CREATE INDEX ledger_of_key ON ledger (key_id, id);

CREATE TRIGGER ledger_keeps_its_rows BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_keeps_its_values BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
