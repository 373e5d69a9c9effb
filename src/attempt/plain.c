/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

#include <limits.h>

#include "tls.h"

int why_plain_read(struct conn *conn, uint8_t *buf, size_t len)
{
    if (len > INT_MAX)
        len = INT_MAX;
    if (conn->ssl != NULL && conn->tls_up)
        return why_tls_read(conn, buf, len);
    return why_conn_raw_read(conn, buf, len);
}

int why_plain_write(struct conn *conn, const uint8_t *buf, size_t len)
{
    size_t done = 0;

    while (done < len) {
        size_t part = len - done > 16384 ? 16384 : len - done;
        int r = conn->ssl != NULL && conn->tls_up ? why_tls_write(conn, buf + done, part)
                                                  : why_conn_raw_write(conn, buf + done, part);

        if (r == CONN_ENDED)
            return CONN_ENDED;
        if (r == CONN_AGAIN) {
            /* Within a renegotiation it may be the peer's turn. */
            (void)why_conn_wait(conn, conn->ssl == NULL || !SSL_want_read(conn->ssl), 100);
            if (why_conn_expired(conn) && conn->end != CONN_FIN)
                return CONN_ENDED;
            continue;
        }
        done += (size_t)r;
    }
    return (int)len;
}
