/* raw_http.h - the smallest HTTP client, for tests: bytes out, bytes in, nothing made right.
 *
 * An answer is whatever came until the other side closed, or until `quiet_ms` without a byte.
 */
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct raw_answer {
    char *text; /* malloc'ed; NUL behind it */
    size_t size;
    int status; /* of the first answer in it; 0: none came */
    bool closed;
};

static inline int raw_connect(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static inline bool raw_send(int fd, const void *data, size_t size)
{
    for (const char *p = data; size > 0;) {
        ssize_t n = send(fd, p, size, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        p += n;
        size -= (size_t)n;
    }
    return true;
}

/* True once `text` holds a head and the body its Content-Length speaks of. */
static inline bool raw_complete(const char *text, size_t size, bool head_only)
{
    const char *end = strstr(text, "\r\n\r\n");
    if (!end)
        return false;
    const char *length = strcasestr(text, "\r\nContent-Length:");
    if (head_only || !length || length > end)
        return head_only;
    return size >= (size_t)(end + 4 - text) + (size_t)strtoull(length + 17, NULL, 10);
}

static inline struct raw_answer raw_receive(int fd, int quiet_ms, bool one, bool head_only)
{
    struct raw_answer a = {.text = calloc(1, 1)};
    for (;;) {
        if (one && raw_complete(a.text, a.size, head_only))
            break;
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, quiet_ms) <= 0)
            break;
        a.text = realloc(a.text, a.size + 65537);
        ssize_t n = recv(fd, a.text + a.size, 65536, 0);
        if (n <= 0) {
            a.text[a.size] = '\0';
            a.closed = true;
            break;
        }
        a.size += (size_t)n;
        a.text[a.size] = '\0';
    }
    if (strncmp(a.text, "HTTP/1.", 7) == 0)
        a.status = atoi(a.text + 9);
    return a;
}

/* One connection, these bytes, everything that comes back. */
static inline struct raw_answer raw_exchange(int port, const void *data, size_t size, int quiet_ms)
{
    int fd = raw_connect(port);
    raw_send(fd, data, size);
    struct raw_answer a = raw_receive(fd, quiet_ms, false, false);
    close(fd);
    return a;
}

/* Body of the first answer. */
static inline const char *raw_body(const struct raw_answer *a)
{
    const char *end = strstr(a->text, "\r\n\r\n");
    return end ? end + 4 : "";
}

/* Copies the value of a header of the first answer; "" if it has none. */
static inline const char *raw_header(const struct raw_answer *a, const char *name, char *out,
                                     size_t size)
{
    const char *end = strstr(a->text, "\r\n\r\n");
    out[0] = '\0';
    for (const char *p = strstr(a->text, "\r\n"); p && p < end; p = strstr(p + 2, "\r\n")) {
        size_t n = strlen(name);
        if (strncasecmp(p + 2, name, n) != 0 || p[2 + n] != ':')
            continue;
        const char *v = p + 3 + n + strspn(p + 3 + n, " ");
        size_t length = strcspn(v, "\r");
        if (length >= size)
            length = size - 1;
        memcpy(out, v, length);
        out[length] = '\0';
        break;
    }
    return out;
}

static inline void raw_free(struct raw_answer *a)
{
    free(a->text);
    *a = (struct raw_answer){0};
}
