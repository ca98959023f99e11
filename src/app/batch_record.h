/* batch_record.h - what a batch has done, in a file that survives a crash: OUT/batch.jsonl.
 *
 *     {"row":3,"key":"0123456789abcdef","name":"a.mp4","status":"completed",...}
 *
 * One line an attempt, written by one write and synced; the last line about a name counts. A line that a
 * crash has cut is passed over. The key changes when the row's words or its files do, so that a changed
 * row is made again. The file is locked: two batches cannot share a folder.
 * Threads: one owner.
 */
#pragma once

#include "app/batch_list.h"
#include "base/text.h"

struct batch_record;

/* IO, CONCURRENCY_LIMIT if another batch has it. */
ORATOR_MUST_CHECK enum orator_status
batch_record_open(struct batch_record **out, const char *folder, struct orator_error *err);
/* Whether the video of this row is there, as it was made. */
bool batch_record_has(const struct batch_record *, const struct batch_row *);
/* `report` is an object of report.h. */
ORATOR_MUST_CHECK enum orator_status batch_record_add(struct batch_record *, int row,
                                                      const struct batch_row *,
                                                      const struct text *report,
                                                      struct orator_error *err);
const char *batch_record_path(const struct batch_record *);
void batch_record_close(struct batch_record **);
