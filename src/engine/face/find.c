/* find.c - search the portrait for faces, look at each again, choose the subject, say what is wrong.
 *
 * The search goes from the whole picture to ever smaller tiles and stops at the first size that shows
 * a face. What it finds is only a candidate: the detector also sees upside-down faces, the wrong way
 * round, and so does the mesh. Each candidate is therefore looked at in four orientations, and must
 * win by score there and by the mesh's own opinion of whether it lies on a face. */
#include <math.h>
#include <stdlib.h>

#include "engine/face/detector.h"
#include "engine/face/mesh.h"
#include "engine/face/model.h"

/* Real faces confirm with .82 and more, and a presence of 14 to 36; of other things, a smiley comes
 * nearest (.61 and 8.2). */
#define CONFIRMED_SCORE_MIN 0.6f
#define PRESENCE_MIN        12.0f

#define CONFIRM_SIDE 2.4f  /* boxes: a face then fills .4 of the square, where scores are best */
#define CONFIRM_SURE 0.82f /* below it the four diagonal orientations are tried as well */
#define CONFIRM_MOVE 0.6f  /* boxes: farther away it is another face */
#define MARGIN_SIDE  1.6f  /* second look at the whole picture: faces that fill the frame */
#define TILE_STEP    0.6f  /* tiles overlap by 40 %, more than a face they can see */
#define TILE_MIN_PX  160   /* a face below .15 of it, 24 px, has eyes nearer than we can use */
#define SAME_BOX     0.3f  /* overlap from which two boxes are one face */
#define SAME_NOSE    0.5f  /* eye distances: two meshes nearer than this are one */
#define RIVAL_SIZE   0.7f /* of the subject's eye distance: a second face this large is in the way */
#define YAW_MAX_RAD  0.6981f /* 40 degrees: beyond, one half of the mouth is hidden */

enum {
    LOOKS_MAX = 200, /* detector runs of a search: a second or so; a portrait needs five */
    MESHES_MAX = 12, /* candidates that get a mesh */
    CANDIDATES_MAX = 64,
    FACES_MAX = FACE_SEEN_MAX,
    LEVEL_WHOLE = 0, /* then with margin, halves, quarters, eighths */
    LEVEL_MARGIN = 1,
    LEVEL_QUARTER = 3,
    LEVEL_EIGHTH = 4,
};

struct found {
    struct detection box;
    struct mesh mesh;
};

struct search {
    const struct face_model *model;
    const struct pyramid *pyramid;
    struct detector detector;
    struct graph_run *mesh_run;
    int meshes_left;
    struct found faces[FACES_MAX];
    int face_count;
};

/* Looks at one candidate alone, at its best size, in all orientations; false: it is none. */
static bool confirm(struct search *s, struct detection *box)
{
    struct detection best = {0}, seen[DETECTOR_MAX_FACES];
    float size = fmaxf(box->width, box->height);
    for (int turn = 0; turn < (best.score > CONFIRM_SURE ? 4 : 8); turn++) {
        float angle = (float)M_PI_2 * (float)(turn % 4) + (turn < 4 ? 0 : (float)M_PI_4);
        int n = detector_look(
            &s->detector, s->pyramid,
            (struct region_px){box->x, box->y, CONFIRM_SIDE * size, box->tilt_rad + angle}, seen);
        for (int i = 0; i < n; i++)
            if (seen[i].score > best.score &&
                hypotf(seen[i].x - box->x, seen[i].y - box->y) < CONFIRM_MOVE * size)
                best = seen[i];
    }
    *box = best;
    return best.score >= CONFIRMED_SCORE_MIN;
}

static bool already_found(const struct search *s, const struct mesh *m)
{
    const float *nose = m->points[MESH_NOSE_TIP];
    for (int i = 0; i < s->face_count; i++) {
        const float *other = s->faces[i].mesh.points[MESH_NOSE_TIP];
        if (hypotf(nose[0] - other[0], nose[1] - other[1]) <
            SAME_NOSE * mesh_eye_distance(&s->faces[i].mesh))
            return true;
    }
    return false;
}

