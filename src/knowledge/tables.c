/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/system_error.h"

#include "rows_error_info.h"
#include "rows_freerdp.h"
#include "rows_handshake.h"
#include "rows_licensing.h"
#include "rows_mstsc.h"
#include "rows_ntstatus.h"
#include "rows_sspi.h"
#include "rows_system.h"
#include "rows_tls_alert.h"
#include "rows_win32.h"

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])

/*
 * The order in which a bare number is looked up: what mstsc shows, then what the protocol says,
 * then everything around it.
 */
static const struct why_code_table tables[] = {
    {"mstsc", "Windows client: disconnect reason",
     "learn.microsoft.com: IMsTscAxEvents::OnDisconnected; TechNet Wiki 37870", true, 0,
     ROWS(mstsc_rows)},
    {"mstsc-extended", "Windows client: extended disconnect reason",
     "learn.microsoft.com: ExtendedDisconnectReasonCode", true, 0, ROWS(mstsc_extended_rows)},
    {"error-info", "Set Error Info PDU: why the server ends the connection",
     "[MS-RDPBCGR] 2.2.5.1.1", true, 0, ROWS(error_info_rows)},
    {"negotiation-failure", "RDP Negotiation Failure", "[MS-RDPBCGR] 2.2.1.2.2", true, 0,
     ROWS(negotiation_failure_rows)},
    {"license-error", "Licensing Error Message", "[MS-RDPBCGR] 2.2.1.12.1.3", true, 0,
     ROWS(license_error_rows)},
    {"license-transition", "Licensing Error Message: state transition",
     "[MS-RDPBCGR] 2.2.1.12.1.3; [MS-RDPELE] 3.1.5.2", true, 0, ROWS(license_transition_rows)},
    {"license-message", "Licensing message types", "[MS-RDPBCGR] 2.2.1.12.1.1; [MS-RDPELE] 2.2.2",
     true, 2, ROWS(license_message_rows)},
    {"tls-alert", "TLS alert", "RFC 8446 6; RFC 5246 7.2; RFC 2246 7.2; IANA TLS Alerts", false, 0,
     ROWS(tls_alert_rows)},
    {"mcs-disconnect", "MCS Disconnect Provider Ultimatum: reason",
     "ITU-T T.125 7, Reason; [MS-RDPBCGR] 2.2.2.3", false, 0, ROWS(mcs_disconnect_rows)},
    {"mcs-result", "MCS: result of a connect, attach or join", "ITU-T T.125 7, Result", false, 0,
     ROWS(mcs_result_rows)},
    {"spnego", "SPNEGO: negState of a NegTokenResp", "RFC 4178 4.2.2; [MS-SPNG]", false, 0,
     ROWS(spnego_rows)},
    {"early-user-auth", "Early User Authorization Result PDU", "[MS-RDPBCGR] 2.2.10.2", true, 0,
     ROWS(early_user_auth_rows)},
    {"ntstatus", "NTSTATUS (CredSSP: errorCode of a TSRequest)",
     "[MS-ERREF] 2.3.1; [MS-CSSP] 2.2.1", true, 8, ROWS(ntstatus_rows)},
    {"sspi", "SSPI status (Kerberos, NTLM, CredSSP on Windows)",
     "[MS-ERREF] 2.1.1; learn.microsoft.com: SSPI Status Codes", true, 8, ROWS(sspi_rows)},
    {"errconnect", "FreeRDP: last error of a connection", "FreeRDP 3: freerdp/error.h, class 2",
     true, 8, ROWS(errconnect_rows)},
    {"xfreerdp-exit", "xfreerdp: exit code", "FreeRDP 3: client/X11/xfreerdp.h", false, 0,
     ROWS(xfreerdp_exit_rows)},
    {"win32", "Win32 and Winsock errors seen with RDP",
     "[MS-ERREF] 2.2; learn.microsoft.com: Windows Sockets Error Codes", false, 0,
     ROWS(win32_rows)},
    {"errno", "Socket error of this computer", "this system's <errno.h>", false, 0,
     ROWS(errno_rows)},
    {"resolver", "Name resolution error of this computer", "this system's <netdb.h>", false, 0,
     ROWS(resolver_rows)},
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
    else if (why_system_error_space(space) && why_system_error_is_foreign(value))
        snprintf(buf, len, "?");
    else
        snprintf(buf, len, "%" PRId64, value);
}
