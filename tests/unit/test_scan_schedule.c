/* SPDX-License-Identifier: Apache-2.0 */
#include "schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "run_builder.h"
#include "trace_builder.h"
#include "unit.h"

static const char *const hosts[] = {"a", "b", NULL};
static const struct why_step one[] = {{.profile = WHY_PROFILE_TLS}};

/* The next task, whose dial has begun. */
static struct task *next(struct run_builder *b)
{
    struct task *task = why_schedule_next(&b->schedule, true);

    CU_ASSERT_PTR_NOT_NULL_FATAL(task);
    CU_ASSERT_TRUE_FATAL(why_task_start_trace(task, &b->scan));
    why_task_event(task, WHY_EV_DIAL, 0, "127.0.0.1:3389");
    return task;
}

static void done(struct run_builder *b, struct task *task, enum task_state state)
{
    task->state = state;
    why_schedule_done(&b->schedule, task);
}

static void over(struct run_builder *b, struct task *task, struct why_trace *trace)
{
    why_trace_free(task->trace);
    task->trace = trace;
    done(b, task, TASK_OVER);
}

static void lost(struct run_builder *b, struct task *task, const char *how)
{
    (void)snprintf(task->how, sizeof(task->how), "%s", how);
    done(b, task, TASK_LOST);
}

/* Which step it is of; nothing comes of it. */
static size_t next_ordinal(struct run_builder *b)
{
    struct task *task = next(b);
    size_t ordinal = task->ordinal;

    done(b, task, TASK_ABANDONED);
    return ordinal;
}

static void complete(struct run_builder *b, struct task *task)
{
    why_task_event(task, WHY_EV_CONNECTED, 0, NULL);
    over(b, task, run_build_trace(task->trace, WHY_EV_REACHED, WHY_PHASE_ACTIVE));
}

/* ---- what comes next --------------------------------------------------------------------------
 */

/* A host's steps in order, one at a time; the next host meanwhile. */
static void test_order(void)
{
    static const struct why_step steps[] = {{.profile = WHY_PROFILE_TLS},
                                            {.profile = WHY_PROFILE_RDP}};
    struct task *a, *b;
    struct run_builder r;

    run_build(&r, steps, 2, hosts);
    a = next(&r);
    CU_ASSERT_STRING_EQUAL(a->host->target.host, "a");
    CU_ASSERT_PTR_NULL(
        why_schedule_next(&r.schedule, false)); /* no new target, and none of this one */
    b = next(&r);
    CU_ASSERT_STRING_EQUAL(b->host->target.host, "b");
    CU_ASSERT_NOT_EQUAL(a->id, b->id);
    CU_ASSERT_PTR_NULL(why_schedule_next(&r.schedule, true));
    CU_ASSERT_TRUE(r.schedule.source_over);
    complete(&r, b);
    b = next(&r);
    CU_ASSERT_STRING_EQUAL(b->host->target.host, "b");
    CU_ASSERT_EQUAL(b->ordinal, 1);
    complete(&r, a);
    complete(&r, next(&r));
    complete(&r, b);
    CU_ASSERT_STRING_EQUAL(r.log, "tls@b completed/done; tls@a completed/done; "
                                  "rdp@a completed/done; a healthy; rdp@b completed/done; "
                                  "b healthy; ");
    CU_ASSERT_EQUAL(r.summary.hosts, 2);
    CU_ASSERT_EQUAL(r.summary.attempts, 4);
    run_build_end(&r);
}

/* Several at once are reported in the plan's order. */
static void test_per_host(void)
{
    static const struct why_step steps[] = {
        {.profile = WHY_PROFILE_TLS}, {.profile = WHY_PROFILE_RDP}, {.profile = WHY_PROFILE_NLA}};
    struct task *tasks[2];
    struct run_builder r;

    run_build(&r, steps, 3, hosts);
    r.scan.per_host = 2;
    tasks[0] = next(&r);
    tasks[1] = next(&r);
    CU_ASSERT_PTR_EQUAL(tasks[0]->host, tasks[1]->host);
    CU_ASSERT_PTR_NULL(why_schedule_next(&r.schedule, false));
    complete(&r, tasks[1]);
    CU_ASSERT_STRING_EQUAL(r.log, "");
    complete(&r, tasks[0]);
    CU_ASSERT_STRING_EQUAL(r.log, "tls@a completed/done; rdp@a completed/done; ");
    complete(&r, next(&r));
    run_build_end(&r);
}

