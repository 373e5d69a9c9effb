/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/diagnosis.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/result.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "verdict/licensing.h"

#include "address.h"
#include "rules.h"
#include "server_kind.h"

static rule_match *const matchers[] = {
#define WHY_RULE(id, name, severity, remark, matcher) [WHY_RULE_##id] = (matcher),
#include <rdpwhy/rules.def>
};

static bool is_name(const char *host)
{
    char address[BARE_ADDRESS_MAX];

    return !why_bare_address(host, address);
}

/* Conditions that hold of the host, whatever the rule. */
static uint64_t conditions_of(const struct host_results *h)
{
    bool given = false;

    for (size_t i = 0; i < h->count; i++)
        given = given ||
                (h->results[i]->trace != NULL && why_trace_head(h->results[i]->trace)->credentials);
    return (h->named ? WHY_IF(NAME) : 0) | (given ? 0 : WHY_IF(NOT_GIVEN));
}

static int judge(const struct host_results *h, enum why_rule rule, struct why_host *host)
{
    struct why_finding *finding = &host->findings[host->finding_count];
    struct finding_builder builder = {.finding = finding, .rule = rule};
    int status;

    memset(finding, 0, sizeof(*finding));
    finding->rule = why_rule_info(rule)->name;
    finding->severity = why_rule_info(rule)->severity;
    builder.conditions = conditions_of(h);
    if (!matchers[rule](h, &builder))
        return WHY_OK;
    status = why_finding_fill_texts(h, &builder);
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

static int find_all(struct host_results *h, struct why_host *host)
{
    struct why_finding *fitted;

    host->findings = malloc(WHY_RULE_COUNT * sizeof(*host->findings));
    if (host->findings == NULL)
        return WHY_ERR_NOMEM;
    for (int rule = 0; rule < WHY_RULE_COUNT; rule++) {
        int status;

        h->found = host->findings;
        h->found_count = host->finding_count;
        status = judge(h, (enum why_rule)rule, host);
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
    /* HTTP transport has two connections, each with its logon. */
    if (r->facts.gateway.logged_on)
        f->authentications += r->facts.gateway.transport == 2 ? 2 : 1;
    f->as_requests += r->facts.kerberos.as_requests;
    f->tgs_requests += r->facts.kerberos.tgs_requests;
    f->licenses_requested += why_license_was_requested(r);
    f->licenses_issued += why_license_was_issued(r);
    f->licenses_unknown += why_license_is_open(r);
    if (r->facts.client == NULL)
        f->udp_datagrams += r->facts.udp_datagrams;
    f->second_tries += why_first_of_two(r) != NULL;
    if (r->first_try != NULL)
        add_footprint(f, r->first_try);
    if (r->tls_first != NULL) {
        f->tls_first += r->tls_first->facts.connections;
        add_footprint(f, r->tls_first);
    }
}

int why_diagnose(const struct why_target *target, struct why_result *const *results, size_t count,
                 struct why_host *host)
{
    struct host_results h = {
        .target = target, .results = results, .count = count, .named = is_name(target->host)};
    int status;

    memset(host, 0, sizeof(*host));
    host->target = target;
    host->results = results;
    host->count = count;
    for (size_t i = 0; i < count; i++)
        add_footprint(&host->footprint, results[i]);
    host->tls_version = why_answers_settle(results, count);
    why_server_kind_tell(results, count, &host->kind);
    h.kind = host->kind.kind;
    host->state = why_host_state_of(&h);
    status = find_all(&h, host);
    if (status == WHY_OK)
        settle_state(host);
    if (status == WHY_OK)
        status = why_host_measure_spreads(host);
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