/* From a candidate to a face, if it is one. */
static void consider(struct search *s, struct detection candidate)
{
    if (s->face_count == FACES_MAX || s->meshes_left == 0 || !confirm(s, &candidate))
        return;
    s->meshes_left--;
    struct found *f = &s->faces[s->face_count];
    f->box = candidate;
    mesh_first(&f->mesh, s->mesh_run, s->pyramid, &candidate);
    if (f->mesh.presence_logit >= PRESENCE_MIN && mesh_eye_distance(&f->mesh) > 0 &&
        !already_found(s, &f->mesh))
        s->face_count++;
}

static int by_score(const void *a, const void *b)
{
    float p = ((const struct detection *)a)->score, q = ((const struct detection *)b)->score;
    return (p < q) - (p > q);
}

/* How many tiles of this side cover a length, and where the middle of tile i lies. */
static int tiles_along(float length, float tile)
{
    return length <= tile ? 1 : (int)ceilf((length - tile) / (tile * TILE_STEP)) + 1;
}

static float tile_middle(float length, float tile, int count, int i)
{
    return count == 1 ? length / 2 : tile / 2 + (float)i * (length - tile) / (float)(count - 1);
}

/* All tiles of one size, turned by `turn_rad`; then the candidates, best first. */
static void search_level(struct search *s, int level, float turn_rad)
{
    const struct image *whole = &s->pyramid->level[0];
    float w = (float)whole->width_px, h = (float)whole->height_px, side = fmaxf(w, h);
    float tile = level == LEVEL_MARGIN  ? side * MARGIN_SIDE
                 : level == LEVEL_WHOLE ? side
                                        : ldexpf(side, LEVEL_MARGIN - level);
    if (level > LEVEL_MARGIN && tile < TILE_MIN_PX)
        return;

    struct detection all[CANDIDATES_MAX], seen[DETECTOR_MAX_FACES];
    int count = 0, nx = tiles_along(w, tile), ny = tiles_along(h, tile);
    for (int iy = 0; iy < ny; iy++) {
        for (int ix = 0; ix < nx; ix++) {
            struct region_px square = {tile_middle(w, tile, nx, ix), tile_middle(h, tile, ny, iy),
                                       tile, turn_rad};
            int n = detector_look(&s->detector, s->pyramid, square, seen);
            for (int i = 0; i < n && count < CANDIDATES_MAX; i++)
                all[count++] = seen[i];
        }
    }

    qsort(all, (size_t)count, sizeof(*all), by_score);
    for (int i = 0; i < count; i++) {
        bool seen_before = false;
        for (int k = 0; k < i && !seen_before; k++)
            seen_before = detection_overlap(&all[i], &all[k]) > SAME_BOX;
        if (!seen_before)
            consider(s, all[i]);
    }
}

static void search_all(struct search *s)
{
    static const struct {
        int last_level;
        float turn_rad;
        int first_level;
    } passes[] = {
        {LEVEL_QUARTER, 0, LEVEL_WHOLE},
        {LEVEL_QUARTER, (float)M_PI, LEVEL_WHOLE}, /* heads down; sideways ones show in both */
        {LEVEL_EIGHTH, 0, LEVEL_EIGHTH},           /* a long way; last */
    };
    for (size_t p = 0; p < sizeof(passes) / sizeof(passes[0]); p++) {
        for (int level = passes[p].first_level; level <= passes[p].last_level; level++) {
            search_level(s, level, passes[p].turn_rad);
            if (s->face_count > 0)
                return;
        }
    }
}

/* ---- the verdict ---- */

static bool inside(const struct image *p, const float *point)
{
    return point[0] >= 0 && point[1] >= 0 && point[0] <= (float)p->width_px &&
           point[1] <= (float)p->height_px;
}

static bool all_inside(const struct image *p, const struct face *f, const short *which, int count)
{
    for (int i = 0; i < count; i++)
        if (!inside(p, f->points[which[i]]))
            return false;
    return true;
}