/* What is due again comes first. */
static void test_again(void)
{
    struct run_builder r;
    struct task *task;

    run_build(&r, one, 1, hosts);
    task = next(&r);
    done(&r, task, TASK_AGAIN);
    CU_ASSERT_PTR_EQUAL(why_schedule_next(&r.schedule, true), task);
    r.schedule.ending = true;
    done(&r, task, TASK_AGAIN); /* an interrupted run begins nothing more */
    CU_ASSERT_EQUAL(r.schedule.again.count, 0);
    CU_ASSERT_STRING_EQUAL(r.log, "");
    run_build_end(&r);
}

/* ---- what is not tried ------------------------------------------------------------------------
 */

/* Why the host's step was skipped. */
static const char *reason_of(const struct host *host, size_t ordinal)
{
    const struct why_trace *trace = host->results[ordinal]->trace;

    return why_trace_at(trace, why_trace_count(trace) - 1)->text;
}

static void test_skip_unreachable(void)
{
    static const struct why_step steps[] = {{.profile = WHY_PROFILE_TLS},
                                            {.profile = WHY_PROFILE_RDP},
                                            {.profile = WHY_PROFILE_TLS, .repeat = 1}};
    struct run_builder r;
    struct task *task;

    run_build(&r, steps, 3, hosts);
    task = next(&r);
    why_task_event(task, WHY_EV_DIAL_FAILED, 111, "127.0.0.1:3389");
    done(&r, task, TASK_OVER);
    why_schedule_skip(&r.schedule);
    CU_ASSERT_STRING_EQUAL(r.log, "tls@a unreachable/refused; rdp@a skipped/stop; ");
    CU_ASSERT_STRING_EQUAL(reason_of(r.schedule.hosts.runnable.first, 1),
                           "an earlier attempt could not reach the host");
    CU_ASSERT_EQUAL(next_ordinal(&r), 2); /* the next round looks again */
    run_build_end(&r);
}

/* After a rejection no profile that needs the account is tried; one that TLS satisfies is. */
static void test_skip_account(void)
{
    static const struct why_credentials account = {
        .user = "user", .domain = "", .password = "password"};
    static const struct why_step steps[] = {{.profile = WHY_PROFILE_NLA},
                                            {.profile = WHY_PROFILE_NEGOTIATE}};
    struct run_builder r;
    struct task *task;

    run_build(&r, steps, 2, hosts);
    r.scan.credentials = &account;
    r.ledgers[LEDGER_USER].rejected = true;
    task = next(&r);
    CU_ASSERT_EQUAL(task->ordinal, 1);
    CU_ASSERT_STRING_EQUAL(r.log, "nla@a skipped/stop; ");
    CU_ASSERT_STRING_EQUAL(reason_of(task->host, 0), why_ledger_not_accepted);
    done(&r, task, TASK_ABANDONED);
    run_build_end(&r);
}

/* What the libraries cannot do is known once a worker is ready; until then it waits. */
static void test_skip_library(void)
{
    static const struct why_step steps[] = {{.profile = WHY_PROFILE_AAD},
                                            {.profile = WHY_PROFILE_TLS}};
    struct run_builder r;
    struct task *task;

    run_build(&r, steps, 2, hosts);
    CU_ASSERT_PTR_NULL(why_schedule_next(&r.schedule, true));
    r.pool.library.known = true;
    r.pool.library.cannot[WHY_PROFILE_AAD] = strdup("no AAD here");
    task = next(&r);
    CU_ASSERT_EQUAL(task->ordinal, 1);
    CU_ASSERT_STRING_EQUAL(r.log, "aad@a skipped/stop; ");
    CU_ASSERT_STRING_EQUAL(reason_of(task->host, 0), "no AAD here");
    done(&r, task, TASK_ABANDONED);
    run_build_end(&r);
}

static void test_skip_license(void)
{
    static const struct why_step steps[] = {
        {.profile = WHY_PROFILE_TLS, .license_mode = WHY_LICENSE_MODE_STORED}};
    struct run_builder r;

    run_build(&r, steps, 1, hosts);
    r.pool.library.known = true;
    CU_ASSERT_PTR_NULL(why_schedule_next(&r.schedule, true));
    CU_ASSERT_PTR_NOT_NULL(strstr(r.log, "tls@a skipped/stop; "));
    CU_ASSERT_PTR_NOT_NULL(strstr(r.log, "tls@b skipped/stop; "));
    run_build_end(&r);
}

