/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#define FIRST_CAPACITY ((size_t)256 * 1024)

/* Room for more behind what is in the buffer, which is moved to its beginning. */
static int make_room(struct lines *l)
{
    size_t capacity = l->capacity ? 2 * l->capacity : FIRST_CAPACITY;
    char *buf;

    if (l->start > 0) {
        memmove(l->buf, l->buf + l->start, l->end - l->start);
        l->end -= l->start;
        l->start = 0;
    }
    if (l->end < l->capacity)
        return WHY_OK;
    if (l->end > LINES_MAX)
        return WHY_ERR_MALFORMED;
    buf = realloc(l->buf, capacity);
    if (!buf)
        return WHY_ERR_NOMEM;
    l->buf = buf;
    l->capacity = capacity;
    return WHY_OK;
}

static int fill(struct lines *l)
{
    int status = make_room(l);
    size_t n;

    if (status != WHY_OK)
        return status;
    n = fread(l->buf + l->end, 1, l->capacity - l->end, l->in);
    if (n == 0) {
        l->ended = true;
        return ferror(l->in) ? WHY_ERR_IO : WHY_OK;
    }
    l->end += n;
    return WHY_OK;
}

int why_lines_next(struct lines *l, const char **line, size_t *len)
{
    size_t searched = 0;

    l->number++;
    for (;;) {
        size_t have = l->end - l->start;
        const char *newline =
            have > searched ? memchr(l->buf + l->start + searched, '\n', have - searched) : NULL;
        int status;

        if (newline || (l->ended && have > 0)) {
            *line = l->buf + l->start;
            *len = newline ? (size_t)(newline - *line) : have;
            l->start += *len + (newline != NULL);
            l->whole = newline != NULL;
            return WHY_OK;
        }
        if (l->ended)
            return WHY_ERR_NOTFOUND;
        searched = have;
        status = fill(l);
        if (status != WHY_OK)
            return status;
    }
}

void why_lines_clear(struct lines *l)
{
    free(l->buf);
    *l = (struct lines){.in = NULL};
}