static enum orator_status judge(const struct face *f, const struct image *portrait,
                                float rival_eye_distance_px, struct orator_error *err)
{
    if (rival_eye_distance_px >= RIVAL_SIZE * f->eye_distance_px) {
        return orator_fail(err, ORATOR_FACE_UNUSABLE,
                           "the picture shows more than one face of similar size (eyes %.0f and "
                           "%.0f px apart); it must show one person",
                           (double)f->eye_distance_px, (double)rival_eye_distance_px);
    }
    if (f->eye_distance_px < FACE_MIN_EYE_DISTANCE_PX) {
        return orator_fail(err, ORATOR_FACE_UNUSABLE,
                           "the face is too small: its eyes are %.1f px apart, at least %d px are "
                           "needed",
                           (double)f->eye_distance_px, FACE_MIN_EYE_DISTANCE_PX);
    }
    if (fabsf(f->yaw_rad) > YAW_MAX_RAD)
        return orator_fail(err, ORATOR_FACE_UNUSABLE,
                           "the face is turned %.0f degrees to the side, at most 40 are possible",
                           fabs((double)f->yaw_rad) * 180 / M_PI);
    if (!all_inside(portrait, f, mesh_lips, MESH_LIPS))
        return orator_fail(err, ORATOR_FACE_UNUSABLE,
                           "the mouth is cut off by the edge of the picture; the whole face must "
                           "be in it");
    if (!all_inside(portrait, f, mesh_right_eye, MESH_EYE_RIM) ||
        !all_inside(portrait, f, mesh_left_eye, MESH_EYE_RIM))
        return orator_fail(err, ORATOR_FACE_UNUSABLE,
                           "an eye is cut off by the edge of the picture; the whole face must be "
                           "in it");
    return ORATOR_OK;
}

/* The largest face is the subject; the next one in size may be a rival. */
static struct found *choose_subject(struct search *s, float *rival_eye_distance_px)
{
    struct found *subject = &s->faces[0];
    for (int i = 1; i < s->face_count; i++)
        if (mesh_eye_distance(&s->faces[i].mesh) > mesh_eye_distance(&subject->mesh))
            subject = &s->faces[i];
    *rival_eye_distance_px = 0;
    for (int i = 0; i < s->face_count; i++)
        if (&s->faces[i] != subject)
            *rival_eye_distance_px =
                fmaxf(*rival_eye_distance_px, mesh_eye_distance(&s->faces[i].mesh));
    return subject;
}

/* What of a box lies in the picture. */
static enum orator_status clip_box(float out[4], const float box[4], const struct image *portrait,
                                   struct orator_error *err)
{
    const float size[2] = {(float)portrait->width_px, (float)portrait->height_px};
    for (int k = 0; k < 2; k++) {
        float from = fmaxf(box[k], 0), to = fminf(box[k] + box[k + 2], size[k]);
        out[k] = from;
        out[k + 2] = to - from;
        if (!(to - from >= 1))
            return orator_fail_param(err, ORATOR_FACE_NOT_FOUND, "face_box",
                                     "face_box lies outside of the picture of %d x %d px",
                                     portrait->width_px, portrait->height_px);
    }
    return ORATOR_OK;
}

/* The face whose middle is nearest to that of a box, and inside it; NULL: there is none. */
static struct found *choose_in(struct search *s, const float box[4])
{
    struct found *subject = NULL;
    float nearest = INFINITY;
    for (int i = 0; i < s->face_count; i++) {
        const struct detection *d = &s->faces[i].box;
        float x = d->x - box[0], y = d->y - box[1];
        float away = hypotf(x - box[2] / 2, y - box[3] / 2);
        if (x < 0 || y < 0 || x > box[2] || y > box[3] || away >= nearest)
            continue;
        nearest = away;
        subject = &s->faces[i];
    }
    return subject;
}

static void fill_face(struct face *out, const struct found *f, const struct canonical_head *head)
{
    struct pose pose = pose_of(head, f->mesh.points);
    *out = (struct face){
        .box = {f->box.x - f->box.width / 2, f->box.y - f->box.height / 2, f->box.width,
                f->box.height},
        .confidence = f->box.score,
        .presence_logit = f->mesh.presence_logit,
        .eye_distance_px = mesh_eye_distance(&f->mesh),
        .yaw_rad = pose.yaw_rad,
        .pitch_rad = pose.pitch_rad,
        .roll_rad = pose.roll_rad,
    };
    for (int i = 0; i < FACE_POINTS; i++)
        for (int k = 0; k < 3; k++)
            out->points[i][k] = f->mesh.points[i][k];
}

