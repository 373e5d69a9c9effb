/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/rules.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rules_logon.h"
#include "rules_reach.h"
#include "rules_session.h"
#include "rules_tls.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct why_rule_info *const infos[] = {
    [WHY_RULE_NAME_NOT_RESOLVED] = &rule_name_not_resolved,
    [WHY_RULE_NO_ROUTE] = &rule_no_route,
    [WHY_RULE_PORT_REFUSED] = &rule_port_refused,
    [WHY_RULE_PORT_FILTERED] = &rule_port_filtered,
    [WHY_RULE_NOT_RDP] = &rule_not_rdp,
    [WHY_RULE_CLOSED_BEFORE_ANSWER] = &rule_closed_before_answer,
    [WHY_RULE_SILENT_LISTENER] = &rule_silent_listener,
    [WHY_RULE_NEGOTIATION_REFUSED] = &rule_negotiation_refused,
    [WHY_RULE_CERTIFICATE_MISSING] = &rule_certificate_missing,
    [WHY_RULE_NLA_CERTIFICATE_BROKEN] = &rule_nla_certificate_broken,
    [WHY_RULE_CERTIFICATE_UNUSABLE] = &rule_certificate_unusable,
    [WHY_RULE_CLIENT_CERTIFICATE_REQUIRED] = &rule_client_certificate_required,
    [WHY_RULE_TLS_FAILS] = &rule_tls_fails,
    [WHY_RULE_TLS_ALERT_LATER] = &rule_tls_alert_later,
    [WHY_RULE_NEGOTIATION_FAILURE] = &rule_negotiation_failure,
    [WHY_RULE_PUBLIC_KEY_MISMATCH] = &rule_public_key_mismatch,
    [WHY_RULE_CLOCK_SKEW_REFUSED] = &rule_clock_skew_refused,
    [WHY_RULE_ACCOUNT_LOCKED] = &rule_account_locked,
    [WHY_RULE_ACCOUNT_DISABLED] = &rule_account_disabled,
    [WHY_RULE_ACCOUNT_EXPIRED] = &rule_account_expired,
    [WHY_RULE_PASSWORD_EXPIRED] = &rule_password_expired,
    [WHY_RULE_ACCOUNT_RESTRICTED] = &rule_account_restricted,
    [WHY_RULE_REMOTE_LOGON_DENIED] = &rule_remote_logon_denied,
    [WHY_RULE_NO_LOGON_SERVERS] = &rule_no_logon_servers,
    [WHY_RULE_DOMAIN_TRUST_BROKEN] = &rule_domain_trust_broken,
    [WHY_RULE_NTLM_BLOCKED] = &rule_ntlm_blocked,
    [WHY_RULE_LOGON_FAILURE] = &rule_logon_failure,
    [WHY_RULE_CREDSSP_ERROR] = &rule_credssp_error,
    [WHY_RULE_CREDSSP_CLOSED] = &rule_credssp_closed,
    [WHY_RULE_LICENSE_SERVER_MISSING] = &rule_license_server_missing,
    [WHY_RULE_LICENSE_ADMIN_ONLY] = &rule_license_admin_only,
    [WHY_RULE_LICENSE_STORE_BAD] = &rule_license_store_bad,
    [WHY_RULE_LICENSE_REFUSED] = &rule_license_refused,
    [WHY_RULE_LICENSE_PROTOCOL] = &rule_license_protocol,
    [WHY_RULE_LICENSING_CLOSED] = &rule_licensing_closed,
    [WHY_RULE_SERVER_DENIED] = &rule_server_denied,
    [WHY_RULE_SERVER_OUT_OF_MEMORY] = &rule_server_out_of_memory,
    [WHY_RULE_FRESH_CREDENTIALS] = &rule_fresh_credentials,
    [WHY_RULE_FIPS_REQUIRED] = &rule_fips_required,
    [WHY_RULE_SESSION_FAILED] = &rule_session_failed,
    [WHY_RULE_BROKER_ERROR] = &rule_broker_error,
    [WHY_RULE_SESSION_REPLACED] = &rule_session_replaced,
    [WHY_RULE_SESSION_ENDED] = &rule_session_ended,
    [WHY_RULE_ERROR_INFO] = &rule_error_info,
    [WHY_RULE_SALTED_MAC] = &rule_salted_mac,
    [WHY_RULE_CLOSED_IN_BASIC_SETTINGS] = &rule_closed_in_basic_settings,
    [WHY_RULE_CLOSED_IN_CHANNEL_JOIN] = &rule_closed_in_channel_join,
    [WHY_RULE_CLOSED_AFTER_CLIENT_INFO] = &rule_closed_after_client_info,
    [WHY_RULE_CLOSED_BEFORE_ACTIVE] = &rule_closed_before_active,
    [WHY_RULE_PROTOCOL_VIOLATION] = &rule_protocol_violation,
    [WHY_RULE_FLAKY] = &rule_flaky,
    [WHY_RULE_SOME_ADDRESSES_FAIL] = &rule_some_addresses_fail,
    [WHY_RULE_OFFER_CLOSED] = &rule_offer_closed,
    [WHY_RULE_CERTIFICATES_DIFFER] = &rule_certificates_differ,
    [WHY_RULE_CERTIFICATE_EXPIRED] = &rule_certificate_expired,
    [WHY_RULE_CERTIFICATE_NOT_YET_VALID] = &rule_certificate_not_yet_valid,
    [WHY_RULE_CERTIFICATE_WEAK] = &rule_certificate_weak,
    [WHY_RULE_CERTIFICATE_NAME_MISMATCH] = &rule_certificate_name_mismatch,
    [WHY_RULE_CERTIFICATE_EXPIRING] = &rule_certificate_expiring,
    [WHY_RULE_TLS_OLD_ONLY] = &rule_tls_old_only,
    [WHY_RULE_STANDARD_SECURITY_ONLY] = &rule_standard_security_only,
    [WHY_RULE_CREDSSP_OUTDATED] = &rule_credssp_outdated,
    [WHY_RULE_CLOCK_SKEW] = &rule_clock_skew,
    [WHY_RULE_SLOW] = &rule_slow,
    [WHY_RULE_REDIRECTED] = &rule_redirected,
    [WHY_RULE_NLA_REQUIRED] = &rule_nla_required,
    [WHY_RULE_TLS_REQUIRED] = &rule_tls_required,
    [WHY_RULE_NLA_NOT_OFFERED] = &rule_nla_not_offered,
    [WHY_RULE_TLS_NEW_ONLY] = &rule_tls_new_only,
    [WHY_RULE_EVERYTHING_WORKS] = &rule_everything_works,
    [WHY_RULE_UNEXPLAINED] = &rule_unexplained,
    [WHY_RULE_NOT_MEASURED] = &rule_not_measured,
};

