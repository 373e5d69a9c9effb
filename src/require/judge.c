/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "facts/words.h"

#include "table.h"

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool is_same_text(const char *a, const char *b)
{
    for (; *a && lower((unsigned char)*a) == lower((unsigned char)*b); a++, b++)
        ;
    return *a == *b || lower((unsigned char)*a) == lower((unsigned char)*b);
}

static bool holds_equality(const struct why_requirement *requirement, const struct measurement *m)
{
    switch (why_requirement_rows[requirement->row].kind) {
    case VALUE_WORDS:
        return m->number >= 0 && (requirement->words >> m->number & 1) != 0;
    case VALUE_TEXT:
        return is_same_text(requirement->value, m->text);
    default:
        return m->number == requirement->number;
    }
}

static bool holds(const struct why_requirement *requirement, const struct measurement *m)
{
    switch (requirement->op) {
    case WHY_OP_NONE:
        return m->number == 1;
    case WHY_OP_GE:
        return m->number >= requirement->number;
    case WHY_OP_LE:
        return m->number <= requirement->number;
    case WHY_OP_GT:
        return m->number > requirement->number;
    case WHY_OP_LT:
        return m->number < requirement->number;
    case WHY_OP_NE:
        return !holds_equality(requirement, m);
    default:
        return holds_equality(requirement, m);
    }
}

static const char *said(const struct measurement *m)
{
    return *m->said ? m->said : m->text ? m->text : "?";
}

/* An attempt that does not meet the requirement: a fact of the finding. */
static void add_fact(struct why_finding *finding, const struct why_result *r, const char *fact)
{
    const struct why_step any = {r->step.profile, r->step.license_mode, 0}; /* of its repeats */
    char step[64];

    why_words_step(&any, step, sizeof(step));
    if (finding->because_count < WHY_FINDING_BECAUSE_MAX)
        snprintf(finding->because[finding->because_count++], WHY_FINDING_TEXT, "%s: %s", step,
                 fact);
    if (finding->attempt_count < WHY_FINDING_ATTEMPTS_MAX)
        finding->attempts[finding->attempt_count++] = r->ordinal;
}

static void put_fact(struct why_judgement *judgement, const struct requirement_row *row,
                     const struct why_result *r, const struct measurement *m)
{
    const char *profile = why_profile_name(r->step.profile);

    if (row->subject != NULL)
        snprintf(judgement->fact, sizeof(judgement->fact), "%s %s (seen with %s)", row->subject,
                 said(m), profile);
    else
        snprintf(judgement->fact, sizeof(judgement->fact), "%s %s", profile, said(m));
}

/* Judges every attempt that says anything; the first that fails gives the judgement its words. */
static void judge_attempts(const struct why_requirement *requirement, const struct why_host *host,
                           struct why_judgement *judgement, struct why_finding *finding)
{
    const struct requirement_row *row = &why_requirement_rows[requirement->row];

    judgement->met = true;
    for (size_t i = 0; i < host->count; i++) {
        const struct why_result *r = host->results[i];
        struct measurement m = {.number = 0};
        bool met;

        if (r->verdict.outcome == WHY_OUTCOME_SKIPPED ||
            !(row->measure ? row->measure(r, &m) : why_requirement_fact(row, r, &m)))
            continue;
        met = holds(requirement, &m);
        if (!judgement->measured || (judgement->met && !met))
            put_fact(judgement, row, r, &m);
        judgement->measured = true;
        judgement->met = judgement->met && met;
        if (!met)
            add_fact(finding, r, said(&m));
    }
    if (judgement->measured)
        return;
    judgement->met = false;
    snprintf(judgement->fact, sizeof(judgement->fact), "%s", row->unmeasured);
}

static void judge_host(const struct why_requirement *requirement, const struct why_host *host,
                       struct why_judgement *judgement)
{
    const char *state = why_host_state_name(host->state);
    struct measurement m = {.number = (int64_t)host->state, .text = state};

    judgement->measured = true;
    judgement->met = holds(requirement, &m);
    snprintf(judgement->fact, sizeof(judgement->fact), "the host is %s", state);
}

/* |judgement| and, where it is not met, |finding|. */
static void judge(const struct why_requirement *requirement, const struct why_host *host,
                  struct why_judgement *judgement, struct why_finding *finding)
{
    const struct requirement_row *row = &why_requirement_rows[requirement->row];

    *judgement = (struct why_judgement){.requirement = requirement->text, .rule = row->rule};
    memset(finding, 0, sizeof(*finding));
    if (row->measure || row->fact)
        judge_attempts(requirement, host, judgement, finding);
    else
        judge_host(requirement, host, judgement);
    finding->rule = row->rule;
    finding->severity = WHY_SEVERITY_ERROR;
    snprintf(finding->summary, sizeof(finding->summary), "The requirement %s is not met: %s.",
             requirement->text, judgement->fact);
    if (!judgement->measured && row->advice)
        finding->remedies[0] = row->advice;
}

/* The findings that were there, in which those of the requirements stand behind the other errors.
 */
static void merge(const struct why_host *host, const struct why_finding *added, size_t count,
                  struct why_host *judged)
{
    size_t errors = 0;

    while (errors < host->finding_count && host->findings[errors].severity == WHY_SEVERITY_ERROR)
        errors++;
    judged->finding_count = host->finding_count + count;
    if (errors > 0)
        memcpy(judged->findings, host->findings, errors * sizeof(*added));
    memcpy(judged->findings + errors, added, count * sizeof(*added));
    if (host->finding_count > errors)
        memcpy(judged->findings + errors + count, host->findings + errors,
               (host->finding_count - errors) * sizeof(*added));
}

int why_requirements_judge(const struct why_requirement_list *list, const struct why_host *host,
                           struct why_host *judged)
{
    struct why_judgement *judgements = calloc(list->count + 1, sizeof(*judgements));
    struct why_finding *added = calloc(list->count + 1, sizeof(*added));
    struct why_finding *findings = calloc(host->finding_count + list->count + 1, sizeof(*findings));
    size_t failed = 0;

    memset(judged, 0, sizeof(*judged));
    if (!judgements || !added || !findings) {
        free(judgements);
        free(added);
        free(findings);
        return WHY_ERR_NOMEM;
    }
    for (size_t i = 0; i < list->count; i++) {
        judge(&list->items[i], host, &judgements[i], &added[failed]);
        failed += !judgements[i].met;
    }
    *judged = *host;
    judged->findings = findings;
    judged->judgements = judgements;
    judged->judgement_count = list->count;
    merge(host, added, failed, judged);
    free(added);
    return WHY_OK;
}

void why_requirements_judged_clear(struct why_host *judged)
{
    /* What the findings point to is the host's. */
    free(judged->findings);
    free(judged->judgements);
    memset(judged, 0, sizeof(*judged));
}
