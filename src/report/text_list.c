/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/result.h>
#include <rdpwhy/trace.h>

#include "facts/words.h"

#include "host_words.h"

#define ROW_FORMAT_TARGET_COLUMN 28

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
    const char *nla = why_host_nla(host), *tls = why_host_tls(host);
    char days[32], target[WHY_TARGET_WORDS];

    certificate_days(host, days, sizeof(days));
    why_page_text(page, style, state);
    why_page_printf(page, PAGE_PLAIN, "%*s%-*s %-9s %-8s %-8s %s", 13 - (int)strlen(state), "",
                    ROW_FORMAT_TARGET_COLUMN, why_words_target(host->target, target),
                    nla != NULL ? nla : "-", tls != NULL ? tls : "-", days, sentence);
    why_page_newline(page);
}
