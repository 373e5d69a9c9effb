/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RULES_H
#define RDPWHY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>

/* The diagnosis rules as data: what each means, its causes, checks and remedies. */

enum why_severity { WHY_SEVERITY_INFO, WHY_SEVERITY_WARNING, WHY_SEVERITY_ERROR };

const char *why_severity_name(enum why_severity severity);

/* In the order in which findings of the same severity are told: what explains most comes first. */
enum why_rule {
    WHY_RULE_NAME_NOT_RESOLVED,
    WHY_RULE_NO_ROUTE,
    WHY_RULE_PORT_REFUSED,
    WHY_RULE_PORT_FILTERED,
    WHY_RULE_NOT_RDP,
    WHY_RULE_CLOSED_BEFORE_ANSWER,
    WHY_RULE_SILENT_LISTENER,
    WHY_RULE_NEGOTIATION_REFUSED,

    WHY_RULE_CERTIFICATE_MISSING,
    WHY_RULE_NLA_CERTIFICATE_BROKEN,
    WHY_RULE_CERTIFICATE_UNUSABLE,
    WHY_RULE_CLIENT_CERTIFICATE_REQUIRED,
    WHY_RULE_TLS_FAILS,
    WHY_RULE_TLS_ALERT_LATER,
    WHY_RULE_NEGOTIATION_FAILURE,

    WHY_RULE_PUBLIC_KEY_MISMATCH,
    WHY_RULE_CLOCK_SKEW_REFUSED,
    WHY_RULE_ACCOUNT_LOCKED,
    WHY_RULE_ACCOUNT_DISABLED,
    WHY_RULE_ACCOUNT_EXPIRED,
    WHY_RULE_PASSWORD_EXPIRED,
    WHY_RULE_ACCOUNT_RESTRICTED,
    WHY_RULE_REMOTE_LOGON_DENIED,
    WHY_RULE_NO_LOGON_SERVERS,
    WHY_RULE_DOMAIN_TRUST_BROKEN,
    WHY_RULE_NTLM_BLOCKED,
    WHY_RULE_LOGON_FAILURE,
    WHY_RULE_CREDSSP_ERROR,
    WHY_RULE_CREDSSP_CLOSED,

    WHY_RULE_LICENSE_SERVER_MISSING,
    WHY_RULE_LICENSE_ADMIN_ONLY,
    WHY_RULE_LICENSE_STORE_BAD,
    WHY_RULE_LICENSE_REFUSED,
    WHY_RULE_LICENSE_PROTOCOL,
    WHY_RULE_LICENSING_CLOSED,

    WHY_RULE_SERVER_DENIED,
    WHY_RULE_SERVER_OUT_OF_MEMORY,
    WHY_RULE_FRESH_CREDENTIALS,
    WHY_RULE_FIPS_REQUIRED,
    WHY_RULE_SESSION_FAILED,
    WHY_RULE_BROKER_ERROR,
    WHY_RULE_SESSION_REPLACED,
    WHY_RULE_SESSION_ENDED,
    WHY_RULE_ERROR_INFO,

    WHY_RULE_SALTED_MAC,
    WHY_RULE_CLOSED_IN_BASIC_SETTINGS,
    WHY_RULE_CLOSED_IN_CHANNEL_JOIN,
    WHY_RULE_CLOSED_AFTER_CLIENT_INFO,
    WHY_RULE_CLOSED_BEFORE_ACTIVE,
    WHY_RULE_PROTOCOL_VIOLATION,

    WHY_RULE_FLAKY,
    WHY_RULE_SOME_ADDRESSES_FAIL,
    WHY_RULE_OFFER_CLOSED,
    WHY_RULE_CERTIFICATES_DIFFER,
    WHY_RULE_CERTIFICATE_EXPIRED,
    WHY_RULE_CERTIFICATE_NOT_YET_VALID,
    WHY_RULE_CERTIFICATE_WEAK,
    WHY_RULE_CERTIFICATE_NAME_MISMATCH,
    WHY_RULE_CERTIFICATE_EXPIRING,
    WHY_RULE_TLS_OLD_ONLY,
    WHY_RULE_STANDARD_SECURITY_ONLY,
    WHY_RULE_CREDSSP_OUTDATED,
    WHY_RULE_CLOCK_SKEW,
    WHY_RULE_SLOW,

