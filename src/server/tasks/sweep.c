#include "server/tasks/sweep.h"

#include "base/text.h"
#include "server/store/files_table.h"
#include "server/store/tasks_table.h"

static enum orator_status is_named(void *store, const char *name, bool *named,
                                   struct orator_error *err)
{
    struct connection *c = NULL;
    enum orator_status s = store_read(store, &c, err);
    if (s == ORATOR_OK)
        s = tasks_name_file(c, name, named, err);
    if (s == ORATOR_OK && !*named)
        s = files_name_blob(c, name, named, err);
    return store_end(&c, s, err);
}

enum orator_status sweep_media(struct store *store, struct blobs *blobs, int64_t *removed,
                               struct orator_error *err)
{
    return blobs_sweep(blobs, is_named, store, removed, err);
}

void sweep_task(const struct task *t, struct blobs *blobs)
{
    const char *const inputs[] = {t->image_url, t->audio_url};
    for (int i = 0; i < 2; i++)
        if (inputs[i] && text_starts(inputs[i], "blob:") && inputs[i][5])
            blob_remove(blobs, inputs[i] + 5);
    if (t->video_name)
        blob_remove(blobs, t->video_name);
    if (t->thumbnail_name)
        blob_remove(blobs, t->thumbnail_name);
    if (t->captions_name)
        blob_remove(blobs, t->captions_name);
}
