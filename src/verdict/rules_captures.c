/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <rdpwhy/captured.h>

/* Matchers: what captures tell beside the bytes. */

/* ---- two captures of one connection ---------------------------------------------------------- */

static bool is_altered(const struct why_result *r)
{
    return r->captured != NULL && r->captured->altered;
}

static bool is_ended_between(const struct why_result *r)
{
    return is_altered(r) && r->captured->between;
}

bool why_match_captures_differ(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *first = why_results_first(h, is_altered), *r;

    if (first == NULL)
        return false;
    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!is_altered(r))
            continue;
        for (size_t k = 0; k < r->captured->difference_count; k++)
            why_finding_add_line(b, r, r->captured->differences[k]);
    }
    if (why_results_any(h, is_ended_between)) {
        summarize(b,
                  "Something between client and server ended the connection: one capture shows a "
                  "reset or close that its sender's side does not have (inferred)");
        return true;
    }
    b->finding->severity = WHY_SEVERITY_WARNING;
    summarize(b,
              "The connection looks different in %s: something on the network path changed it, "
              "or a capture is incomplete",
              first->captured->other_file);
    return true;
}

/* ---- what Windows says ----------------------------------------------------------------------- */

static uint64_t condition_of(enum why_sign sign)
{
    static const uint64_t conditions[WHY_SIGN_COUNT] = {
        [WHY_SIGN_NONE] = 0,
        [WHY_SIGN_OTHER] = WHY_IF(SAYS_OTHER),
        [WHY_SIGN_KEY] = WHY_IF(SAYS_KEY),
        [WHY_SIGN_CIPHER] = WHY_IF(SAYS_CIPHER),
        [WHY_SIGN_ACCOUNT] = WHY_IF(SAYS_ACCOUNT),
        [WHY_SIGN_FILTER] = WHY_IF(SAYS_FILTER),
    };

    return conditions[sign];
}

/* The remarks of |r| that say what is wrong, as facts. Whether one of them is tied by more than
 * time. */
static bool add_remarks(struct finding_builder *b, const struct why_result *r)
{
    bool tied = false;

    for (size_t i = 0; i < r->captured->remark_count; i++) {
        const struct why_remark *remark = &r->captured->remarks[i];
        char line[WHY_FINDING_TEXT];

        if (remark->sign == WHY_SIGN_NONE)
            continue;
        (void)snprintf(line, sizeof(line), "%s%s", remark->text,
                       remark->tie == WHY_TIE_TIME ? " (only its time ties it to this connection)"
                                                   : "");
        why_finding_add_line(b, r, line);
        b->conditions |= condition_of(remark->sign);
        tied = tied || remark->tie != WHY_TIE_TIME;
    }
    return tied;
}

bool why_match_windows_event(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;
    bool tied = false;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (r->captured != NULL)
            tied = add_remarks(b, r) || tied;
    }
    if (b->finding->attempt_count == 0)
        return false;
    if (tied) {
        summarize(b, "Windows logged a problem with the connection");
    } else {
        b->finding->severity = WHY_SEVERITY_INFO;
        summarize(b, "Windows logged a problem at the time of the connection");
    }
    return true;
}
