/* SPDX-License-Identifier: Apache-2.0 */
#include "schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/gateway.h>
#include <rdpwhy/status.h>

#include "base/clock.h"

#include "wire/redirection.h"

#include "license.h"

#define CRASHES_MAX 2 /* a second worker, of its own, has died with it */

void why_schedule_fail(struct schedule *s, int status)
{
    if (s->status == WHY_OK)
        s->status = status;
}

static struct license_place place_of(const struct schedule *s)
{
    return (struct license_place){s->scan->license_store, s->library};
}

/* ---- what is not to be tried ----------------------------------------------------------------- */

static bool is_unreachable(const struct host *h, const struct why_step *step)
{
    for (size_t i = 0; i < h->started; i++) {
        const struct why_result *r = h->results[i];

        if (r != NULL && r->step.repeat == step->repeat && !why_is_hop(r) &&
            r->verdict.outcome == WHY_OUTCOME_UNREACHABLE)
            return true;
    }
    return false;
}

/* The gateway lets nobody through to the host, or nobody asked it with an account. */
static bool is_stopped_before(const struct host *h, const struct why_step *step)
{
    for (size_t i = 0; i < h->started; i++) {
        const struct why_result *r = h->results[i];

        if (r != NULL && r->step.repeat == step->repeat &&
            r->verdict.outcome == WHY_OUTCOME_STOPPED &&
            r->verdict.phase >= WHY_PHASE_GATEWAY_TLS &&
            r->verdict.phase <= WHY_PHASE_GATEWAY_CHANNEL)
            return true;
    }
    return false;
}

static bool is_console(const struct schedule *s, const struct why_target *target)
{
    const struct why_file_offer file = why_file_offer_of_file(target->file);

    return target->vm != NULL || s->scan->preconnection.direct || why_file_is_console(&file);
}

/* Why the host's next step is not to be tried; NULL: it is. */
static const char *reason_to_skip(const struct schedule *s, const struct host *h)
{
    const struct why_step *step = &h->steps[h->started];
    const struct why_profile_info *info = why_profile_info(step->profile);
    bool needs_account = info->nla || info->ext;

    if (is_unreachable(h, step))
        return "an earlier attempt could not reach the host";
    if (is_stopped_before(h, step))
        return "an earlier attempt was stopped at the gateway";
    if (is_console(s, &h->target) && !info->of_file && (!info->nla || info->ext))
        return "the console of a virtual machine begins with CredSSP at once: only nla offers that";
    /* A profile that TLS satisfies too goes on, and stops where the account would be needed. */
    if (s->scan->credentials != NULL && needs_account && !info->tls &&
        s->ledgers[LEDGER_USER].rejected)
        return why_ledger_not_accepted;
    return s->library->cannot[step->profile];
}

/* What the libraries can do, or under which name they keep licenses, decides about the next step,
 * and is not known yet. */
static bool awaits_library(const struct schedule *s, const struct host *h)
{
    const struct why_step *step = &h->steps[h->started];
    const struct why_profile_info *info = why_profile_info(step->profile);

    return !s->library->known &&
           (info->aad || info->pins != 0 || info->package == WHY_PACKAGE_KERBEROS ||
            why_license_mode_info(step->license_mode)->presents);
}

/* Nothing will be sent in the host's next step. */
static bool is_pointless(const struct schedule *s, const struct host *h)
{
    return !awaits_library(s, h) && reason_to_skip(s, h) != NULL;
}

/* ---- results --------------------------------------------------------------------------------- */

/* The host is left alone for a while, or for as long as it is to be already. */
static void pause_host(const struct schedule *s, struct host *h)
{
    uint64_t until = why_clock_us() + s->scan->pause_us;

    if (s->scan->pause_us > 0 && h->not_before_us < until)
        h->not_before_us = until;
}

