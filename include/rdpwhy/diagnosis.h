/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIAGNOSIS_H
#define RDPWHY_DIAGNOSIS_H

#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/result.h>
#include <rdpwhy/vocab.h>

/* What the results of one host mean together. Pure: results in, findings out. */

enum why_severity { WHY_SEVERITY_INFO, WHY_SEVERITY_WARNING, WHY_SEVERITY_ERROR };

const char *why_severity_name(enum why_severity severity);

#define WHY_FINDING_TEXT         512
#define WHY_FINDING_BECAUSE_MAX  8
#define WHY_FINDING_ATTEMPTS_MAX 32

struct why_finding {
    const char *rule; /* the rule's name; static */
    enum why_severity severity;
    char summary[WHY_FINDING_TEXT];
    char because[WHY_FINDING_BECAUSE_MAX][WHY_FINDING_TEXT]; /* the facts it rests on */
    size_t because_count;
    const char *const *causes;   /* by likelihood; NULL-terminated, static; NULL: none */
    const char *const *checks;   /* what tells them apart; the same */
    const char *const *remedies; /* with their risk; the same */
    size_t attempts[WHY_FINDING_ATTEMPTS_MAX]; /* ordinals */
    size_t attempt_count;
};

struct why_footprint {
    size_t connections;        /* TCP connections opened */
    size_t authentications;    /* logons with real credentials */
    size_t licenses_requested; /* NEW_LICENSE_REQUESTs that a license answered */
};

struct why_host {
    const struct why_target *target;
    struct why_result *const *results; /* in plan order; not owned */
    size_t count;
    enum why_host_state state;
    struct why_finding *findings; /* most severe first; owned */
    size_t finding_count;
    struct why_footprint footprint;
};

/*
 * Diagnoses one host. |results| must outlive |host|. Returns WHY_OK or WHY_ERR_NOMEM.
 */
int why_diagnose(const struct why_target *target, struct why_result *const *results, size_t count,
                 struct why_host *host);
void why_host_clear(struct why_host *host);

#endif /* !defined(RDPWHY_DIAGNOSIS_H) */
