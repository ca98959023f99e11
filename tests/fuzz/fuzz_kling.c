#include <stdlib.h>
#include <string.h>

#include "server/maker/kling_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte stands for the HTTP status. What is done has an address, what fails a status and a reason. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kling_answer a;
    if (size == 0)
        return 0;
    struct bytes body = {(unsigned char *)(uintptr_t)(data + 1), size - 1};
    kling_read(&a, 100 + data[0] * 2, &body);
    if (a.state == KLING_DONE && !a.video_url[0])
        abort();
    if ((a.state == KLING_FAILED || a.state == KLING_REFUSED) &&
        (a.status == ORATOR_OK || !a.text[0]))
        abort();
    if (memchr(a.text, '\0', sizeof(a.text)) == NULL ||
        memchr(a.task_id, '\0', sizeof(a.task_id)) == NULL)
        abort();
    return 0;
}
