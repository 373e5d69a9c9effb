/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_KERBEROS_H
#define RDPWHY_ROWS_KERBEROS_H

#include <rdpwhy/knowledge.h>

/* Rows for tables.c, the only file that includes this one. Sorted by value. */

/* RFC 4120 7.5.9; from 62 on also RFC 4556 3.1.3 */
static const struct why_code_row kerberos_rows[] = {
    {0, "KDC_ERR_NONE", "no error"},
    {1, "KDC_ERR_NAME_EXP", "the account's entry in the KDC is expired"},
    {2, "KDC_ERR_SERVICE_EXP", "the service's entry in the KDC is expired"},
    {3, "KDC_ERR_BAD_PVNO", "the KDC does not support this version of Kerberos"},
    {4, "KDC_ERR_C_OLD_MAST_KVNO", "the account's key is encrypted with an old master key"},
    {5, "KDC_ERR_S_OLD_MAST_KVNO", "the service's key is encrypted with an old master key"},
    {6, "KDC_ERR_C_PRINCIPAL_UNKNOWN", "the KDC does not know the account"},
    {7, "KDC_ERR_S_PRINCIPAL_UNKNOWN",
     "the KDC does not know the service: TERMSRV/NAME is not registered for the name that was "
     "used, "
     "for an address or an alias for example; not the 0x7 of 0x904/0x7"},
    {8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE", "the name is registered more than once (duplicate SPN)"},
    {9, "KDC_ERR_NULL_KEY", "the account or the service has no key"},
    {10, "KDC_ERR_CANNOT_POSTDATE", "the ticket may not be postdated"},
    {11, "KDC_ERR_NEVER_VALID", "the ticket would end before it begins"},
    {12, "KDC_ERR_POLICY",
     "the KDC's policy forbids it: logon hours, allowed computers, an authentication policy"},
    {13, "KDC_ERR_BADOPTION", "the KDC cannot grant an option that was asked for"},
    {14, "KDC_ERR_ETYPE_NOSUPP", "no encryption type in common"},
    {15, "KDC_ERR_SUMTYPE_NOSUPP", "the KDC does not support the checksum type"},
    {16, "KDC_ERR_PADATA_TYPE_NOSUPP",
     "the KDC does not support the kind of pre-authentication; with a smart card often a domain "
     "controller without a suitable certificate"},
    {17, "KDC_ERR_TRTYPE_NOSUPP", "the KDC does not support the transited type"},
    {18, "KDC_ERR_CLIENT_REVOKED", "the account is disabled, expired or locked out"},
    {19, "KDC_ERR_SERVICE_REVOKED", "the service's account is disabled, expired or locked out"},
    {20, "KDC_ERR_TGT_REVOKED", "the ticket-granting ticket was revoked"},
    {21, "KDC_ERR_CLIENT_NOTYET", "the account is not valid yet"},
    {22, "KDC_ERR_SERVICE_NOTYET", "the service's account is not valid yet"},
    {23, "KDC_ERR_KEY_EXPIRED", "the password is expired"},
    {24, "KDC_ERR_PREAUTH_FAILED", "wrong password"},
    {25, "KDC_ERR_PREAUTH_REQUIRED",
     "the KDC wants pre-authentication first; every logon begins with it, it is no failure"},
    {26, "KDC_ERR_SERVER_NOMATCH", "the ticket is for another server"},
    {27, "KDC_ERR_MUST_USE_USER2USER", "the service only takes user-to-user authentication"},
    {28, "KDC_ERR_PATH_NOT_ACCEPTED", "the KDC does not accept the path between the realms"},
    {29, "KDC_ERR_SVC_UNAVAILABLE", "a service that the KDC needs is not available"},
    {31, "KRB_AP_ERR_BAD_INTEGRITY", "a message cannot be decrypted: wrong key or damaged"},
    {32, "KRB_AP_ERR_TKT_EXPIRED", "the ticket is expired"},
    {33, "KRB_AP_ERR_TKT_NYV", "the ticket is not valid yet: check the clocks"},
    {34, "KRB_AP_ERR_REPEAT", "the request came twice (replay)"},
    {35, "KRB_AP_ERR_NOT_US", "the ticket is not for this service"},
    {36, "KRB_AP_ERR_BADMATCH", "ticket and authenticator do not belong together"},
    {37, "KRB_AP_ERR_SKEW", "the clocks differ too much"},
    {38, "KRB_AP_ERR_BADADDR", "the ticket is for another network address"},
    {39, "KRB_AP_ERR_BADVERSION", "a message has a version that does not fit"},
    {40, "KRB_AP_ERR_MSG_TYPE", "a message has a type that does not fit"},
    {41, "KRB_AP_ERR_MODIFIED",
     "the server cannot decrypt the ticket: it is for the key of another account, because the SPN "
     "is "
     "registered for the wrong one or the computer's password is out of step"},
    {42, "KRB_AP_ERR_BADORDER", "a message came out of order"},
    {44, "KRB_AP_ERR_BADKEYVER", "the server does not have that version of its key"},
    {45, "KRB_AP_ERR_NOKEY", "the server has no key for the service"},
    {46, "KRB_AP_ERR_MUT_FAIL", "the server could not prove its identity"},
    {47, "KRB_AP_ERR_BADDIRECTION", "a message has the wrong direction"},
    {48, "KRB_AP_ERR_METHOD", "another way to authenticate is required"},
    {49, "KRB_AP_ERR_BADSEQ", "a message has a wrong sequence number"},
    {50, "KRB_AP_ERR_INAPP_CKSUM", "the checksum type is not acceptable"},
    {51, "KRB_AP_PATH_NOT_ACCEPTED", "the server does not accept the path between the realms"},
    {52, "KRB_ERR_RESPONSE_TOO_BIG",
     "the answer does not fit into UDP; the client asks again over TCP, it is no failure"},
    {60, "KRB_ERR_GENERIC", "an error that is described in the message's text at most"},
    {61, "KRB_ERR_FIELD_TOOLONG", "a field is too long for this implementation"},
    {62, "KDC_ERROR_CLIENT_NOT_TRUSTED", "the smart card's certificate is not trusted"},
    {63, "KDC_ERROR_KDC_NOT_TRUSTED", "the KDC's certificate is not trusted"},
    {64, "KDC_ERROR_INVALID_SIG", "the signature of the smart card logon is not valid"},
    {65, "KDC_ERR_KEY_TOO_WEAK", "the keys agreed on are too weak"},
    {66, "KDC_ERR_CERTIFICATE_MISMATCH", "the smart card's certificate names another account"},
    {67, "KRB_AP_ERR_NO_TGT", "user-to-user authentication without a ticket-granting ticket"},
    {68, "KDC_ERR_WRONG_REALM", "the account belongs to another realm"},
    {69, "KRB_AP_ERR_USER_TO_USER_REQUIRED", "the service needs user-to-user authentication"},
    {70, "KDC_ERR_CANT_VERIFY_CERTIFICATE", "the smart card's certificate could not be verified"},
    {71, "KDC_ERR_INVALID_CERTIFICATE", "the smart card's certificate is not valid"},
    {72, "KDC_ERR_REVOKED_CERTIFICATE", "the smart card's certificate was revoked"},
    {73, "KDC_ERR_REVOCATION_STATUS_UNKNOWN",
     "revocation of the smart card's certificate could not be determined"},
    {74, "KDC_ERR_REVOCATION_STATUS_UNAVAILABLE",
     "revocation of the smart card's certificate could not be checked"},
    {75, "KDC_ERR_CLIENT_NAME_MISMATCH", "the smart card's certificate names another account"},
    {76, "KDC_ERR_KDC_NAME_MISMATCH", "the KDC's certificate names another KDC"},
};

#endif /* !defined(RDPWHY_ROWS_KERBEROS_H) */
