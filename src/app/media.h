/* media.h - where the media live, as the settings say it. */
#pragma once

#include "app/settings.h"
#include "server/store/blobs.h"

/* Nothing if no object store is set. fetch_setup() comes first. */
ORATOR_MUST_CHECK enum orator_status app_use_media_store(struct blobs *, const struct settings *,
                                                         struct orator_error *err);
