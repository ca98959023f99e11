-- What can be watched while a video is made.

ALTER TABLE tasks ADD COLUMN preview_name TEXT NOT NULL DEFAULT '';
