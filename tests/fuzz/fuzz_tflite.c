/* Whatever parses can be run, and the same input gives the same bits twice. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/nn/graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct graph *g = NULL;
    struct graph_run *run = NULL;
    if (graph_parse(&g, data, size, DSP_AVX512, NULL) != ORATOR_OK) {
        if (g)
            abort();
        return 0;
    }
    if (graph_run_new(&run, g, NULL) == ORATOR_OK) {
        float first[64] = {0};
        size_t n = 0;
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < graph_input_count(g); i++)
                for (int k = 0; k < graph_input_size(g, i); k++)
                    graph_input(run, i)[k] = (float)(k % 7) / 7;
            graph_compute(run);
            n = (size_t)graph_output_size(g, 0);
            n = n < 64 ? n : 64;
            if (round == 0)
                memcpy(first, graph_output(run, 0), n * sizeof(float));
            else if (memcmp(first, graph_output(run, 0), n * sizeof(float)) != 0)
                abort();
        }
    }
    graph_run_free(&run);
    graph_free(&g);
    return 0;
}
