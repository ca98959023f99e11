/* Whatever passes url_check() is a data URL that can be read, or leads to a public place: no
 * credentials, no control characters, no bare or inner host. Checking twice says the same. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/fetch/fetch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_web(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    size_t n = strcspn(host, "/?#");
    if (strncasecmp(url, "http", 4) != 0 || n == 0 || memchr(host, '@', n) ||
        memchr(host, '%', n) || strpbrk(url, " \t\r\n\\") || strlen(url) > 4096)
        abort();
    if (!memchr(host, '.', n) && host[0] != '[')
        abort();
    if (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == n)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct fetch_policy none;
    char *url = malloc(size + 1);
    if (!url)
        return 0;
    memcpy(url, data, size);
    url[size] = '\0';

    enum orator_status s = url_check(url, &none, "image_url", NULL);
    if (url_check(url, &none, "image_url", NULL) != s)
        abort();
    if (url_is_data(url)) {
        struct bytes b;
        enum orator_status r =
            fetch_url(&b, url, &none, 1 << 20, ORATOR_IMAGE_TOO_LARGE, NULL, NULL);
        if (r != s && r != ORATOR_IMAGE_TOO_LARGE && r != ORATOR_NO_MEMORY)
            abort();
        if (r == ORATOR_OK && (b.size == 0 || b.size > strlen(url)))
            abort();
        bytes_fini(&b);
    } else if (s == ORATOR_OK) {
        check_web(url);
    }
    free(url);
    return 0;
}
