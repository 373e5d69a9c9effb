/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <inttypes.h>

#include "base/text.h"

#include "trace_summary.h"

/* Matchers over the whole run: repeats, times, and what is left to say. */

#define SLOW_US         2000000u /* an attempt that takes longer can be called slow */
#define SLOW_SHARE_PART 3        /* ... where one phase takes at least 3/5 of it */
#define SLOW_SHARE_OF   5

/* ---- flaky ----------------------------------------------------------------------------------- */

struct repeats {
    size_t count, failed;
    bool differ;
    const struct why_result *failure; /* an example */
};

static bool has_failed(const struct why_result *r)
{
    return why_is_failure(r) || r->verdict.outcome == WHY_OUTCOME_UNREACHABLE;
}

static void count_repeat(struct repeats *s, const struct why_result *r,
                         const struct why_result *first)
{
    s->count++;
    s->differ = s->differ || !why_ended_alike(r, first);
    if (has_failed(r)) {
        s->failed++;
        s->failure = r;
    }
}

/* A second try is one, too. */
static struct repeats look_at_repeats(const struct host_results *h, const struct why_result *first)
{
    struct repeats s = {0};
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!why_is_same_step(r, first))
            continue;
        if (why_first_of_two(r) != NULL)
            count_repeat(&s, why_first_of_two(r), first);
        count_repeat(&s, r, first);
    }
    return s;
}

/* An account that is rejected once is not tried again: what follows differs for that reason only.
 */
static bool concerns_account(const struct host_results *h, const struct why_result *first)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (why_is_same_step(r, first) &&
            (r->answer == WHY_ANSWER_ACCOUNT || r->facts.authenticated))
            return true;
    }
    return false;
}

static void add_failures(const struct host_results *h, struct finding_builder *b,
                         const struct why_result *first)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        const struct why_result *before = why_first_of_two(r);

        if (why_is_same_step(r, first) && before != NULL && has_failed(before))
            why_finding_add_verdict(b, before);
        if (why_is_same_step(r, first) && has_failed(r))
            why_finding_add_verdict(b, r);
    }
}

bool why_match_flaky(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;
    struct repeats worst = {0};
    char step[64] = "";

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        struct repeats s;

        if (r->step.repeat != 0)
            continue;
        s = look_at_repeats(h, r);
        if (s.count < 2 || !s.differ || s.failed == 0 || s.failed == s.count ||
            concerns_account(h, r))
            continue;
        if (worst.count == 0 || s.failed * worst.count > worst.failed * s.count) {
            worst = s;
            why_step_words(r, step, sizeof(step));
        }
        add_fact(b, "%s: %zu of %zu attempts failed, in %s", why_profile_name(r->step.profile),
                 s.failed, s.count, why_phase_name(s.failure->verdict.phase));
        add_failures(h, b, r);
    }
    if (worst.count == 0)
        return false;
    summarize(b, "Intermittent: %zu of %zu attempts with %s failed in %s; the others got past it",
              worst.failed, worst.count, step, why_phase_name(worst.failure->verdict.phase));
    return true;
}

/* ---- slow ------------------------------------------------------------------------------------ */

/* The phase that takes most of a slow attempt that did go through; NULL where there is none. */
static const struct why_phase_time *slow_phase(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    if (r->answer != WHY_ANSWER_THROUGH || v->duration_us < SLOW_US)
        return NULL;
    for (size_t i = 0; i < v->phase_count; i++) {
        if (v->phases[i].duration_us * SLOW_SHARE_OF >= v->duration_us * SLOW_SHARE_PART)
            return &v->phases[i];
    }
    return NULL;
}

bool why_match_slow(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;
    const struct why_phase_time *worst = NULL;
    char took[32];

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        const struct why_phase_time *slow = slow_phase(r);
        char step[64], all[32];

        if (slow == NULL)
            continue;
        why_step_words(r, step, sizeof(step));
        why_duration_text(slow->duration_us, took, sizeof(took));
        why_duration_text(r->verdict.duration_us, all, sizeof(all));
        add_fact(b, "%s: %s took %s of %s", step, why_phase_name(slow->phase), took, all);
        why_finding_add_attempt(b, r);
        if (worst == NULL || slow->duration_us > worst->duration_us)
            worst = slow;
    }
    if (worst == NULL)
        return false;
    why_duration_text(worst->duration_us, took, sizeof(took));
    summarize(b, "It works, but slowly: the phase %s took %s", why_phase_name(worst->phase), took);
    return true;
}

/* ---- RDP over UDP ---------------------------------------------------------------------------- */

/* The server's direction was captured: what is not there did not come. */
static bool lacks_udp(const struct why_result *r)
{
    return r->facts.last_received != NULL &&
           (r->facts.udp == WHY_UDP_UNANSWERED || r->facts.udp == WHY_UDP_SILENT ||
            r->facts.udp == WHY_UDP_REFUSED);
}