_Static_assert(COUNT(infos) == WHY_RULE_COUNT, "a rule without a row");

/* Which rule a code leads to by itself. The first row that holds the code counts. */
static const struct {
    enum why_code_space space;
    int64_t first, last;
    enum why_rule rule;
} code_rules[] = {
    {WHY_SPACE_NEGOTIATION_FAILURE, 1, 1, WHY_RULE_TLS_REQUIRED},
    {WHY_SPACE_NEGOTIATION_FAILURE, 2, 2, WHY_RULE_STANDARD_SECURITY_ONLY},
    {WHY_SPACE_NEGOTIATION_FAILURE, 3, 3, WHY_RULE_CERTIFICATE_MISSING},
    {WHY_SPACE_NEGOTIATION_FAILURE, 5, 5, WHY_RULE_NLA_REQUIRED},
    {WHY_SPACE_NEGOTIATION_FAILURE, 6, 6, WHY_RULE_CLIENT_CERTIFICATE_REQUIRED},
    {WHY_SPACE_NEGOTIATION_FAILURE, 0, UINT32_MAX, WHY_RULE_NEGOTIATION_FAILURE},

    {WHY_SPACE_TLS_ALERT, 116, 116, WHY_RULE_CLIENT_CERTIFICATE_REQUIRED},

    {WHY_SPACE_NTSTATUS, 0xC0000064, 0xC0000064, WHY_RULE_LOGON_FAILURE},
    {WHY_SPACE_NTSTATUS, 0xC000006A, 0xC000006A, WHY_RULE_LOGON_FAILURE},
    {WHY_SPACE_NTSTATUS, 0xC000006D, 0xC000006D, WHY_RULE_LOGON_FAILURE},
    {WHY_SPACE_NTSTATUS, 0x8009030C, 0x8009030C, WHY_RULE_LOGON_FAILURE},
    {WHY_SPACE_NTSTATUS, 0xC00700EA, 0xC00700EA, WHY_RULE_LOGON_FAILURE}, /* FreeRDP's servers */
    {WHY_SPACE_NTSTATUS, 0xC0000234, 0xC0000234, WHY_RULE_ACCOUNT_LOCKED},
    {WHY_SPACE_NTSTATUS, 0xC0000072, 0xC0000072, WHY_RULE_ACCOUNT_DISABLED},
    {WHY_SPACE_NTSTATUS, 0xC0000193, 0xC0000193, WHY_RULE_ACCOUNT_EXPIRED},
    {WHY_SPACE_NTSTATUS, 0xC0000071, 0xC0000071, WHY_RULE_PASSWORD_EXPIRED},
    {WHY_SPACE_NTSTATUS, 0xC0000224, 0xC0000224, WHY_RULE_PASSWORD_EXPIRED},
    {WHY_SPACE_NTSTATUS, 0xC000006E, 0xC0000070, WHY_RULE_ACCOUNT_RESTRICTED},
    {WHY_SPACE_NTSTATUS, 0xC00002FA, 0xC00002FA, WHY_RULE_ACCOUNT_RESTRICTED},
    {WHY_SPACE_NTSTATUS, 0xC0000413, 0xC0000413, WHY_RULE_ACCOUNT_RESTRICTED},
    {WHY_SPACE_NTSTATUS, 0x8009033E, 0x8009033E, WHY_RULE_ACCOUNT_RESTRICTED},
    {WHY_SPACE_NTSTATUS, 0xC0000155, 0xC0000155, WHY_RULE_REMOTE_LOGON_DENIED},
    {WHY_SPACE_NTSTATUS, 0xC000015B, 0xC000015B, WHY_RULE_REMOTE_LOGON_DENIED},
    {WHY_SPACE_NTSTATUS, 0xC000005E, 0xC000005E, WHY_RULE_NO_LOGON_SERVERS},
    {WHY_SPACE_NTSTATUS, 0xC00000DF, 0xC00000DF, WHY_RULE_NO_LOGON_SERVERS},
    {WHY_SPACE_NTSTATUS, 0xC0000192, 0xC0000192, WHY_RULE_NO_LOGON_SERVERS},
    {WHY_SPACE_NTSTATUS, 0xC0000233, 0xC0000233, WHY_RULE_NO_LOGON_SERVERS},
    {WHY_SPACE_NTSTATUS, 0x80090311, 0x80090311, WHY_RULE_NO_LOGON_SERVERS},
    {WHY_SPACE_NTSTATUS, 0xC000018A, 0xC000018D, WHY_RULE_DOMAIN_TRUST_BROKEN},
    {WHY_SPACE_NTSTATUS, 0xC0000190, 0xC0000190, WHY_RULE_DOMAIN_TRUST_BROKEN},
    {WHY_SPACE_NTSTATUS, 0xC000019B, 0xC000019B, WHY_RULE_DOMAIN_TRUST_BROKEN},
    {WHY_SPACE_NTSTATUS, 0xC0000133, 0xC0000133, WHY_RULE_CLOCK_SKEW_REFUSED},
    {WHY_SPACE_NTSTATUS, 0x80090324, 0x80090324, WHY_RULE_CLOCK_SKEW_REFUSED},
    {WHY_SPACE_NTSTATUS, 0xC00000BB, 0xC00000BB, WHY_RULE_NTLM_BLOCKED},
    {WHY_SPACE_NTSTATUS, 0xC0000418, 0xC0000418, WHY_RULE_NTLM_BLOCKED},
    {WHY_SPACE_NTSTATUS, 0xC000035B, 0xC000035B, WHY_RULE_PUBLIC_KEY_MISMATCH},
    {WHY_SPACE_NTSTATUS, 0x80090346, 0x80090346, WHY_RULE_PUBLIC_KEY_MISMATCH},
    {WHY_SPACE_NTSTATUS, 1, UINT32_MAX, WHY_RULE_CREDSSP_ERROR},

    {WHY_SPACE_SPNEGO, 2, 2, WHY_RULE_LOGON_FAILURE},

    {WHY_SPACE_EARLY_USER_AUTH, 1, UINT32_MAX, WHY_RULE_REMOTE_LOGON_DENIED},

    {WHY_SPACE_LICENSE_ERROR, 6, 6, WHY_RULE_LICENSE_SERVER_MISSING},
    {WHY_SPACE_LICENSE_ERROR, 2, 2, WHY_RULE_LICENSE_REFUSED},
    {WHY_SPACE_LICENSE_ERROR, 4, 4, WHY_RULE_LICENSE_REFUSED},
    {WHY_SPACE_LICENSE_ERROR, 8, 8, WHY_RULE_LICENSE_REFUSED},
    {WHY_SPACE_LICENSE_ERROR, 11, 11, WHY_RULE_LICENSE_REFUSED},
    {WHY_SPACE_LICENSE_ERROR, 1, 1, WHY_RULE_LICENSE_PROTOCOL},
    {WHY_SPACE_LICENSE_ERROR, 3, 3, WHY_RULE_LICENSE_PROTOCOL},
    {WHY_SPACE_LICENSE_ERROR, 12, 12, WHY_RULE_LICENSE_PROTOCOL}, /* 7 is success */

    {WHY_SPACE_ERROR_INFO, 0x1, 0x4, WHY_RULE_SESSION_ENDED},
    {WHY_SPACE_ERROR_INFO, 0x5, 0x5, WHY_RULE_SESSION_REPLACED},
    {WHY_SPACE_ERROR_INFO, 0x6, 0x6, WHY_RULE_SERVER_OUT_OF_MEMORY},
    {WHY_SPACE_ERROR_INFO, 0x7, 0x7, WHY_RULE_SERVER_DENIED},
    {WHY_SPACE_ERROR_INFO, 0x8, 0x8, WHY_RULE_FIPS_REQUIRED},
    {WHY_SPACE_ERROR_INFO, 0x9, 0x9, WHY_RULE_REMOTE_LOGON_DENIED},
    {WHY_SPACE_ERROR_INFO, 0xA, 0xA, WHY_RULE_FRESH_CREDENTIALS},
    {WHY_SPACE_ERROR_INFO, 0xB, 0xC, WHY_RULE_SESSION_ENDED},
    {WHY_SPACE_ERROR_INFO, 0xF, 0x18, WHY_RULE_SESSION_FAILED},
    {WHY_SPACE_ERROR_INFO, 0x100, 0x100, WHY_RULE_ERROR_INFO}, /* an internal error of the server */
    {WHY_SPACE_ERROR_INFO, 0x101, 0x101, WHY_RULE_LICENSE_SERVER_MISSING},
    {WHY_SPACE_ERROR_INFO, 0x102, 0x102, WHY_RULE_LICENSE_REFUSED},
    {WHY_SPACE_ERROR_INFO, 0x104, 0x105, WHY_RULE_LICENSE_REFUSED},
    {WHY_SPACE_ERROR_INFO, 0x107, 0x107, WHY_RULE_ERROR_INFO}, /* the client ended licensing */
    {WHY_SPACE_ERROR_INFO, 0x109, 0x109, WHY_RULE_LICENSE_REFUSED},
    {WHY_SPACE_ERROR_INFO, 0x10A, 0x10A, WHY_RULE_ERROR_INFO}, /* the server itself is unlicensed */
    {WHY_SPACE_ERROR_INFO, 0x100, 0x1FF, WHY_RULE_LICENSE_PROTOCOL},
    {WHY_SPACE_ERROR_INFO, 0x400, 0x4FF, WHY_RULE_BROKER_ERROR},
    {WHY_SPACE_ERROR_INFO, 1, UINT32_MAX, WHY_RULE_ERROR_INFO},
};

