/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_PLAIN_H
#define RDPWHY_ATTEMPT_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "conn.h"

/* What passes on a connection above TLS, or on the bare connection where there is none. */

/* > 0, or CONN_AGAIN, or CONN_ENDED. Never waits. */
int why_plain_read(struct conn *conn, uint8_t *buf, size_t len);

/* Writes all of |buf|, waiting up to the deadline: |len|, or CONN_ENDED. */
int why_plain_write(struct conn *conn, const uint8_t *buf, size_t len);

#endif /* !defined(RDPWHY_ATTEMPT_PLAIN_H) */
