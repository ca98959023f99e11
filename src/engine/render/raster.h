/* raster.h - a mesh that was pushed about becomes a map: for each pixel, where it comes from.
 *
 * What:    each cell of the lattice is two triangles, drawn with its source positions as colours. Edges
 *          shared by two triangles belong to exactly one of them, so that a mesh without folds covers
 *          each pixel once. Where a mesh folds, cells further down the lattice lie on top.
 * Units:   pixels, centres at + 0.5.  Threads: pure.
 */
#pragma once

#include <stdint.h>

#include "engine/dsp/dsp.h"
#include "engine/render/mouth.h" /* struct sheet_map */

struct raster_mesh {
    int columns, rows;            /* of vertices, row-major */
    const float *to_x, *to_y;     /* where they are in the frame */
    const float *from_x, *from_y; /* where they are in the portrait */
    const uint8_t
        *skip; /* by vertex: not zero: the cell right of and below it is left out; may be NULL */
    float left, top, pixel; /* the map's pixel (0, 0) in the frame, and its side */
};

/* Floats behind both arrays of a map that are drawn on, left as they are. */
enum { RASTER_SPARE = MESH_RUN };

/* Writes the pixels of map->region that the mesh covers, leaves the others. */
void raster_mesh(struct sheet_map *map, const struct raster_mesh *mesh, const struct dsp *);

void map_nowhere(struct sheet_map *map);
