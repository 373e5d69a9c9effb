/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLIENT_H
#define RDPWHY_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>

/* What a client says of itself in the handshake, field by field, read from its bytes. */

typedef void why_client_field_fn(void *arg, const char *pdu, const char *field, const char *value);

/*
 * Calls |emit| with each field of |data|, a whole PDU that a client has sent: above TLS, and
 * without Standard RDP Security's encryption. |pdu| and |field| are those of the rows, |value| is
 * spelled as there and valid during the call. PDUs without rows emit nothing; of a PDU that ends
 * too early what is there is emitted. Account, password and cookies of a session are never among
 * the values.
 */
void why_client_fields(const uint8_t *data, size_t len, why_client_field_fn *emit, void *arg);

#endif /* !defined(RDPWHY_CLIENT_H) */
