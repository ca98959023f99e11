/* canonical.c - the canonical head out of its Protocol Buffer.
 *
 * A message is a row of fields, each a varint key (number << 3 | kind) and a value; a varint holds
 * seven bits a byte, low ones first, the top bit set on all but the last. Kinds: 0 varint, 1 eight
 * bytes, 2 varint length and that many bytes, 5 four bytes. */
#include <math.h>
#include <string.h>

#include "engine/face/pose.h"

enum { KIND_VARINT = 0, KIND_EIGHT = 1, KIND_BYTES = 2, KIND_FOUR = 5 };
enum { FILE_MESH = 1, FILE_BASIS = 2, MESH_VERTICES = 3, BASIS_LANDMARK = 1, BASIS_WEIGHT = 2 };
enum { VERTEX_FLOATS = 5 }; /* x y z u v */

struct message {
    const unsigned char *at, *end;
};

struct field {
    int number, kind;
    uint64_t varint;        /* KIND_VARINT */
    float f32;              /* KIND_FOUR, as a float */
    struct message message; /* KIND_BYTES */
};

static bool next_varint(struct message *m, uint64_t *out)
{
    *out = 0;
    for (int shift = 0; shift < 64 && m->at < m->end; shift += 7) {
        unsigned char byte = *m->at++;
        *out |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return true;
    }
    return false;
}

/* False at the end of the message, and at the first thing that is none. */
static bool next_field(struct message *m, struct field *f)
{
    uint64_t key, length;
    *f = (struct field){0};
    if (m->at == m->end || !next_varint(m, &key))
        return false;
    f->number = (int)(key >> 3 & 0xffff);
    f->kind = (int)(key & 7);
    size_t left = (size_t)(m->end - m->at);
    switch (f->kind) {
    case KIND_VARINT:
        return next_varint(m, &f->varint);
    case KIND_EIGHT:
        if (left < 8)
            return false;
        m->at += 8;
        return true;
    case KIND_BYTES:
        if (!next_varint(m, &length) || length > (size_t)(m->end - m->at))
            return false;
        f->message = (struct message){m->at, m->at + length};
        m->at += length;
        return true;
    case KIND_FOUR:
        if (left < 4)
            return false;
        memcpy(&f->f32, m->at, 4);
        m->at += 4;
        return true;
    default:
        return false;
    }
}

static int read_vertices(struct canonical_head *head, struct message mesh)
{
    int floats = 0;
    for (struct field f; next_field(&mesh, &f);) {
        if (f.number != MESH_VERTICES || f.kind != KIND_FOUR)
            continue;
        int vertex = floats / VERTEX_FLOATS, part = floats % VERTEX_FLOATS;
        if (vertex >= FACE_MESH_POINTS || !isfinite(f.f32))
            return 0;
        if (part < 3)
            head->points[vertex][part] = f.f32;
        floats++;
    }
    return floats / VERTEX_FLOATS;
}

static bool read_weight(struct canonical_head *head, struct message basis)
{
    uint64_t landmark = 0;
    float weight = 0;
    for (struct field f; next_field(&basis, &f);) {
        if (f.number == BASIS_LANDMARK && f.kind == KIND_VARINT)
            landmark = f.varint;
        if (f.number == BASIS_WEIGHT && f.kind == KIND_FOUR)
            weight = f.f32;
    }
    if (landmark >= FACE_MESH_POINTS || !(weight > 0 && weight < 1e6f))
        return false;
    head->weights[landmark] = weight;
    return true;
}

enum orator_status canonical_parse(struct canonical_head *out, const void *bytes, size_t size,
                                   struct orator_error *err)
{
    enum { BASIS_MIN = 4 }; /* points that fix a rotation, with one to spare */
    const unsigned char *start = bytes;
    struct message file = {start, start + size};
    int vertices = 0, basis = 0;
    bool good = true;
    *out = (struct canonical_head){0};
    for (struct field f; next_field(&file, &f);) {
        if (f.number == FILE_MESH && f.kind == KIND_BYTES)
            vertices = read_vertices(out, f.message);
        if (f.number == FILE_BASIS && f.kind == KIND_BYTES) {
            good = good && read_weight(out, f.message);
            basis++;
        }
    }
    if (file.at != file.end || !good || vertices != FACE_MESH_POINTS || basis < BASIS_MIN)
        return orator_fail(err, ORATOR_BAD_SETTING,
                           "the file of the canonical head is damaged: it has %d points of %d",
                           vertices, FACE_MESH_POINTS);
    return ORATOR_OK;
}
