-- What a finished video comes with.

ALTER TABLE tasks ADD COLUMN thumbnail_name TEXT;
ALTER TABLE tasks ADD COLUMN sha256 TEXT;               -- of the video
ALTER TABLE tasks ADD COLUMN quality TEXT;              -- a JSON object: what was seen of the portrait
CREATE INDEX tasks_thumbnail ON tasks (thumbnail_name) WHERE thumbnail_name IS NOT NULL;
