/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_SERVER_H
#define RDPWHY_PEER_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "account.h"
#include "peer.h"

struct peer_conn;

/* What all connections share, made once and constant afterwards: keys, certificates, accounts. */
struct peer_server {
    struct peer_options options;
    struct account account;
    struct peer_template *templates;
    size_t template_count;
    struct peer_tls *tls; /* the responder's OpenSSL contexts */
};

/* Sets the libraries up; once, before any thread. 0 or -1 with a message on stderr. */
int server_setup(struct peer_server *server, const struct peer_options *options);
void server_clear(struct peer_server *server);

/* Makes ready what |fault| needs (settings, certificate); before any thread. 0 or -1. */
int server_prepare(struct peer_server *server, const struct peer_fault *fault);

/* One connection from accept to end, in the calling thread. |fd| is for the library to close. */
void server_run(struct peer_conn *conn, int fd);

/* "FOLDER/NAME.ENDING" in |path|; false where it does not fit. */
bool server_file(const struct peer_options *options, const char *name, const char *ending,
                 char *path, size_t size);

#endif /* !defined(RDPWHY_PEER_SERVER_H) */
