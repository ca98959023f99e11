/* engine.c - the main road. Read this file first.
 *
 *   portrait --> face ---------------------+
 *                                          +--> render --> video
 *   voice ----> speech ----> motion -------+
 */
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/camera.h"
#include "engine/captions.h"
#include "engine/dsp/dsp.h"
#include "engine/engine_inside.h"
#include "engine/face/quality.h"
#include "engine/framing.h"
#include "engine/motion/motion.h"
#include "engine/render/render.h"
#include "engine/speech/phones.h"
#include "engine/speech/speech.h"
#include "engine/tier.h"

static enum orator_status tell(const struct engine_job *job, struct engine_progress *now,
                               enum engine_stage stage, struct orator_error *err)
{
    now->stage = stage;
    return job->progress ? job->progress(job->ctx, now, err) : ORATOR_OK;
}

/* Before the video: who sees that complete finds its captions there. */
static enum orator_status write_captions(const struct engine_job *job, const struct speech *speech,
                                         struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct phrases phrases = {0};
    struct speech_words known = {0};
    struct caption_word *words = NULL;
    if (!job->captions_path)
        return ORATOR_OK;
    TRY(phrases_find(&phrases, speech, err));
    if (job->notes)
        TRY(speech_words(&known, job->notes, err));
    words = calloc((size_t)known.count + 1, sizeof(*words));
    if (!words)
        TRY(orator_fail(err, ORATOR_NO_MEMORY, "no memory for captions"));
    for (int i = 0; i < known.count; i++)
        words[i] =
            (struct caption_word){known.list[i].text, known.list[i].start_ms, known.list[i].end_ms};
    TRY(captions_write(job->captions_path,
                       &(struct captions_source){.phrases = &phrases,
                                                 .text = job->text,
                                                 .words = known.count ? words : NULL,
                                                 .words_count = known.count},
                       err));
done:
    free(words);
    speech_words_fini(&known);
    phrases_fini(&phrases);
    return s;
}

enum orator_status engine_run(const struct engine *e, const struct engine_job *job,
                              struct engine_result *result, struct orator_error *err)
{
    enum orator_status s;
    struct engine_progress now = {0};
    struct image portrait = {0};
    struct sound voice = {0}, mono = {0};
    struct face face, framed;
    struct face_quality quality;
    struct framing framing;
    struct video_format format;
    struct speech speech = {0};
    struct direction direction;
    struct heard heard;
    struct motion motion = {0};
    struct render_rig *rig = NULL;
    struct camera_plan plan;
    struct camera *camera = NULL;
    struct video_writer *video = NULL;
    int64_t size_bytes = 0;

    direction = direction_read(job->prompt, &heard);
    TRY(tell(job, &now, ENGINE_INSPECT, err));
    TRY(image_decode(&portrait, job->portrait->data, job->portrait->size, err));
    TRY(sound_decode(&voice, job->voice->data, job->voice->size,
                     job->max_voice_ms ? job->max_voice_ms : SOUND_MAX_MS, err));
    now.voice_us = sound_length_us(&voice);
    TRY(tell(job, &now, ENGINE_INSPECT, err));
    TRY(face_find_in(&face, e->face, &portrait, job->face_box, err));
    TRY(face_judge(&quality, &portrait, &face, err));
    TRY(framing_choose(&framing, job->aspect_ratio, portrait.width_px, portrait.height_px, &face,
                       err));
    if (direction.view == VIEW_CLOSE)
        framing_come_closer(&framing, portrait.width_px, portrait.height_px, &face);
    TRY(tier_format(&format, job->tier, job->resolution, job->fps, &framing, err));
    format.job_id = job->job_id;
    format.label = job->label;
    format.preview_path = job->preview_path;

    TRY(tell(job, &now, ENGINE_SPEECH, err));
    TRY(sound_to_mono(&mono, &voice, SPEECH_RATE_HZ, err));
    TRY(speech_analyse(&speech, e->speech, &mono, err));
    if (job->notes) { /* notes that are damaged are no better than none */
        s = speech_know(&speech, job->notes, err);
        TRY(s == ORATOR_DECODE_FAILED ? ORATOR_OK : s);
    }

    TRY(tell(job, &now, ENGINE_MOTION, err));
    TRY(motion_predict(&motion, &speech, &(struct motion_options){format.fps, job->seed, direction},
                       err));
    motion_scale(&motion, &(struct motion_gains){quality.head_gain, quality.mouth_gain, 1,
                                                 quality.brow_gain, true});
    if (job->gains)
        motion_scale(&motion, job->gains);

