/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VOCAB_H
#define RDPWHY_VOCAB_H

#include <stddef.h>

/*
 * The closed lists of words that code, JSON, text and documentation share. Every list has a
 * constant table of rows; parsers, writers, help and `rdpwhy list` loop over the tables.
 */

/* The phases of a connection in protocol order ([MS-RDPBCGR] 1.3.1.1). Comparable with < and >. */
enum why_phase {
    WHY_PHASE_RESOLVE,
    WHY_PHASE_CONNECT,
    WHY_PHASE_NEGOTIATION,
    WHY_PHASE_TLS,
    WHY_PHASE_CREDSSP,
    WHY_PHASE_RDSTLS,
    WHY_PHASE_AAD,
    WHY_PHASE_BASIC_SETTINGS,
    WHY_PHASE_CHANNEL_CONNECTION,
    WHY_PHASE_SECURITY_COMMENCEMENT,
    WHY_PHASE_SECURE_SETTINGS,
    WHY_PHASE_AUTO_DETECT,
    WHY_PHASE_LICENSING,
    WHY_PHASE_MULTITRANSPORT,
    WHY_PHASE_CAPABILITIES,
    WHY_PHASE_FINALIZATION,
    WHY_PHASE_ACTIVE,
    WHY_PHASE_COUNT,
    WHY_PHASE_NONE = -1
};

/* What security the client offers; one attempt makes exactly one offer. */
enum why_profile {
    WHY_PROFILE_NEGOTIATE,
    WHY_PROFILE_RDP,
    WHY_PROFILE_TLS,
    WHY_PROFILE_NLA,
    WHY_PROFILE_NLA_EXT,
    WHY_PROFILE_RDSTLS,
    WHY_PROFILE_AAD,
    WHY_PROFILE_TLS10,
    WHY_PROFILE_TLS11,
    WHY_PROFILE_TLS12,
    WHY_PROFILE_TLS13,
    WHY_PROFILE_COUNT
};

/* What license state the client brings. */
enum why_license_mode {
    WHY_LICENSE_FRESH,
    WHY_LICENSE_STORED,
    WHY_LICENSE_CORRUPT,
    WHY_LICENSE_FOREIGN,
    WHY_LICENSE_ADMIN,
    WHY_LICENSE_MODE_COUNT
};

enum why_outcome {
    WHY_OUTCOME_COMPLETED,   /* reached the phase asked for */
    WHY_OUTCOME_STOPPED,     /* we stopped on purpose */
    WHY_OUTCOME_REFUSED,     /* the server said no in the protocol's own words */
    WHY_OUTCOME_ABORTED,     /* the connection ended without such words */
    WHY_OUTCOME_UNREACHABLE, /* ended before TCP was up */
    WHY_OUTCOME_SKIPPED,     /* not tried */
    WHY_OUTCOME_FAILED,      /* our own fault */
    WHY_OUTCOME_COUNT
};

/* What an attempt says of the server, all told. */
enum why_answer {
    WHY_ANSWER_THROUGH,     /* it let the attempt as far as it was meant to go */
    WHY_ANSWER_WITHHELD,    /* we stopped before the logon: the account was used here already */
    WHY_ANSWER_POLICY,      /* it turned the offer down, as it is configured to */
    WHY_ANSWER_TLS_VERSION, /* the one TLS version offered failed: the host's other attempts tell
                               whether as policy or as a fault (answer.h) */
    WHY_ANSWER_ACCOUNT,     /* it works, and does not take the account or ended its session */
    WHY_ANSWER_NTLM,        /* it does not take NTLM, where Kerberos might have been taken */
    WHY_ANSWER_FAULT,
    WHY_ANSWER_UNREACHABLE, /* TCP never came up */
    WHY_ANSWER_UNKNOWN, /* a capture that does not show it, or an attempt that was interrupted */
    WHY_ANSWER_SKIPPED, /* nothing: it was not made */
    WHY_ANSWER_FAILED,  /* nothing: it failed on our side */
    WHY_ANSWER_COUNT
};