    WHY_RULE_REDIRECTED,
    WHY_RULE_FINALIZATION_INCOMPLETE,
    WHY_RULE_NLA_REQUIRED,
    WHY_RULE_TLS_REQUIRED,
    WHY_RULE_NLA_NOT_OFFERED,
    WHY_RULE_TLS_NEW_ONLY,
    WHY_RULE_EVERYTHING_WORKS,
    WHY_RULE_UNEXPLAINED, /* looks at what the rules before it found */
    WHY_RULE_NOT_MEASURED,
    WHY_RULE_COUNT
};

/*
 * What a text of a rule presupposes. A finding shows the text only where the measurement supports
 * all of it; a rule's page shows all texts, each with its condition.
 */
#define WHY_IF_NAME            0x00001u /* the target is a name, not an address */
#define WHY_IF_TEMPORARY       0x00002u /* the look-up failed for now: the resolver did not answer */
#define WHY_IF_PERMANENT       0x00004u /* the look-up was answered: there is no such name */
#define WHY_IF_CLOSED          0x00008u /* the server closed or reset without a word */
#define WHY_IF_SILENT          0x00010u /* it fell silent */
#define WHY_IF_ALERT           0x00020u /* it sent a TLS alert */
#define WHY_IF_ALERT_VERSION   0x00040u /* protocol_version */
#define WHY_IF_ALERT_HANDSHAKE 0x00080u /* handshake_failure: nothing in common */
#define WHY_IF_ALERT_NAME      0x00100u /* unrecognized_name */
#define WHY_IF_KEY_SUSPECT                                                                         \
    0x00200u /* TLS ended as it does when certificate or key cannot be used */
#define WHY_IF_SERVER_SPOKE 0x00400u  /* its ServerHello or certificate had come already */
#define WHY_IF_NO_LOGON     0x00800u  /* it happened before any account was named */
#define WHY_IF_LOGON        0x01000u  /* it happened after the account's proof was sent */
#define WHY_IF_SELF_SIGNED  0x02000u  /* the certificate is */
#define WHY_IF_CA_SIGNED    0x04000u  /* it is not */
#define WHY_IF_SKEW         0x08000u  /* the clocks differ by more than five minutes */
#define WHY_IF_DOMAIN       0x10000u  /* the server is a member of a domain */
#define WHY_IF_OTHERS_PASS  0x20000u  /* other attempts of the run pass the phase it ended in */
#define WHY_IF_NONE_PASSES  0x40000u  /* none does */
#define WHY_IF_STORED       0x80000u  /* the client brought a license */
#define WHY_IF_PROVEN       0x100000u /* the server had accepted the account's proof */
#define WHY_IF_FAILED_HERE  0x200000u /* an attempt failed on this side */

/* "the target is a name", …: the words of one of the bits above; NULL for any other. */
const char *why_condition_text(unsigned condition);

struct why_rule_text {
    unsigned when; /* WHY_IF_ bits that must all hold; 0: always */
    /* {target}, {host} and {port} stand for the target's. */
    const char *text;
};

struct why_rule_info {
    const char *name; /* kebab-case */
    enum why_severity severity;
    const char *meaning;                  /* one line, a sentence without its full stop */
    const struct why_rule_text *causes;   /* by likelihood; ended by a NULL text */
    const struct why_rule_text *checks;   /* what tells the causes apart; the same */
    const struct why_rule_text *remedies; /* with their risk; the same */
};

/* Whether |rule| says nothing of how an attempt ended: a remark on what was seen on the way. */
bool why_rule_is_aside(enum why_rule rule);

/* The row of |rule|, never NULL. */
const struct why_rule_info *why_rule_info(enum why_rule rule);

/* The rule of that name, or WHY_RULE_COUNT. */
enum why_rule why_rule_find(const char *name);

/*
 * The rule that a code the server sent leads to; WHY_RULE_COUNT where the code alone leads to none.
 */
enum why_rule why_rule_of_code(enum why_code_space space, int64_t value);

/*
 * Writes |text| with its placeholders filled in; at most |len| bytes, like snprintf returns what
 * would have been written. |label| is host and port as one word.
 */
size_t why_rule_expand(const char *text, const char *host, uint16_t port, const char *label,
                       char *buf, size_t len);

#endif /* !defined(RDPWHY_RULES_H) */
