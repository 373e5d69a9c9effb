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
    [WHY_RULE_FINALIZATION_INCOMPLETE] = &rule_finalization_incomplete,
    [WHY_RULE_NLA_REQUIRED] = &rule_nla_required,
    [WHY_RULE_TLS_REQUIRED] = &rule_tls_required,
    [WHY_RULE_NLA_NOT_OFFERED] = &rule_nla_not_offered,
    [WHY_RULE_TLS_NEW_ONLY] = &rule_tls_new_only,
    [WHY_RULE_EVERYTHING_WORKS] = &rule_everything_works,
    [WHY_RULE_UNEXPLAINED] = &rule_unexplained,
    [WHY_RULE_NOT_MEASURED] = &rule_not_measured,
};

static const bool asides[] = {
#define WHY_RULE(id, name, severity, aside, matcher) [WHY_RULE_##id] = (aside),
#include <rdpwhy/rules.def>
};

static const struct {
    enum why_code_space space;
    int64_t first, last;
    enum why_rule rule;
} code_rules[] = {
#define WHY_CODE(space, first, last, rule) {WHY_SPACE_##space, first, last, WHY_RULE_##rule},
#include <rdpwhy/rules.def>
};

static const char *const conditions[] = {
#define WHY_CONDITION(id, name, words) [WHY_CONDITION_##id] = (words),
#include <rdpwhy/rules.def>
};

bool why_rule_is_aside(enum why_rule rule)
{
    return asides[rule];
}

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
