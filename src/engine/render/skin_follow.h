/* skin_follow.h - how the skin around a mouth follows it: measured on people, not invented.
 *
 * What:    for points of the mesh between nose, cheeks and chin, how far each goes when one of five
 *          handles of the mouth goes by 1. Ridge regression over the lower-face motion of nine clips of
 *          eight people speaking (2,106 frames on the same mesh, head pose removed, left and right
 *          averaged); the five explain 85 to 99 % of what these points do.
 * Units:   ratios.  Threads: constant.
 */
#pragma once

enum follow_handle {
    HANDLE_CORNER, /* of the mouth, down; how far it goes aside stands apart */
    HANDLE_UPPER,  /* lip's edge at mid-mouth, down */
    HANDLE_LOWER,
    HANDLE_CHIN, /* down */
    FOLLOW_HANDLES
};

struct follow {
    short left, right;          /* of the picture; equal on the midline */
    float out;                  /* aside, for 1 of the corners' way aside */
    float down_aside;           /* down, for 1 of the corners' way aside */
    float down[FOLLOW_HANDLES]; /* down, for 1 of each handle */
};

enum { FOLLOWERS = 29 };
extern const struct follow skin_follow[FOLLOWERS];