/* The host has a step to begin: before all others where that costs nothing. */
static void line_up(struct schedule *s, struct host *h)
{
    if (h->started == h->step_count || h->running >= s->scan->per_host || h->is_lined_up)
        return;
    if (is_pointless(s, h))
        why_hosts_prepend(&s->hosts, h);
    else if (h->not_before_us > 0)
        why_hosts_rest(&s->hosts, h);
    else
        why_hosts_append(&s->hosts, h);
}

static void put_again(struct schedule *s, struct task *task)
{
    pause_host(s, task->host);
    task->not_before_us = task->host->not_before_us;
    task->host->not_before_us += s->scan->pause_us; /* for what comes next: the task is before it */
    why_queue_put(&s->again, task, TASK_AGAIN);
}

static void report(struct schedule *s, struct host *h)
{
    uint64_t since_us = why_clock_us();

    why_schedule_fail(
        s, why_hosts_report(&s->hosts, h, s->scan->second_try_us > 0 && !s->ending && !h->settled));
    s->held_us += why_clock_us() - since_us;
}

static struct task *task_new(struct schedule *s, struct host *h, size_t ordinal)
{
    struct task *task = calloc(1, sizeof(*task));

    if (task == NULL) {
        why_schedule_fail(s, WHY_ERR_NOMEM);
        return NULL;
    }
    task->host = h;
    task->ordinal = ordinal;
    task->step = &h->steps[ordinal];
    task->id = ++s->last_id;
    task->fd = -1;
    return task;
}

/* All steps of the host have a result. One that stands alone is tried again, one after another;
 * true where there is such a one. */
static bool try_again_alone(struct schedule *s, struct host *h)
{
    size_t due = h->step_count;
    struct license_place place = place_of(s);
    char why_not[512];
    struct task *task;

    if (s->scan->second_try_us > 0 && !s->ending && !h->settled && s->status == WHY_OK)
        due = why_second_try_due(h->results, h->step_count);
    task = due < h->step_count ? task_new(s, h, due) : NULL;
    if (task == NULL || why_license_fetch(&place, task, why_not, sizeof(why_not)) != WHY_OK) {
        h->settled = true;
        if (task != NULL)
            why_task_free(task);
        return false;
    }
    task->variation = WHY_VARIATION_AGAIN;
    task->first_try = why_host_reopen(h, due);
    if (task->first_try->facts.udp != WHY_UDP_NONE)
        h->asked_udp = false;
    task->not_before_us = why_clock_us() + s->scan->second_try_us;
    why_queue_put(&s->second_tries, task, TASK_AGAIN);
    return true;
}

/* Another attempt is to ask: this one did not, or stands behind the one that comes now. */
static void ask_udp_again(struct task *task)
{
    if (task->asks_udp)
        task->host->asked_udp = false;
    task->asks_udp = false;
}

static void deliver(struct schedule *s, struct task *task, struct why_result *result)
{
    struct host *h = task->host;

    why_host_finish(h, task->ordinal, result);
    if (result == NULL || result->facts.connections > 0)
        pause_host(s, h);
    why_task_free(task);
    if (h->finished == h->step_count && try_again_alone(s, h))
        return;
    if (s->status == WHY_OK)
        report(s, h);
    if (h->finished == h->step_count)
        why_hosts_drop(h);
    else
        line_up(s, h);
}

static void abandon(struct schedule *s, struct task *task)
{
    struct why_result *first = task->first_try;

    task->first_try = NULL;
    if (task->variation == WHY_VARIATION_AGAIN)
        task->host->settled = true;
    deliver(s, task, first);
}

static bool was_interrupted(const struct why_trace *trace)
{
    for (size_t i = 0; i < why_trace_count(trace); i++) {
        if (why_trace_at(trace, i)->kind == WHY_EV_CANCELLED)
            return true;
    }
    return false;
}

