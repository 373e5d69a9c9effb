/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_CHANNEL_H
#define RDPWHY_SCAN_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/*
 * Messages between the dispatcher and a worker, over a Unix stream socket: a line of JSON, behind
 * it as many bytes as its member "bytes" says, and with it, perhaps, an open socket. Whatever a
 * worker that has gone mad may write is malformed, not trusted.
 */

#define CHANNEL_FDS 64 /* sockets that have arrived and were not taken */

struct channel_out;

struct channel {
    int fd;
    uint8_t *in;
    size_t in_start, in_len, in_size;
    int fds[CHANNEL_FDS]; /* in the order of their messages */
    size_t fd_count;
    struct channel_out *first, *last; /* not yet written */
};

struct channel_message {
    json_t *head;
    const char *payload; /* in the channel's memory, until its next call */
    size_t len;
    int fd; /* the caller's; -1: none came */
};

enum channel_read { CHANNEL_NOTHING, CHANNEL_MESSAGE, CHANNEL_EOF, CHANNEL_BAD };

/* Takes |fd| over. */
void channel_init(struct channel *channel, int fd);
void channel_clear(struct channel *channel);

/*
 * Queues a message; takes |head| over, in any case. With |fd| >= 0, which is taken over too, the
 * member "socket" must be true. Returns WHY_OK or WHY_ERR_NOMEM.
 */
int channel_put(struct channel *channel, json_t *head, const char *payload, size_t len, int fd);

/* Writes what is queued, as far as the socket takes it. False: nobody is there any more. */
bool channel_flush(struct channel *channel);
bool channel_has_output(const struct channel *channel);

/* The next message, if it is there already or after one read. */
enum channel_read channel_next(struct channel *channel, struct channel_message *message);

#endif /* !defined(RDPWHY_SCAN_CHANNEL_H) */
