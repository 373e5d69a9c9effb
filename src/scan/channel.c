/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "base/compat.h"
#include "base/grow.h"

#define READ_SIZE ((size_t)64 * 1024)
/* A trace keeps 8 MiB of bytes, in hexadecimal, and as much text, and 100,000 events. */
#define MESSAGE_MAX ((size_t)128 * 1024 * 1024)

struct channel_out {
    struct channel_out *next;
    size_t len, done;
    int fd; /* goes with the first byte; -1: none, or gone */
    char data[];
};

void why_channel_init(struct channel *c, int fd)
{
    memset(c, 0, sizeof(*c));
    c->fd = fd;
}

static void drop_first(struct channel *c)
{
    struct channel_out *out = c->first;

    c->first = out->next;
    if (c->first == NULL)
        c->last = NULL;
    if (out->fd >= 0)
        (void)close(out->fd);
    free(out);
}

void why_channel_clear(struct channel *c)
{
    while (c->first != NULL)
        drop_first(c);
    for (size_t i = 0; i < c->fd_count; i++)
        (void)close(c->fds[i]);
    free(c->in);
    if (c->fd >= 0)
        (void)close(c->fd);
    memset(c, 0, sizeof(*c));
    c->fd = -1;
}

static struct channel_out *out_new(const json_t *head, const char *payload, size_t len)
{
    char *line = head != NULL ? json_dumps(head, JSON_COMPACT) : NULL;
    size_t n = line != NULL ? strlen(line) : 0;
    struct channel_out *out = line != NULL ? malloc(sizeof(*out) + n + 1 + len) : NULL;

    if (out != NULL) {
        *out = (struct channel_out){.len = n + 1 + len, .fd = -1};
        memcpy(out->data, line, n);
        out->data[n] = '\n';
        if (len > 0)
            memcpy(out->data + n + 1, payload, len);
    }
    free(line);
    return out;
}

int why_channel_put(struct channel *c, json_t *head, const char *payload, size_t len, int fd)
{
    struct channel_out *out = NULL;

    if (head != NULL &&
        (len == 0 || json_object_set_new(head, "bytes", json_integer((json_int_t)len)) == 0))
        out = out_new(head, payload, len);
    json_decref(head);
    if (out == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return WHY_ERR_NOMEM;
    }
    out->fd = fd;
    if (c->last != NULL)
        c->last->next = out;
    else
        c->first = out;
    c->last = out;
    return WHY_OK;
}

static ssize_t send_some(int to, const struct channel_out *out)
{
    struct iovec part = {.iov_len = out->len - out->done};
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

    part.iov_base = (char *)(uintptr_t)out->data + out->done;
    if (out->fd >= 0) {
        struct cmsghdr *c;

        memset(&control, 0, sizeof(control));
        m.msg_control = control.space;
        m.msg_controllen = sizeof(control.space);
        c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &out->fd, sizeof(int));
    }
    return sendmsg(to, &m, MSG_NOSIGNAL);
}

bool why_channel_flush(struct channel *c)
{
    while (c->first != NULL) {
        struct channel_out *out = c->first;
        ssize_t n = send_some(c->fd, out);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == ENOBUFS;
        if (out->fd >= 0) {
            (void)close(out->fd);
            out->fd = -1;
        }
        out->done += (size_t)n;
        if (out->done == out->len)
            drop_first(c);
    }
    return true;
}

bool why_channel_has_output(const struct channel *c)
{
    return c->first != NULL;
}

static bool make_room(struct channel *c)
{
    if (c->in_start > 0) {
        memmove(c->in, c->in + c->in_start, c->in_len);
        c->in_start = 0;
    }
    return why_grow(&c->in, &c->in_size, c->in_len + READ_SIZE, 1);
}

/* False: more sockets than there are messages for. */
static bool take_fds(struct channel *c, struct msghdr *m)
{
    bool fits = (m->msg_flags & MSG_CTRUNC) == 0;

    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
        size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < n; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof(int));
            if (c->fd_count < CHANNEL_FDS)
                c->fds[c->fd_count++] = fd;
            else
                (void)close(fd);
            fits = fits && c->fd_count < CHANNEL_FDS;
        }
    }
    return fits;
}

static enum channel_read fill(struct channel *c)
{
    struct iovec part;
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(8 * sizeof(int))];
    } control;
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t n;

    if (!make_room(c))
        return CHANNEL_BAD;
    part.iov_base = c->in + c->in_len;
    part.iov_len = c->in_size - c->in_len;
    m.msg_control = control.space;
    m.msg_controllen = sizeof(control.space);
    do
        n = recvmsg(c->fd, &m, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN ? CHANNEL_NOTHING : CHANNEL_EOF;
    if (n == 0)
        return CHANNEL_EOF;
    c->in_len += (size_t)n;
    return take_fds(c, &m) ? CHANNEL_MESSAGE : CHANNEL_BAD;
}

static int take_fd(struct channel *c)
{
    int fd = c->fds[0];

    memmove(c->fds, c->fds + 1, --c->fd_count * sizeof(c->fds[0]));
    return fd;
}

/* The message at the start of what has been read, if it is whole. */
static enum channel_read parse(struct channel *c, struct channel_message *m)
{
    const uint8_t *start = c->in + c->in_start;
    const uint8_t *end = c->in_len > 0 ? memchr(start, '\n', c->in_len) : NULL;
    json_int_t bytes;
    size_t line;

    if (end == NULL)
        return c->in_len > MESSAGE_MAX ? CHANNEL_BAD : CHANNEL_NOTHING;
    line = (size_t)(end - start);
    m->head = json_loadb((const char *)start, line, JSON_REJECT_DUPLICATES, NULL);
    bytes = json_integer_value(json_object_get(m->head, "bytes"));
    if (m->head == NULL || bytes < 0 || (uint64_t)bytes > MESSAGE_MAX) {
        json_decref(m->head);
        return CHANNEL_BAD;
    }
    if (c->in_len - line - 1 < (size_t)bytes) {
        json_decref(m->head);
        return CHANNEL_NOTHING;
    }
    m->payload = (const char *)end + 1;
    m->len = (size_t)bytes;
    m->fd = -1;
    if (json_is_true(json_object_get(m->head, "socket"))) {
        if (c->fd_count == 0) {
            json_decref(m->head);
            return CHANNEL_BAD;
        }
        m->fd = take_fd(c);
    }
    c->in_start += line + 1 + m->len;
    c->in_len -= line + 1 + m->len;
    return CHANNEL_MESSAGE;
}

enum channel_read why_channel_next(struct channel *c, struct channel_message *m)
{
    enum channel_read r = parse(c, m);

    if (r != CHANNEL_NOTHING)
        return r;
    r = fill(c);
    return r == CHANNEL_MESSAGE ? parse(c, m) : r;
}

bool why_channel_wait(struct channel *c, struct channel_message *m)
{
    enum channel_read r;

    while ((r = why_channel_next(c, m)) == CHANNEL_NOTHING)
        continue;
    return r == CHANNEL_MESSAGE;
}
