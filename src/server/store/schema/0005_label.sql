-- A mark that people see, where a request asks for it.

ALTER TABLE tasks ADD COLUMN label INTEGER NOT NULL DEFAULT 0;
