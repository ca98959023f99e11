#include "engine/face/model.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "engine/face/detector.h"
#include "engine/face/mesh.h"

enum { FILE_MAX_BYTES = 16 << 20 }; /* the largest of the three has 2.4 MiB */

static const char detector_file[] = "face_detection_short_range.tflite";
static const char mesh_file[] = "face_landmark_with_attention.tflite";
static const char head_file[] = "geometry_pipeline_metadata_landmarks.binarypb";

static const int detector_outputs[] = {DETECTOR_ANCHORS * DETECTOR_ROW, DETECTOR_ANCHORS};
static const int mesh_outputs[] = {3 * FACE_MESH_POINTS,
                                   2 * MESH_LIPS,
                                   2 * MESH_EYE,
                                   2 * MESH_EYE,
                                   2 * MESH_IRIS,
                                   2 * MESH_IRIS,
                                   1};

static enum orator_status read_part(struct bytes *out, const char *folder, const char *name,
                                    struct orator_error *err)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
        return orator_fail(err, ORATOR_BAD_SETTING, "the path of the models is too long");
    enum orator_status s = file_read(out, path, FILE_MAX_BYTES, err);
    if (s == ORATOR_NOT_FOUND)
        return orator_fail(err, s, "the face model %s is missing; run tools/setup to fetch it",
                           name);
    return s;
}

/* One network, which must have an input of `side` x `side` colours and the outputs expected. */
static enum orator_status load_net(struct graph **out, const char *folder, const char *name,
                                   int side, const int *outputs, int output_count, enum dsp_isa max,
                                   struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct bytes file = {0};
    TRY(read_part(&file, folder, name, err));
    TRY(orator_within(err, graph_parse(out, file.data, file.size, max, err), name));
    bool fits = graph_input_count(*out) == 1 && graph_input_size(*out, 0) == side * side * 3 &&
                graph_output_count(*out) == output_count;
    for (int i = 0; fits && i < output_count; i++)
        fits = graph_output_size(*out, i) == outputs[i];
    if (!fits)
        s = orator_fail(err, ORATOR_BAD_SETTING,
                        "%s is another model than the one we know; run tools/setup to fetch it",
                        name);
done:
    bytes_fini(&file);
    return s;
}

enum orator_status face_model_open_for(struct face_model **out, const char *folder,
                                       enum dsp_isa max, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct bytes head = {0};
    struct face_model *m = calloc(1, sizeof(*m));
    *out = NULL;
    if (!m)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the face models");
    TRY(load_net(&m->detector, folder, detector_file, DETECTOR_INPUT_PX, detector_outputs,
                 sizeof(detector_outputs) / sizeof(detector_outputs[0]), max, err));
    TRY(load_net(&m->mesh, folder, mesh_file, MESH_INPUT_PX, mesh_outputs,
                 sizeof(mesh_outputs) / sizeof(mesh_outputs[0]), max, err));
    TRY(read_part(&head, folder, head_file, err));
    TRY(canonical_parse(&m->head, head.data, head.size, err));
    *out = m;
    m = NULL;
done:
    bytes_fini(&head);
    face_model_free(&m);
    return s;
}

enum orator_status face_model_open(struct face_model **out, const char *folder,
                                   struct orator_error *err)
{
    return face_model_open_for(out, folder, DSP_AVX512, err);
}

void face_model_free(struct face_model **model)
{
    if (!*model)
        return;
    graph_free(&(*model)->detector);
    graph_free(&(*model)->mesh);
    free(*model);
    *model = NULL;
}
