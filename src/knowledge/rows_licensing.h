/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_LICENSING_H
#define RDPWHY_ROWS_LICENSING_H

#include <rdpwhy/knowledge.h>

/* Rows for tables.c, the only file that includes this one. Sorted by value. */

/* [MS-RDPBCGR] 2.2.1.12.1.3 */
static const struct why_code_row license_error_rows[] = {
    {0x1, "ERR_INVALID_SERVER_CERTIFICATE",
     "the server certificate in the License Request is not valid; by the specification only "
     "clients "
     "send this"},
    {0x2, "ERR_NO_LICENSE", "there is no license; by the specification only clients send this"},
    {0x3, "ERR_INVALID_MAC", "in either direction: the checksum of a licensing message is wrong"},
    {0x4, "ERR_INVALID_SCOPE", "sent by the server: the license is for another scope"},
    {0x6, "ERR_NO_LICENSE_SERVER", "sent by the server: it has no license server"},
    {0x7, "STATUS_VALID_CLIENT",
     "SUCCESS: no license is needed; this is not an error, and not the 0x7 of 0x904/0x7"},
    {0x8, "ERR_INVALID_CLIENT", "sent by the server: it does not accept this client"},
    {0xB, "ERR_INVALID_PRODUCTID", "sent by the server: the license is for another product"},
    {0xC, "ERR_INVALID_MESSAGE_LEN", "sent by the server: a licensing message has a wrong length"},
};

/* [MS-RDPBCGR] 2.2.1.12.1.3; [MS-RDPELE] 3.1.5.2 */
static const struct why_code_row license_transition_rows[] = {
    {0x1, "ST_TOTAL_ABORT", "licensing is over and the connection ends"},
    {0x2, "ST_NO_TRANSITION",
     "nothing changes; with STATUS_VALID_CLIENT licensing is over and the connection goes on"},
    {0x3, "ST_RESET_PHASE_TO_START", "licensing starts again from its first message"},
    {0x4, "ST_RESEND_LAST_MESSAGE", "the last message must be sent again"},
};

/* [MS-RDPBCGR] 2.2.1.12.1.1; [MS-RDPELE] 2.2.2 */
static const struct why_code_row license_message_rows[] = {
    {0x01, "LICENSE_REQUEST", "server to client: opens licensing"},
    {0x02, "PLATFORM_CHALLENGE", "server to client: asks the client to prove its hardware ID"},
    {0x03, "NEW_LICENSE", "server to client: a license is issued"},
    {0x04, "UPGRADE_LICENSE", "server to client: a license replaces the client's"},
    {0x12, "LICENSE_INFO", "client to server: it holds a license"},
    {0x13, "NEW_LICENSE_REQUEST", "client to server: it holds none"},
    {0x15, "PLATFORM_CHALLENGE_RESPONSE", "client to server: answers the challenge"},
    {0xFF, "ERROR_ALERT", "in either direction; with code 7 and ST_NO_TRANSITION it is success"},
};

#endif /* !defined(RDPWHY_ROWS_LICENSING_H) */
