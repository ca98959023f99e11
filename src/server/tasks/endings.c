#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/store/tasks_table.h"
#include "server/tasks/life.h"
#include "server/tasks/queue.h"

enum orator_status queue_cancel(struct store *store, const char *id, const char *key_id,
                                struct task *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct orator_error why = {0};
    (void)orator_fail(&why, ORATOR_CANCELED, "the task was canceled by request");
    *out = (struct task){0};
    TRY(store_write(store, &c, err));
    TRY(tasks_get(c, id, key_id, out, err));
    if (out->state == TASK_COMPLETED ||
        (out->state == TASK_FAILED && out->failure != ORATOR_CANCELED)) {
        s = orator_fail(err, ORATOR_TASK_NOT_CANCELABLE, "the task has %s already",
                        out->state == TASK_COMPLETED ? "completed" : "failed");
        goto done;
    }
    if (out->state != TASK_FAILED) { /* a second cancel changes nothing */
        out->updated_ms = store_now_ms(store);
        TRY(life_fail(c, out, &why, err));
    }
done:
    s = store_end(&c, s, err);
    if (s != ORATOR_OK)
        task_fini(out);
    return s;
}

enum orator_status queue_delete(struct store *store, const char *id, const char *key_id,
                                struct task *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct task after = {0};
    struct orator_error why = {0};
    (void)orator_fail(&why, ORATOR_CANCELED, "the task was deleted by request");
    *out = (struct task){0};
    TRY(store_write(store, &c, err));
    TRY(tasks_get(c, id, key_id, out, err));
    if (out->state < TASK_COMPLETED) {
        TRY(tasks_get(c, id, key_id, &after, err));
        after.updated_ms = store_now_ms(store);
        TRY(life_fail(c, &after, &why, err));
    }
    TRY(tasks_erase(c, id, store_now_ms(store), err));
done:
    s = store_end(&c, s, err);
    task_fini(&after);
    if (s != ORATOR_OK)
        task_fini(out);
    return s;
}

/* The video goes and so does its name; what was charged stays charged, the service was rendered. */
static enum orator_status retire(struct connection *c, struct task *t, struct orator_error *err)
{
    enum orator_status s;
    t->state = TASK_FAILED;
    t->failure = ORATOR_EXPIRED;
    t->expires_ms = 0;
    TRY(life_copy(&t->failure_text, "the video was kept as long as was agreed and is gone", err));
    TRY(life_copy(&t->failure_param, "", err));
    free(t->video_name);
    t->video_name = NULL;
    free(t->thumbnail_name);
    t->thumbnail_name = NULL;
    free(t->captions_name);
    t->captions_name = NULL;
    TRY(tasks_update(c, t, err));
done:
    return s;
}

enum orator_status queue_expire(struct store *store, struct task *out, bool *found,
                                struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct task after = {0};
    struct orator_error why = {0};
    (void)orator_fail(&why, ORATOR_EXPIRED, "the task was not over when its time was");
    *found = false;
    *out = (struct task){0};
    TRY(store_read(store, &c, err)); /* usually there is none: no commit for that */
    TRY(tasks_next_expired(c, store_now_ms(store), out, found, err));
    s = store_end(&c, s, err);
    if (s != ORATOR_OK || !*found)
        goto done;
    task_fini(out);
    TRY(store_write(store, &c, err));
    TRY(tasks_next_expired(c, store_now_ms(store), out, found, err));
    if (!*found)
        goto done;
    TRY(tasks_get(c, out->id, NULL, &after, err));
    after.updated_ms = store_now_ms(store);
    if (after.state < TASK_COMPLETED) {
        TRY(life_fail(c, &after, &why, err));
    } else if (after.state == TASK_COMPLETED) {
        TRY(retire(c, &after, err));
    } else {
        TRY(tasks_erase(c, after.id, after.updated_ms,
                        err)); /* a failed one is kept no longer either */
    }
done:
    s = store_end(&c, s, err);
    task_fini(&after);
    if (s != ORATOR_OK) {
        task_fini(out);
        *found = false;
    }
    return s;
}

enum orator_status queue_list(struct store *store, const struct tasks_filter *filter,
                              const char *after_id, struct task *out, int *count,
                              struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct tasks_filter f = *filter;
    *count = 0;
    TRY(store_read(store, &c, err));
    if (after_id) {
        struct task after;
        s = tasks_get(c, after_id, f.key_id, &after, err);
        f.after_seq = after.seq;
        task_fini(&after);
        if (s == ORATOR_TASK_NOT_FOUND)
            s = orator_fail_param(err, ORATOR_INVALID_PARAMETER, "after",
                                  "after must be the id of a task of yours, such as last_id");
        if (s != ORATOR_OK)
            goto done;
    }
    TRY(tasks_list(c, &f, out, count, err));
done:
    s = store_end(&c, s, err);
    for (int i = 0; s != ORATOR_OK && i < *count; i++)
        task_fini(&out[i]);
    if (s != ORATOR_OK)
        *count = 0;
    return s;
}
