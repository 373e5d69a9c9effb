/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <rdpwhy/result.h>

#include "rows.h"

#define WENT_THROUGH (WHY_PHASE_COUNT + 1)

bool why_attempt_is_through(const struct run_attempt *attempt)
{
    return attempt->answer == WHY_ANSWER_THROUGH || attempt->answer == WHY_ANSWER_WITHHELD;
}

bool why_attempt_is_accepted(const struct run_attempt *attempt)
{
    return why_offer_is_accepted(attempt->profile, attempt->outcome, attempt->phase);
}

int why_step_progress(const struct run_attempt *attempt)
{
    if (attempt->answer == WHY_ANSWER_SKIPPED || attempt->answer == WHY_ANSWER_FAILED)
        return -1;
    return why_attempt_is_through(attempt) ? WENT_THROUGH : (int)attempt->phase;
}

static int compare_texts(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

/* An order that does not depend on which repeat came first: with it the same server gives the same
 * choice, behind a load balancer too. */
static int compare(const struct run_attempt *a, const struct run_attempt *b)
{
    static const enum fact first[] = {FACT_certificate_sha256, FACT_code_name,   FACT_variation,
                                      FACT_selected,           FACT_tls_version, FACT_tls_cipher,
                                      FACT_os_version,         FACT_dns_computer};
    int order = why_step_progress(a) - why_step_progress(b);

    if (order == 0)
        order = (int)a->outcome - (int)b->outcome;
    if (order == 0)
        order = (int)a->ending - (int)b->ending;
    if (order == 0)
        order = (a->code > b->code) - (a->code < b->code);
    for (size_t i = 0; order == 0 && i < sizeof(first) / sizeof(first[0]); i++)
        order = compare_texts(a->facts[first[i]], b->facts[first[i]]);
    for (size_t i = 0; order == 0 && i < FACT_COUNT; i++)
        order = compare_texts(a->facts[i], b->facts[i]);
    return order;
}

void why_step_make(struct step *step, const struct run_attempt *attempts, size_t count)
{
    *step = (struct step){attempts, count, attempts, attempts};
    for (size_t i = 1; i < count; i++) {
        const struct run_attempt *a = &attempts[i];

        if (compare(a, step->best) > 0)
            step->best = a;
        /* one that was skipped says less than any that was made */
        if (why_step_progress(step->worst) < 0 ||
            (why_step_progress(a) >= 0 && compare(a, step->worst) < 0))
            step->worst = a;
    }
}