/* The KDC has accepted the account, and no server has rejected it since. */
static bool is_proven(const struct why_result *r)
{
    return r->facts.kerberos.proven && !r->facts.rejected &&
           (r->verdict.phase == WHY_PHASE_KERBEROS || r->verdict.outcome == WHY_OUTCOME_STOPPED);
}

/* Where credentials are judged. */
static enum why_phase logon_phase(const struct why_result *r)
{
    return r->facts.selected_protocol == WHY_PROTOCOL_RDSTLS ? WHY_PHASE_RDSTLS : WHY_PHASE_CREDSSP;
}

/* What a server makes of an account in Client Info shows in its session alone. */
static bool is_accepted(const struct why_result *r)
{
    if (r->facts.rejected)
        return false;
    if (r->facts.session.account_sent)
        return r->answer == WHY_ANSWER_THROUGH ||
               why_session_answer(&r->facts.session) == WHY_SESSION_FAILED;
    return r->verdict.outcome == WHY_OUTCOME_COMPLETED || r->verdict.phase > logon_phase(r) ||
           is_proven(r);
}

/* The session was up to the end, and nothing in it came from somebody who looked at the account. */
static bool is_account_open(const struct why_result *r)
{
    if (!r->facts.session.account_sent || r->facts.rejected ||
        r->verdict.outcome != WHY_OUTCOME_STOPPED)
        return false;
    switch (why_session_answer(&r->facts.session)) {
    case WHY_SESSION_NONE:
    case WHY_SESSION_UNKNOWN:
    case WHY_SESSION_BLANK:
    case WHY_SESSION_NO_MANAGER:
        return true;
    default:
        return false;
    }
}

/* What came of real credentials, where they were used: anything else short of acceptance counts as
 * a rejection, for some servers reject a password by closing the connection. */
static void settle_account(struct schedule *s, struct task *task, const struct why_result *r)
{
    struct ledger *ledger = &s->ledgers[task->account];

    if (!task->granted)
        return;
    task->granted = false;
    if (r == NULL)
        why_ledger_lose(ledger);
    else if (!r->facts.authenticated)
        why_ledger_release(ledger, why_task_account_used(task));
    else if (is_account_open(r))
        why_ledger_leave(ledger);
    else
        why_ledger_settle(ledger, is_accepted(r));
}

/* The same at the gateway. Where it has the targets' account, too, a rejection counts for both. */
static void settle_gateway(struct schedule *s, struct task *task, const struct why_result *r)
{
    struct ledger *ledger = &s->ledgers[LEDGER_GATEWAY];
    bool used = false;

    if (!task->gateway_granted)
        return;
    task->gateway_granted = false;
    if (r == NULL)
        why_ledger_lose(ledger);
    else if (!r->facts.gateway.logged_on)
        why_ledger_release(ledger, &used);
    else
        why_ledger_settle(ledger, r->facts.gateway.transport != 0);
    if (ledger->rejected && s->scan->gateway->credentials == s->scan->credentials)
        s->ledgers[LEDGER_USER].rejected = true;
}

/* Whether a license that was not kept for this reason is the run's failure. */
static bool is_lost(const struct schedule *s, int status)
{
    switch (status) {
    case WHY_OK:
    case WHY_ERR_NOTFOUND:
    case WHY_ERR_MALFORMED:
        return false;
    case WHY_ERR_USAGE:
        return !s->scan->license_store_optional;
    default:
        return true;
    }
}

static void drop_issued(struct task *task)
{
    free(task->issued.data);
    task->issued = (struct why_license_data){NULL, 0};
}

static void keep_license(struct schedule *s, struct task *task, const struct why_result *result)
{
    struct license_place place = place_of(s);
    char warning[1600] = ""; /* with a label of the longest name */
    int status = WHY_OK;

    /* What another server issues, to which redirections led, is not this one's. */
    if (task->issued.data != NULL && result != NULL && task->hop == 0)
        status = why_license_keep(&place, result, &task->issued, warning, sizeof(warning));
    if (status != WHY_OK && s->scan->on_warning != NULL)
        s->scan->on_warning(s->scan->arg, warning);
    if (is_lost(s, status))
        s->hosts.out.summary->licenses_lost++;
    drop_issued(task);
}

