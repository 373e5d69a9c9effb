/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_CHANNEL_H
#define RDPWHY_SCAN_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/*
 * Messages between two processes over a Unix stream socket: a line of JSON, followed by as many
 * bytes as its member "bytes" says, and perhaps with an open socket. The other process may be
 * corrupt: what it writes is checked, not trusted.
 */

#define CHANNEL_FDS 64 /* received sockets that were not taken yet */

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
void why_channel_init(struct channel *channel, int fd);
void why_channel_clear(struct channel *channel);

/*
 * Queues a message; takes |head| over, in any case. With |fd| >= 0, which is taken over too, the
 * member "socket" must be true. Returns WHY_OK or WHY_ERR_NOMEM.
 */
int why_channel_put(struct channel *channel, json_t *head, const char *payload, size_t len, int fd);

/* Writes what is queued, as far as the socket takes it. False: the other end is closed. */
bool why_channel_flush(struct channel *channel);
bool why_channel_has_output(const struct channel *channel);

/* The next message, if it is there already or after one read. */
enum channel_read why_channel_next(struct channel *channel, struct channel_message *message);
/* Waits for it, where the socket blocks. False: there will be none. */
bool why_channel_wait(struct channel *channel, struct channel_message *message);

#endif /* !defined(RDPWHY_SCAN_CHANNEL_H) */