/* Looks where somebody says that a face is; boxes that are drawn tight or wide see it alike. */
static void search_box(struct search *s, const float box[4])
{
    struct detection seen[DETECTOR_MAX_FACES];
    float size = fmaxf(box[2], box[3]), x = box[0] + box[2] / 2, y = box[1] + box[3] / 2;
    static const float sides[] = {CONFIRM_SIDE, 1.4f, 1.0f};
    for (size_t k = 0; k < sizeof(sides) / sizeof(sides[0]); k++) {
        int n = detector_look(&s->detector, s->pyramid,
                              (struct region_px){x, y, sides[k] * size, 0}, seen);
        for (int i = 0; i < n; i++)
            consider(s, seen[i]);
        if (choose_in(s, box))
            return;
    }
}

enum orator_status face_find(struct face *out, const struct face_model *model,
                             const struct image *portrait, struct orator_error *err)
{
    return face_find_in(out, model, portrait, NULL, err);
}

enum orator_status face_find_in(struct face *out, const struct face_model *model,
                                const struct image *portrait, const float *box,
                                struct orator_error *err)
{
    return face_find_seen(out, NULL, NULL, model, portrait, box, err);
}

static int by_eyes(const void *a, const void *b)
{
    float p = ((const struct face_seen *)a)->eye_distance_px;
    float q = ((const struct face_seen *)b)->eye_distance_px;
    return (p < q) - (p > q);
}

static void show_faces(struct face_seen out[FACE_SEEN_MAX], const struct search *s,
                       const struct image *portrait)
{
    for (int i = 0; i < s->face_count; i++) {
        struct face f;
        fill_face(&f, &s->faces[i], &s->model->head);
        out[i] = (struct face_seen){.confidence = f.confidence,
                                    .yaw_rad = f.yaw_rad,
                                    .eye_distance_px = f.eye_distance_px,
                                    .usable = judge(&f, portrait, 0, NULL) == ORATOR_OK};
        for (int k = 0; k < 4; k++)
            out[i].box[k] = f.box[k];
    }
    qsort(out, (size_t)s->face_count, sizeof(*out), by_eyes);
}

enum orator_status face_find_seen(struct face *out, struct face_seen seen[FACE_SEEN_MAX],
                                  int *seen_count, const struct face_model *model,
                                  const struct image *portrait, const float *box,
                                  struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct pyramid pyramid = {0};
    float clipped[4];
    struct search *search = calloc(1, sizeof(*search));
    *out = (struct face){0};
    if (!search)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory to look for a face");
    *search = (struct search){.model = model,
                              .pyramid = &pyramid,
                              .meshes_left = MESHES_MAX,
                              .detector = {.looks_left = LOOKS_MAX}};
    TRY(pyramid_init(&pyramid, portrait, err));
    TRY(graph_run_new(&search->detector.run, model->detector, err));
    TRY(graph_run_new(&search->mesh_run, model->mesh, err));

    if (box) {
        TRY(clip_box(clipped, box, portrait, err));
        box = clipped;
        search_box(search, box);
    }
    if (search->face_count == 0)
        search_all(search);
    if (seen) {
        show_faces(seen, search, portrait);
        *seen_count = search->face_count;
    }
    if (search->face_count == 0) {
        s = orator_fail(err, ORATOR_FACE_NOT_FOUND,
                        "no face was found in the picture of %d x %d px; it must show one face "
                        "from the front, well lit",
                        portrait->width_px, portrait->height_px);
        goto done;
    }
    float rival = 0;
    struct found *subject = box ? choose_in(search, box) : choose_subject(search, &rival);
    if (!subject) {
        const struct detection *other = &search->faces[0].box;
        s = orator_fail_param(err, ORATOR_FACE_NOT_FOUND, "face_box",
                              "no face has its middle in face_box; one is at [%.0f, %.0f, %.0f, "
                              "%.0f] in the picture of %d x %d px",
                              (double)(other->x - other->width / 2),
                              (double)(other->y - other->height / 2), (double)other->width,
                              (double)other->height, portrait->width_px, portrait->height_px);
        goto done;
    }
    mesh_refine(&subject->mesh, search->mesh_run, &pyramid);
    fill_face(out, subject, &model->head);
    out->faces_seen = search->face_count;
    TRY(judge(out, portrait, rival, err));
done:
    graph_run_free(&search->mesh_run);
    graph_run_free(&search->detector.run);
    pyramid_fini(&pyramid);
    free(search);
    return s;
}