/* ---- what comes of it -------------------------------------------------------------------------
 */

/* A trace of Standard RDP Security that ends behind the Client Info, as with servers that take no
 * salted MACs. */
static struct why_trace *dropped(const struct task *task)
{
    struct builder b;

    (void)task;
    builder_begin(&b, WHY_PROFILE_RDP, WHY_PHASE_ACTIVE);
    builder_capture(&b, "xrdp-rdp-high", ">Client Info");
    builder_event(&b, WHY_EV_FIN, 0, NULL);
    return b.trace;
}

/* Once more with the variation, and the first try is kept with the result. */
static void test_variation(void)
{
    static const struct why_step steps[] = {{.profile = WHY_PROFILE_RDP}};
    struct run_builder r;
    struct task *task;

    run_build(&r, steps, 1, hosts);
    task = next(&r);
    over(&r, task, dropped(task));
    CU_ASSERT_EQUAL_FATAL(r.schedule.again.count, 1);
    CU_ASSERT_STRING_EQUAL(r.log, "");
    CU_ASSERT_PTR_EQUAL(next(&r), task);
    CU_ASSERT_EQUAL(task->variation, WHY_VARIATION_NO_SALTED_MAC);
    CU_ASSERT_STRING_EQUAL(why_trace_head(task->trace)->variation, "no-salted-mac");
    over(&r, task, dropped(task)); /* and that is all */
    CU_ASSERT_EQUAL(r.schedule.again.count, 0);
    CU_ASSERT_EQUAL(r.summary.attempts, 1);
    run_build_end(&r);
}

/* A trace of an offer that is closed without an answer. */
static struct why_trace *unanswered(void)
{
    struct builder b;

    builder_begin(&b, WHY_PROFILE_TLS, WHY_PHASE_ACTIVE);
    builder_capture(&b, "xrdp-tls", ">X.224 Connection Request");
    builder_event(&b, WHY_EV_FIN, 0, NULL);
    return b.trace;
}

static struct why_trace *answered(void)
{
    struct builder b;

    builder_begin(&b, WHY_PROFILE_TLS, WHY_PHASE_ACTIVE);
    builder_capture(&b, "xrdp-tls", NULL);
    builder_event(&b, WHY_EV_REACHED, WHY_PHASE_ACTIVE, NULL);
    return b.trace;
}

/* A port that closes without an answer is asked whether it speaks TLS at once, unless another offer
 * was answered in RDP. */
static void test_tls_first(void)
{
    static const struct why_step steps[] = {{.profile = WHY_PROFILE_TLS},
                                            {.profile = WHY_PROFILE_TLS, .repeat = 1}};

    for (int spoke = 0; spoke <= 1; spoke++) {
        struct run_builder r;
        struct task *task;

        run_build(&r, steps, 2, hosts);
        r.scan.until = WHY_PHASE_ACTIVE;
        r.scan.second_try_us = 1;
        task = next(&r);
        if (spoke) {
            over(&r, task, answered());
            task = next(&r);
        }
        over(&r, task, unanswered());
        CU_ASSERT_EQUAL(r.schedule.again.count, !spoke);
        task = next(&r);
        CU_ASSERT_EQUAL(task->variation == WHY_VARIATION_TLS_FIRST, !spoke);
        done(&r, task, TASK_ABANDONED);
        run_build_end(&r);
    }
}

/* In a run that is being ended the first try is the result. */
static void test_variation_abandoned(void)
{
    static const struct why_step steps[] = {{.profile = WHY_PROFILE_RDP}};
    struct run_builder r;
    struct task *task;

    run_build(&r, steps, 1, hosts);
    task = next(&r);
    over(&r, task, dropped(task));
    r.schedule.ending = true;
    done(&r, why_queue_take(&r.schedule.again), TASK_ABANDONED);
    CU_ASSERT_PTR_NOT_NULL(strstr(r.log, "rdp@a aborted/fin; "));
    task = next(&r);
    over(&r, task, dropped(task)); /* none is begun */
    CU_ASSERT_EQUAL(r.schedule.again.count, 0);
    CU_ASSERT_EQUAL(r.summary.attempts, 2);
    run_build_end(&r);
}

/* ---- the pace ---------------------------------------------------------------------------------
 */

