/* region.h - the custom operations of the attention mesh: look again at a part of the face.
 *
 * What:    from a first guess of the landmarks, region_matrix() makes the map that puts a part (the
 *          lips, an eye) upright into a small window; region_sample() reads the features there;
 *          region_points() takes points found in the window back to the whole crop.
 * Units:   a map is 4 x 4 row-major, of which rows 0 and 1, columns 0, 1 and 3 are used:
 *          x' = m[0] x + m[1] y + m[3], y' = m[4] x + m[5] y + m[7]. Pixel centres at +0.5.
 * Owns:    a region owns its list. Threads: pure.
 */
#pragma once

enum { REGION_MAX_POINTS = 512 };

struct region {
    int *points; /* landmarks whose box is the part */
    int point_count;
    int left, right;        /* landmarks whose line lies level in the window */
    float target_rad;       /* ... or turned by this */
    int out_h, out_w;       /* the window */
    float scale_x, scale_y; /* of the box, to leave a margin */
};

void region_matrix(float m[16], const float *landmarks, const struct region *r);
/* Features h x w x channels into out_h x out_w x channels, bilinear; 0 outside. */
void region_sample(float *y, const float *x, const float m[16], int h, int w, int channels,
                   int out_h, int out_w);
void region_points(float *y, const float *x, const float m[16], int count, int dimensions);