/* An Initiate Multitransport Request came: the server expects the client to try. */
static bool offers_udp(const struct why_result *r)
{
    for (size_t i = 0; i < r->verdict.phase_count; i++) {
        if (r->verdict.phases[i].phase == WHY_PHASE_MULTITRANSPORT)
            return true;
    }
    return false;
}

/* Windows has RDP over UDP, and what cannot be told may be Windows. */
static bool may_have_udp(const struct host_results *h)
{
    return h->kind == WHY_KIND_WINDOWS || h->kind == WHY_KIND_UNKNOWN ||
           why_results_first(h, offers_udp) != NULL;
}

static bool is_own(const struct why_result *r)
{
    return r->trace != NULL && !why_is_other_client(why_trace_head(r->trace));
}

static void tell_udp(struct finding_builder *b, const struct why_result *r)
{
    const struct why_facts *f = &r->facts;
    char step[64], waited[32];
    uint64_t until = f->udp == WHY_UDP_SILENT ? f->udp_ended_us : f->udp_last_us;

    why_step_words(r, step, sizeof(step));
    why_duration_text(until - f->udp_first_us, waited, sizeof(waited));
    if (f->udp == WHY_UDP_REFUSED)
        add_fact(b, "%s: RDP over UDP version %u, not delivered (ICMP unreachable)", step,
                 f->udp_version);
    else if (f->udp == WHY_UDP_SILENT)
        add_fact(b, "%s: RDP over UDP, %u datagrams in %s, no answer", step, f->udp_datagrams,
                 waited);
    else
        add_fact(b, "%s: RDP over UDP version %u, %u datagrams in %s, no answer", step,
                 f->udp_version, f->udp_datagrams, waited);
}

/* Only where the server says that it has it, its silence is known to be a fault. */
static void summarize_own(const struct host_results *h, struct finding_builder *b, bool refused)
{
    const char *what = refused ? "is refused" : "gets no answer";

    if (why_results_first(h, offers_udp) != NULL) {
        add_fact(b, "the server asked for RDP over UDP (Initiate Multitransport Request)");
        b->finding->severity = WHY_SEVERITY_WARNING;
        summarize(
            b,
            "The server offers RDP over UDP, but UDP to port %u %s: sessions start slowly, or "
            "fall back to TCP",
            (unsigned)h->target->port, what);
    } else {
        summarize(b,
                  "RDP over UDP %s: clients use TCP. That is normal for a server that has no RDP "
                  "over UDP, or has it switched off",
                  what);
    }
}

bool why_match_udp_unanswered(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *first = why_results_first(h, lacks_udp), *r;

    if (first == NULL || (is_own(first) && !may_have_udp(h)))
        return false;
    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!lacks_udp(r))
            continue;
        tell_udp(b, r);
        why_finding_add_attempt(b, r);
    }
    b->conditions |= first->facts.udp == WHY_UDP_REFUSED ? WHY_IF(CLOSED) : WHY_IF(SILENT);
    if (is_own(first)) {
        summarize_own(h, b, first->facts.udp == WHY_UDP_REFUSED);
        return true;
    }
    summarize(b,
              "The client tried RDP over UDP and %s: only TCP is left, and waiting for UDP can "
              "slow the start",
              first->facts.udp == WHY_UDP_REFUSED ? "was refused" : "got no answer");
    return true;
}

/* ---- what is left ---------------------------------------------------------------------------- */

/* Failed as it should: a TLS version that is off, or a license that was spoilt on purpose. */
static bool should_fail(const struct host_results *h, const struct why_result *r)
{
    return (why_pins_version(r) && why_tls_died(r)) ||
           (why_is_license_spoilt(r) && why_is_license_at_fault(h, r));
}

/* What was tried and failed on this side works no more than it does not. */
static bool any_failed_here(const struct host_results *h)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->results[i]->verdict.outcome == WHY_OUTCOME_FAILED)
            return true;
    }
    return false;
}

/* A session that nobody logged on to: the server asks for the account in it, or lets anybody in. Of
 * another client nobody knows what its Client Info held. */
static bool began_without_logon(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_COMPLETED && r->verdict.phase >= WHY_PHASE_ACTIVE &&
           r->facts.selected_protocol <= WHY_PROTOCOL_SSL && !r->facts.authenticated &&
           (why_ending_conditions(r) & WHY_IF(OTHER_CLIENT)) == 0;
}

static bool began_with_logon(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_COMPLETED && !began_without_logon(r);
}

