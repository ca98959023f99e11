/* fuzz_multipart.c - a form with files: the first line of the input is the Content-Type, the rest the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = memchr(data, '\n', size);
    size_t n = line ? (size_t)(line - data) : 0;
    if (n > 512)
        return 0;
    char type[520] = "multipart/form-data; boundary=X";
    if (n > 0) {
        memcpy(type, data, n);
        type[n] = '\0';
    }
    const uint8_t *from = line ? line + 1 : data;
    size_t body_size = size - (size_t)(from - data);
    /* a block of its own, so that a sanitizer sees each byte read too far */
    unsigned char *body = malloc(body_size ? body_size : 1);
    struct multipart *form = malloc(sizeof(*form));
    if (body && form) {
        memcpy(body, from, body_size);
        struct orator_error err = {0};
        enum orator_status s = multipart_parse(form, type, body, body_size, &err);
        if (s == ORATOR_OK && form->count > MULTIPART_PARTS_MAX)
            abort();
        for (int i = 0; s == ORATOR_OK && i < form->count; i++) {
            const struct multipart_part *p = &form->parts[i];
            if (!p->name[0] || strlen(p->name) >= MULTIPART_NAME_SIZE || p->data < body ||
                p->size > body_size || (size_t)(p->data - body) + p->size > body_size)
                abort();
        }
    }
    free(form);
    free(body);
    return 0;
}
