/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>

#include "base/system_error.h"

#include "rows.h"

/* What became of the attempts: one change a step says it all, named by the most that differs. */

#define VERDICT_TEXT 512

void why_row_state(const struct row *row, const struct pair *pair)
{
    int before = pair->hosts[BEFORE]->state, after = pair->hosts[AFTER]->state;
    struct why_change change;

    if (before < 0 || after < 0 || before == after)
        return;
    /* the list goes from healthy to unreachable */
    change = why_row_change(
        row, why_class_of_ranks(WHY_HOST_STATE_COUNT - before, WHY_HOST_STATE_COUNT - after));
    why_row_put(row, pair, &change, why_host_state_name((enum why_host_state)before),
                why_host_state_name((enum why_host_state)after));
}

/* What the file says; where an older version did not name an error of the system, the table does.
 */
static const char *code_name(const struct run_attempt *a)
{
    enum why_code_space space = (enum why_code_space)a->code_space;

    if (a->facts[FACT_code_name] || !why_system_error_space(space))
        return a->facts[FACT_code_name];
    return why_system_error_name(space, a->code);
}

/* Numbers say it all but for names that this system does not know. */
static bool same_code(const struct run_attempt *a, const struct run_attempt *b)
{
    const char *name = a->facts[FACT_code_name], *other = b->facts[FACT_code_name];

    if (a->has_code != b->has_code || a->code_space != b->code_space || a->code != b->code)
        return false;
    return !a->has_code || !why_system_error_space((enum why_code_space)a->code_space) ||
           !why_system_error_is_elsewhere(a->code) || !name || !other || strcmp(name, other) == 0;
}

/* "license-error 0x2 ERR_NO_LICENSE"; "" without a code. */
static void put_code(const struct run_attempt *a, char *buf, size_t len)
{
    const char *name;
    char value[32];

    *buf = '\0';
    if (!a->has_code || a->code_space < 0)
        return;
    why_code_format((enum why_code_space)a->code_space, a->code, value, sizeof(value));
    name = code_name(a);
    snprintf(buf, len, "%s %s%s%s", why_code_space_name((enum why_code_space)a->code_space), value,
             name ? " " : "", name ? name : "");
}

/* What stands behind the outcome; "" where the outcome says it all. */
static void put_ending(const struct run_attempt *a, char *buf, size_t len)
{
    const char *selected = a->facts[FACT_selected];

    put_code(a, buf, len);
    if (*buf || a->outcome == WHY_OUTCOME_COMPLETED || a->outcome == WHY_OUTCOME_SKIPPED)
        return;
    if (a->outcome != WHY_OUTCOME_STOPPED)
        snprintf(buf, len, "%s", why_ending_name(a->ending));
    else if (a->phase == WHY_PHASE_NEGOTIATION && selected)
        snprintf(buf, len, "the server selected %.32s", selected);
}

/* "aborted in tls: reset", "refused in licensing: license-error 0x2 ERR_NO_LICENSE", "completed".
 */
static void put_verdict(const struct run_attempt *a, char *buf, size_t len)
{
    const char *preposition = a->outcome == WHY_OUTCOME_COMPLETED ? " up to " : " in ";
    bool in_phase = a->phase != WHY_PHASE_NONE && a->phase != WHY_PHASE_ACTIVE;
    char ending[256];

    put_ending(a, ending, sizeof(ending));
    snprintf(buf, len, "%s%s%s%s%s", why_outcome_name(a->outcome), in_phase ? preposition : "",
             in_phase ? why_phase_name(a->phase) : "", *ending ? ": " : "", ending);
}

/* The step's verdict; where its repeats disagree, the best and the worst. */
static void put_step(const struct step *step, char *buf, size_t len)
{
    char worst[VERDICT_TEXT];
    size_t at;

    put_verdict(step->best, buf, len);
    put_verdict(step->worst, worst, sizeof(worst));
    at = strlen(buf);
    if (strcmp(buf, worst) != 0)
        snprintf(buf + at, len - at, ", at times %s", worst);
}

static const char *phase_text(const struct run_attempt *a)
{
    return a->phase == WHY_PHASE_NONE ? NULL : why_phase_name(a->phase);
}

static void emit(const struct row *row, const struct pair *pair, enum why_change_class class,
                 const struct run_attempt *before, const struct run_attempt *after)
{
    struct why_change change = why_row_change(row, class);
    char texts[2][2 * VERDICT_TEXT + 16], codes[2][256];

    put_step(&pair->steps[BEFORE], texts[BEFORE], sizeof(texts[BEFORE]));
    put_step(&pair->steps[AFTER], texts[AFTER], sizeof(texts[AFTER]));
    put_code(before, codes[BEFORE], sizeof(codes[BEFORE]));
    put_code(after, codes[AFTER], sizeof(codes[AFTER]));
    why_change_detail(&change, "outcome", why_outcome_name(before->outcome),
                      why_outcome_name(after->outcome));
    why_change_detail(&change, "phase", phase_text(before), phase_text(after));
    why_change_detail(&change, "ending", why_ending_name(before->ending),
                      why_ending_name(after->ending));
    why_change_detail(&change, "code", *codes[BEFORE] ? codes[BEFORE] : NULL,
                      *codes[AFTER] ? codes[AFTER] : NULL);
    why_row_put(row, pair, &change, texts[BEFORE], texts[AFTER]);
}

