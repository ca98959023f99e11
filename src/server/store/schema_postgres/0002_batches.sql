-- Step 2: what waits is added up once for a batch, by who submits it.
DROP TRIGGER queue_sums_grow ON tasks;
