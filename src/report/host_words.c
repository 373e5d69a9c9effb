/* SPDX-License-Identifier: Apache-2.0 */
#include "host_words.h"

#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/result.h>

/* The server was offered CredSSP and chose a protocol that has none. */
static bool chooses_without_nla(const struct why_facts *facts)
{
    return facts->has_confirm && (facts->selected_protocol == WHY_PROTOCOL_RDP ||
                                  facts->selected_protocol == WHY_PROTOCOL_SSL);
}

const char *why_host_nla(const struct why_host *host)
{
    const char *word = NULL;

    for (size_t i = 0; i < host->count; i++) {
        const struct why_result *r = host->results[i];
        const struct why_verdict *v = &r->verdict;
        uint32_t hybrid = WHY_PROTOCOL_HYBRID | WHY_PROTOCOL_HYBRID_EX;

        if (why_nla_is_required(v->ending, v->code.value))
            return "required";
        if (r->facts.has_confirm && (r->facts.selected_protocol & hybrid) != 0)
            word = "yes";
        else if (word == NULL && (r->facts.requested_protocols & hybrid) != 0 &&
                 (chooses_without_nla(&r->facts) ||
                  (v->has_code && v->code.space == WHY_SPACE_NEGOTIATION_FAILURE)))
            word = "no";
    }
    return word;
}

/* The names of the versions sort as the versions do. */
const char *why_host_tls(const struct why_host *host)
{
    const char *best = NULL;

    for (size_t i = 0; i < host->count; i++) {
        const char *version = host->results[i]->facts.tls_version;

        if (version != NULL && (best == NULL || strcmp(version, best) > 0))
            best = version;
    }
    return best;
}

/* Whatever was tried ended at a proxy. */
static bool is_ended_by_proxy(const struct why_host *host)
{
    bool proxied = false;

    for (size_t i = 0; i < host->count; i++) {
        const struct why_verdict *v = &host->results[i]->verdict;

        if (v->outcome != WHY_OUTCOME_SKIPPED && v->phase != WHY_PHASE_PROXY)
            return false;
        proxied = proxied || v->phase == WHY_PHASE_PROXY;
    }
    return proxied;
}

/* Whatever was tried ended at an RD Gateway. */
static bool is_ended_by_gateway(const struct why_host *host)
{
    bool ended = false;

    for (size_t i = 0; i < host->count; i++) {
        const struct why_result *r = host->results[i];
        bool here = r->facts.gateway.label != NULL && r->verdict.phase != WHY_PHASE_PROXY &&
                    r->verdict.phase <= WHY_PHASE_GATEWAY_CHANNEL;

        if (r->verdict.outcome != WHY_OUTCOME_SKIPPED && !here)
            return false;
        ended = ended || r->verdict.outcome != WHY_OUTCOME_SKIPPED;
    }
    return ended;
}

const char *why_host_state_meaning(const struct why_host *host)
{
    size_t count = 0;

    if (host->state == WHY_HOST_UNREACHABLE && is_ended_by_proxy(host))
        return "no connection could be made through the proxy";
    if (host->state == WHY_HOST_UNREACHABLE && is_ended_by_gateway(host))
        return "no connection could be made through the RD Gateway";
    return why_vocab(WHY_VOCAB_HOST_STATE, &count)[host->state].meaning;
}
