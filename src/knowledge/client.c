/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

#include <string.h>

#include "rows_client.h"

#define ROWS (sizeof(client_rows) / sizeof(client_rows[0]))

const struct why_client_row *why_client_rows(size_t *count)
{
    *count = ROWS;
    return client_rows;
}

const struct why_client_row *why_client_row_find(const char *pdu, const char *field)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(client_rows[i].pdu, pdu) == 0 && strcmp(client_rows[i].field, field) == 0)
            return &client_rows[i];
    }
    return NULL;
}
