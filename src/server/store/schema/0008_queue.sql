-- What waits, in sum, so that nobody counts the queue; and how fast videos were made of late.

CREATE TABLE queue_sums (
    model       TEXT PRIMARY KEY,
    tasks       INTEGER NOT NULL CHECK (tasks >= 0),      -- that are queued
    declared_ms INTEGER NOT NULL CHECK (declared_ms >= 0) -- of their voices
) WITHOUT ROWID;
INSERT INTO queue_sums SELECT model, count(*), sum(declared_ms) FROM tasks WHERE state = 0 GROUP BY model;
CREATE TRIGGER queue_sums_grow AFTER INSERT ON tasks WHEN new.state = 0
BEGIN
    INSERT INTO queue_sums VALUES (new.model, 1, new.declared_ms)
        ON CONFLICT (model) DO UPDATE SET tasks = tasks + 1, declared_ms = declared_ms + new.declared_ms;
END;
CREATE TRIGGER queue_sums_change AFTER UPDATE OF state ON tasks WHEN (old.state = 0) <> (new.state = 0)
BEGIN
    UPDATE queue_sums SET tasks = tasks + CASE new.state WHEN 0 THEN 1 ELSE -1 END,
        declared_ms = declared_ms + CASE new.state WHEN 0 THEN new.declared_ms ELSE -new.declared_ms END
        WHERE model = new.model;
END;

CREATE TABLE speeds (
    model    TEXT PRIMARY KEY,
    permille INTEGER NOT NULL CHECK (permille >= 0) -- ms of work for a second of video, of late
) WITHOUT ROWID;
