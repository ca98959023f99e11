#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "server/http/exchange.h"
#include "server/http/range.h"

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The rest is bytes to be saved. */
const char *http_media_type(const char *name)
{
    static const struct {
        const char *extension, *type;
    } rows[] = {
        {".vtt", "text/vtt; charset=utf-8"},
        {".mp4", "video/mp4"},
        {".jpg", "image/jpeg"},
        {".png", "image/png"},
        {".webp", "image/webp"},
        {".wav", "audio/wav"},
        {".mp3", "audio/mpeg"},
        {".m4a", "audio/mp4"},
        {".aac", "audio/aac"},
        {".ogg", "audio/ogg"},
        {".flac", "audio/flac"},
        {".vtt", "text/vtt"},
        {".json", "application/json"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(dot, rows[i].extension) == 0)
            return rows[i].type;
    return "application/octet-stream";
}

/* Is `etag` in the list of an If-None-Match? Weak comparison, as RFC 9110 13.1.2 has it. */
static bool etag_listed(const char *list, const char *etag)
{
    size_t n = strlen(etag);
    for (const char *p = list; *p;) {
        p += strspn(p, " \t,");
        if (*p == '*')
            return true;
        if (text_starts(p, "W/"))
            p += 2;
        if (strncmp(p, etag, n) == 0)
            return true;
        p += strcspn(p, ",");
    }
    return false;
}

struct http_part http_part_of(const struct http_request *request, const char *etag, int64_t size)
{
    const char *known = http_header(request, "If-None-Match");
    const char *range = http_header(request, "Range");
    const char *if_range = http_header(request, "If-Range");
    struct byte_range some;
    struct http_part out = {MHD_HTTP_OK, 0, size - 1};
    if (known && etag_listed(known, etag))
        out.status = MHD_HTTP_NOT_MODIFIED;
    /* RFC 9110 14.2: Range means something for GET alone. If-Range wants the very same file; dates
     * are too coarse to say so, they get the whole of it. */
    else if (!range || strcmp(request->method, "GET") != 0 ||
             (if_range && strcmp(if_range, etag) != 0))
        out.status = MHD_HTTP_OK;
    else if (range_parse(range, size, &some))
        out = (struct http_part){MHD_HTTP_PARTIAL_CONTENT, some.first, some.last};
    /* a range that a larger file would have is outside; anything else is not understood, ignored */
    else if (range_parse(range, INT64_MAX, &some))
        out.status = MHD_HTTP_RANGE_NOT_SATISFIABLE;
    return out;
}

static void add_file_headers(struct http_exchange *x, struct MHD_Response *r, const char *etag)
{
    const struct http_answer *a = &x->answer;
    const char *name = last_part(a->file_path);
    MHD_add_response_header(r, "ETag", etag);
    MHD_add_response_header(r, "Accept-Ranges", "bytes");
    MHD_add_response_header(r, "Content-Type",
                            a->content_type ? a->content_type : http_media_type(name));
    if (!answer_has_header(a, "Content-Disposition")) {
        char disposition[320];
        snprintf(disposition, sizeof(disposition), "inline; filename=\"%s\"", name);
        MHD_add_response_header(r, "Content-Disposition", disposition);
    }
}

struct MHD_Response *file_response(struct http_exchange *x, int *http_status, enum orator_status *s)
{
    static char empty[] = "";
    struct stat st;
    int fd = open(x->answer.file_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        bool ours = fd < 0 && errno != ENOENT && errno != ELOOP && errno != ENOTDIR;
        *s = ours ? orator_fail(&x->error, ORATOR_IO, "the file cannot be read now")
                  : orator_fail(&x->error, ORATOR_NOT_FOUND, "no file has this name");
        if (fd >= 0)
            close(fd);
        return NULL;
    }

    char etag[64], content_range[96];
    int64_t size = st.st_size;
    snprintf(etag, sizeof(etag), "\"%" PRIx64 "-%" PRIx64 "\"", size,
             (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
    struct http_part part = http_part_of(&x->request, etag, size);
    struct MHD_Response *r = NULL;
    *http_status = part.status;

    if (part.status == MHD_HTTP_NOT_MODIFIED || part.status == MHD_HTTP_RANGE_NOT_SATISFIABLE) {
        close(fd);
        r = MHD_create_response_from_buffer(0, empty, MHD_RESPMEM_PERSISTENT);
        if (r && part.status == MHD_HTTP_NOT_MODIFIED)
            MHD_add_response_header(r, "ETag", etag);
        snprintf(content_range, sizeof(content_range), "bytes */%" PRId64, size);
        if (r && part.status == MHD_HTTP_RANGE_NOT_SATISFIABLE)
            MHD_add_response_header(r, "Content-Range", content_range);
        return r;
    }

    r = MHD_create_response_from_fd_at_offset64((uint64_t)(part.last - part.first + 1), fd,
                                                (uint64_t)part.first);
    if (!r) {
        close(fd);
        *s = orator_fail(&x->error, ORATOR_NO_MEMORY, "no memory for the answer");
        return NULL;
    }
    if (part.status == MHD_HTTP_PARTIAL_CONTENT) {
        snprintf(content_range, sizeof(content_range), "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
                 part.first, part.last, size);
        MHD_add_response_header(r, "Content-Range", content_range);
    }
    add_file_headers(x, r, etag);
    return r;
}