/* |stopped| attempts came no further than the logon. */
static const char *what_works(const struct host_results *h, struct finding_builder *b,
                              size_t stopped)
{
    if (why_results_any(h, began_without_logon) && !why_results_any(h, began_with_logon)) {
        b->conditions |= WHY_IF(NO_ACCOUNT);
        add_fact(b, "no account was used: on xrdp and Windows the session shows the login window");
        if (h->kind == WHY_KIND_XRDP)
            add_fact(b,
                     "xrdp's session manager (xrdp-sesman) was not tested: it is asked only when "
                     "somebody logs on");
        if (stopped == 0)
            return "Everything that was tried works, up to a session without a logon";
    }
    return stopped > 0 ? "Everything works up to the logon. Beyond that, mstsc needs valid "
                         "credentials and an account that may log on."
                       : "Everything that was tried works";
}

bool why_match_everything_works(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;
    size_t through = 0, stopped = 0, completed = 0, withheld = 0;

    if (any_failed_here(h))
        return false;
    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        /* A refusal that was received is none, though a broker may be right to send clients on. */
        if (r->verdict.ending == WHY_END_REDIRECTED)
            return false;
        if (r->answer != WHY_ANSWER_THROUGH && r->answer != WHY_ANSWER_POLICY &&
            !should_fail(h, r) && r->answer != WHY_ANSWER_WITHHELD)
            return false;
        withheld += r->answer == WHY_ANSWER_WITHHELD;
        if (r->answer != WHY_ANSWER_THROUGH)
            continue;
        through++;
        completed += r->verdict.outcome == WHY_OUTCOME_COMPLETED;
        stopped += r->verdict.outcome == WHY_OUTCOME_STOPPED;
        why_finding_add_attempt(b, r);
    }
    if (through == 0 || why_host_state_of(h) != WHY_HOST_HEALTHY)
        return false;
    if (completed > 0)
        add_fact(b, "%zu attempt%s reached the end", completed, PLURAL(completed));
    if (stopped > 0)
        add_fact(b, "%zu attempt%s got as far as the logon; no account was given", stopped,
                 PLURAL(stopped));
    if (withheld > 0)
        add_fact(
            b, "%zu attempt%s stopped before the logon: rdpwhy uses an account only once per host",
            withheld, PLURAL(withheld));
    summarize(b, "%s", what_works(h, b, stopped));
    return true;
}

/* A finding that says why attempts end rests on one that ended as |r| did. */
static bool is_explained(const struct host_results *h, const struct why_result *r)
{
    for (size_t i = 0; i < h->found_count; i++) {
        const struct why_finding *f = &h->found[i];

        if (why_rule_is_remark(why_rule_find(f->rule)))
            continue;
        for (size_t j = 0; j < f->attempt_count; j++) {
            if (f->attempts[j] >= 1 && f->attempts[j] <= h->count &&
                why_ended_alike(h->results[f->attempts[j] - 1], r))
                return true;
        }
    }
    return false;
}

bool why_match_unexplained(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;
    bool any_through = why_results_any(h, why_went_through);

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        /* A refusal by policy explains itself, unless nothing else was tried. */
        if ((r->answer == WHY_ANSWER_POLICY ? any_through : !why_is_failure(r)) ||
            should_fail(h, r) || is_explained(h, r))
            continue;
        why_finding_add_verdict(b, r);
    }
    if (b->finding->attempt_count == 0)
        return false;
    summarize(b, "%s failed for a reason that rdpwhy does not recognize",
              b->finding->attempt_count == 1 ? "One attempt" : "Some attempts");
    return true;
}

static bool is_unreachable(const struct why_result *r)
{
    return r->answer == WHY_ANSWER_UNREACHABLE;
}

static bool is_measured(const struct why_result *r)
{
    return r != NULL;
}

/* Nothing reached the host: that the other attempts were not made then is no finding of its own. */
static bool is_out_of_reach(const struct host_results *h)
{
    size_t unreachable = why_results_count(h, is_unreachable);

    return unreachable > 0 && unreachable == why_results_count(h, is_measured);
}

bool why_match_not_measured(const struct host_results *h, struct finding_builder *b)
{
    bool out_of_reach = is_out_of_reach(h);
    size_t n = 0;

    for (size_t i = 0; i < h->count; i++) {
        const struct why_result *r = h->results[i];

        if (r->verdict.outcome != WHY_OUTCOME_FAILED &&
            (r->verdict.outcome != WHY_OUTCOME_SKIPPED || out_of_reach))
            continue;
        n++;
        why_finding_add_line(b, r, r->verdict.reason);
    }
    if (n == 0)
        return false;
    b->conditions |= any_failed_here(h) ? WHY_IF(FAILED_HERE) : WHY_IF(ONLY_SKIPPED);
    summarize(b, "%zu of %zu attempts were skipped%s, so they tell nothing about the server", n,
              h->count,
              (b->conditions & WHY_IF(FAILED_HERE)) != 0 ? " or failed on this computer" : "");
    return true;
}
