#include "server/tasks/task.h"

#include <stdlib.h>

const char *task_state_word(enum task_state state)
{
    static const char *const words[] = {
        [TASK_QUEUED] = "queued",
        [TASK_PROCESSING] = "processing",
        [TASK_COMPLETED] = "completed",
        [TASK_FAILED] = "failed",
    };
    return words[state];
}

void task_fini(struct task *t)
{
    free(t->model);
    free(t->image_url);
    free(t->audio_url);
    free(t->prompt);
    free(t->text);
    free(t->external_task_id);
    free(t->metadata);
    free(t->video_name);
    free(t->thumbnail_name);
    free(t->captions_name);
    free(t->direction);
    free(t->sha256);
    free(t->quality);
    free(t->warnings);
    free(t->failure_text);
    free(t->failure_param);
    *t = (struct task){0};
}

bool task_lengths_differ(int64_t declared_ms, int64_t measured_ms)
{
    int64_t off_ms =
        measured_ms > declared_ms ? measured_ms - declared_ms : declared_ms - measured_ms;
    return off_ms > 500 && off_ms * 20 > declared_ms;
}
