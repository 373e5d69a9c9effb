/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/result.h>
#include <rdpwhy/trace.h>

#include "facts/words.h"

#define ROW_FORMAT_TARGET_COLUMN 28

/* Whether the server does Network Level Authentication; NULL: no answer says. */
static const char *nla_word(const struct why_host *host)
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
                 (r->facts.has_confirm ||
                  (v->has_code && v->code.space == WHY_SPACE_NEGOTIATION_FAILURE)))
            word = "no";
    }
    return word;
}

/* The highest version that was agreed on; NULL: none. Their names sort as the versions do. */
static const char *tls_word(const struct why_host *host)
{
    const char *best = NULL;

    for (size_t i = 0; i < host->count; i++) {
        const char *version = host->results[i]->facts.tls_version;

        if (version != NULL && (best == NULL || strcmp(version, best) > 0))
            best = version;
    }
    return best;
}

/* How long the certificate is valid for, from the time of the attempt. */
static void certificate_days(const struct why_host *host, char *buf, size_t len)
{
    (void)snprintf(buf, len, "-");
    for (size_t i = 0; i < host->count; i++) {
        int64_t days;

        if (!why_certificate_days(host->results[i], &days))
            continue;
        (void)snprintf(buf, len, "%" PRId64 " d", days);
        return;
    }
}

void why_text_list_titles(struct page *page)
{
    why_page_printf(page, PAGE_DIM, "%-12s %-*s %-9s %-8s %-8s %s", "STATE",
                    ROW_FORMAT_TARGET_COLUMN, "TARGET", "NLA", "TLS", "CERT", "FIRST FINDING");
    why_page_newline(page);
}

void why_text_list_row(struct page *page, const struct why_host *host, enum page_style style,
                       const char *sentence)
{
    const char *state = why_host_state_name(host->state);
    const char *nla = nla_word(host), *tls = tls_word(host);
    char days[32];

    certificate_days(host, days, sizeof(days));
    why_page_text(page, style, state);
    why_page_printf(page, PAGE_PLAIN, "%*s%-*s %-9s %-8s %-8s %s", 13 - (int)strlen(state), "",
                    ROW_FORMAT_TARGET_COLUMN, host->target->label, nla != NULL ? nla : "-",
                    tls != NULL ? tls : "-", days, sentence);
    why_page_newline(page);
}
