/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_HANDSHAKE_H
#define RDPWHY_ROWS_HANDSHAKE_H

#include <rdpwhy/knowledge.h>

/* Rows for tables.c, the only file that includes this one. Sorted by value. */

/* [MS-RDPBCGR] 2.2.1.2.2 */
static const struct why_code_row negotiation_failure_rows[] = {
    {0x1, "SSL_REQUIRED_BY_SERVER",
     "the server requires TLS or CredSSP, not Standard RDP Security"},
    {0x2, "SSL_NOT_ALLOWED_BY_SERVER", "the server supports only Standard RDP Security"},
    {0x3, "SSL_CERT_NOT_ON_SERVER", "the server has no usable certificate for TLS"},
    {0x4, "INCONSISTENT_FLAGS", "the requested protocols do not fit the security in use"},
    {0x5, "HYBRID_REQUIRED_BY_SERVER", "the server requires CredSSP (NLA)"},
    {0x6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
     "the server requires TLS with a client certificate"},
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

/* ITU-T T.125 7, Result */
static const struct why_code_row mcs_result_rows[] = {
    {0, "rt-successful", "the request was granted"},
    {1, "rt-domain-merging", "the domain is merging with another"},
    {2, "rt-domain-not-hierarchical", "the domain would not be a tree"},
    {3, "rt-no-such-channel", "the server knows no such channel"},
    {4, "rt-no-such-domain", "the server knows no such domain"},
    {5, "rt-no-such-user", "the server knows no such user of the domain"},
    {6, "rt-not-admitted", "the user is not admitted to the channel"},
    {7, "rt-other-user-id", "the user ID belongs to somebody else"},
    {8, "rt-parameters-unacceptable", "the server cannot work with the domain parameters"},
    {9, "rt-token-not-available", "the token is in use"},
    {10, "rt-token-not-possessed", "the user does not hold the token"},
    {11, "rt-too-many-channels", "the domain has no room for another channel"},
    {12, "rt-too-many-tokens", "the domain has no room for another token"},
    {13, "rt-too-many-users", "the domain has no room for another user"},
    {14, "rt-unspecified-failure", "the server gives no reason"},
    {15, "rt-user-rejected", "the server rejects this client"},
};

/* RFC 4178 4.2.2 */
static const struct why_code_row spnego_rows[] = {
    {0, "accept-completed", "the security context is established"},
    {1, "accept-incomplete", "the mechanism is accepted, and more tokens are needed"},
    {2, "reject", "the server accepts none of the mechanisms, or not this logon"},
    {3, "request-mic", "the server wants the list of mechanisms protected"},
};

/* [MS-RDPBCGR] 2.2.10.2 */
static const struct why_code_row early_user_auth_rows[] = {
    {0x0, "AUTHZ_SUCCESS", "the account may log on"},
    {0x5, "AUTHZ_ACCESS_DENIED", "authenticated, but the account may not log on remotely"},
};

/* [MS-RDPBCGR] 2.2.17.4 */
static const struct why_code_row rdstls_rows[] = {
    {0x00000000, "RDSTLS_RESULT_SUCCESS", "the account is authenticated"},
    {0x00000005, "RDSTLS_RESULT_ACCESS_DENIED", "the account may not log on to this server"},
    {0x0000052E, "RDSTLS_RESULT_LOGON_FAILURE",
     "unknown account or wrong password; these come from the broker's redirection, not from the "
     "user"},
    {0x00000530, "RDSTLS_RESULT_INVALID_LOGON_HOURS", "the account may not log on at this time"},
    {0x00000532, "RDSTLS_RESULT_PASSWORD_EXPIRED", "the password is expired"},
    {0x00000533, "RDSTLS_RESULT_ACCOUNT_DISABLED", "the account is disabled"},
    {0x00000773, "RDSTLS_RESULT_PASSWORD_MUST_CHANGE",
     "the password must be changed before the first logon"},
    {0x00000775, "RDSTLS_RESULT_ACCOUNT_LOCKED_OUT", "the account is locked out"},
};

#endif /* !defined(RDPWHY_ROWS_HANDSHAKE_H) */
