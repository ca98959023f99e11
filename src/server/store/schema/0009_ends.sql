-- How tasks ended since the first day, for whoever watches the server.

CREATE TABLE task_ends (
    model  TEXT NOT NULL,
    result TEXT NOT NULL, -- 'completed', or the word of the failure
    tasks  INTEGER NOT NULL,
    PRIMARY KEY (model, result)
) WITHOUT ROWID;
INSERT INTO task_ends SELECT model, iif(state = 2, 'completed', failure), count(*) FROM tasks
    WHERE state = 2 OR (state = 3 AND failure IS NOT NULL) GROUP BY 1, 2;
CREATE TRIGGER task_ends_count AFTER UPDATE OF state ON tasks WHEN old.state < 2 AND new.state >= 2
BEGIN
    INSERT INTO task_ends VALUES (new.model, iif(new.state = 2, 'completed', coalesce(new.failure, 'unknown')), 1)
        ON CONFLICT (model, result) DO UPDATE SET tasks = tasks + 1;
END;