enum why_ending {
    WHY_END_DONE,
    WHY_END_STOP,
    WHY_END_NAME_NOT_FOUND,
    WHY_END_REFUSED, /* TCP connection refused */
    WHY_END_NO_ROUTE,
    WHY_END_TIMEOUT,
    WHY_END_FIN,
    WHY_END_RESET,
    WHY_END_NEGOTIATION_FAILURE,
    WHY_END_TLS_ALERT,
    WHY_END_CREDSSP_ERROR,
    WHY_END_ACCESS_DENIED,
    WHY_END_LICENSE_ERROR,
    WHY_END_ERROR_INFO,
    WHY_END_DISCONNECT_ULTIMATUM,
    WHY_END_REDIRECTED,
    WHY_END_MCS_ERROR,
    WHY_END_X224_DISCONNECT,
    WHY_END_PROTOCOL_VIOLATION,
    WHY_END_CLIENT_ERROR,
    WHY_END_CRASHED,
    WHY_END_COUNT
};

enum why_closer {
    WHY_CLOSED_BY_SERVER,
    WHY_CLOSED_BY_CLIENT,
    WHY_CLOSED_BY_NETWORK,
    WHY_CLOSED_BY_DEADLINE,
    WHY_CLOSER_COUNT
};

enum why_host_state {
    WHY_HOST_HEALTHY,
    WHY_HOST_DEGRADED,
    WHY_HOST_BROKEN,
    WHY_HOST_UNREACHABLE,
    WHY_HOST_STATE_COUNT
};

/* Where a numeric code comes from; the same number means different things in different spaces. */
enum why_code_space {
    WHY_SPACE_NEGOTIATION_FAILURE,
    WHY_SPACE_TLS_ALERT,
    WHY_SPACE_NTSTATUS,
    WHY_SPACE_EARLY_USER_AUTH,
    WHY_SPACE_LICENSE_ERROR,
    WHY_SPACE_ERROR_INFO,
    WHY_SPACE_MCS_DISCONNECT,
    WHY_SPACE_MCS_RESULT,
    WHY_SPACE_SPNEGO,
    WHY_SPACE_ERRNO,
    WHY_SPACE_RESOLVER,
    WHY_SPACE_COUNT
};

/* One word of a list: its spelling everywhere, and what it means in one line. */
struct why_word {
    const char *name;
    const char *meaning;
};

enum why_vocabulary {
    WHY_VOCAB_PHASE,
    WHY_VOCAB_PROFILE,
    WHY_VOCAB_LICENSE_MODE,
    WHY_VOCAB_OUTCOME,
    WHY_VOCAB_ANSWER,
    WHY_VOCAB_ENDING,
    WHY_VOCAB_CLOSER,
    WHY_VOCAB_HOST_STATE,
    WHY_VOCAB_CODE_SPACE
};

/* The rows of a list, indexed by the list's enum; |*count| is their number. Constant, never NULL.
 */
const struct why_word *why_vocab(enum why_vocabulary list, size_t *count);

/* The spelling of value |value| in |list|; "?" for a value outside it. */
const char *why_word_name(enum why_vocabulary list, int value);

/* The value of |name| in |list|, or WHY_ERR_NOTFOUND. Exact spelling. */
int why_word_find(enum why_vocabulary list, const char *name);

/* Spellings for the lists used most. */
const char *why_phase_name(enum why_phase phase);
const char *why_profile_name(enum why_profile profile);
const char *why_license_mode_name(enum why_license_mode mode);
const char *why_outcome_name(enum why_outcome outcome);
const char *why_answer_name(enum why_answer answer);
const char *why_ending_name(enum why_ending ending);
const char *why_closer_name(enum why_closer closer);
const char *why_host_state_name(enum why_host_state state);
const char *why_code_space_name(enum why_code_space space);

#endif /* !defined(RDPWHY_VOCAB_H) */
