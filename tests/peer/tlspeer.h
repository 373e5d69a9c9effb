/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_TLSPEER_H
#define RDPWHY_PEER_TLSPEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

struct peer_conn;
struct peer_options;
struct peer_tls;

struct peer_identity {
    EVP_PKEY *key;
    X509 *certificate;
    uint8_t *der;
    size_t der_len;
};

/* OpenSSL's server side with the default key pair, made once; NULL with a message on stderr. */
struct peer_tls *tls_peer_new(const struct peer_options *options);
void tls_peer_free(struct peer_tls *tls);
const struct peer_identity *tls_peer_identity(const struct peer_conn *conn);
/* The private key of Standard RDP Security: the one that server.c has given the library. */
EVP_PKEY *tls_peer_rdp_key(const struct peer_conn *conn);

/* A TLS session whose records pass through memory: every one of them can be kept back, cut or
 * changed before it goes out. */
struct tls_session {
    SSL *ssl;
    BIO *in, *out; /* owned by |ssl| */
    struct peer_conn *conn;
};

/* |version|: 0 or the only TLS version; |client_certificate|: demand one. */
bool tls_open(struct tls_session *s, struct peer_conn *conn, uint16_t version,
              bool client_certificate);
void tls_close(struct tls_session *s);
/* Feeds the client's next bytes in; false: it has left. */
bool tls_feed(struct tls_session *s);
/* Sends what OpenSSL has to say. */
bool tls_flush(struct tls_session *s);
/* Takes it away instead; the number of bytes. */
size_t tls_take(struct tls_session *s, uint8_t *data, size_t size);
/* The handshake to its end. */
bool tls_handshake(struct tls_session *s);
bool tls_send(struct tls_session *s, const void *data, size_t len);
/* One TPKT; its length, 0: none came. */
size_t tls_read_tpkt(struct tls_session *s, uint8_t *data, size_t size);

#endif /* !defined(RDPWHY_PEER_TLSPEER_H) */
