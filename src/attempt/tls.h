/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_TLS_H
#define RDPWHY_ATTEMPT_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "conn.h"

/*
 * TLS between libfreerdp and the socket. The prober brings its own, because libfreerdp's hides what
 * the verdict needs: which alert came, whose certificate it was when the handshake fails after it,
 * and exactly which version is offered. No certificate is a reason to stop: the facts stage judges.
 */

struct tls_factory; /* contexts and BIO method; constant after why_tls_factory_new, thread-safe */

struct tls_factory *why_tls_factory_new(void);
void why_tls_factory_free(struct tls_factory *factory);

/*
 * Whether this OpenSSL can offer exactly the versions from |min| to |max| (wire numbers, 0: no
 * bound).
 */
bool why_tls_factory_can(const struct tls_factory *factory, uint16_t min, uint16_t max);

/*
 * Shakes hands as a client over |conn|, waiting up to its deadline. |host| is sent as SNI unless it
 * is an address. Returns true when the server's Finished was verified; else conn->end and the trace
 * say why not.
 */
bool why_tls_connect(struct conn *conn, const struct tls_factory *factory, uint16_t min,
                     uint16_t max, const char *host);

/* As why_conn_raw_read and why_conn_raw_write, above TLS. */
int why_tls_read(struct conn *conn, uint8_t *buf, size_t len);
int why_tls_write(struct conn *conn, const uint8_t *buf, size_t len);

/*
 * The server's subjectPublicKey as CredSSP binds it ([MS-CSSP] 3.1.5): |*data| is to be freed with
 * OPENSSL_free. Returns its length, or 0.
 */
size_t why_tls_public_key(const struct conn *conn, unsigned char **data);

#endif /* !defined(RDPWHY_ATTEMPT_TLS_H) */