/* True when the task is to be done once more, with the variation that its result asks for. */
static bool vary(struct schedule *s, struct task *task, struct why_result *result)
{
    enum why_variation due = why_variation_due(result);

    if (task->variation != WHY_VARIATION_NONE || due == WHY_VARIATION_NONE || s->ending)
        return false;
    ask_udp_again(task);
    task->variation = due;
    task->first_try = result;
    put_again(s, task);
    return true;
}

/* ---- redirections, and what stands in front -------------------------------------------------- */

/* A name or an address as anybody may write it; what a server sends is not asked for otherwise. */
static bool is_host(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    }
    return len > 0 && len <= 253;
}

/* Where the redirection leads: a copy; NULL: nowhere that can be gone to. */
static char *host_after(const struct task *task)
{
    char target[WHY_TEXT_MAX];
    struct why_redirection redirection;

    if (!why_redirection_read(task->redirection.data, task->redirection.len, &redirection) ||
        (redirection.flags & WHY_LB_NO_REDIRECT) != 0 ||
        redirection.fields[WHY_REDIRECTION_LOAD_BALANCE_INFO].len > WHY_ROUTING_MAX)
        return NULL;
    why_redirection_target(&redirection, target, sizeof(target));
    if (target[0] == '\0')
        return strdup(why_task_target(task)->host);
    return is_host(target) ? strdup(target) : NULL;
}

/* True when the task goes on where the result sends it. */
static bool follow(struct schedule *s, struct task *task, struct why_result *result)
{
    char *host;

    if (!s->scan->follow || s->ending || task->redirection.data == NULL ||
        task->hop == WHY_HOPS_MAX || result->verdict.ending != WHY_END_REDIRECTED)
        return false;
    host = host_after(task);
    if (host == NULL)
        return false;
    task->to.port = why_task_target(task)->port;
    free(task->to.host);
    task->to.host = host;
    ask_udp_again(task);
    task->hop++;
    task->variation = WHY_VARIATION_REDIRECTED;
    task->first_try = result;
    put_again(s, task);
    return true;
}

/* An offer of the host was answered in RDP: the port does not speak TLS at once. */
static bool speaks_rdp(const struct host *h)
{
    for (size_t i = 0; i < h->started; i++) {
        if (h->results[i] != NULL && (h->results[i]->facts.has_confirm ||
                                      h->results[i]->verdict.ending == WHY_END_NEGOTIATION_FAILURE))
            return true;
    }
    return false;
}

/* True when the port is to be asked whether it speaks TLS at once. */
static bool ask_for_tls(struct schedule *s, struct task *task, struct why_result *result)
{
    if (s->scan->second_try_us == 0 || s->ending || task->host->asked_for_tls ||
        s->scan->until < WHY_PHASE_TLS || task->variation == WHY_VARIATION_AGAIN ||
        task->variation == WHY_VARIATION_TLS_FIRST || !why_wants_tls_first(result) ||
        speaks_rdp(task->host))
        return false;
    task->host->asked_for_tls = true;
    task->variation = WHY_VARIATION_TLS_FIRST;
    task->first_try = result;
    put_again(s, task);
    return true;
}

/* Another attempt at the host has shown that the KDC accepts the account. */
static bool is_proven_on(const struct host *h)
{
    for (size_t i = 0; i < h->started; i++) {
        if (h->results[i] != NULL && h->results[i]->facts.kerberos.proven)
            return true;
    }
    return false;
}

/*
 * What is the result where there was a first try. A second try that came to nothing, because nobody
 * listens any more or because of this computer, takes nothing away from the first; its connection
 * counts all the same.
 */
