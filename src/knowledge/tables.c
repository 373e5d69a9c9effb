/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/system_error.h"

#include "rows_entra.h"
#include "rows_error_info.h"
#include "rows_freerdp.h"
#include "rows_gateway.h"
#include "rows_guacamole.h"
#include "rows_handshake.h"
#include "rows_kerberos.h"
#include "rows_licensing.h"
#include "rows_mstsc.h"
#include "rows_ntstatus.h"
#include "rows_proxy.h"
#include "rows_sspi.h"
#include "rows_system.h"
#include "rows_tls_alert.h"
#include "rows_win32.h"

/* How people write the codes: hexadecimal, with so many digits (0: as many as needed). */
#define DECIMAL false, 0
#define HEX     true, 0
#define HEX2    true, 2
#define HEX8    true, 8

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])

static const struct why_code_table tables[] = {
#define WHY_CODE_TABLE(name, title, source, format, rows) {name, title, source, format, ROWS(rows)},
#define WHY_CODE_SPACE(id, place, name, meaning, title, source, format, rows)                      \
    {name, title, source, format, ROWS(rows)},
#include <rdpwhy/vocab.def>
};

#define TABLE_COUNT (sizeof(tables) / sizeof(tables[0]))

const struct why_code_table *why_code_tables(size_t *count)
{
    *count = TABLE_COUNT;
    return tables;
}

const struct why_code_table *why_code_table_find(const char *space)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (strcmp(tables[i].space, space) == 0)
            return &tables[i];
    }
    return NULL;
}

const struct why_code_row *why_code_row_find(const struct why_code_table *table, int64_t value)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].value == value)
            return &table->rows[i];
    }
    return NULL;
}

/* Codes of 32 bits are unsigned here, whatever the type was that they went through. */
static int64_t unsigned_value(const struct why_code_table *table, int64_t value)
{
    return table->hexadecimal && value < 0 ? (int64_t)(uint32_t)value : value;
}

const struct why_code_row *why_code_lookup(enum why_code_space space, int64_t value)
{
    const struct why_code_table *table = why_code_table_find(why_code_space_name(space));
    const struct why_code_row *row;

    if (table == NULL)
        return NULL;
    value = unsigned_value(table, value);
    row = why_code_row_find(table, value);
    /* An errorCode is an NTSTATUS ([MS-CSSP] 2.2.1), but servers put SSPI codes there too. */
    if (row == NULL && space == WHY_SPACE_NTSTATUS)
        row = why_code_row_find(why_code_table_find("sspi"), value);
    return row;
}

void why_code_format(enum why_code_space space, int64_t value, char *buf, size_t len)
{
    const struct why_code_table *table = why_code_table_find(why_code_space_name(space));

    if (table != NULL && table->hexadecimal)
        snprintf(buf, len, "0x%0*" PRIX64, (int)table->digits,
                 (uint64_t)unsigned_value(table, value));
    else if (why_system_error_space(space) && why_system_error_is_elsewhere(value))
        snprintf(buf, len, "?");
    else
        snprintf(buf, len, "%" PRId64, value);
}