    now.frames_total = motion.count;
    TRY(tell(job, &now, ENGINE_RENDER, err));
    framed = face;
    plan = camera_plan(&direction, format.width_px, format.height_px, format.fps, motion.count);
    TRY(framing_apply(&portrait, &framed, &framing, plan.drawn_width_px, plan.drawn_height_px,
                      err));
    TRY(render_rig_new(&rig, &portrait, &framed,
                       &(struct render_options){plan.drawn_width_px, plan.drawn_height_px,
                                                job->seed, &e->dsp, quality.spectacles},
                       err));
    TRY(camera_new(&camera, &plan,
                   (framed.box[0] + 0.5f * framed.box[2]) / (float)portrait.width_px,
                   (framed.box[1] + 0.5f * framed.box[3]) / (float)portrait.height_px, err));
    motion_limit_head(&motion, render_rig_reach(rig));
    TRY(video_open(&video, job->output_path, &format, &voice, err));
    for (int64_t i = 0; i < motion.count; i++) {
        const struct picture *drawn = render_frame(rig, &motion.poses[i]);
        const struct picture *shot = camera_shoot(camera, drawn, i);
        TRY(shot == drawn ? video_lend(video, shot, err) : video_add(video, shot, err));
        now.frames_done = i + 1;
        now.preview_us = video_preview_us(video);
        TRY(tell(job, &now, ENGINE_RENDER, err));
    }
    TRY(write_captions(job, &speech, err));
    TRY(video_finish(&video, &size_bytes, err));
    if (job->thumbnail_path)
        TRY(video_thumbnail(job->output_path, job->thumbnail_path, err));

    *result = (struct engine_result){
        .frames = motion.count,
        .size_bytes = size_bytes,
        .voice_us = now.voice_us,
        .duration_us = motion.count * 1000000 / format.fps,
        .width_px = format.width_px,
        .height_px = format.height_px,
        .fps = format.fps,
        .face_yaw_rad = face.yaw_rad,
        .face_confidence = face.confidence,
        .eye_distance_px = face.eye_distance_px,
        .brightness = quality.brightness,
        .contrast = quality.contrast,
        .warnings = quality.warnings,
        .heard = heard,
    };
    memcpy(result->face_box, face.box, sizeof(face.box));

done:
    video_abandon(&video);
    camera_free(&camera);
    render_rig_free(&rig);
    motion_fini(&motion);
    speech_fini(&speech);
    sound_fini(&mono);
    sound_fini(&voice);
    image_fini(&portrait);
    return s;
}

enum orator_status engine_open(struct engine **out, const char *models_folder,
                               struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    char path[4096];
    struct engine *e = calloc(1, sizeof(*e));
    if (!e)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the engine");
    dsp_init(&e->dsp, dsp_isa_wanted());
    snprintf(path, sizeof(path), "%s/face", models_folder);
    TRY(face_model_open(&e->face, path, err));
    snprintf(path, sizeof(path), "%s/speech.bin", models_folder);
    TRY(speech_model_open(&e->speech, path, err));
done:
    if (s != ORATOR_OK)
        engine_free(&e);
    *out = e;
    return s;
}

void engine_free(struct engine **e)
{
    if (!*e)
        return;
    speech_model_free(&(*e)->speech);
    face_model_free(&(*e)->face);
    free(*e);
    *e = NULL;
}

enum orator_status engine_inspect(const struct engine *e, const struct bytes *portrait,
                                  const struct bytes *voice, int64_t max_voice_ms,
                                  struct engine_facts *out, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct image image = {0};
    struct sound sound = {0};
    struct face face;
    struct face_quality quality;
    *out = (struct engine_facts){0};

    if (voice) {
        TRY(sound_decode(&sound, voice->data, voice->size,
                         max_voice_ms ? max_voice_ms : SOUND_MAX_MS, err));
        out->voice_us = sound_length_us(&sound);
    }
    if (portrait) {
        TRY(image_decode(&image, portrait->data, portrait->size, err));
        out->width_px = image.width_px;
        out->height_px = image.height_px;
        TRY(face_find(&face, e->face, &image, err));
        memcpy(out->face_box, face.box, sizeof(face.box));
        out->face_yaw_rad = face.yaw_rad;
        out->face_confidence = face.confidence;
        out->eye_distance_px = face.eye_distance_px;
        TRY(face_judge(&quality, &image, &face, err));
        out->warnings = quality.warnings;
    }
done:
    sound_fini(&sound);
    image_fini(&image);
    return s;
}

enum orator_status engine_check_encoders(struct orator_error *err)
{
    return video_check_encoders(err);
}

const char *engine_cpu_level(void)
{
    struct dsp dsp;
    dsp_init(&dsp, dsp_isa_wanted());
    return dsp_isa_name(dsp.isa);
}

const char *engine_stage_name(enum engine_stage stage)
{
    static const char *const names[] = {[ENGINE_INSPECT] = "inspect",
                                        [ENGINE_SPEECH] = "speech",
                                        [ENGINE_MOTION] = "motion",
                                        [ENGINE_RENDER] = "render"};
    return names[stage];
}