static struct why_result *join(struct task *task, struct why_result *result)
{
    struct why_result *first = task->first_try;
    enum why_outcome outcome = result->verdict.outcome;

    task->first_try = NULL;
    if (task->variation == WHY_VARIATION_TLS_FIRST) {
        first->tls_first = result;
        return first;
    }
    if (task->variation == WHY_VARIATION_AGAIN && first != NULL && !result->facts.authenticated &&
        (outcome == WHY_OUTCOME_UNREACHABLE || outcome == WHY_OUTCOME_SKIPPED ||
         outcome == WHY_OUTCOME_FAILED)) {
        task->host->settled = true;
        first->facts.connections += result->facts.connections;
        why_result_free(result);
        return first;
    }
    result->first_try = first;
    return result;
}

static void judge(struct schedule *s, struct task *task)
{
    struct why_trace *trace = task->trace;
    bool interrupted = was_interrupted(trace);
    struct why_result *result;

    task->trace = NULL;
    result = why_result_new(&task->host->target, task->step, task->ordinal + 1, trace,
                            task->host->certified);
    if (result != NULL && why_result_judge_trust(result, s->scan->trust) != WHY_OK) {
        why_result_free(result);
        result = NULL;
    }
    if (result != NULL && is_proven_on(task->host))
        why_result_proven(result);
    settle_gateway(s, task, result);
    settle_account(s, task, result);
    keep_license(s, task, result);
    if (result == NULL || result->facts.udp == WHY_UDP_NONE)
        ask_udp_again(task);
    if (result == NULL) {
        why_schedule_fail(s, WHY_ERR_NOMEM);
        abandon(s, task);
    } else if (interrupted && result->verdict.outcome == WHY_OUTCOME_STOPPED) {
        why_result_free(result);
        abandon(s, task);
    } else if (!vary(s, task, result)) {
        result = join(task, result);
        if (!follow(s, task, result) && !ask_for_tls(s, task, result))
            deliver(s, task, result);
    }
}

static void try_again(struct schedule *s, struct task *task)
{
    if (s->ending)
        abandon(s, task);
    else
        put_again(s, task);
}

static void lost(struct schedule *s, struct task *task)
{
    char text[256];

    settle_gateway(s, task, NULL);
    settle_account(s, task, NULL);
    drop_issued(task);
    ask_udp_again(task);
    task->crashes++;
    if (task->crashes < CRASHES_MAX || s->ending) {
        try_again(s, task);
        return;
    }
    (void)snprintf(text, sizeof(text), "it %s, and so did a second one that ran only this attempt",
                   task->how);
    why_task_event(task, WHY_EV_CRASHED, 0, text);
    judge(s, task);
}

void why_schedule_done(struct schedule *s, struct task *task)
{
    switch (task->state) {
    case TASK_OVER:
        judge(s, task);
        break;
    case TASK_LOST:
        lost(s, task);
        break;
    case TASK_AGAIN:
        try_again(s, task);
        break;
    default:
        abandon(s, task);
        break;
    }
}

/* ---- the next task --------------------------------------------------------------------------- */

static struct task *task_of_next_step(struct schedule *s, struct host *h)
{
    struct task *task = task_new(s, h, h->started);

    if (task != NULL) {
        h->started++;
        h->running++;
    }
    return task;
}

static void skip(struct schedule *s, struct task *task, const char *reason)
{
    if (!why_task_start_trace(task, s->scan)) {
        why_schedule_fail(s, WHY_ERR_NOMEM);
        abandon(s, task);
        return;
    }
    why_task_event(task, WHY_EV_SKIPPED, 0, reason);
    judge(s, task);
}

void why_schedule_skip(struct schedule *s)
{
    while (s->status == WHY_OK && s->hosts.runnable.first != NULL &&
           is_pointless(s, s->hosts.runnable.first)) {
        struct host *h = why_hosts_take(&s->hosts);
        const char *reason = reason_to_skip(s, h);
        struct task *task = task_of_next_step(s, h);

        if (task != NULL)
            skip(s, task, reason);
    }
}