/* A host is left alone after a connection, others are not; and not for what was no connection. */
static void test_pause(void)
{
    static const struct why_step steps[] = {{.profile = WHY_PROFILE_TLS},
                                            {.profile = WHY_PROFILE_RDP},
                                            {.profile = WHY_PROFILE_RDP, .repeat = 1}};
    struct run_builder r;
    struct host *host;
    struct task *task;

    run_build(&r, steps, 3, hosts);
    r.scan.pause_us = 3600000000u;
    task = next(&r);
    host = task->host;
    CU_ASSERT_EQUAL(why_schedule_wake_us(&r.schedule), UINT64_MAX);
    complete(&r, task);
    CU_ASSERT_PTR_NULL(why_schedule_next(&r.schedule, false));
    CU_ASSERT_EQUAL(why_schedule_wake_us(&r.schedule), host->not_before_us);
    CU_ASSERT_FALSE(why_schedule_is_over(&r.schedule));
    task = next(&r);
    CU_ASSERT_PTR_NOT_EQUAL(task->host, host);
    done(&r, task, TASK_ABANDONED);
    host->not_before_us = host->rests_until_us = 1;
    task = next(&r);
    CU_ASSERT_PTR_EQUAL(task->host, host);
    host->not_before_us = 0;
    why_task_event(task, WHY_EV_DIAL_FAILED, 111, "127.0.0.1:3389");
    done(&r, task, TASK_OVER);
    CU_ASSERT_EQUAL(next_ordinal(&r), 2);
    run_build_end(&r);
}

/* Between the beginnings of several at once, too; a host that has had another connection meanwhile
 * rests on. */
static void test_pause_per_host(void)
{
    static const struct why_step steps[] = {
        {.profile = WHY_PROFILE_TLS}, {.profile = WHY_PROFILE_RDP}, {.profile = WHY_PROFILE_NLA}};
    struct run_builder r;
    struct host *host;
    struct task *task;

    run_build(&r, steps, 3, hosts);
    r.scan.pause_us = 3600000000u;
    r.scan.per_host = 2;
    task = next(&r);
    host = task->host;
    CU_ASSERT_PTR_NULL(why_schedule_next(&r.schedule, false));
    host->rests_until_us = 1;
    complete(&r, task);
    CU_ASSERT_PTR_NULL(why_schedule_next(&r.schedule, false));
    CU_ASSERT_EQUAL(host->rests_until_us, host->not_before_us);
    run_build_end(&r);
}

/* Also before what is dialled again. */
static void test_pause_again(void)
{
    struct run_builder r;
    struct task *task;

    run_build(&r, one, 1, hosts);
    r.scan.pause_us = 3600000000u;
    task = next(&r);
    done(&r, task, TASK_AGAIN);
    CU_ASSERT_PTR_NULL(why_schedule_next(&r.schedule, false));
    CU_ASSERT_EQUAL(why_schedule_wake_us(&r.schedule), task->not_before_us);
    task->not_before_us = 1;
    CU_ASSERT_PTR_EQUAL(why_schedule_next(&r.schedule, false), task);
    done(&r, task, TASK_ABANDONED);
    run_build_end(&r);
}

/* ---- second tries -----------------------------------------------------------------------------
 */

static const struct why_step two[] = {{.profile = WHY_PROFILE_TLS}, {.profile = WHY_PROFILE_RDP}};

static void closed(struct run_builder *r, struct task *task)
{
    why_task_event(task, WHY_EV_CONNECTED, 0, NULL);
    over(r, task, run_build_trace(task->trace, WHY_EV_FIN, 0));
}

/* One step that is answered and one that is closed: the second try is due, and not before its time.
 * Nothing is told of the closed one until then. */
static struct task *second_try(struct run_builder *r)
{
    struct task *task;

    run_build(r, two, 2, hosts);
    r->scan.second_try_us = 3600000000u;
    closed(r, next(r));
    CU_ASSERT_STRING_EQUAL(r->log, "");
    complete(r, next(r));
    CU_ASSERT_STRING_EQUAL(r->log, "");
    CU_ASSERT_PTR_NULL(why_schedule_next(&r->schedule, false));
    task = r->schedule.second_tries.first;
    CU_ASSERT_PTR_NOT_NULL_FATAL(task);
    CU_ASSERT_EQUAL(why_schedule_wake_us(&r->schedule), task->not_before_us);
    CU_ASSERT_FALSE(why_schedule_is_over(&r->schedule));
    task->not_before_us = 1;
    CU_ASSERT_PTR_EQUAL(next(r), task);
    CU_ASSERT_STRING_EQUAL(why_trace_head(task->trace)->variation, "again");
    return task;
}

