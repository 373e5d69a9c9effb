/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLIENT_H
#define RDPWHY_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>

/*
 * What a client says of itself in the handshake, field by field, and what mstsc says there. A
 * server answers by it: what a client does not announce it must not be sent
 * ([MS-RDPBCGR] 2.2.1.3.2, 2.2.5.1). So the prober says what mstsc says, and this is where it is
 * written down.
 */

/* One field. The texts are static and never NULL but where it says so. */
struct why_client_row {
    const char *pdu;    /* the structure's name in the specification */
    const char *field;  /* the field's name there */
    const char *mstsc;  /* what mstsc of a current Windows 11 sends */
    const char *sends;  /* what rdpwhy sends; NULL: the same */
    const char *reason; /* why that differs; NULL where it does not */
    const char *source; /* where mstsc's value is from */
};

/* A |mstsc| or |sends| that starts with this stands for values that differ from run to run or from
 * machine to machine; what follows describes them. */
#define WHY_CLIENT_VARIES '~'

/* All rows in the order of the handshake; |*count| is their number. */
const struct why_client_row *why_client_rows(size_t *count);

/* The row of that field, or NULL. */
const struct why_client_row *why_client_row_find(const char *pdu, const char *field);

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