/* The host's next step as a task with all it needs; NULL: it was skipped, or the run has failed. */
static struct task *begin_step(struct schedule *s, struct host *h)
{
    const char *reason = reason_to_skip(s, h);
    struct license_place place = place_of(s);
    char message[512] = "";
    struct task *task = task_of_next_step(s, h);
    int status;

    if (task == NULL)
        return NULL;
    if (reason == NULL) {
        status = why_license_fetch(&place, task, message, sizeof(message));
        if (status == WHY_OK) {
            if (s->scan->per_host > 1) /* several steps of a host may be under way at once */
                pause_host(s, h);
            line_up(s, h);
            return task;
        }
        if (status == WHY_ERR_NOMEM)
            why_schedule_fail(s, status);
        reason = message;
    }
    skip(s, task, reason);
    return NULL;
}

static bool next_target(struct schedule *s)
{
    struct why_target target;
    uint64_t since_us;
    int status;

    if (s->source_over)
        return false;
    since_us = why_clock_us();
    status = s->scan->next_target(s->scan->arg, &target);
    s->held_us += why_clock_us() - since_us;
    if (status == WHY_OK && why_hosts_begin(&s->hosts, &target))
        return true;
    if (status == WHY_ERR_AGAIN)
        return false;
    s->source_over = true;
    if (status != WHY_ERR_NOTFOUND)
        why_schedule_fail(s, status == WHY_OK ? WHY_ERR_NOMEM : status);
    return false;
}

/* Also where a name cannot be looked up for now: too many look-ups have not been answered. */
static bool must_wait(const struct schedule *s, const struct host *h)
{
    return awaits_library(s, h) ||
           (!why_resolver_has_room(s->resolver) && !why_dial_is_address(h->target.host));
}

struct task *why_schedule_next(struct schedule *s, bool new_targets)
{
    uint64_t now_us = why_clock_us();
    struct task *task = why_queue_take_due(&s->again, now_us);

    if (task == NULL)
        task = why_queue_take_due(&s->second_tries, now_us);
    why_hosts_wake(&s->hosts, now_us);
    while (task == NULL && s->status == WHY_OK) {
        struct host *h = why_hosts_take(&s->hosts);

        if (h == NULL && !(new_targets && next_target(s)))
            return NULL;
        if (h == NULL)
            continue;
        if (must_wait(s, h)) {
            why_hosts_prepend(&s->hosts, h);
            return NULL;
        }
        task = begin_step(s, h);
    }
    return task;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t why_schedule_wake_us(const struct schedule *s)
{
    uint64_t wake = UINT64_MAX;

    if (s->again.first != NULL)
        wake = s->again.first->not_before_us;
    if (s->second_tries.first != NULL)
        wake = least(wake, s->second_tries.first->not_before_us);
    if (s->hosts.resting.first != NULL)
        wake = least(wake, s->hosts.resting.first->rests_until_us);
    return wake;
}

void why_schedule_wait(const struct schedule *s, struct task_wait *wait)
{
    for (const struct host *h = s->hosts.resting.first; h != NULL; h = h->next) {
        if (h->silent)
            why_host_wait(wait, h, s->scan, true, 0);
    }
}

void why_schedule_end(struct schedule *s)
{
    const struct host_list *lists[] = {&s->hosts.runnable, &s->hosts.resting};

    s->ending = true;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (struct host *h = lists[i]->first; h != NULL && s->status == WHY_OK; h = h->next)
            report(s, h);
    }
}

bool why_schedule_is_over(const struct schedule *s)
{
    return s->source_over && s->again.count == 0 && s->second_tries.count == 0 &&
           s->hosts.runnable.first == NULL && s->hosts.resting.first == NULL;
}
