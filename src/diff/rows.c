/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <string.h>

#include <rdpwhy/result.h>

/* clang-format off */
const struct row why_rows[] = {
    {{"host-state", "The host's state; worse: further from healthy"},
     true, why_row_state, FACT_COUNT, NULL},
    {{"accepted", "A profile that was refused by configuration is let in, or the reverse; worse: a "
      "weak one let in, a strong one no longer"},
     false, why_row_accepted, FACT_COUNT, NULL},
    {{"outcome", "What became of the attempt; worse: it ends earlier than before"},
     false, why_row_outcome, FACT_COUNT, NULL},
    {{"phase", "The phase in which the attempt ends, with the same outcome; worse: an earlier one"},
     false, why_row_phase, FACT_COUNT, NULL},
    {{"ending", "How the attempt ends, in the same phase"},
     false, why_row_ending, FACT_COUNT, NULL},
    {{"code", "The code that ends the attempt in the same way"},
     false, why_row_code, FACT_COUNT, NULL},
    {{"variation", "What has to be different for the attempt to get on; worse: something has to"},
     false, why_row_variation, FACT_COUNT, NULL},

    {{"nla-required", "Whether Network Level Authentication is required; worse: no longer"},
     true, why_row_nla_required, FACT_COUNT, NULL},
    {{"protocol", "The security protocol that the server selects when it has the choice; worse: a "
      "weaker one"},
     false, why_row_selected, FACT_SELECTED, why_rank_protocol},
    {{"tls-version", "The TLS version; worse: an older one"},
     false, why_row_fact, FACT_TLS_VERSION, why_tls_version_number},
    {{"tls-cipher", "The TLS cipher suite; worse: of a weaker class (weak, without forward secrecy "
      "or authenticated encryption, strong)"},
     false, why_row_cipher, FACT_TLS_CIPHER, why_rank_cipher},
    {{"encryption-method", "The method of Standard RDP Security; worse: a weaker one"},
     false, why_row_encryption, FACT_METHOD, why_rank_method},
    {{"encryption-level", "The level of Standard RDP Security; worse: a weaker one"},
     false, why_row_encryption, FACT_LEVEL, why_rank_level},
    {{"credssp-version", "The server's CredSSP version; worse: an older one"},
     false, why_row_credssp, FACT_COUNT, NULL},

    {{"certificate", "The certificate: another one has taken its place"},
     false, why_row_certificate, FACT_CERT_SHA256, NULL},
    {{"certificate-expired", "Whether the certificate is valid at the time of the attempt; worse: "
      "no longer"},
     false, why_row_certificate_expired, FACT_COUNT, NULL},
    {{"certificate-days", "The days the certificate has left; worse: fewer than the limit"},
     false, why_row_certificate_days, FACT_CERT_NOT_AFTER, NULL},
    {{"certificate-name", "Whether the certificate is for the target's name; worse: no longer"},
     false, why_row_certificate_name, FACT_COUNT, NULL},
    {{"certificate-issuer", "Whether the certificate is signed by another key than its own; worse: "
      "self-signed now"},
     false, why_row_certificate_trust, FACT_COUNT, NULL},
    {{"certificate-key", "The certificate's key; worse: a weaker one"},
     false, why_row_fact, FACT_CERT_KEY, why_key_strength},

    {{"license", "The result of licensing for a client without a license, or an administrator"},
     false, why_row_license, FACT_LICENSE, NULL},
    {{"server-kind", "Which software the server is"}, true, why_row_kind, FACT_COUNT, NULL},
    {{"server-build", "The server's operating system version"},
     false, why_row_fact, FACT_OS_VERSION, NULL},
    {{"server-name", "The server's own name"},
     false, why_row_fact, FACT_COMPUTER, NULL},
    {{"server-netbios-name", "The server's own NetBIOS name"},
     false, why_row_fact, FACT_NETBIOS_COMPUTER, NULL},
    {{"server-domain", "The server's domain"},
     false, why_row_fact, FACT_DOMAIN, NULL},
    {{"server-version", "The server's RDP version"},
     false, why_row_fact, FACT_SERVER_VERSION, NULL},
    {{"clock-skew", "The server's clock against ours; worse: beyond the limit"},
     true, why_row_clock_skew, FACT_COUNT, NULL},
    {{"phase-time", "The median time of a phase over the repeats of both runs; worse: by more than "
      "the factor and the floor"},
     false, why_row_phase_time, FACT_COUNT, NULL},

    {{"appeared", "A host that only the current run has"}, true, NULL, FACT_COUNT, NULL},
    {{"gone", "A host that only the baseline has"}, true, NULL, FACT_COUNT, NULL},
};
/* clang-format on */
const size_t why_row_count = sizeof(why_rows) / sizeof(why_rows[0]);

const char *why_change_class_name(enum why_change_class class)
{
    static const char *const names[WHY_CHANGE_CLASS_COUNT] = {[WHY_CHANGE_WORSE] = "worse",
                                                              [WHY_CHANGE_BETTER] = "better",
                                                              [WHY_CHANGE_OTHER] = "changed"};

    return names[class];
}

enum why_change_class why_class_of_ranks(int before, int after)
{
    if (before < 0 || after < 0 || before == after)
        return WHY_CHANGE_OTHER;
    return after < before ? WHY_CHANGE_WORSE : WHY_CHANGE_BETTER;
}

struct draft why_draft(const struct row *row, enum why_change_class class)
{
    return (struct draft){.row = row, .class = class};
}

void why_draft_detail(struct draft *draft, const char *name, const char *before, const char *after)
{
    struct why_change *c = &draft->change;

    if (before == after || (before && after && strcmp(before, after) == 0) ||
        c->detail_count == WHY_CHANGE_DETAILS_MAX)
        return;
    c->details[c->detail_count++] = (struct why_change_detail){name, before, after};
}

void why_row_fact(const struct row *row, const struct pair *pair)
{
    const char *before = pair->attempts[BEFORE]->facts[row->fact];
    const char *after = pair->attempts[AFTER]->facts[row->fact];
    struct draft draft = why_draft(row, WHY_CHANGE_OTHER);

    if (!before || !after || strcmp(before, after) == 0)
        return;
    if (row->rank)
        draft.class = why_class_of_ranks(row->rank(before), row->rank(after));
    why_draft_emit(&draft, pair, before, after);
}