bool why_rule_is_aside(enum why_rule rule)
{
    static const enum why_rule asides[] = {
        WHY_RULE_SOME_ADDRESSES_FAIL,
        WHY_RULE_CERTIFICATES_DIFFER,
        WHY_RULE_CERTIFICATE_EXPIRED,
        WHY_RULE_CERTIFICATE_NOT_YET_VALID,
        WHY_RULE_CERTIFICATE_WEAK,
        WHY_RULE_CERTIFICATE_NAME_MISMATCH,
        WHY_RULE_CERTIFICATE_EXPIRING,
        WHY_RULE_TLS_OLD_ONLY,
        WHY_RULE_CREDSSP_OUTDATED,
        WHY_RULE_CLOCK_SKEW,
        WHY_RULE_SLOW,
        WHY_RULE_NOT_MEASURED,
    };

    for (size_t i = 0; i < COUNT(asides); i++) {
        if (asides[i] == rule)
            return true;
    }
    return false;
}

/* Indexed by the condition's bit. */
static const char *const conditions[] = {
    "the target is a name",
    "the name servers did not answer",
    "the name servers know no such name",
    "the server closed or reset the connection",
    "the server fell silent",
    "the server sent a TLS alert",
    "the alert is protocol_version",
    "the alert is handshake_failure",
    "the alert is unrecognized_name",
    "TLS ended as it does when a key cannot be used",
    "the server had begun to answer",
    "it happened before an account was named",
    "it happened after an account was named",
    "the certificate is self-signed",
    "the certificate is issued by an authority",
    "the clocks differ by more than five minutes",
    "the server is a member of a domain",
    "other attempts pass the phase",
    "no attempt passes the phase",
    "the client brought a license",
    "the server had accepted the account's proof",
    "an attempt failed on this side",
};

