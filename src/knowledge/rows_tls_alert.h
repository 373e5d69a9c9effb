/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_TLS_ALERT_H
#define RDPWHY_ROWS_TLS_ALERT_H

#include <rdpwhy/knowledge.h>

/* Rows for tables.c, the only file that includes this one. Sorted by value. */

/* RFC 8446 6; RFC 5246 7.2; RFC 2246 7.2; IANA TLS Alerts */
static const struct why_code_row tls_alert_rows[] = {
    {0, "close_notify", "no error: the peer closes the TLS connection in order"},
    {10, "unexpected_message", "a message came that does not belong there"},
    {20, "bad_record_mac", "a record could not be authenticated"},
    {21, "decryption_failed", "a record could not be decrypted (TLS 1.0)"},
    {22, "record_overflow", "a record is too long"},
    {30, "decompression_failure", "a record could not be decompressed (up to TLS 1.2)"},
    {40, "handshake_failure", "no cipher suite, group or signature algorithm in common"},
    {41, "no_certificate", "the peer has no certificate (SSL 3.0)"},
    {42, "bad_certificate", "the certificate is damaged or its signature does not verify"},
    {43, "unsupported_certificate", "the certificate is of a kind that is not supported"},
    {44, "certificate_revoked", "the certificate was revoked"},
    {45, "certificate_expired", "the certificate is expired or not yet valid"},
    {46, "certificate_unknown", "the certificate is not accepted for another reason"},
    {47, "illegal_parameter", "a field of the handshake is out of range or inconsistent"},
    {48, "unknown_ca", "no trusted authority issued the certificate"},
    {49, "access_denied", "the certificate is valid, but access is denied"},
    {50, "decode_error", "a message could not be decoded"},
    {51, "decrypt_error", "a signature or Finished message did not verify"},
    {60, "export_restriction", "export restrictions were violated (TLS 1.0)"},
    {70, "protocol_version", "no TLS version in common"},
    {71, "insufficient_security", "the server wants stronger cipher suites than the client offers"},
    {80, "internal_error", "the peer failed for a reason of its own"},
    {86, "inappropriate_fallback",
     "the client fell back to an older version without need (RFC 7507)"},
    {90, "user_canceled", "the handshake was cancelled"},
    {100, "no_renegotiation", "renegotiation is refused (up to TLS 1.2)"},
    {109, "missing_extension", "an extension that is needed is missing (TLS 1.3)"},
    {110, "unsupported_extension", "an extension came that was not offered"},
    {111, "certificate_unobtainable",
     "the client's certificate URL gave no certificate (RFC 6066)"},
    {112, "unrecognized_name", "the server does not know the name the client asked for (SNI)"},
    {113, "bad_certificate_status_response", "the OCSP response is not valid (RFC 6066)"},
    {114, "bad_certificate_hash_value", "a certificate does not match its hash (RFC 6066)"},
    {115, "unknown_psk_identity", "the pre-shared key is not known"},
    {116, "certificate_required", "the server wants a client certificate (TLS 1.3)"},
    {120, "no_application_protocol", "no application protocol in common (ALPN)"},
    {121, "ech_required", "the server wants Encrypted Client Hello"},
};

#endif /* !defined(RDPWHY_ROWS_TLS_ALERT_H) */
