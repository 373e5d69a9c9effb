/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/diagnosis.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include <rdpwhy/answer.h>
#include <rdpwhy/licensing.h>
#include <rdpwhy/status.h>

#include "rules.h"

/* Every rule with its matcher; where a code of the server decides alone, match_code does. */
static rule_match *const matchers[] = {
    [WHY_RULE_NAME_NOT_RESOLVED] = match_name_not_resolved,
    [WHY_RULE_NO_ROUTE] = match_no_route,
    [WHY_RULE_PORT_REFUSED] = match_port_refused,
    [WHY_RULE_PORT_FILTERED] = match_port_filtered,
    [WHY_RULE_NOT_RDP] = match_not_rdp,
    [WHY_RULE_CLOSED_BEFORE_ANSWER] = match_closed_before_answer,
    [WHY_RULE_SILENT_LISTENER] = match_silent_listener,
    [WHY_RULE_NEGOTIATION_REFUSED] = match_negotiation_refused,
    [WHY_RULE_CERTIFICATE_MISSING] = match_code,
    [WHY_RULE_NLA_CERTIFICATE_BROKEN] = match_nla_certificate_broken,
    [WHY_RULE_CERTIFICATE_UNUSABLE] = match_certificate_unusable,
    [WHY_RULE_CLIENT_CERTIFICATE_REQUIRED] = match_client_certificate_required,
    [WHY_RULE_TLS_FAILS] = match_tls_fails,
    [WHY_RULE_TLS_ALERT_LATER] = match_tls_alert_later,
    [WHY_RULE_NEGOTIATION_FAILURE] = match_negotiation_failure,
    [WHY_RULE_PUBLIC_KEY_MISMATCH] = match_public_key_mismatch,
    [WHY_RULE_CLOCK_SKEW_REFUSED] = match_code,
    [WHY_RULE_ACCOUNT_LOCKED] = match_code,
    [WHY_RULE_ACCOUNT_DISABLED] = match_code,
    [WHY_RULE_ACCOUNT_EXPIRED] = match_code,
    [WHY_RULE_PASSWORD_EXPIRED] = match_code,
    [WHY_RULE_ACCOUNT_RESTRICTED] = match_code,
    [WHY_RULE_REMOTE_LOGON_DENIED] = match_code,
    [WHY_RULE_NO_LOGON_SERVERS] = match_code,
    [WHY_RULE_DOMAIN_TRUST_BROKEN] = match_code,
    [WHY_RULE_NTLM_BLOCKED] = match_code,
    [WHY_RULE_LOGON_FAILURE] = match_code,
    [WHY_RULE_CREDSSP_ERROR] = match_code,
    [WHY_RULE_CREDSSP_CLOSED] = match_credssp_closed,
    [WHY_RULE_LICENSE_SERVER_MISSING] = match_code,
    [WHY_RULE_LICENSE_ADMIN_ONLY] = match_license_admin_only,
    [WHY_RULE_LICENSE_STORE_BAD] = match_license_store_bad,
    [WHY_RULE_LICENSE_REFUSED] = match_code,
    [WHY_RULE_LICENSE_PROTOCOL] = match_code,
    [WHY_RULE_LICENSING_CLOSED] = match_licensing_closed,
    [WHY_RULE_SERVER_DENIED] = match_code,
    [WHY_RULE_SERVER_OUT_OF_MEMORY] = match_code,
    [WHY_RULE_FRESH_CREDENTIALS] = match_code,
    [WHY_RULE_FIPS_REQUIRED] = match_code,
    [WHY_RULE_SESSION_FAILED] = match_code,
    [WHY_RULE_BROKER_ERROR] = match_code,
    [WHY_RULE_SESSION_REPLACED] = match_code,
    [WHY_RULE_SESSION_ENDED] = match_code,
    [WHY_RULE_ERROR_INFO] = match_code,
    [WHY_RULE_SALTED_MAC] = match_salted_mac,
    [WHY_RULE_CLOSED_IN_BASIC_SETTINGS] = match_closed_in_basic_settings,
    [WHY_RULE_CLOSED_IN_CHANNEL_JOIN] = match_closed_in_channel_join,
    [WHY_RULE_CLOSED_AFTER_CLIENT_INFO] = match_closed_after_client_info,
    [WHY_RULE_CLOSED_BEFORE_ACTIVE] = match_closed_before_active,
    [WHY_RULE_PROTOCOL_VIOLATION] = match_protocol_violation,
    [WHY_RULE_FLAKY] = match_flaky,
    [WHY_RULE_SOME_ADDRESSES_FAIL] = match_some_addresses_fail,
    [WHY_RULE_OFFER_CLOSED] = match_offer_closed,
    [WHY_RULE_CERTIFICATES_DIFFER] = match_certificates_differ,
    [WHY_RULE_CERTIFICATE_EXPIRED] = match_certificate_expired,
    [WHY_RULE_CERTIFICATE_NOT_YET_VALID] = match_certificate_not_yet_valid,
    [WHY_RULE_CERTIFICATE_WEAK] = match_certificate_weak,
    [WHY_RULE_CERTIFICATE_NAME_MISMATCH] = match_certificate_name_mismatch,
    [WHY_RULE_CERTIFICATE_EXPIRING] = match_certificate_expiring,
    [WHY_RULE_TLS_OLD_ONLY] = match_tls_old_only,
    [WHY_RULE_STANDARD_SECURITY_ONLY] = match_standard_security_only,
    [WHY_RULE_CREDSSP_OUTDATED] = match_credssp_outdated,
    [WHY_RULE_CLOCK_SKEW] = match_clock_skew,
    [WHY_RULE_SLOW] = match_slow,
    [WHY_RULE_REDIRECTED] = match_redirected,
    [WHY_RULE_FINALIZATION_INCOMPLETE] = match_finalization_incomplete,
    [WHY_RULE_NLA_REQUIRED] = match_nla_required,
    [WHY_RULE_TLS_REQUIRED] = match_tls_required,
    [WHY_RULE_NLA_NOT_OFFERED] = match_nla_not_offered,
    [WHY_RULE_TLS_NEW_ONLY] = match_tls_new_only,
    [WHY_RULE_EVERYTHING_WORKS] = match_everything_works,
    [WHY_RULE_UNEXPLAINED] = match_unexplained,
    [WHY_RULE_NOT_MEASURED] = match_not_measured,
};

