#include "app/report.h"

#include <stdio.h>

#include "app/app.h"

static double seconds(int64_t us) { return (double)us / 1e6; }

void report_video(struct text *t, const struct video_request *request,
                  const struct video_made *made)
{
    const struct engine_result *r = &made->result;
    text_add(t, "{\"status\":\"completed\",\"output\":");
    text_add_json(t, request->out);
    text_addf(
        t,
        ",\"duration_seconds\":%.3f,\"voice_seconds\":%.3f,\"width\":%d,\"height\":%d,\"fps\":"
        "%d,\"frames\":%lld,\"size_bytes\":%lld,\"seed\":%lld,\"made_in_seconds\":%.3f,"
        "\"face\":{\"box\":[%.1f,%.1f,%.1f,%.1f],\"confidence\":%.3f},\"warnings\":",
        seconds(r->duration_us), seconds(r->voice_us), r->width_px, r->height_px, r->fps,
        (long long)r->frames, (long long)r->size_bytes, (long long)made->seed,
        (double)made->took_ms / 1000.0, (double)r->face_box[0], (double)r->face_box[1],
        (double)r->face_box[2], (double)r->face_box[3], (double)r->face_confidence);
    warnings_add_json(t, &r->warnings);
    text_add(t, ",\"direction\":");
    heard_to_json(t, &r->heard);
    text_add(t, "}");
}

void report_failure(struct text *t, const struct orator_error *err)
{
    text_addf(t, "{\"status\":\"failed\",\"error\":{\"code\":\"%s\",\"message\":",
              orator_status_word(err->status));
    text_add_json(t, err->text);
    text_add(t, ",\"param\":");
    if (*err->param)
        text_add_json(t, err->param);
    else
        text_add(t, "null");
    text_addf(t, ",\"retryable\":%s},\"exit_code\":%d}",
              orator_status_retryable(err->status) ? "true" : "false",
              orator_status_exit(err->status));
}

int report_end(enum orator_status s, const struct orator_error *err, bool json)
{
    if (s == ORATOR_OK)
        return 0;
    if (json) {
        char memory[2048];
        struct text t = text_over(memory, sizeof(memory));
        report_failure(&t, err);
        puts(t.start);
    }
    return app_fail(err);
}
