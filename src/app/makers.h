/* makers.h - the engines that `orator serve` has, and which of them makes the videos of which model.
 *
 * Errors: BAD_SETTING for an engine that the settings name and do not furnish.
 */
#pragma once

#include "app/settings.h"
#include "base/log.h"
#include "base/own_folder.h"
#include "server/maker/maker.h"

struct app_makers {
    struct own_folder folder; /* where they work */
    struct maker standard, pro;
    struct maker_none *none;
    struct maker_command *command;
    struct maker_kling *kling;
};
/* Engine, log and settings are borrowed. */
ORATOR_MUST_CHECK enum orator_status app_makers_open(struct app_makers *, const struct settings *,
                                                     const struct engine *, const struct log *,
                                                     struct orator_error *err);
void app_makers_close(struct app_makers *);
