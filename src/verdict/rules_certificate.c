/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <inttypes.h>
#include <string.h>

#include <rdpwhy/trace.h>

/* Matchers: the certificate that the server showed. */

#define DAY_S           86400
#define EXPIRING_DAYS   30
#define WEAK_RSA_BITS   2048
#define WEAK_OTHER_BITS 224

static int64_t started_s(const struct why_result *r)
{
    return (int64_t)(why_trace_head(r->trace)->started_us / 1000000u);
}

static bool is_weak_signature(const struct why_certificate *c)
{
    return strncmp(c->signature, "md5", 3) == 0 || strncmp(c->signature, "md2", 3) == 0 ||
           strncmp(c->signature, "sha1", 4) == 0;
}

static bool is_weak_key(const struct why_certificate *c)
{
    uint32_t least = strncmp(c->key, "RSA", 3) == 0 ? WEAK_RSA_BITS : WEAK_OTHER_BITS;

    return c->key_bits != 0 && c->key_bits < least;
}

static bool is_expired(const struct why_result *r)
{
    return r->facts.certificate.expired;
}

static bool is_early(const struct why_result *r)
{
    return r->facts.certificate.not_yet_valid;
}

static bool is_weak(const struct why_result *r)
{
    return is_weak_key(&r->facts.certificate) || is_weak_signature(&r->facts.certificate);
}

static bool is_for_another(const struct why_result *r)
{
    return !r->facts.certificate.name_matches;
}

static bool is_expiring(const struct why_result *r)
{
    const struct why_certificate *c = &r->facts.certificate;

    return !c->expired && !c->not_yet_valid &&
           c->not_after - started_s(r) <= (int64_t)EXPIRING_DAYS * DAY_S;
}

/*
 * The first certificate that |wanted| holds for, with all attempts that showed one like it; NULL
 * where there is none.
 */
static const struct why_result *rest_on_certificate(const struct evidence *e, struct draft *d,
                                                    bool (*wanted)(const struct why_result *r))
{
    const struct why_result *r, *first = NULL;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!r->facts.has_certificate || !wanted(r))
            continue;
        if (first == NULL)
            first = r;
        rest_on(d, r);
    }
    if (first == NULL)
        return NULL;
    d->conditions |= first->facts.certificate.self_signed ? WHY_IF_SELF_SIGNED : WHY_IF_CA_SIGNED;
    because(d, "certificate %.120s, issued by %.120s, SHA-256 %.16s...",
            first->facts.certificate.subject, first->facts.certificate.issuer,
            first->facts.certificate.sha256);
    return first;
}

static void tell_validity(struct draft *d, const struct why_result *r)
{
    char from[32], to[32], now[32];

    date_words(r->facts.certificate.not_before, from, sizeof(from));
    date_words(r->facts.certificate.not_after, to, sizeof(to));
    date_words(started_s(r), now, sizeof(now));
    because(d, "valid from %s to %s; measured on %s", from, to, now);
}

bool match_certificate_expired(const struct evidence *e, struct draft *d)
{
    const struct why_result *r = rest_on_certificate(e, d, is_expired);
    char to[32];

    if (r == NULL)
        return false;
    tell_validity(d, r);
    date_words(r->facts.certificate.not_after, to, sizeof(to));
    summarize(d, "The certificate expired on %s, %" PRId64 " days ago", to,
              (started_s(r) - r->facts.certificate.not_after) / DAY_S);
    return true;
}

bool match_certificate_not_yet_valid(const struct evidence *e, struct draft *d)
{
    const struct why_result *r = rest_on_certificate(e, d, is_early);
    char from[32];

    if (r == NULL)
        return false;
    tell_validity(d, r);
    date_words(r->facts.certificate.not_before, from, sizeof(from));
    summarize(d, "The certificate is not valid before %s", from);
    return true;
}

bool match_certificate_weak(const struct evidence *e, struct draft *d)
{
    const struct why_result *r = rest_on_certificate(e, d, is_weak);

    if (r == NULL)
        return false;
    because(d, "key %s, signature %s", r->facts.certificate.key, r->facts.certificate.signature);
    summarize(d, "The certificate is weak: %s, %s", r->facts.certificate.key,
              r->facts.certificate.signature);
    return true;
}

bool match_certificate_name_mismatch(const struct evidence *e, struct draft *d)
{
    const struct why_result *r = rest_on_certificate(e, d, is_for_another);
    const struct why_certificate *c;

    if (r == NULL)
        return false;
    c = &r->facts.certificate;
    if (c->name_count > 0)
        because(d, "it contains the name %.200s%s", c->names[0],
                c->name_count > 1 ? " and others" : "");
    /* Nobody expects an address in a certificate; a name that fails to match is another matter. */
    if (!e->named)
        d->finding->severity = WHY_SEVERITY_INFO;
    summarize(d, "The certificate is for %.120s, not for %.120s",
              c->name_count > 0 ? c->names[0] : c->subject, e->target->host);
    return true;
}

bool match_certificate_expiring(const struct evidence *e, struct draft *d)
{
    const struct why_result *r = rest_on_certificate(e, d, is_expiring);
    char to[32];

    if (r == NULL)
        return false;
    tell_validity(d, r);
    date_words(r->facts.certificate.not_after, to, sizeof(to));
    summarize(d, "The certificate expires on %s, in %" PRId64 " days", to,
              (r->facts.certificate.not_after - started_s(r)) / DAY_S);
    return true;
}

bool match_certificates_differ(const struct evidence *e, struct draft *d)
{
    const struct why_result *r, *first = NULL;
    bool differ = false;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        bool other;

        if (!r->facts.has_certificate)
            continue;
        other = first != NULL &&
                strcmp(first->facts.certificate.sha256, r->facts.certificate.sha256) != 0;
        if (first == NULL || (other && !differ))
            because(d, "%s from %s: SHA-256 %.16s..., %.150s", why_profile_name(r->step.profile),
                    r->facts.address != NULL ? r->facts.address : "?", r->facts.certificate.sha256,
                    r->facts.certificate.subject);
        if (first == NULL)
            first = r;
        differ = differ || other;
        rest_on(d, r);
    }
    if (!differ)
        return false;
    summarize(
        d, "Attempts on the same target got different certificates: more than one machine answers");
    return true;
}
