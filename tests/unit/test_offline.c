/* SPDX-License-Identifier: Apache-2.0 */
#include "offline/offline.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "unit.h"

/* What came out: "a:1 1 refused; " for each result, "=a:1 2 unreachable; " for each host with the
 * number of its results. */
struct seen {
    struct why_scan_summary summary;
    char text[1024];
    int status; /* what the functions return */
    size_t second_tries;
};

static int on_result(void *arg, const struct why_result *result)
{
    struct seen *seen = arg;
    size_t n = strlen(seen->text);

    (void)snprintf(seen->text + n, sizeof(seen->text) - n, "%s %zu %s; ", result->target->label,
                   result->ordinal, why_ending_name(result->verdict.ending));
    seen->second_tries += result->first_try != NULL;
    return seen->status;
}

static int on_host(void *arg, const struct why_host *host)
{
    struct seen *seen = arg;
    size_t n = strlen(seen->text);

    (void)snprintf(seen->text + n, sizeof(seen->text) - n, "=%s %zu %s; ", host->target->label,
                   host->count, why_host_state_name(host->state));
    return seen->status;
}

static struct why_offline begin(struct seen *seen)
{
    *seen = (struct seen){.status = WHY_OK};
    return (struct why_offline){.out = {on_result, on_host, seen, &seen->summary}};
}

/* Adds the trace of a dial that ended as |kind| says. */
static int add(struct why_offline *o, const char *host, enum why_event_kind kind,
               const char *variation)
{
    struct why_trace_head head = {.host = (char *)(uintptr_t)host,
                                  .port = 1,
                                  .profile = WHY_PROFILE_TLS,
                                  .until = WHY_PHASE_ACTIVE,
                                  .variation = (char *)(uintptr_t)variation};
    struct why_trace *trace = why_trace_new(&head);

    CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
    (void)why_trace_append(trace, &(struct why_event){.kind = WHY_EV_DIAL});
    (void)why_trace_append(trace, &(struct why_event){.kind = kind});
    return why_offline_add(o, trace);
}

static void end(struct why_offline *o)
{
    CU_ASSERT_EQUAL(why_offline_finish(o), WHY_OK);
    CU_ASSERT_EQUAL(why_offline_diagnose(o), WHY_OK);
    why_offline_clear(o);
}

/* Results as they come, hosts in the order of their first. */
static void test_order(void)
{
    struct seen seen;
    struct why_offline o = begin(&seen);

    CU_ASSERT_EQUAL(add(&o, "b", WHY_EV_DEADLINE, NULL), WHY_OK);
    CU_ASSERT_EQUAL(add(&o, "a", WHY_EV_DEADLINE, NULL), WHY_OK);
    CU_ASSERT_EQUAL(add(&o, "b", WHY_EV_DEADLINE, NULL), WHY_OK);
    CU_ASSERT_EQUAL(add(&o, "::1", WHY_EV_DEADLINE, NULL), WHY_OK);
    end(&o);
    CU_ASSERT_STRING_EQUAL(seen.text,
                           "b:1 1 timeout; a:1 1 timeout; b:1 2 timeout; [::1]:1 1 timeout; "
                           "=b:1 2 unreachable; =a:1 1 unreachable; =[::1]:1 1 unreachable; ");
    CU_ASSERT_EQUAL(seen.summary.attempts, 4);
    CU_ASSERT_EQUAL(seen.summary.hosts, 3);
    CU_ASSERT_EQUAL(seen.summary.states[WHY_HOST_UNREACHABLE], 3);
}

/* A second try is one result with its first, where it follows at once, and only one does. */
static void test_second_try(void)
{
    struct seen seen;
    struct why_offline o = begin(&seen);

    CU_ASSERT_EQUAL(add(&o, "a", WHY_EV_DEADLINE, NULL), WHY_OK);
    CU_ASSERT_EQUAL(add(&o, "a", WHY_EV_DEADLINE, "no-salted-mac"), WHY_OK);
    CU_ASSERT_EQUAL(add(&o, "a", WHY_EV_DEADLINE, "no-salted-mac"), WHY_OK);
    CU_ASSERT_EQUAL(add(&o, "a", WHY_EV_DEADLINE, NULL), WHY_OK);
    CU_ASSERT_EQUAL(add(&o, "b", WHY_EV_DEADLINE, "no-salted-mac"), WHY_OK);
    end(&o);
    CU_ASSERT_EQUAL(seen.second_tries, 1);
    CU_ASSERT_EQUAL(seen.summary.attempts, 4);
}

/* Of many that ended alike some are kept, and of what ended otherwise all that there is. */
static void test_many(void)
{
    struct seen seen;
    struct why_offline o = begin(&seen);

    for (size_t i = 0; i < 2100; i++) {
        seen.text[0] = '\0';
        CU_ASSERT_EQUAL_FATAL(add(&o, "a", WHY_EV_DEADLINE, NULL), WHY_OK);
    }
    CU_ASSERT_EQUAL(add(&o, "a", WHY_EV_RESOLVE_FAILED, NULL), WHY_OK);
    CU_ASSERT_EQUAL(why_offline_finish(&o), WHY_OK);
    CU_ASSERT_EQUAL(o.unkept, 100);
    CU_ASSERT_EQUAL(o.kept, 2001);
    seen.text[0] = '\0';
    end(&o);
    CU_ASSERT_STRING_EQUAL(seen.text, "=a:1 2001 unreachable; ");
    CU_ASSERT_EQUAL(seen.summary.attempts, 2101);
}

/* Who cannot write ends it. */
static void test_cannot_write(void)
{
    struct seen seen;
    struct why_offline o = begin(&seen);

    seen.status = WHY_ERR_IO;
    CU_ASSERT_EQUAL(add(&o, "a", WHY_EV_DEADLINE, NULL), WHY_OK);
    CU_ASSERT_EQUAL(add(&o, "a", WHY_EV_DEADLINE, NULL), WHY_ERR_IO);
    CU_ASSERT_EQUAL(why_offline_finish(&o), WHY_OK);
    why_offline_clear(&o);
}

static CU_TestInfo tests[] = {
    {"order", test_order}, {"a second try", test_second_try},
    {"many", test_many},   {"cannot write", test_cannot_write},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "offline", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
