-- Who is next: keys take turns, and some go before others. tasks_table.h says how a turn is given.

ALTER TABLE keys ADD COLUMN priority INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 9);
ALTER TABLE tasks ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
UPDATE tasks SET turn = seq WHERE state < 2; -- these go on in the order of their submits

DROP INDEX tasks_open;
CREATE INDEX tasks_waiting ON tasks (turn, seq) WHERE state = 0;
CREATE INDEX tasks_waiting_of_key ON tasks (key_id, turn) WHERE state = 0;
CREATE INDEX tasks_running ON tasks (seq) WHERE state = 1;
