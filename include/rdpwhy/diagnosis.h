/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIAGNOSIS_H
#define RDPWHY_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/kind.h>
#include <rdpwhy/knowledge.h>
#include <rdpwhy/result.h>
#include <rdpwhy/vocab.h>

/* What the results of one host mean together. Pure: results in, findings out. */

#define WHY_FINDING_TEXT         512
#define WHY_FINDING_LIST_MAX     12
#define WHY_FINDING_BECAUSE_MAX  8
#define WHY_FINDING_ATTEMPTS_MAX 32

struct why_finding {
    const char *rule; /* the rule's name; static */
    enum why_severity severity;
    char summary[WHY_FINDING_TEXT];
    char because[WHY_FINDING_BECAUSE_MAX][WHY_FINDING_TEXT]; /* the facts it rests on */
    size_t because_count;
    const char *causes[WHY_FINDING_LIST_MAX + 1];   /* by likelihood; NULL-terminated */
    const char *checks[WHY_FINDING_LIST_MAX + 1];   /* what tells them apart; the same */
    const char *remedies[WHY_FINDING_LIST_MAX + 1]; /* with their risk; the same */
    char *texts;                                    /* what the three lists point into; owned */
    size_t attempts[WHY_FINDING_ATTEMPTS_MAX];      /* ordinals */
    size_t attempt_count;
};

struct why_footprint {
    size_t connections;               /* TCP connections opened */
    size_t authentications;           /* logons with real credentials */
    size_t as_requests, tgs_requests; /* to a Kerberos KDC */
    size_t licenses_requested;        /* attempts that asked for a license, or got one */
    size_t licenses_issued;  /* of these, those that were seen to get one, new or upgraded */
    size_t licenses_unknown; /* attempts of which it is not known (why_license_is_open) */
    size_t second_tries;     /* attempts that were just made once more (why_first_of_two) */
    size_t udp_datagrams;    /* sent for RDP over UDP (--udp) */
    size_t tls_first;        /* connections that asked whether the port speaks TLS at once */
};

/* How long a phase took over the repeats of one step. */
struct why_spread {
    enum why_profile profile;
    enum why_license_mode license_mode;
    enum why_phase phase; /* WHY_PHASE_COUNT: the whole attempt */
    size_t count;         /* attempts that had this phase behind them; at least 2 */
    uint64_t min_us, median_us, max_us;
};

/* Whether the host meets a requirement of the user's (require.h). */
struct why_judgement {
    const char *requirement; /* "tls>=1.2"; the list's */
    const char *rule;        /* of the finding where it is not met; static */
    bool met;
    bool measured;  /* false: no attempt says anything about it; then it is not met */
    char fact[192]; /* what was found: "tls: TLSv1.3" */
};

struct why_host;
/* The target is an .rdp file: the state is what becomes of the connection that it asks for. */
bool why_host_is_file(const struct why_host *host);

struct why_host {
    const struct why_target *target;
    struct why_result *const *results; /* in plan order; not owned */
    size_t count;
    enum why_host_state state;
    struct why_server_kind kind;  /* which software the server is, as far as it is known */
    enum why_answer tls_version;  /* what the attempts whose own answer is TLS_VERSION come to here:
                                     POLICY or FAULT; TLS_VERSION where there are none */
    struct why_finding *findings; /* most severe first; owned */
    size_t finding_count;
    struct why_spread *spreads; /* where a step was repeated; in plan and phase order; owned */
    size_t spread_count;
    struct why_footprint footprint;
    struct why_judgement *judgements; /* none but in reports: why_requirements_judge; owned there */
    size_t judgement_count;
};

/*
 * Diagnoses one host, and settles the answers of its results. Its state:
 * - unreachable: no attempt had TCP up.
 * - healthy: what mstsc offers (`negotiate`) went through every time, to the end or to the point
 *   where only an account was missing, and nothing failed behind the security of the connection.
 *   Offers that are refused by policy (RDP_NEG_FAILURE, another protocol selected, a TLS version
 *   that is off) do not count against it. Where `negotiate` was not tried, something must have gone
 *   through and nothing failed.
 * - broken: nothing went through, and not for policy or for the account alone.
 * - degraded: all that is between, a rejected account and an account that may not log on among it:
 *   the server works, this logon does not. |results| must outlive |host|. Returns WHY_OK or
 * WHY_ERR_NOMEM.
 */
int why_diagnose(const struct why_target *target, struct why_result *const *results, size_t count,
                 struct why_host *host);
void why_host_clear(struct why_host *host);

/* The attempt that says most: the furthest that did not go as it should; NULL: all did. */
const struct why_result *why_host_telling(const struct why_host *host);

/* What the results of a run add up to. */
struct why_scan_summary {
    size_t hosts, attempts;
    size_t outcomes[WHY_OUTCOME_COUNT];
    size_t states[WHY_HOST_STATE_COUNT];
    bool complete;        /* every step of every target has a result */
    bool interrupted;     /* by the user, which is why it is not complete */
    size_t licenses_lost; /* issued, and could not be kept; without those that no place was for:
                             a damaged file's, and those of a store that is optional */
};

/*
 * The judgements of hosts that are gone, for reports that are written when the run is over. Of a
 * host only this is kept: a run may have tens of thousands.
 */
struct why_judged_host {
    char *target;                     /* its label; owned */
    struct why_judgement *judgements; /* in the order of the requirements; owned */
    size_t count, unmet;
};

/* All zeros is the empty list. */
struct why_judged_list {
    struct why_judged_host *hosts; /* owned */
    size_t count, capacity;
    size_t unmet; /* hosts that do not meet a requirement */
};

#endif /* !defined(RDPWHY_DIAGNOSIS_H) */