_Static_assert(sizeof(matchers) / sizeof(matchers[0]) == WHY_RULE_COUNT, "a rule without matcher");

static bool is_name(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, address) != 1 && inet_pton(AF_INET6, host, address) != 1;
}

static int judge(const struct evidence *e, enum why_rule rule, struct why_host *host)
{
    struct why_finding *finding = &host->findings[host->finding_count];
    struct draft draft = {.finding = finding, .rule = rule};
    int status;

    memset(finding, 0, sizeof(*finding));
    finding->rule = why_rule_info(rule)->name;
    finding->severity = why_rule_info(rule)->severity;
    draft.conditions = e->named ? WHY_IF_NAME : 0;
    if (!matchers[rule](e, &draft))
        return WHY_OK;
    status = fill_texts(e, &draft);
    if (status == WHY_OK)
        host->finding_count++;
    return status;
}

/* Most severe first; within a severity the table's order, in which findings were made, stays. */
static void sort_findings(struct why_host *host)
{
    for (size_t i = 1; i < host->finding_count; i++) {
        for (size_t j = i; j > 0; j--) {
            struct why_finding *a = &host->findings[j - 1], *b = &host->findings[j];
            struct why_finding swap;

            if (a->severity >= b->severity)
                break;
            swap = *a;
            *a = *b;
            *b = swap;
        }
    }
}

static int find_all(struct evidence *e, struct why_host *host)
{
    struct why_finding *fitted;

    host->findings = malloc(WHY_RULE_COUNT * sizeof(*host->findings));
    if (host->findings == NULL)
        return WHY_ERR_NOMEM;
    for (int rule = 0; rule < WHY_RULE_COUNT; rule++) {
        int status;

        e->found = host->findings;
        e->found_count = host->finding_count;
        status = judge(e, (enum why_rule)rule, host);
        if (status != WHY_OK)
            return status;
    }
    sort_findings(host);
    if (host->finding_count == 0) {
        free(host->findings);
        host->findings = NULL;
        return WHY_OK;
    }
    fitted = realloc(host->findings, host->finding_count * sizeof(*fitted));
    if (fitted != NULL)
        host->findings = fitted;
    return WHY_OK;
}

static void drop_finding(struct why_host *host, size_t index)
{
    free(host->findings[index].texts);
    host->finding_count--;
    memmove(&host->findings[index], &host->findings[index + 1],
            (host->finding_count - index) * sizeof(*host->findings));
}

/* No host is healthy with an error on it, or with an attempt that nobody can explain. */
static void settle_state(struct why_host *host)
{
    const char *unexplained = why_rule_info(WHY_RULE_UNEXPLAINED)->name;
    const char *works = why_rule_info(WHY_RULE_EVERYTHING_WORKS)->name;
    bool doubted = false;

    for (size_t i = 0; i < host->finding_count; i++)
        doubted = doubted || host->findings[i].severity == WHY_SEVERITY_ERROR ||
                  strcmp(host->findings[i].rule, unexplained) == 0;
    if (!doubted)
        return;
    if (host->state == WHY_HOST_HEALTHY)
        host->state = WHY_HOST_DEGRADED;
    for (size_t i = host->finding_count; i-- > 0;) {
        if (strcmp(host->findings[i].rule, works) == 0)
            drop_finding(host, i);
    }
}

static void add_footprint(struct why_footprint *f, const struct why_result *r)
{
    f->connections += r->facts.connections;
    if (r->facts.authenticated)
        f->authentications++;
    f->licenses_requested += why_license_was_requested(r);
    f->licenses_issued += why_license_was_issued(r);
    f->licenses_unknown += why_license_is_open(r);
    if (r->first_try != NULL)
        add_footprint(f, r->first_try);
}

int why_diagnose(const struct why_target *target, struct why_result *const *results, size_t count,
                 struct why_host *host)
{
    struct evidence e = {
        .target = target, .results = results, .count = count, .named = is_name(target->host)};
    int status;

    memset(host, 0, sizeof(*host));
    host->target = target;
    host->results = results;
    host->count = count;
    for (size_t i = 0; i < count; i++)
        add_footprint(&host->footprint, results[i]);
    host->tls_version = why_answers_settle(results, count);
    host->state = host_state(&e);
    status = find_all(&e, host);
    if (status == WHY_OK)
        settle_state(host);
    if (status == WHY_OK)
        status = measure_spreads(host);
    if (status != WHY_OK)
        why_host_clear(host);
    return status;
}

void why_host_clear(struct why_host *host)
{
    if (host == NULL)
        return;
    for (size_t i = 0; i < host->finding_count; i++)
        free(host->findings[i].texts);
    free(host->findings);
    free(host->spreads);
    memset(host, 0, sizeof(*host));
}
