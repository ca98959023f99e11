#include "engine/face/quality.h"

#include <math.h>

/* Limits lie between what ordinary portraits show and what altered ones do; both are written beside
 * them (ten portraits, photographs and paintings; each darkened, covered, bearded, with spectacles). */
#define DARK_LUMA      0.12f /* .54 to .88; at a tenth of the light .06 to .09 */
#define CLIPPED_SHARE  0.35f /* 0; overexposed .5 to .9 */
#define LOW_CONTRAST   0.15f /* .45 and more; fogged .04 to .06 */
#define RELIEF_FAINT   0.40f /* .46 and more */
#define RELIEF_NONE    0.25f /* masks and hands 0 to .23 */
#define RED_KEPT       0.6f /* of the skin's: lips are redder than skin; microphones and masks are grey */
#define RED_OF_SKIN    0.015f /* less is no colour to compare with */
#define BEARD_DARK     0.25f  /* 0; bearded .26 to .66 */
#define BEARD_HAIRY    0.008f
#define FRAMES         0.10f     /* .054 at most; rims of dark or coloured plastic .2 to .9 */
#define TURN_RAD       0.436332f /* 25 degrees: from here the far half of the mouth is foreshortened */
#define TURN_LIMIT_RAD 0.698132f /* 40: refused by face_find() */
#define TILT_RAD       0.610865f /* 35: heads in portraits lean less */
/* 115 degrees; so lies the mesh that took brow and eyes for the mouth under a mask */
#define UPSIDE_DOWN_RAD 2.0f
#define DEGREES         57.29578f

static float mix(float a, float b, float share) { return a + (b - a) * share; }

static enum orator_status judge_mouth(struct face_quality *out, const struct face_signs *s,
                                      struct orator_error *err)
{
    bool light = s->luma >= DARK_LUMA && s->contrast >= LOW_CONTRAST && s->clipped < CLIPPED_SHARE;
    bool greyer = s->skin_red > RED_OF_SKIN && s->lip_red < RED_KEPT * s->skin_red - 0.005f;
    if (light && (greyer || s->relief < RELIEF_NONE))
        return orator_fail(err, ORATOR_FACE_UNUSABLE,
                           "no lips are seen where the mouth should be; the portrait must show "
                           "it, with nothing in front");
    if (s->relief < RELIEF_FAINT) {
        warnings_add(&out->warnings, "mouth_unclear",
                     "the lips hardly stand out from what surrounds them, so the mouth moves less");
        out->mouth_gain *= 0.6f;
    } else if (s->beard > BEARD_DARK && s->hairiness > BEARD_HAIRY) {
        warnings_add(&out->warnings, "beard",
                     "a beard or moustache lies at the lips, so the mouth moves less");
        out->mouth_gain *= 0.75f;
    }
    return ORATOR_OK;
}

static void judge_light(struct face_quality *out, const struct face_signs *s)
{
    if (s->luma < DARK_LUMA)
        warnings_add(
            &out->warnings, "dark_face",
            "the face is very dark (%.0f %% of full light); an evenly lit one looks better",
            (double)s->luma * 100);
    else if (s->clipped > CLIPPED_SHARE)
        warnings_add(&out->warnings, "bright_face",
                     "%.0f %% of the face is overexposed white; an evenly lit one looks better",
                     (double)s->clipped * 100);
    else if (s->contrast < LOW_CONTRAST)
        warnings_add(&out->warnings, "flat_face",
                     "the face has hardly any contrast (%.0f %% of the range)",
                     (double)s->contrast * 100);
}

static void judge_size(struct face_quality *out, int width_px, int height_px,
                       const struct face *face)
{
    int side = width_px < height_px ? width_px : height_px;
    if (face->eye_distance_px < QUALITY_SHARP_EYES_PX)
        warnings_add(&out->warnings, "small_face",
                     "the face is %.0f px between the eyes; %d or more looks sharp",
                     (double)face->eye_distance_px, QUALITY_SHARP_EYES_PX);
    else if (side < QUALITY_SMALL_SIDE_PX)
        warnings_add(&out->warnings, "small_image",
                     "the portrait is %d x %d px; %d or more a side looks sharp", width_px,
                     height_px, QUALITY_SMALL_SIDE_PX);
}

enum orator_status face_judge_signs(struct face_quality *out, const struct face_signs *s,
                                    int width_px, int height_px, const struct face *face,
                                    struct orator_error *err)
{
    *out = (struct face_quality){.head_gain = 1,
                                 .mouth_gain = 1,
                                 .brow_gain = 1,
                                 .brightness = s->luma,
                                 .contrast = s->contrast};
    if (face->faces_seen > 1)
        warnings_add(&out->warnings, "several_faces", "the largest of %d faces is animated",
                     face->faces_seen);
    judge_size(out, width_px, height_px, face);
    judge_light(out, s);

    float turn = fabsf(face->yaw_rad);
    if (turn > TURN_RAD) {
        float far = fminf((turn - TURN_RAD) / (TURN_LIMIT_RAD - TURN_RAD), 1);
        warnings_add(&out->warnings, "turned_face",
                     "the face is turned %.0f degrees to the side, so it moves less; up to %.0f "
                     "looks best",
                     (double)(turn * DEGREES), (double)(TURN_RAD * DEGREES));
        out->head_gain = mix(0.7f, 0.35f, far);
        out->mouth_gain = mix(0.95f, 0.7f, far);
    }
    if (fabsf(face->roll_rad) > UPSIDE_DOWN_RAD)
        return orator_fail(
            err, ORATOR_FACE_UNUSABLE,
            "the face seems to be upside down (%.0f degrees), or it is covered; turn "
            "the picture, or take one that shows the whole face",
            fabs((double)(face->roll_rad * DEGREES)));
    if (fabsf(face->roll_rad) > TILT_RAD)
        warnings_add(&out->warnings, "tilted_face",
                     "the head is tilted %.0f degrees; is the picture the right way up?",
                     fabs((double)(face->roll_rad * DEGREES)));
    if (s->frames > FRAMES) {
        warnings_add(&out->warnings, "spectacles",
                     "spectacles are worn: lids and brows keep off their rims");
        out->spectacles = true;
        out->brow_gain = 0.25f; /* brows show through and over the rims */
    }
    return judge_mouth(out, s, err);
}

enum orator_status face_judge(struct face_quality *out, const struct image *image,
                              const struct face *face, struct orator_error *err)
{
    const struct face_signs signs = face_signs_of(image, face);
    return face_judge_signs(out, &signs, image->width_px, image->height_px, face, err);
}
