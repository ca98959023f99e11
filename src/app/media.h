/* media.h - where the media live, as the settings say it. */
#pragma once

#include "app/settings.h"
#include "server/store/blobs.h"

/* Whether the object store of the settings is there, knows the key, and has the bucket. */
ORATOR_MUST_CHECK enum orator_status app_try_media_store(const struct settings *,
                                                         struct orator_error *err);

/* Nothing if no object store is set. fetch_setup() comes first. */
ORATOR_MUST_CHECK enum orator_status app_use_media_store(struct blobs *, const struct settings *,
                                                         struct orator_error *err);
