/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/trace.h>

#include "base/rfc3339.h"
#include "facts/words.h"

#include "text_alike.h"

#define LABEL_WIDTH 15
#define TEXT_MAX    1024

static bool same_certificate(const struct why_result *a, const struct why_result *b,
                             const void *arg)
{
    (void)arg;
    return a->facts.has_certificate && b->facts.has_certificate &&
           strcmp(a->facts.certificate.sha256, b->facts.certificate.sha256) == 0 &&
           a->facts.certificate.has_trust == b->facts.certificate.has_trust &&
           a->facts.certificate.trust == b->facts.certificate.trust;
}

static const struct why_alike alike = {.same = same_certificate};

/* "Certificate", with the steps that saw it where there are several certificates. */
static void put_heading(struct page *page, const struct why_host *host, size_t index)
{
    char text[TEXT_MAX] = "";

    if (why_alike_count(host, &alike) > 1)
        why_alike_names(host, index, &alike, text, sizeof(text));
    why_page_heading(page, "Certificate");
    if (*text)
        why_page_field(page, 2, LABEL_WIDTH, "sent in", text);
}

static void put_names(struct page *page, const struct why_certificate *cert)
{
    char text[TEXT_MAX] = "";

    for (size_t i = 0; i < cert->name_count; i++) {
        size_t at = strlen(text);

        snprintf(text + at, sizeof(text) - at, "%s%s", i ? ", " : "", cert->names[i]);
    }
    if (*text)
        why_page_field(page, 2, LABEL_WIDTH, "names", text);
}

static void describe_expired(int64_t seconds, char *buf, size_t len)
{
    int64_t days = why_whole_days(seconds);

    if (days == 0)
        snprintf(buf, len, "EXPIRED less than a day before");
    else
        snprintf(buf, len, "EXPIRED %" PRId64 " day%s before", days, days == 1 ? "" : "s");
}

/* What of the validity matters at the attempt's time |now| (seconds; 0: not known). */
static void describe_validity(const struct why_certificate *cert, int64_t now, char *buf,
                              size_t len)
{
    int64_t left = why_whole_days(cert->not_after - now);

    if (cert->expired && now > 0)
        describe_expired(now - cert->not_after, buf, len);
    else if (cert->expired)
        snprintf(buf, len, "EXPIRED");
    else if (cert->not_yet_valid)
        snprintf(buf, len, "NOT YET VALID");
    else if (now > 0)
        snprintf(buf, len, "%" PRId64 " day%s left", left, left == 1 ? "" : "s");
    else
        snprintf(buf, len, "valid");
}

static void put_validity(struct page *page, const struct why_result *result)
{
    const struct why_certificate *cert = &result->facts.certificate;
    const struct why_trace_head *head = result->trace ? why_trace_head(result->trace) : NULL;
    char from[WHY_RFC3339_SIZE], to[WHY_RFC3339_SIZE], state[64], text[TEXT_MAX];

    if (!why_rfc3339_print(cert->not_before, -1, from) ||
        !why_rfc3339_print(cert->not_after, -1, to))
        return;
    describe_validity(cert, head ? (int64_t)(head->started_us / 1000000) : 0, state, sizeof(state));
    snprintf(text, sizeof(text), "%s to %s, %s", from, to, state);
    why_page_field(page, 2, LABEL_WIDTH, "valid", text);
}

static void put_text(struct page *page, const char *label, const char *text)
{
    if (text && *text)
        why_page_field(page, 2, LABEL_WIDTH, label, text);
}

static void put_certificate(struct page *page, const struct why_result *result)
{
    const struct why_certificate *cert = &result->facts.certificate;
    char text[TEXT_MAX];

    put_text(page, "subject", cert->subject);
    if (cert->issuer) {
        snprintf(text, sizeof(text), "%s%s", cert->issuer,
                 cert->self_signed ? " (self-signed)" : "");
        put_text(page, "issuer", text);
    }
    put_names(page, cert);
    snprintf(text, sizeof(text), "%s the target's name, %s",
             cert->name_matches ? "matches" : "DOES NOT MATCH", result->target->host);
    put_text(page, "name", text);
    why_words_trust(cert, text, sizeof(text));
    put_text(page, "trust", text);
    put_validity(page, result);
    put_text(page, "key", cert->key);
    put_text(page, "signature", cert->signature);
    put_text(page, "SHA-256", cert->sha256);
    put_text(page, "serial", cert->serial);
    if (cert->chain_length > 1) {
        snprintf(text, sizeof(text), "%zu certificates sent", cert->chain_length);
        put_text(page, "chain", text);
    }
}

void why_text_certificates(struct page *page, const struct why_host *host)
{
    for (size_t i = 0; i < host->count; i++) {
        if (!why_alike_is_first(host, i, &alike))
            continue;
        put_heading(page, host, i);
        put_certificate(page, host->results[i]);
    }
}
