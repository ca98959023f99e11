-- Captions where a request asks for them, and what of its prompt was understood.

ALTER TABLE tasks ADD COLUMN captions INTEGER NOT NULL DEFAULT 0; -- asked for
ALTER TABLE tasks ADD COLUMN text TEXT;                           -- what the voice says
ALTER TABLE tasks ADD COLUMN captions_name TEXT;
ALTER TABLE tasks ADD COLUMN direction TEXT;                      -- a JSON list
CREATE INDEX tasks_captions ON tasks (captions_name) WHERE captions_name IS NOT NULL;
