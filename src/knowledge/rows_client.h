/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_CLIENT_H
#define RDPWHY_ROWS_CLIENT_H

#include <rdpwhy/client.h>

/* Rows for client.c, the only file that includes this one. In the order of the handshake. */

static const struct why_client_row client_rows[] = {
    {"X.224 Connection Request", "cookie", "~", NULL, NULL, ""},
};

#endif /* !defined(RDPWHY_ROWS_CLIENT_H) */
