#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv c;
    struct bytes text = {.data = malloc(size + 1), .size = size};
    if (!text.data || size > 1 << 16)
        return free(text.data), 0;
    memcpy(text.data, data, size);
    text.data[size] = '\0';
    if (csv_parse(&c, &text, NULL) != ORATOR_OK)
        return 0;
    size_t letters = 0;
    for (int row = -1; row < c.row_count; row++)
        for (int i = 0; i < c.column_count; i++)
            letters += strlen(row < 0 ? c.names[i] : c.rows[row].cells[i]);
    if (letters > size)
        abort(); /* cells never hold more than the file */
    csv_fini(&c);
    return 0;
}
