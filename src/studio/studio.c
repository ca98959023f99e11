#include "studio/studio.h"

#include <string.h>

extern const struct studio_file studio_files[]; /* made by tools/embed_studio.py */
extern const int studio_file_count;

const struct studio_file *studio_find(const char *name)
{
    for (int i = 0; i < studio_file_count; i++)
        if (strcmp(studio_files[i].name, name) == 0)
            return &studio_files[i];
    return NULL;
}
