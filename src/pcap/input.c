/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "unpack.h"

#define CHUNK (256u * 1024u)

/* Against decompression bombs: that much is read in any case, and beyond it no more than so many
 * times what the file has. */
#define FREE_BYTES (1024u * 1024u * 1024u)
#define RATIO_MAX  1000u

struct input {
    FILE *file;
    off_t start; /* -1: cannot be read twice */
    const struct why_unpacker *kind;
    void *unpacker;
    bool unpacked; /* the compressed stream is over */
    uint8_t *packed;
    size_t packed_pos, packed_len;
    uint64_t packed_total, total; /* read of the file, and given out of it */
    uint8_t *data;
    size_t pos, len, size;
    uint64_t before; /* bytes that were before |data| */
    const char *problem;
    bool nomem;
};

static void fail(struct input *in, const char *problem)
{
    if (in->problem == NULL)
        in->problem = problem;
}

/* ---- from the file --------------------------------------------------------------------------- */

static size_t read_file(struct input *in, uint8_t *to, size_t n)
{
    size_t got = fread(to, 1, n, in->file);

    if (got < n && ferror(in->file))
        fail(in, strerror(errno));
    return got;
}

static void fill_packed(struct input *in)
{
    if (in->packed_pos < in->packed_len)
        return;
    in->packed_pos = 0;
    in->packed_len = read_file(in, in->packed, CHUNK);
    in->packed_total += in->packed_len;
}

static const char *problem_of(enum unpack_result result)
{
    switch (result) {
    case UNPACK_BROKEN:
        return "the compressed data is damaged";
    case UNPACK_LARGE:
        return "unpacking it takes more memory than rdpwhy gives to a file";
    default:
        return NULL;
    }
}

static bool is_bomb(const struct input *in)
{
    return in->total > FREE_BYTES && in->total / RATIO_MAX > in->packed_total;
}

/* Unpacks at least one byte, unless nothing more is to be had. */
static size_t unpack(struct input *in, uint8_t *to, size_t n)
{
    size_t got = 0;

    while (got == 0 && !in->unpacked && in->problem == NULL && !in->nomem) {
        struct unpack_span span = {.out = to, .out_len = n};
        enum unpack_result result;
        size_t had;

        fill_packed(in);
        had = in->packed_len - in->packed_pos;
        span.in = in->packed + in->packed_pos;
        span.in_len = had;
        span.last = feof(in->file) != 0;
        result = in->kind->step(in->unpacker, &span);
        in->packed_pos += had - span.in_len;
        got = n - span.out_len;
        in->unpacked = result == UNPACK_END;
        in->nomem = result == UNPACK_NOMEM;
        if (problem_of(result) != NULL)
            fail(in, problem_of(result));
        else if (result == UNPACK_OK && got == 0 && had == 0)
            fail(in, "the compressed data ends too early");
    }
    in->total += got;
    if (is_bomb(in))
        fail(in, "it unpacks to more than 1000 times its size, which no capture does");
    return got;
}

/* ---- to the reader --------------------------------------------------------------------------- */

/* Makes room for |n| bytes from |pos| on. */
static bool make_room(struct input *in, size_t n)
{
    size_t size = in->size;
    uint8_t *data;

    if (in->pos > 0 && in->pos + n > in->size) {
        memmove(in->data, in->data + in->pos, in->len - in->pos);
        in->before += in->pos;
        in->len -= in->pos;
        in->pos = 0;
    }
    if (n <= size)
        return true;
    while (size < n)
        size *= 2;
    data = realloc(in->data, size);
    if (data == NULL) {
        in->nomem = true;
        return false;
    }
    in->data = data;
    in->size = size;
    return true;
}

static bool fill(struct input *in, size_t n)
{
    if (in->len - in->pos >= n)
        return true;
    if (n > WHY_INPUT_TAKE_MAX || !make_room(in, n))
        return false;
    while (in->len - in->pos < n) {
        size_t room = in->size - in->len, got;

        got = in->kind != NULL ? unpack(in, in->data + in->len, room)
                               : read_file(in, in->data + in->len, room);
        if (got == 0)
            return false;
        in->len += got;
    }
    return true;
}

const uint8_t *why_input_peek(struct input *in, size_t n)
{
    return fill(in, n) ? in->data + in->pos : NULL;
}

const uint8_t *why_input_take(struct input *in, size_t n)
{
    const uint8_t *bytes = why_input_peek(in, n);

    if (bytes != NULL)
        in->pos += n;
    return bytes;
}

bool why_input_skip(struct input *in, uint64_t n)
{
    while (n > 0) {
        size_t part = n < CHUNK ? (size_t)n : CHUNK;

        if (why_input_take(in, part) == NULL)
            return false;
        n -= part;
    }
    return true;
}

uint64_t why_input_position(const struct input *in)
{
    return in->before + in->pos;
}

bool why_input_at_end(struct input *in)
{
    return !fill(in, 1) && in->problem == NULL && !in->nomem;
}

bool why_input_can_rewind(const struct input *in)
{
    return in->start >= 0;
}

static bool start_unpacking(struct input *in)
{
    if (in->unpacker != NULL)
        in->kind->close(in->unpacker);
    in->unpacker = in->kind->open();
    in->packed_pos = in->packed_len = 0;
    in->packed_total = in->total = 0;
    in->unpacked = false;
    in->nomem = in->unpacker == NULL;
    return !in->nomem;
}

bool why_input_rewind(struct input *in)
{
    if (in->start < 0 || fseeko(in->file, in->start, SEEK_SET) != 0)
        return false;
    clearerr(in->file);
    in->pos = in->len = 0;
    in->before = 0;
    in->problem = NULL;
    return in->kind == NULL || in->kind->open == NULL || start_unpacking(in);
}

const char *why_input_unreadable(const struct input *in, const char **command)
{
    if (in->kind == NULL || in->kind->open != NULL)
        return NULL;
    *command = in->kind->command;
    return in->kind->name;
}

bool why_input_is_packed(const struct input *in)
{
    return in->kind != NULL;
}

const char *why_input_problem(const struct input *in)
{
    return in->problem;
}

bool why_input_nomem(const struct input *in)
{
    return in->nomem;
}

/* What was read to see whether the file is compressed is what it is unpacked from. */
static bool begin_unpacking(struct input *in)
{
    in->packed = malloc(CHUNK);
    if (in->packed == NULL || !start_unpacking(in))
        return false;
    memcpy(in->packed, in->data, in->len);
    in->packed_len = in->packed_total = in->len;
    in->len = 0;
    return true;
}

struct input *why_input_open(FILE *file)
{
    struct input *in = calloc(1, sizeof(*in));
    size_t head;

    if (in == NULL)
        return NULL;
    in->file = file;
    in->start = ftello(file);
    if (in->start >= 0 && fseeko(file, in->start, SEEK_SET) != 0)
        in->start = -1;
    in->data = malloc(CHUNK);
    in->size = CHUNK;
    if (in->data == NULL) {
        free(in);
        return NULL;
    }
    (void)fill(in, WHY_UNPACK_MAGIC_MAX);
    head = in->len < WHY_UNPACK_MAGIC_MAX ? in->len : WHY_UNPACK_MAGIC_MAX;
    in->kind = why_unpacker_of(in->data, head);
    if (in->kind != NULL && in->kind->open != NULL && !begin_unpacking(in)) {
        why_input_close(in);
        return NULL;
    }
    return in;
}

void why_input_close(struct input *in)
{
    if (in == NULL)
        return;
    if (in->unpacker != NULL)
        in->kind->close(in->unpacker);
    free(in->packed);
    free(in->data);
    free(in);
}
