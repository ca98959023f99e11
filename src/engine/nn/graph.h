/* graph.h - runs a network from a .tflite file on one core, in float32.
 *
 *     graph_parse(&graph, file.data, file.size, DSP_AVX512, &err);   once; the file may go
 *     graph_run_new(&run, graph, &err);                              one for each thread
 *     fill graph_input(run, 0); graph_compute(run); use graph_output(run, 0);
 *
 * What:    a graph is the plan: the operations with their weights, packed, and where in a run's
 *          memory each value lives. A run is that memory: values share it as soon as their last
 *          reader is done, so a net needs a few times its largest layer (the attention mesh 2.1 MiB).
 *          We have the operations of MediaPipe's face models and refuse any other when parsing.
 * Units:   tensors of floats, last dimension adjacent, batch of one.
 * Errors:  BAD_SETTING for a file that is damaged or asks for what we lack; NO_MEMORY. The file is
 *          untrusted: size of memory and number of multiplications are checked before they are spent.
 *          graph_compute() cannot fail; wrong weights give wrong numbers, NaN among them.
 * Threads: a graph is read-only and shared; a run belongs to one thread.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "engine/dsp/dsp.h"

struct graph;
struct graph_run;

/* `max` lowers the instruction set below the CPU's best; results are the same bits. */
ORATOR_MUST_CHECK enum orator_status graph_parse(struct graph **out, const void *bytes, size_t size,
                                                 enum dsp_isa max, struct orator_error *err);
void graph_free(struct graph **);

/* Number of inputs and outputs, and of values in each. */
int graph_input_count(const struct graph *);
int graph_output_count(const struct graph *);
int graph_input_size(const struct graph *, int index);
int graph_output_size(const struct graph *, int index);
size_t graph_run_bytes(const struct graph *); /* of one run's memory */

/* The graph must outlive its runs. */
ORATOR_MUST_CHECK enum orator_status graph_run_new(struct graph_run **out, const struct graph *,
                                                   struct orator_error *err);
void graph_run_free(struct graph_run **);

/* To be filled again before every compute: the memory is reused. */
float *graph_input(struct graph_run *, int index);
void graph_compute(struct graph_run *);
const float *graph_output(const struct graph_run *, int index); /* valid until the next compute */
