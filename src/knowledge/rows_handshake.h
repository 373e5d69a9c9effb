/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_HANDSHAKE_H
#define RDPWHY_ROWS_HANDSHAKE_H

#include <rdpwhy/knowledge.h>

/* Rows for tables.c, the only file that includes this one. Sorted by value. */

/* [MS-RDPBCGR] 2.2.1.2.2 */
static const struct why_code_row negotiation_failure_rows[] = {
    {0x1, "SSL_REQUIRED_BY_SERVER", "the server wants TLS or CredSSP, not Standard RDP Security"},
    {0x2, "SSL_NOT_ALLOWED_BY_SERVER", "the server does Standard RDP Security only"},
    {0x3, "SSL_CERT_NOT_ON_SERVER", "the server has no usable certificate for TLS"},
    {0x4, "INCONSISTENT_FLAGS", "the protocols asked for do not fit the security in use"},
    {0x5, "HYBRID_REQUIRED_BY_SERVER", "the server wants CredSSP (NLA)"},
    {0x6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
     "the server wants TLS with a client certificate"},
};

/* ITU-T T.125 7, Reason; [MS-RDPBCGR] 2.2.2.3 */
static const struct why_code_row mcs_disconnect_rows[] = {
    {0, "rn-domain-disconnected", "the MCS domain is being disconnected"},
    {1, "rn-provider-initiated", "the server ended the connection"},
    {2, "rn-token-purged", "an MCS token was purged"},
    {3, "rn-user-requested",
     "the server ended the connection on request; the usual value, also after an error"},
    {4, "rn-channel-purged", "an MCS channel was purged"},
};

/* [MS-RDPBCGR] 2.2.10.2 */
static const struct why_code_row early_user_auth_rows[] = {
    {0x0, "AUTHZ_SUCCESS", "the account may log on"},
    {0x5, "AUTHZ_ACCESS_DENIED", "authenticated, but the account may not log on remotely"},
};

#endif /* !defined(RDPWHY_ROWS_HANDSHAKE_H) */
