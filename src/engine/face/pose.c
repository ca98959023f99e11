#include "engine/face/pose.h"

#include <math.h>
#include <string.h>

/* The largest eigenvalue's vector of a symmetric 4 x 4 matrix, by Jacobi rotations. */
static void principal_axis(double m[4][4], double axis[4])
{
    enum { SWEEPS = 12 }; /* each squares the error; six reach the limit of double */
    double v[4][4] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        for (int p = 0; p < 4; p++) {
            for (int q = p + 1; q < 4; q++) {
                if (m[p][q] == 0)
                    continue;
                double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
                double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
                double c = 1 / sqrt(t * t + 1), s = t * c;
                for (int k = 0; k < 4; k++) {
                    double a = m[k][p], b = m[k][q];
                    m[k][p] = c * a - s * b;
                    m[k][q] = s * a + c * b;
                }
                for (int k = 0; k < 4; k++) {
                    double a = m[p][k], b = m[q][k];
                    m[p][k] = c * a - s * b;
                    m[q][k] = s * a + c * b;
                    a = v[k][p], b = v[k][q];
                    v[k][p] = c * a - s * b;
                    v[k][q] = s * a + c * b;
                }
            }
        }
    }
    int best = 0;
    for (int i = 1; i < 4; i++)
        if (m[i][i] > m[best][best])
            best = i;
    for (int k = 0; k < 4; k++)
        axis[k] = v[k][best];
}

/* Rotation that turns the canonical head into the portrait's, both x right, y up, z to the viewer. */
static void best_rotation(double r[3][3], const struct canonical_head *head,
                          const float (*points)[3])
{
    static const double to_viewer[3] = {1, -1, -1}; /* the portrait has y down and z away */
    double weight = 0, from_mid[3] = {0}, to_mid[3] = {0}, s[3][3] = {{0}};
    for (int i = 0; i < FACE_MESH_POINTS; i++) {
        double w = (double)head->weights[i];
        weight += w;
        for (int k = 0; k < 3; k++) {
            from_mid[k] += w * (double)head->points[i][k];
            to_mid[k] += w * to_viewer[k] * (double)points[i][k];
        }
    }
    for (int i = 0; i < FACE_MESH_POINTS; i++) {
        for (int a = 0; a < 3; a++) {
            for (int b = 0; b < 3; b++)
                s[a][b] += (double)head->weights[i] *
                           ((double)head->points[i][a] - from_mid[a] / weight) *
                           (to_viewer[b] * (double)points[i][b] - to_mid[b] / weight);
        }
    }

    double n[4][4] = {
        {s[0][0] + s[1][1] + s[2][2], s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0]},
        {s[1][2] - s[2][1], s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2]},
        {s[2][0] - s[0][2], s[0][1] + s[1][0], s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1]},
        {s[0][1] - s[1][0], s[2][0] + s[0][2], s[1][2] + s[2][1], s[2][2] - s[0][0] - s[1][1]},
    };
    double q[4];
    principal_axis(n, q);
    double w = q[0], x = q[1], y = q[2], z = q[3];
    double rotation[3][3] = {
        {w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)},
        {2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)},
        {2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z},
    };
    memcpy(r, rotation, sizeof(rotation));
}

struct pose pose_of(const struct canonical_head *head, const float (*points)[3])
{
    /* r = turn(-roll about z) turn(yaw about y) turn(pitch about x); its first column and last row
     * are (cos yaw cos roll, -cos yaw sin roll, -sin yaw) and (-sin yaw, cos yaw sin pitch, ...) */
    double r[3][3];
    best_rotation(r, head, points);
    return (struct pose){
        .yaw_rad = (float)atan2(-r[2][0], hypot(r[0][0], r[1][0])),
        .pitch_rad = (float)atan2(r[2][1], r[2][2]),
        .roll_rad = (float)atan2(-r[1][0], r[0][0]),
    };
}
