/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_POLICY_H
#define RDPWHY_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include <rdpwhy/verdict.h>
#include <rdpwhy/vocab.h>

/*
 * How far a server's answer is a decision and how far a defect. A server that refuses an offer
 * because it is configured so works as it should. Pure.
 */

/* What of a verdict decides that; from a live attempt or from a saved run. */
struct why_answer {
    enum why_profile profile;
    enum why_outcome outcome;
    enum why_phase phase;
    enum why_ending ending;
    bool has_code;
    int64_t code; /* in the ending's own space */
};

struct why_answer why_answer_of(enum why_profile profile, const struct why_verdict *verdict);

/* It came as far as it was meant to: to the end, to a redirection, or to the point where only an
 * account was missing. */
bool why_answer_through(const struct why_answer *answer);

/*
 * The offer was turned down as a matter of configuration: RDP_NEG_FAILURE SSL_REQUIRED,
 * SSL_NOT_ALLOWED or HYBRID_REQUIRED ([MS-RDPBCGR] 2.2.1.2.2), another protocol selected, or a
 * pinned TLS version answered with the alert for versions (RFC 8446, 6.2). TLS 1.0 and 1.1 count as
 * turned off too where the handshake was just cut off: some servers say it that way.
 */
bool why_answer_policy(const struct why_answer *answer);

/* RDP_NEG_FAILURE HYBRID_REQUIRED_BY_SERVER: the server insists on Network Level Authentication. */
bool why_answer_nla_required(const struct why_answer *answer);

/* The security that the profile offers was let in; what came later does not matter. */
bool why_answer_accepted(const struct why_answer *answer);

/*
 * Strength of a certificate's key ("RSA 2048", "EC prime256v1") in bits of an RSA key, compared as
 * NIST SP 800-57 part 1, table 2 does; negative: not known.
 */
int why_key_strength(const char *key);

/* "TLSv1.2" as 12, "TLSv1" as 10, "SSLv3" as 3; negative: not known. */
int why_tls_version_number(const char *version);

#endif /* !defined(RDPWHY_POLICY_H) */