const char *why_severity_name(enum why_severity severity)
{
    switch (severity) {
    case WHY_SEVERITY_INFO:
        return "info";
    case WHY_SEVERITY_WARNING:
        return "warning";
    default:
        return "error";
    }
}

const char *why_condition_text(unsigned condition)
{
    for (size_t i = 0; i < COUNT(conditions); i++) {
        if (condition == 1u << i)
            return conditions[i];
    }
    return NULL;
}

const struct why_rule_info *why_rule_info(enum why_rule rule)
{
    return infos[rule];
}

enum why_rule why_rule_find(const char *name)
{
    for (int i = 0; i < WHY_RULE_COUNT; i++) {
        if (strcmp(infos[i]->name, name) == 0)
            return (enum why_rule)i;
    }
    return WHY_RULE_COUNT;
}

enum why_rule why_rule_of_code(enum why_code_space space, int64_t value)
{
    for (size_t i = 0; i < COUNT(code_rules); i++) {
        if (code_rules[i].space == space && value >= code_rules[i].first &&
            value <= code_rules[i].last)
            return code_rules[i].rule;
    }
    return WHY_RULE_COUNT;
}

struct expansion {
    char *buf;
    size_t len, used; /* |used| goes on counting behind the end of |buf| */
};

static void put(struct expansion *e, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++, e->used++) {
        if (e->used + 1 < e->len)
            e->buf[e->used] = text[i];
    }
}

size_t why_rule_expand(const char *text, const char *host, uint16_t port, const char *label,
                       char *buf, size_t len)
{
    struct expansion e = {buf, len, 0};
    char number[8];
    const struct {
        const char *name, *value;
    } fields[] = {{"{target}", label}, {"{host}", host}, {"{port}", number}};

    snprintf(number, sizeof(number), "%" PRIu16, port);
    while (*text != '\0') {
        size_t i = 0, n = 0;

        for (; i < COUNT(fields); i++) {
            n = strlen(fields[i].name);
            if (strncmp(text, fields[i].name, n) == 0)
                break;
        }
        if (i < COUNT(fields))
            put(&e, fields[i].value, strlen(fields[i].value));
        else
            put(&e, text, n = 1);
        text += n;
    }
    if (len > 0)
        buf[e.used < len ? e.used : len - 1] = '\0';
    return e.used;
}
