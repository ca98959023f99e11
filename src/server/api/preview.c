#include "server/api/preview.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 64 << 10, LOOK_MS = 50 };

struct watcher {
    int fd;
};

static enum http_next watch_on(void *ctx, const struct http_request *request, char **piece,
                               size_t *size)
{
    const struct watcher *w = ctx;
    struct stat st;
    (void)request;
    /* asked before reading: what is written until its end is read after */
    bool over = fstat(w->fd, &st) != 0 || st.st_nlink == 0;
    *piece = malloc(PIECE_BYTES);
    if (!*piece)
        return HTTP_STREAM_END;
    ssize_t n = read(w->fd, *piece, PIECE_BYTES);
    if (n > 0) {
        *size = (size_t)n;
        return HTTP_STREAM_MORE;
    }
    free(*piece);
    *piece = NULL;
    return over || n < 0 ? HTTP_STREAM_END : HTTP_STREAM_LATER;
}

static void watcher_free(void *ctx)
{
    struct watcher *w = ctx;
    close(w->fd);
    free(w);
}

bool preview_is(const char *name)
{
    static const char tail[] = "." BLOB_PREVIEW;
    size_t n = strlen(name);
    return n >= sizeof(tail) && strcmp(name + n - (sizeof(tail) - 1), tail) == 0;
}

enum orator_status preview_answer(struct call *call, const char *path, struct orator_error *err)
{
    struct http_answer *a = call->answer;
    struct watcher *w = malloc(sizeof(*w));
    if (!w)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a preview");
    w->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (w->fd < 0) {
        free(w);
        return orator_fail(err, ORATOR_NOT_FOUND,
                           "no preview has this name; once a video is complete its job has a "
                           "video_url instead");
    }
    a->content_type = "video/mp4";
    a->stream =
        (struct http_stream){.next = watch_on, .free = watcher_free, .ctx = w, .wait_ms = LOOK_MS};
    http_answer_header(a, "Cache-Control", "no-store");
    http_answer_header(a, "X-Accel-Buffering", "no"); /* nginx would hold it back */
    return ORATOR_OK;
}
