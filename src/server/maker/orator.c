/* orator.c - the engine of this tree, asked for what a task asks for. */
#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine.h"
#include "server/maker/maker.h"

static enum orator_status on_progress(void *ctx, const struct engine_progress *p,
                                      struct orator_error *err)
{
    const struct maker_job *job = ctx;
    return job->progress(job->ctx,
                         &(struct maker_progress){engine_stage_name(p->stage), p->frames_done,
                                                  p->frames_total, p->voice_us, p->preview_us},
                         err);
}

static_assert((int)HEARD_JSON_SIZE <= (int)MAKER_DIRECTION_SIZE, "a list that was cut is none");

static enum orator_status make(const void *self, const struct maker_job *job,
                               struct maker_result *out, struct orator_error *err)
{
    const struct task *t = job->task;
    const struct task_options *o = &t->options;
    const struct motion_gains gains = {(float)o->head, 1, (float)o->expression, 1, o->blink};
    const float face_box[4] = {(float)o->face_box[0], (float)o->face_box[1], (float)o->face_box[2],
                               (float)o->face_box[3]};
    struct engine_result result = {0};
    struct maker_job copy = *job;
    enum orator_status s = engine_run(self,
                                      &(struct engine_job){
                                          .portrait = job->portrait,
                                          .voice = job->voice,
                                          .notes = job->notes,
                                          .output_path = job->video_path,
                                          .thumbnail_path = job->thumbnail_path,
                                          .preview_path = job->preview_path,
                                          .captions_path = job->captions_path,
                                          .text = t->text,
                                          .tier = job->pro ? ENGINE_PRO : ENGINE_STANDARD,
                                          .resolution = o->resolution,
                                          .fps = o->fps,
                                          .aspect_ratio = o->aspect_ratio,
                                          .face_box = o->face_box[2] > 0 ? face_box : NULL,
                                          .gains = o->moves ? &gains : NULL,
                                          .prompt = t->prompt,
                                          .seed = t->seed,
                                          .max_voice_ms = job->max_voice_ms,
                                          .job_id = t->id,
                                          .label = o->label,
                                          .progress = on_progress,
                                          .ctx = &copy,
                                      },
                                      &result, err);
    *out = (struct maker_result){
        .frames = result.frames,
        .size_bytes = result.size_bytes,
        .voice_us = result.voice_us,
        .duration_us = result.duration_us,
        .width_px = result.width_px,
        .height_px = result.height_px,
        .fps = result.fps,
        .thumbnail = true,
        .captions = job->captions_path,
        .warnings = result.warnings,
        .face = {.yaw_degrees = result.face_yaw_rad * 57.29578f,
                 .confidence = result.face_confidence,
                 .eye_distance_px = result.eye_distance_px,
                 .brightness = result.brightness,
                 .contrast = result.contrast},
    };
    struct text heard = text_over(out->direction, sizeof(out->direction));
    heard_to_json(&heard, &result.heard);
    memcpy(out->face.box, result.face_box, sizeof(out->face.box));
    return s;
}

struct maker maker_orator(const struct engine *engine)
{
    return (struct maker){.name = "orator", .needs_inputs = true, .make = make, .self = engine};
}
