/* intake.h - submits of many connections share transactions, and no thread waits for the disk with them.
 *
 * What:    a thread takes whatever has come while it was at the last batch (submit.h), and tells each submit
 *          when it is on the disk, or why it is not. Under load a batch fills itself; alone, a submit waits
 *          for nobody.
 * Owns:    its thread. A submit is its own between intake_add() and done().
 * Threads: intake_add() from any; done() is called from the intake's.
 */
#pragma once

#include "server/tasks/submit.h"

struct intake;
ORATOR_MUST_CHECK enum orator_status intake_start(struct intake **out, struct store *,
                                                  struct orator_error *err);
void intake_add(struct intake *, struct submit *); /* its request and done are set */
void intake_stop(struct intake **);                /* after what was added is done */