static void test_second_try(void)
{
    static const struct {
        void (*end)(struct run_builder *r, struct task *task);
        const char *log;
    } rows[] = {
        {complete, "tls@a completed/done; rdp@a completed/done; a degraded; "},
        {closed, "tls@a aborted/fin; rdp@a completed/done; a degraded; "},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run_builder r;

        rows[i].end(&r, second_try(&r));
        CU_ASSERT_STRING_EQUAL(r.log, rows[i].log);
        CU_ASSERT_EQUAL(r.schedule.second_tries.count, 0); /* and no third */
        CU_ASSERT_EQUAL(r.summary.attempts, 2);
        run_build_end(&r);
    }
}

/* A second try that nobody listened to any more, or that is not made: the first stands. */
static void test_second_try_fails(void)
{
    struct run_builder r;
    struct task *task = second_try(&r);

    why_task_event(task, WHY_EV_DIAL_FAILED, 111, "127.0.0.1:3389");
    done(&r, task, TASK_OVER);
    CU_ASSERT_STRING_EQUAL(r.log, "tls@a aborted/fin; rdp@a completed/done; a degraded; ");
    CU_ASSERT_EQUAL(r.schedule.second_tries.count, 0);
    run_build_end(&r);

    task = second_try(&r);
    why_schedule_end(&r.schedule);
    done(&r, task, TASK_ABANDONED);
    CU_ASSERT_STRING_EQUAL(r.log, "tls@a aborted/fin; rdp@a completed/done; a degraded; ");
    run_build_end(&r);
}

/* An interrupt: what was held back is told. */
static void test_second_try_interrupted(void)
{
    struct run_builder r;

    run_build(&r, two, 2, hosts);
    r.scan.second_try_us = r.scan.pause_us = 3600000000u;
    closed(&r, next(&r));
    CU_ASSERT_STRING_EQUAL(r.log, "");
    why_schedule_end(&r.schedule);
    CU_ASSERT_STRING_EQUAL(r.log, "tls@a aborted/fin; ");
    run_build_end(&r);
}

