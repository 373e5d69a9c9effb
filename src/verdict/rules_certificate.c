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
    /* Which name a capture's client asked for is not known: there is the address alone. */
    return !r->facts.certificate.name_matches && why_trace_head(r->trace)->library != NULL;
}

static bool is_expiring(const struct why_result *r)
{
    const struct why_certificate *c = &r->facts.certificate;

    return !c->expired && !c->not_yet_valid &&
           c->not_after - started_s(r) <= (int64_t)EXPIRING_DAYS * DAY_S;
}

static bool has_trust(const struct why_result *r, enum why_trust trust)
{
    return r->facts.certificate.has_trust && r->facts.certificate.trust == trust;
}

static bool has_broken_chain(const struct why_result *r)
{
    return has_trust(r, WHY_TRUST_CHAIN_EXPIRED) || has_trust(r, WHY_TRUST_CHAIN_INVALID);
}

/* A self-signed certificate is how Windows comes, and a fact: only of an authority something else
 * is expected. */
static bool has_unknown_issuer(const struct why_result *r)
{
    return has_trust(r, WHY_TRUST_UNKNOWN_ISSUER);
}

/*
 * The first certificate that |wanted| holds for, with all attempts that showed one like it; NULL
 * where there is none.
 */
static const struct why_result *add_certificate(const struct host_results *h,
                                                struct finding_builder *b, result_test *wanted)
{
    const struct why_result *r, *first = NULL;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        /* Of each server on the way, where redirections were followed. */
        for (const struct why_result *of = r; of != NULL;
             of = why_is_hop(of) ? of->first_try : NULL) {
            if (!of->facts.has_certificate || !wanted(of))
                continue;
            if (first == NULL)
                first = of;
            why_finding_add_attempt(b, r);
        }
    }
    if (first == NULL)
        return NULL;
    b->conditions |= first->facts.certificate.self_signed ? WHY_IF(SELF_SIGNED) : WHY_IF(CA_SIGNED);
    add_fact(b, "certificate %.120s, issued by %.120s, SHA-256 %.16s...",
             first->facts.certificate.subject, first->facts.certificate.issuer,
             first->facts.certificate.sha256);
    return first;
}

static void add_validity(struct finding_builder *b, const struct why_result *r)
{
    char from[32], to[32], now[32];

    why_date_words(r->facts.certificate.not_before, from, sizeof(from));
    why_date_words(r->facts.certificate.not_after, to, sizeof(to));
    why_date_words(started_s(r), now, sizeof(now));
    add_fact(b, "valid from %s to %s; measured on %s", from, to, now);
}

bool why_match_certificate_expired(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = add_certificate(h, b, is_expired);
    char to[32];

    if (r == NULL)
        return false;
    add_validity(b, r);
    why_date_words(r->facts.certificate.not_after, to, sizeof(to));
    summarize(b, "The certificate expired on %s, %" PRId64 " days ago", to,
              (started_s(r) - r->facts.certificate.not_after) / DAY_S);
    return true;
}

bool why_match_certificate_not_yet_valid(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = add_certificate(h, b, is_early);
    char from[32];

    if (r == NULL)
        return false;
    add_validity(b, r);
    why_date_words(r->facts.certificate.not_before, from, sizeof(from));
    summarize(b, "The certificate is not valid before %s", from);
    return true;
}

bool why_match_certificate_weak(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = add_certificate(h, b, is_weak);

    if (r == NULL)
        return false;
    add_fact(b, "key %s, signature %s", r->facts.certificate.key, r->facts.certificate.signature);
    summarize(b, "The certificate is weak: %s, %s", r->facts.certificate.key,
              r->facts.certificate.signature);
    return true;
}

bool why_match_certificate_name_mismatch(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = add_certificate(h, b, is_for_another);
    const struct why_certificate *c;

    if (r == NULL)
        return false;
    c = &r->facts.certificate;
    if (c->name_count > 0)
        add_fact(b, "it contains the name %.200s%s", c->names[0],
                 c->name_count > 1 ? " and others" : "");
    /* Nobody expects an address in a certificate; a name that fails to match is another matter. */
    if (!h->named)
        b->finding->severity = WHY_SEVERITY_INFO;
    summarize(b, "The certificate is for %.120s, not for %.120s",
              c->name_count > 0 ? c->names[0] : c->subject,
              why_is_hop(r) ? why_trace_head(r->trace)->host : h->target->host);
    return true;
}

bool why_match_certificate_expiring(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = add_certificate(h, b, is_expiring);
    char to[32];

    if (r == NULL)
        return false;
    add_validity(b, r);
    why_date_words(r->facts.certificate.not_after, to, sizeof(to));
    summarize(b, "The certificate expires on %s, in %" PRId64 " days", to,
              (r->facts.certificate.not_after - started_s(r)) / DAY_S);
    return true;
}

static const char *authority_of(const struct why_certificate *c)
{
    return c->authority != NULL ? c->authority : "an authority without a name";
}

static void add_chain(struct finding_builder *b, const struct why_certificate *c)
{
    add_fact(b, "the server sent %zu certificate%s; revocation was not checked", c->chain_length,
             PLURAL(c->chain_length));
}

bool why_match_certificate_chain(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = add_certificate(h, b, has_broken_chain);
    const struct why_certificate *c;

    if (r == NULL)
        return false;
    c = &r->facts.certificate;
    add_chain(b, c);
    summarize(b,
              c->trust == WHY_TRUST_CHAIN_EXPIRED
                  ? "In the certificate's chain, %.200s is expired or not yet valid"
                  : "The certificate's chain is not valid: the problem is at %.200s",
              authority_of(c));
    return true;
}

bool why_match_certificate_untrusted(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = add_certificate(h, b, has_unknown_issuer);

    if (r == NULL)
        return false;
    add_chain(b, &r->facts.certificate);
    summarize(b, "This computer does not trust the issuer of the certificate: %.200s",
              authority_of(&r->facts.certificate));
    return true;
}

bool why_match_certificates_differ(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r, *first = NULL;
    bool differ = false;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        bool other;

        r = why_before_hops(r);
        if (!r->facts.has_certificate)
            continue;
        other = first != NULL &&
                strcmp(first->facts.certificate.sha256, r->facts.certificate.sha256) != 0;
        if (first == NULL || (other && !differ))
            add_fact(b, "%s from %s: SHA-256 %.16s..., %.150s", why_profile_name(r->step.profile),
                     r->facts.address != NULL ? r->facts.address : "?", r->facts.certificate.sha256,
                     r->facts.certificate.subject);
        if (first == NULL)
            first = r;
        differ = differ || other;
        why_finding_add_attempt(b, r);
    }
    if (!differ)
        return false;
    summarize(
        b, "Attempts on the same target got different certificates: more than one machine answers");
    return true;
}
