#include "app/batch_record.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORD_MAX_BYTES = 512 << 20, KEY_SIZE = 17 };

struct batch_record {
    int fd;
    char path[4096];
    json_t *done; /* name -> {"key", "size_bytes"} of what is completed */
};

/* FNV-1a, 64 bits (G. Fowler, L. C. Noll, K.-P. Vo): tells rows apart, keeps nobody out. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ b[i]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    return mix(hash, text ? text : "", text ? strlen(text) + 1 : 1);
}

static uint64_t mix_file(uint64_t hash, const char *path)
{
    struct stat about;
    if (!path || stat(path, &about) != 0)
        return mix_text(hash, "?");
    int64_t facts[3] = {about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
    return mix(mix_text(hash, path), facts, sizeof(facts));
}

static void key_of(const struct batch_row *row, char out[KEY_SIZE])
{
    const char *v = (const char *)&row->video;
    uint64_t hash = UINT64_C(14695981039346656037);
    hash = mix_file(mix_file(hash, row->video.image), row->video.audio);
    for (const struct option *o = video_words; o->name; o++) {
        const char *word;
        memcpy(&word, v + o->offset, o->value ? sizeof(word) : 0);
        hash = o->value ? mix_text(hash, word) : mix(hash, v + o->offset, sizeof(bool));
    }
    snprintf(out, KEY_SIZE, "%016llx", (unsigned long long)hash);
}

/* One line of the file into `done`: the last about a name counts. */
static void take_line(struct batch_record *r, const char *line, size_t n)
{
    const char *name, *key, *status;
    json_int_t size = 0;
    json_t *o = json_loadb(line, n, 0, NULL);
    if (json_unpack(o, "{s:s, s:s, s:s, s?I}", "name", &name, "key", &key, "status", &status,
                    "size_bytes", &size) == 0) {
        if (strcmp(status, "completed") == 0)
            json_object_set_new(r->done, name,
                                json_pack("{s:s, s:I}", "key", key, "size_bytes", size));
        else
            json_object_del(r->done, name);
    }
    json_decref(o);
}

static enum orator_status read_all(struct batch_record *r, struct orator_error *err)
{
    struct bytes text = {0};
    enum orator_status s = file_read(&text, r->path, RECORD_MAX_BYTES, err);
    if (s != ORATOR_OK)
        return s;
    const char *at = (const char *)text.data, *end = at + text.size;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = newline ? (size_t)(newline - at) : (size_t)(end - at);
        take_line(r, at, n);
        at += n + 1;
    }
    /* what a crash has cut ends here, so that the next line is whole */
    if (text.size && text.data[text.size - 1] != '\n' && write(r->fd, "\n", 1) != 1)
        s = orator_fail(err, ORATOR_IO, "the record cannot be written");
    bytes_fini(&text);
    return s;
}

enum orator_status batch_record_open(struct batch_record **out, const char *folder,
                                     struct orator_error *err)
{
    enum orator_status s;
    struct batch_record *r = *out = calloc(1, sizeof(*r));
    if (!r)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the record");
    r->fd = -1;
    r->done = json_object();
    snprintf(r->path, sizeof(r->path), "%s/batch.jsonl", folder);
    TRY(folder_make(folder, err));
    r->fd = open(r->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (r->fd < 0 || !r->done) {
        s = orator_fail(err, ORATOR_IO, "%.150s cannot be written", r->path);
        goto done;
    }
    if (flock(r->fd, LOCK_EX | LOCK_NB) != 0) {
        s = orator_fail(err, ORATOR_CONCURRENCY_LIMIT, "another batch is writing into %.150s",
                        folder);
        goto done;
    }
    s = read_all(r, err);
done:
    if (s != ORATOR_OK)
        batch_record_close(out);
    return s;
}

bool batch_record_has(const struct batch_record *r, const struct batch_row *row)
{
    char key[KEY_SIZE];
    struct stat about;
    json_t *done = json_object_get(r->done, row->name);
    key_of(row, key);
    return done && strcmp(json_string_value(json_object_get(done, "key")), key) == 0 &&
           stat(row->video.out, &about) == 0 &&
           about.st_size == json_integer_value(json_object_get(done, "size_bytes"));
}

enum orator_status batch_record_add(struct batch_record *r, int row, const struct batch_row *about,
                                    const struct text *report, struct orator_error *err)
{
    char key[KEY_SIZE], name[1024];
    struct text n = text_over(name, sizeof(name));
    key_of(about, key);
    text_add_json(&n, about->name);
    char *line = NULL;
    int size = asprintf(&line, "{\"row\":%d,\"line\":%d,\"key\":\"%s\",\"name\":%s,%s\n", row,
                        about->line, key, name, report->start + 1);
    if (size < 0)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a line of the record");
    bool good = write(r->fd, line, (size_t)size) == size && fdatasync(r->fd) == 0;
    take_line(r, line, (size_t)size - 1);
    free(line);
    return good ? ORATOR_OK : orator_fail(err, ORATOR_IO, "the record cannot be written");
}

const char *batch_record_path(const struct batch_record *r) { return r->path; }

void batch_record_close(struct batch_record **r)
{
    if (!*r)
        return;
    if ((*r)->fd >= 0)
        close((*r)->fd);
    json_decref((*r)->done);
    free(*r);
    *r = NULL;
}