/* Only what stands alone is tried again, and what costs no more than a connection. */
static void test_no_second_try(void)
{
    static const struct {
        const char *what;
        enum why_event_kind first, second;
        bool logon;
        size_t tries;
    } rows[] = {
        {"closed, and another offer was answered", WHY_EV_FIN, WHY_EV_REACHED, false, 1},
        {"both closed: the server closes everything", WHY_EV_FIN, WHY_EV_FIN, false, 0},
        {"closed and reset: no offer is answered", WHY_EV_RESET, WHY_EV_FIN, false, 0},
        {"both work", WHY_EV_REACHED, WHY_EV_REACHED, false, 0},
        {"the account was sent", WHY_EV_FIN, WHY_EV_REACHED, true, 0},
        {"our own failure", WHY_EV_FAILED, WHY_EV_REACHED, false, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run_builder r;
        struct task *task;

        run_build(&r, two, 2, hosts);
        r.scan.second_try_us = 1;
        task = next(&r);
        why_task_event(task, WHY_EV_CONNECTED, 0, NULL);
        over(&r, task,
             (rows[i].logon ? run_build_logon : run_build_trace)(task->trace, rows[i].first,
                                                                 WHY_PHASE_ACTIVE));
        task = next(&r);
        why_task_event(task, WHY_EV_CONNECTED, 0, NULL);
        over(&r, task, run_build_trace(task->trace, rows[i].second, WHY_PHASE_ACTIVE));
        if (r.schedule.second_tries.count != rows[i].tries)
            (void)fprintf(stderr, "%s: %zu\n", rows[i].what, r.schedule.second_tries.count);
        CU_ASSERT_EQUAL(r.schedule.second_tries.count, rows[i].tries);
        run_build_end(&r);
    }
}

static void test_lost(void)
{
    struct run_builder r;
    struct task *task;

    run_build(&r, one, 1, hosts);
    task = next(&r);
    lost(&r, task, "was ended");
    CU_ASSERT_EQUAL(r.schedule.again.count, 1);
    CU_ASSERT_STRING_EQUAL(r.log, "");
    CU_ASSERT_PTR_EQUAL(next(&r), task);
    lost(&r, task, "did not finish");
    CU_ASSERT_EQUAL(r.schedule.again.count, 0);
    CU_ASSERT_STRING_EQUAL(r.log, "tls@a failed/crashed; a degraded; ");
    task = next(&r);
    r.schedule.ending = true;
    lost(&r, task, "was ended"); /* there is no second time, and nobody knows */
    CU_ASSERT_EQUAL(r.summary.attempts, 1);
    run_build_end(&r);
}

/* Where the user's interrupt is what ended it there is no result. */
static void test_interrupted(void)
{
    struct run_builder r;
    struct task *task;

    run_build(&r, one, 1, hosts);
    task = next(&r);
    why_task_event(task, WHY_EV_CONNECTED, 0, NULL);
    over(&r, task, run_build_trace(task->trace, WHY_EV_CANCELLED, 0));
    CU_ASSERT_STRING_EQUAL(r.log, "");
    CU_ASSERT_EQUAL(r.summary.attempts, 0);
    run_build_end(&r);
}

/* What the account's first use came to. */
static void test_account(void)
{
    static const struct {
        bool logon; /* the account was sent */
        enum why_event_kind kind;
        bool lost; /* with the worker */
        bool accepted, rejected, used;
    } rows[] = {
        {true, WHY_EV_REACHED, false, true, false, true},
        {true, WHY_EV_FIN, false, false, true, true},
        {true, WHY_EV_DEADLINE, false, false, true, true},
        {false, WHY_EV_FIN, false, false, false, false},
        {false, WHY_EV_FIN, true, false, true, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const struct why_step steps[] = {{.profile = WHY_PROFILE_NLA},
                                                {.profile = WHY_PROFILE_TLS}};
        struct run_builder r;
        struct task *task;
        struct host *host;
        const char *why_not;

        run_build(&r, steps, 2, hosts);
        task = next(&r);
        host = task->host;
        CU_ASSERT_EQUAL(
            why_ledger_claim(&r.ledgers[LEDGER_USER],
                             &host->account_used[WHY_PACKAGE_ANY][WHY_DELEGATE_PASSWORD], &why_not),
            LEDGER_YES);
        task->granted = true;
        why_task_event(task, WHY_EV_CONNECTED, 0, NULL);
        if (rows[i].lost)
            lost(&r, task, "was ended");
        else
            over(&r, task,
                 (rows[i].logon ? run_build_logon : run_build_trace)(task->trace, rows[i].kind,
                                                                     WHY_PHASE_ACTIVE));
        CU_ASSERT_EQUAL(r.ledgers[LEDGER_USER].accepted, rows[i].accepted);
        CU_ASSERT_EQUAL(r.ledgers[LEDGER_USER].rejected, rows[i].rejected);
        CU_ASSERT_FALSE(r.ledgers[LEDGER_USER].pending);
        CU_ASSERT_EQUAL(host->account_used[WHY_PACKAGE_ANY][WHY_DELEGATE_PASSWORD], rows[i].used);
        run_build_end(&r);
    }
}

/* A callback that cannot write ends the run. */
static int disk_full(void *arg, const struct why_result *result)
{
    (void)arg, (void)result;
    return WHY_ERR_IO;
}

static void test_cannot_write(void)
{
    struct run_builder r;

    run_build(&r, one, 1, hosts);
    r.schedule.hosts.out.on_result = disk_full;
    complete(&r, next(&r));
    CU_ASSERT_EQUAL(r.schedule.status, WHY_ERR_IO);
    CU_ASSERT_PTR_NULL(why_schedule_next(&r.schedule, true));
    run_build_end(&r);
}

static CU_TestInfo tests[] = {
    {"order", test_order},
    {"several of a host", test_per_host},
    {"again", test_again},
    {"skipped: unreachable", test_skip_unreachable},
    {"skipped: the account", test_skip_account},
    {"skipped: the library", test_skip_library},
    {"skipped: the license", test_skip_license},
    {"a variation", test_variation},
    {"a variation of an ended run", test_variation_abandoned},
    {"TLS at once", test_tls_first},
    {"a pause", test_pause},
    {"a pause with several at once", test_pause_per_host},
    {"a pause before what is dialled again", test_pause_again},
    {"a second try", test_second_try},
    {"a second try that comes to nothing", test_second_try_fails},
    {"a second try of an ended run", test_second_try_interrupted},
    {"no second try", test_no_second_try},
    {"lost", test_lost},
    {"interrupted", test_interrupted},
    {"the account", test_account},
    {"cannot write", test_cannot_write},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "schedule", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