/* ---- accepted ---------------------------------------------------------------------------------
 */

/* |accepted| is let in where |refused| is turned down. */
static enum why_change_class class_of_acceptance(const struct run_attempt *accepted,
                                                 const struct run_attempt *refused, bool newly)
{
    bool good;

    switch (why_profile_info(refused->profile)->strength) {
    case WHY_STRENGTH_WEAK:
        /* What failed before fails earlier now: nothing works that did not. */
        if (!newly && !why_attempt_is_through(accepted))
            return WHY_CHANGE_OTHER;
        good = !newly;
        break;
    case WHY_STRENGTH_ORDINARY:
        /* That Network Level Authentication is required, or no longer, has a row of its own. */
        if (why_nla_is_required(refused->ending, refused->code))
            return WHY_CHANGE_OTHER;
        good = newly;
        break;
    default:
        if (newly && !why_attempt_is_through(accepted))
            return WHY_CHANGE_OTHER;
        good = newly;
        break;
    }
    return good ? WHY_CHANGE_BETTER : WHY_CHANGE_WORSE;
}

/* Whether the step is let in in one run and turned down in the other. */
static bool is_acceptance(const struct pair *pair, bool *newly)
{
    const struct run_attempt *before = pair->steps[BEFORE].worst, *after = pair->steps[AFTER].worst;

    *newly = before->answer == WHY_ANSWER_POLICY && why_attempt_is_accepted(after);
    return *newly || (why_attempt_is_accepted(before) && after->answer == WHY_ANSWER_POLICY);
}

void why_row_accepted(const struct row *row, const struct pair *pair)
{
    const struct run_attempt *before = pair->steps[BEFORE].worst, *after = pair->steps[AFTER].worst;
    bool newly;

    if (!is_acceptance(pair, &newly))
        return;
    emit(row, pair,
         newly ? class_of_acceptance(after, before, true)
               : class_of_acceptance(before, after, false),
         before, after);
}

/* ---- outcome, phase, ending, code -------------------------------------------------------------
 */

enum difference { SAME, CODE, ENDING, PHASE, OUTCOME };

static enum difference difference_of(const struct run_attempt *a, const struct run_attempt *b)
{
    if (a->outcome != b->outcome)
        return OUTCOME;
    if (why_step_progress(a) < 0)
        return SAME;
    if (a->phase != b->phase)
        return PHASE;
    if (a->ending != b->ending)
        return ENDING;
    if (!same_code(a, b))
        return CODE;
    return SAME;
}

/* The worst repeats of both runs first: a server that fails now and then has changed. Then the
 * best: a server that always fails now has changed too. */
static void judge(const struct row *row, const struct pair *pair, enum difference wanted)
{
    const struct run_attempt *before = pair->steps[BEFORE].worst, *after = pair->steps[AFTER].worst;
    enum difference difference = difference_of(before, after);
    bool newly;

    if (difference == SAME) {
        before = pair->steps[BEFORE].best;
        after = pair->steps[AFTER].best;
        difference = difference_of(before, after);
    }
    if (difference != wanted || is_acceptance(pair, &newly))
        return;
    emit(row, pair, why_class_of_ranks(why_step_progress(before), why_step_progress(after)), before,
         after);
}

void why_row_outcome(const struct row *row, const struct pair *pair)
{
    judge(row, pair, OUTCOME);
}

void why_row_phase(const struct row *row, const struct pair *pair)
{
    judge(row, pair, PHASE);
}

void why_row_ending(const struct row *row, const struct pair *pair)
{
    judge(row, pair, ENDING);
}

void why_row_code(const struct row *row, const struct pair *pair)
{
    judge(row, pair, CODE);
}

/* What had to be changed; a second try alone changes nothing, and what came of it is compared. */
static const char *change_of(const struct run_attempt *attempt)
{
    const char *variation = attempt->facts[FACT_variation];

    return variation && strcmp(variation, why_variation_name(WHY_VARIATION_AGAIN)) == 0 ? NULL
                                                                                        : variation;
}

void why_row_variation(const struct row *row, const struct pair *pair)
{
    const char *before = change_of(pair->attempts[BEFORE]);
    const char *after = change_of(pair->attempts[AFTER]);
    struct why_change change;

    if (why_step_progress(pair->attempts[BEFORE]) < 0 ||
        why_step_progress(pair->attempts[AFTER]) < 0 || before == after ||
        (before && after && strcmp(before, after) == 0))
        return;
    change = why_row_change(row, before && after ? WHY_CHANGE_OTHER
                                 : after         ? WHY_CHANGE_WORSE
                                                 : WHY_CHANGE_BETTER);
    why_row_put(row, pair, &change, before ? before : "none", after ? after : "none");
}
